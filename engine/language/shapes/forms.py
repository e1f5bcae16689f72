"""The forms a value may take in a rules file: how each is read, and what an editor knows of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Generic, TypeAlias, TypeVar

from engine.language.complaints import Complaints
from engine.language.program import Dated
from engine.language.shapes import values
from engine.language.shapes.values import WrongValueError
from engine.language.text import traps
from engine.language.text.nodes import Items, Node, Pairs, Scalar
from engine.language.text.quote import quoted

T = TypeVar("T")
Schema: TypeAlias = dict[str, Any]

SCALAR: Schema = {"type": ["string", "number", "boolean"]}
FLAGS: Schema = {"enum": ["yes", "no", "true", "false", True, False]}
DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"


def pattern(regex: str, *examples: str) -> Schema:
    """The schema of a text that follows a pattern."""
    return {
        "type": "string",
        "pattern": f"^{regex}$",
        "patternErrorMessage": f"Write {listed(examples)}, or the like.",
        "examples": list(examples),
    }


@dataclass(frozen=True, slots=True)
class Form(Generic[T]):
    """How a value is read, None where it is wrong and said so, and its JSON Schema."""

    read: Callable[[Node, Complaints], T | None]
    schema: Mapping[str, Any] = field(hash=False)


@dataclass(frozen=True, slots=True)
class Valued(Generic[T]):
    """A value that was read, beside the scalar it was read from."""

    value: T
    node: Scalar


def scalar(parse: Callable[[str], T], schema: Schema | None = None) -> Form[T]:
    """A single value that `parse` reads."""

    def read(node: Node, complaints: Complaints) -> T | None:
        single = one(node, complaints)
        return None if single is None else parsed(single, parse, complaints)

    return Form(read, schema or SCALAR)


def word() -> Form[Scalar]:
    """A text, a name or an expression, as it stands in the file."""
    return Form(one, SCALAR)


def text() -> Form[str]:
    """A text for people."""
    return scalar(lambda written: written)


def choice(*words: str) -> Form[str]:
    """One of a few words."""

    def parse(written: str) -> str:
        if written in words:
            return written
        raise WrongValueError(f"{quoted(written)} is not possible here.", f"Write {listed(words)}.")

    return scalar(parse, {"enum": list(words)})


def flag() -> Form[bool]:
    """`yes` or `no`."""
    return scalar(values.flag, FLAGS)


def dated(parse: Callable[[str], T], schema: Schema | None = None) -> Form[Dated[T]]:
    """A value, or one per starting date."""
    return dated_of(lambda node, complaints: parsed(node, parse, complaints), schema)


def valued(parse: Callable[[str], T]) -> Callable[[Scalar, Complaints], Valued[T] | None]:
    """Like `parsed`, keeping the scalar."""

    def each(node: Scalar, complaints: Complaints) -> Valued[T] | None:
        value = parsed(node, parse, complaints)
        return None if value is None else Valued(value, node)

    return each


def dated_words() -> Form[Dated[Scalar]]:
    """A text or an expression, or one per starting date."""
    return dated_of(lambda node, complaints: node)


def dated_of(
    each: Callable[[Scalar, Complaints], T | None], schema: Schema | None = None
) -> Form[Dated[T]]:
    """A single value read by `each`, or one per starting date."""

    def read(node: Node, complaints: Complaints) -> Dated[T] | None:
        if isinstance(node, Pairs):
            return _steps(node, each, complaints)
        single = one(node, complaints)
        value = None if single is None else each(single, complaints)
        return None if value is None else Dated(((None, value),))

    steps = {
        "type": "object",
        "description": "A value per starting date: `2026-01-01: 2`.",
        "patternProperties": {f"^{DAY}$": schema or SCALAR},
        "additionalProperties": False,
        "minProperties": 1,
    }
    return Form(read, {"anyOf": [schema or SCALAR, steps]})


def _steps(
    node: Pairs, each: Callable[[Scalar, Complaints], T | None], complaints: Complaints
) -> Dated[T] | None:
    """The values of a mapping from dates."""
    if not node.pairs:
        complaints.add(node, "empty", "Here stands no value.", "Write a value, or one per date.")
    steps: dict[date, T] = {}
    for key, value in node:
        start = parsed(key, _starting_date, complaints)
        single = one(value, complaints)
        amount = None if single is None else each(single, complaints)
        if start is not None and amount is not None:
            steps[start] = amount
    if len(steps) < len(node.pairs) or not steps:
        return None
    return Dated(tuple((start, steps[start]) for start in sorted(steps)))


def _starting_date(written: str) -> date:
    if re.fullmatch(DAY, written):
        return values.day(written)
    raise WrongValueError(
        f"{quoted(written)} is not a day, and a value may be given per starting date here.",
        "Write the value itself, or days such as `2026-09-01: 2`.",
    )


def several(each: Form[T]) -> Form[tuple[T, ...]]:
    """One value, or a list of them."""

    def read(node: Node, complaints: Complaints) -> tuple[T, ...] | None:
        if not isinstance(node, Items):
            found = each.read(node, complaints)
            return None if found is None else (found,)
        if not node.items:
            complaints.add(node, "empty", "This list is empty.", "Write at least one value in it.")
            return None
        read_all = [each.read(item, complaints) for item in node.items]
        return tuple(item for item in read_all if item is not None)

    items = {"type": "array", "items": each.schema, "minItems": 1}
    return Form(read, {"anyOf": [each.schema, items]})


def listing(each: Form[T]) -> Form[tuple[T, ...]]:
    """A list, also one that is empty."""

    def read(node: Node, complaints: Complaints) -> tuple[T, ...] | None:
        if isinstance(node, Items):
            read_all = [each.read(item, complaints) for item in node.items]
            return tuple(item for item in read_all if item is not None)
        if isinstance(node, Scalar) and node.broken:
            return None
        complaints.add(node, "no-list", "A list was expected here.", "Begin each entry with `- `.")
        return None

    return Form(read, {"type": "array", "items": each.schema})


@dataclass(frozen=True, slots=True)
class Entry(Generic[T]):
    """A named entry of a mapping: its key as it stands, and what was read for it."""

    key: Scalar
    value: T


def entries(each: Form[T], *, of: str, such_as: str = "name: value") -> Form[tuple[Entry[T], ...]]:
    """Names with values; `of` says what they are, for the message where there are none."""

    def read(node: Node, complaints: Complaints) -> tuple[Entry[T], ...] | None:
        if isinstance(node, Pairs):
            found = [(key, each.read(value, complaints)) for key, value in node]
            return tuple(Entry(key, value) for key, value in found if value is not None)
        no_mapping(node, f"Here {of} were expected.", f"Write `{such_as}`.", complaints)
        return None

    return Form(read, {"type": "object", "additionalProperties": each.schema})


def no_mapping(node: Node, what: str, expected: str, complaints: Complaints) -> None:
    """Says that keys with values were expected at `node`; `key:value` has its own message."""
    if not isinstance(node, Scalar):
        complaints.add(node, "no-mapping", what, expected)
    elif not node.broken and node.style == "" and traps.is_marked(node.text):
        traps.marked(node, node.text, complaints)
    elif not node.broken:
        complaints.add(node, "no-mapping", what, expected)


def one(node: Node, complaints: Complaints) -> Scalar | None:
    """The node, where it is a single value."""
    if isinstance(node, Scalar):
        return None if node.broken else node
    what = "A list" if isinstance(node, Items) else "A mapping"
    complaints.add(node, "single-value", f"{what} stands here.", "A single value was expected.")
    return None


def parsed(node: Scalar, parse: Callable[[str], T], complaints: Complaints) -> T | None:
    """What `parse` makes of the scalar; None with a problem where it is wrong."""
    if node.broken:
        return None
    try:
        return parse(node.text)
    except WrongValueError as wrong:
        complaints.add(node, "value", wrong.what, wrong.expected)
        return None


def listed(words: tuple[str, ...]) -> str:
    """`a`, `b` or `c`."""
    quoted = [f"`{w}`" for w in words]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"
