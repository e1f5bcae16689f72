"""The base of all shapes: a pydantic model that is read from nodes, with places and our own words."""

from __future__ import annotations

from functools import cache
from typing import Any, ClassVar, Literal, TypeVar, get_args, get_origin

from pydantic import BaseModel, ConfigDict, PrivateAttr
from pydantic.fields import FieldInfo

from engine.language.complaints import Complaints
from engine.language.shapes.forms import Form, choice, quoted
from engine.language.text.nodes import Node, Pairs, Scalar

S = TypeVar("S", bound="Shape")

SHAPE = "x-shape"  # in a form's schema: the name of a shape, until all of them are put together


def _written(name: str) -> str:
    return name.rstrip("_").replace("_", " ")


class Shape(BaseModel):
    """Keys with their forms. A key with blanks is a field with `_`; `from_` is the key `from`.

    The fields hold what was read, or their defaults; `node` is where it stands.
    """

    model_config = ConfigDict(
        alias_generator=_written,
        populate_by_name=True,
        arbitrary_types_allowed=True,
        extra="forbid",
        defer_build=True,
    )
    called: ClassVar[str]  # in messages: `an earn rule`
    required: ClassVar[tuple[str, ...]] = ()
    later: ClassVar[tuple[str, ...]] = ()  # keys of mechanics that are not built yet
    meant: ClassVar[dict[str, str]] = {}  # other words for a key, not like it in spelling

    _node: Pairs = PrivateAttr()

    @property
    def node(self) -> Pairs:
        """The mapping it was read from."""
        return self._node

    def at(self, key: str) -> Node:
        """The value written for `key`, else the whole mapping: for the place of a problem."""
        return self._node.get(key) or self._node


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
            complaints.add(
                node,
                "missing-key",
                f"The key `{missing}` is missing in {shape.called}.",
                str(shape.model_fields[known[missing][0]].description or ""),
            )
    made = shape.model_construct(**found)
    made._node = node
    return made


def form_of(shape: type[S]) -> Form[S]:
    """The shape as a form, for values, lists and entries of it."""
    return Form(lambda node, complaints: read(shape, node, complaints), {SHAPE: shape.__name__})


@cache
def keys_of(shape: type[Shape]) -> dict[str, tuple[str, Form[Any]]]:
    """Each key of a shape with the name of its field and its form."""
    return {_written(name): (name, _form(info)) for name, info in shape.model_fields.items()}


def _form(info: FieldInfo) -> Form[Any]:
    """The form that the annotation holds; a `Literal` is a choice of its words."""
    for found in info.metadata:
        if isinstance(found, Form):
            return found
    assert get_origin(info.annotation) is Literal, "every field of a shape has a form"
    return choice(*get_args(info.annotation))


def _no_mapping(shape: type[Shape], node: Node, complaints: Complaints) -> None:
    if isinstance(node, Scalar) and node.broken:
        return
    keys = [f"`{key}`" for key in keys_of(shape)]
    complaints.add(
        node,
        "no-mapping",
        f"Here the keys of {shape.called} were expected.",
        f"Write them as `key: value`; there are {', '.join(keys[:6])}.",
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
