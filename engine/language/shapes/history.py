"""The shapes of short and long histories: examples, and where members and events come from."""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar

from pydantic import Field

from engine.language.shapes import forms, values
from engine.language.shapes.forms import Entry
from engine.language.shapes.program import NODE, TEXT, WORD
from engine.language.shapes.shape import Shape
from engine.language.text.nodes import Node, Scalar

NODES = forms.entries(NODE, of="names with values")
COLUMNS = forms.entries(WORD, of="our columns with yours")


class ExampleShape(Shape):
    """A short history and what must come of it."""

    called: ClassVar[str] = "an example"
    required: ClassVar[tuple[str, ...]] = ("name", "events", "expect")
    meant: ClassVar[dict[str, str]] = {
        "given": "member", "when": "events", "then": "expect", "expected": "expect", "event": "events"
    }  # fmt: skip

    name: Annotated[str | None, TEXT] = Field(None, description="What it shows.")
    note: Annotated[str | None, TEXT] = Field(None, description="For colleagues.")
    member: Annotated[tuple[Entry[Node], ...] | None, NODES] = Field(
        None, description="What is known of the member before: attributes, facts, balances, tier."
    )
    members: Annotated[
        tuple[Entry[tuple[Entry[Node], ...]], ...] | None, forms.entries(NODES, of="members")
    ] = Field(
        None, description="Several members by their ids: {a: {tier: gold}, b: {referrer: a}}."
    )
    events: Annotated[tuple[tuple[Entry[Node], ...], ...] | None, forms.listing(NODES)] = Field(
        None, description="Events: {at: 2026-09-03 10:00, order: {amount: 120}}."
    )
    until: Annotated[date | None, forms.scalar(values.day)] = Field(
        None,
        description="Moves the clock to the beginning of a day; left out: the last event's day.",
    )
    expect: Annotated[tuple[Entry[Node], ...] | None, NODES] = Field(
        None, description="Balances, tier, coupons, entries, refused; with `members` by member."
    )


class MembersFileShape(Shape):
    """A file of members."""

    called: ClassVar[str] = "`data: members`"
    required: ClassVar[tuple[str, ...]] = ("file", "columns")

    file: Annotated[str | None, TEXT] = Field(
        None, description="The file, seen from the folder above the rules."
    )
    where: Annotated[str | None, TEXT] = Field(
        None, description="Only rows for which this holds (DuckDB's SQL)."
    )
    group_by: Annotated[str | None, TEXT] = Field(
        None, description="The column whose rows become one."
    )
    zone: Annotated[Scalar | None, WORD] = Field(
        None, description="The zone of times that do not say theirs, such as UTC."
    )
    columns: Annotated[tuple[Entry[Scalar], ...] | None, COLUMNS] = Field(
        None, description="Our columns with yours, or expressions over yours."
    )


class EventsFileShape(MembersFileShape):
    """A file of events."""

    called: ClassVar[str] = "`data: events`"

    type: Annotated[Scalar | None, WORD] = Field(
        None, description="The type of all its events, or an expression that gives it."
    )
