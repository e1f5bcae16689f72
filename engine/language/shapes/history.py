"""The shapes of short and long histories: examples, and where members and events come from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, ClassVar

from engine.language.shapes import forms, values
from engine.language.shapes.forms import Entry
from engine.language.shapes.program import NODE, TEXT, WORD
from engine.language.shapes.shape import Key, Shape
from engine.language.text.nodes import Node, Scalar

NODES = forms.entries(NODE, of="names with values", such_as="points: 120")
COLUMNS = forms.entries(WORD, of="our columns with yours", such_as="member_id: CustomerID")


@dataclass(frozen=True, kw_only=True)
class ExampleShape(Shape):
    """A short history and what must come of it."""

    called: ClassVar[str] = "an example"
    required: ClassVar[tuple[str, ...]] = ("name", "expect")
    meant: ClassVar[dict[str, str]] = {
        "given": "member", "when": "events", "then": "expect", "expected": "expect",
        "event": "events",
    }  # fmt: skip

    name: Annotated[str | None, Key("What it shows.", TEXT)] = None
    note: Annotated[str | None, Key("For colleagues.", TEXT)] = None
    member: Annotated[
        tuple[Entry[Node], ...] | None,
        Key("What is known of the member before: attributes, facts, balances, tier.", NODES),
    ] = None
    members: Annotated[
        tuple[Entry[tuple[Entry[Node], ...]], ...] | None,
        Key(
            "Several members by their ids: {a: {tier: gold}, b: {referrer: a}}.",
            forms.entries(NODES, of="members", such_as="anna: {tier: gold}"),
        ),
    ] = None
    events: Annotated[
        tuple[tuple[Entry[Node], ...], ...] | None,
        Key("Events: {at: 2026-09-03 10:00, order: {amount: 120}}.", forms.listing(NODES)),
    ] = None
    until: Annotated[
        date | None,
        Key(
            "Moves the clock to the beginning of a day; left out: the last event's day.",
            forms.scalar(values.day, forms.pattern(forms.DAY, "2026-09-10")),
        ),
    ] = None
    expect: Annotated[
        tuple[Entry[Node], ...] | None,
        Key("Balances, tier, coupons, entries, refused; with `members` by member.", NODES),
    ] = None


@dataclass(frozen=True, kw_only=True)
class MembersFileShape(Shape):
    """A file of members, or a table or query of a database."""

    called: ClassVar[str] = "`data: members`"
    required: ClassVar[tuple[str, ...]] = ("columns",)
    meant: ClassVar[dict[str, str]] = {
        "path": "file", "database": "from", "sql": "query", "view": "table", "filter": "where",
    }  # fmt: skip

    file: Annotated[str | None, Key("The file, seen from the folder above the rules.", TEXT)] = None
    from_: Annotated[
        Scalar | None,
        Key("The variable of the environment that holds a database's URL: env:SHOP_DB.", WORD),
    ] = None
    table: Annotated[str | None, Key("The table or view of that database.", TEXT)] = None
    query: Annotated[str | None, Key("Or one SELECT, in that database's SQL.", TEXT)] = None
    where: Annotated[str | None, Key("Only rows for which this holds (DuckDB's SQL).", TEXT)] = None
    group_by: Annotated[str | None, Key("The column whose rows become one.", TEXT)] = None
    zone: Annotated[
        Scalar | None, Key("The zone of times that do not say theirs, such as UTC.", WORD)
    ] = None
    columns: Annotated[
        tuple[Entry[Scalar], ...] | None,
        Key("Our columns with yours, or expressions over yours.", COLUMNS),
    ] = None


@dataclass(frozen=True, kw_only=True)
class EventsFileShape(MembersFileShape):
    """A file of events, or a table or query of a database."""

    called: ClassVar[str] = "`data: events`"

    type: Annotated[
        Scalar | None, Key("The type of all its events, or an expression that gives it.", WORD)
    ] = None
