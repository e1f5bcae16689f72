"""The base of all shapes: keys with their forms, read from nodes with places and our own words."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast, get_args, get_type_hints

from engine.language.complaints import Complaints
from engine.language.shapes import forms
from engine.language.shapes.forms import Form, choice
from engine.language.text.nodes import Node, Pairs, Scalar
from engine.language.text.quote import quoted

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler

S = TypeVar("S", bound="Shape")


def written(name: str) -> str:
    """The key that a field of a shape is written as: `below zero` for `below_zero`."""
    return name.rstrip("_").replace("_", " ")


@dataclass(frozen=True, slots=True)
class Key:
    """What a key is for, and its form; a `Literal` without a form is a choice of its words.

    Stands in the annotations of shapes, where pydantic takes the JSON Schema from it. Loading
    pydantic takes longer than reading rules, so it is left to the schema.
    """

    says: str
    form: Form[Any] | None = None

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> Any:
        return handler(Any if self.form is not None else source)

    def __get_pydantic_json_schema__(
        self, core: Any, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        known = dict(self.form.schema) if self.form is not None else handler(core)
        return {**known, "description": self.says}


class Shape:
    """The keys of a mapping as fields: what was read, or the default. `node` is where it stands.

    A key with blanks is a field with `_`; `from_` is the key `from`. Every field is annotated with
    its `Key`.
    """

    __pydantic_config__: ClassVar[Mapping[str, Any]] = {
        "alias_generator": written,
        "extra": "forbid",
    }
    called: ClassVar[str]  # in messages: `an earn rule`
    required: ClassVar[tuple[str, ...]] = ()
    later: ClassVar[tuple[str, ...]] = ()  # keys of mechanics that are not built yet
    meant: ClassVar[dict[str, str]] = {}  # other words for a key, not like it in spelling
    node: Pairs

    def at(self, key: str) -> Node:
        """The value written for `key`, else the whole mapping: for the place of a problem."""
        return self.node.get(key) or self.node


def read(shape: type[S], node: Node, complaints: Complaints) -> S | None:
    """The shape as written at `node`; None, with a problem, where there is no mapping.

    A value that is wrong is left at its default, so that what else is wrong is found too.
    """
    if not isinstance(node, Pairs):
        _no_mapping(shape, node, complaints)
        return None
    known = keys_of(shape)
    found: dict[str, Any] = {}
    for key, value in node:
        if key.text not in known:
            _unknown_key(shape, key, complaints)
            continue
        name, form = known[key.text]
        said = form.read(value, complaints)
        if said is not None:
            found[name] = said
    for missing in shape.required:
        if node.get(missing) is None:
            says = _keys(cast(Hashable, shape))[known[missing][0]].says
            what = f"`{missing}` is missing in {shape.called}."
            hint = f"Add it: {says[0].lower()}{says[1:]}"
            complaints.add(node, "missing-key", what, hint)
    made = shape(**found)
    object.__setattr__(made, "node", node)
    return made


def keys_of(shape: type[Shape]) -> dict[str, tuple[str, Form[Any]]]:
    """Each key of a shape with the name of its field and its form."""
    return _forms(cast(Hashable, shape))


@cache
def _forms(shape: Hashable) -> dict[str, tuple[str, Form[Any]]]:
    hints = get_type_hints(shape, include_extras=True)
    return {
        written(name): (name, key.form or choice(*get_args(get_args(hints[name])[0])))
        for name, key in _keys(shape).items()
    }


@cache
def _keys(shape: Hashable) -> dict[str, Key]:
    """The key of each field, base shapes first."""
    hints = get_type_hints(shape, include_extras=True)
    found = {name: getattr(hint, "__metadata__", ())[:1] for name, hint in hints.items()}
    return {name: said[0] for name, said in found.items() if said and isinstance(said[0], Key)}


def _no_mapping(shape: type[Shape], node: Node, complaints: Complaints) -> None:
    keys = [f"`{key}`" for key in keys_of(shape)]
    listed = ", ".join(keys[:12])
    forms.no_mapping(
        node,
        f"Here the keys of {shape.called} were expected.",
        f"Its keys are {listed}{' and more' if len(keys) > 12 else ''}.",
        complaints,
    )


def _unknown_key(shape: type[Shape], key: Scalar, complaints: Complaints) -> None:
    """A key that the shape does not have: a slip, or a mechanic that is not built yet."""
    if key.text in shape.later:
        not_built_yet(key, complaints)
        return
    meant = shape.meant.get(key.text)
    complaints.add(
        key,
        "unknown-key",
        f"{quoted(key.text)} is not a key of {shape.called}.",
        f"Did you mean `{meant}`?" if meant else complaints.known(key.text, keys_of(shape)),
    )


def not_built_yet(where: Scalar, complaints: Complaints) -> None:
    """A word of the language whose mechanic is not there."""
    complaints.add(
        where,
        "not-built-yet",
        f"{quoted(where.text)} is not built yet.",
        "Leave it out; it comes with a later version.",
    )
