"""The JSON Schema of rules files, for completion and marks in an editor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.language.shapes.chain import ChainShape
from engine.language.shapes.giving import DrawShape, PayShape, RewardShape, RuleShape
from engine.language.shapes.history import EventsFileShape, ExampleShape, MembersFileShape
from engine.language.shapes.program import (
    FactShape,
    FieldShape,
    PrivilegeShape,
    ProgramShape,
    TiersShape,
    WalletShape,
)
from engine.language.shapes.referral import SETTINGS, ReferralRuleShape, ReferralShape
from engine.language.shapes.shape import Shape
from engine.language.shapes.tasks import TaskShape

DIALECT = "http://json-schema.org/draft-07/schema#"
SHAPES: tuple[type[Shape], ...] = (
    ProgramShape, FieldShape, WalletShape, FactShape, TiersShape, PrivilegeShape, RuleShape,
    TaskShape, RewardShape, PayShape, DrawShape, ChainShape, ReferralShape, ReferralRuleShape,
    ExampleShape,
    MembersFileShape, EventsFileShape,
)  # fmt: skip
MERGED = (
    ProgramShape,
    TiersShape,
    ChainShape,
)  # their keys may stand in several files, so none is required
NAME = r"^[^\s0-9.:,-][^\s.:,-]*$"  # letters of any script, in every dialect of patterns


def schema() -> dict[str, Any]:
    """The schema as JSON knows it. A file need not have all sections: they merge."""
    return {
        "$schema": DIALECT,
        "title": "Perkbook rules",
        "description": "Loyalty rules: what members do, what they get for it, and how it is kept.",
        "type": "object",
        "additionalProperties": False,
        "properties": _sections(),
        "definitions": {shape.__name__: _shape(shape) for shape in SHAPES},
    }


def _sections() -> dict[str, Any]:
    return {
        "program": _said("What holds for the whole program.", _of(ProgramShape)),
        "events": _said("What can happen, and the fields it carries.", _named(_event())),
        "members": _said("What is known of a person.", _named(_field())),
        "wallets": _said("What points or money is kept in.", _named(_of(WalletShape))),
        "facts": _said("What is kept of a member as events arrive.", _named(_of(FactShape))),
        "tiers": _said("The ladder, and when members move on it.", _of(TiersShape)),
        "privileges": _said("Rights without a price.", _named(_of(PrivilegeShape))),
        "earn": _said("The rules by which members earn.", _named(_of(RuleShape))),
        "tasks": _said("What is done for a gift or a badge.", _named(_of(TaskShape))),
        "rewards": _said("What can be had for points, or given.", _rewards()),
        "draws": _said("What members spin for prizes.", _named(_of(DrawShape))),
        "referral": _said("How members bring members, and what that gives.", _referral()),
        "chain": _said("Agents and bosses, and what a new agent gives.", _of(ChainShape)),
        "examples": _said(
            "Short histories and what must come of them.",
            {"type": "array", "items": _of(ExampleShape)},
        ),
        "data": _said("How your own files become members and events.", _data()),
    }


def _said(what: str, form: Mapping[str, Any]) -> dict[str, Any]:
    return {"description": what, **form}


def _of(shape: type[Shape]) -> dict[str, Any]:
    return {"$ref": f"#/definitions/{shape.__name__}"}


def _named(each: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "object", "propertyNames": {"pattern": NAME}, "additionalProperties": each}


def _field() -> dict[str, Any]:
    return {"anyOf": [{"$ref": "#/definitions/FieldShape/properties/type"}, _of(FieldShape)]}


def _event() -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {
            "reverses": _said("The event that it takes back, such as order.", {"type": "string"})
        },
        "additionalProperties": _field(),
    }


def _rewards() -> dict[str, Any]:
    return {**_named(_of(RewardShape)), "properties": {"pay_with_points": _of(PayShape)}}


def _referral() -> dict[str, Any]:
    settings = {
        name: {"$ref": f"#/definitions/ReferralShape/properties/{name}"} for name in SETTINGS
    }
    return {**_named(_of(ReferralRuleShape)), "properties": settings}


def _data() -> dict[str, Any]:
    files = {"members": MembersFileShape, "events": EventsFileShape}
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            name: {
                "description": f"A file of {name}, or a list of them.",
                "anyOf": [_of(shape), {"type": "array", "items": _of(shape)}],
            }
            for name, shape in files.items()
        },
    }


def _shape(shape: type[Shape]) -> dict[str, Any]:
    """The schema that pydantic takes from a shape, with what only our reader knows."""
    from pydantic import TypeAdapter

    made = TypeAdapter(shape).json_schema(by_alias=True)
    said = (shape.__doc__ or "").strip().splitlines()[0]
    found: dict[str, Any] = {
        "description": said,
        "type": "object",
        "additionalProperties": False,
        "properties": {key: _plain(form) for key, form in made["properties"].items()},
    }
    if shape.required and shape not in MERGED:
        found["required"] = list(shape.required)
    return found


def _plain(form: Any) -> Any:
    """Without titles and defaults that say nothing, flags also as an editor reads them."""
    if isinstance(form, list):
        return [_plain(part) for part in form]
    if not isinstance(form, dict):
        return form
    found = {key: _plain(part) for key, part in form.items() if key != "title"}
    if "default" in found and not isinstance(found["default"], str):
        del found["default"]
    if "enum" in found and {"yes", "no"} & {str(word) for word in found["enum"]}:
        words = dict.fromkeys(str(word) for word in found["enum"] if not isinstance(word, bool))
        found["enum"] = [*words, True, False]
        found.pop("type", None)
    return found
