"""The shape of the section `chain`: agents, bosses, and what a new agent gives to those above."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from engine.language.shapes import forms, values
from engine.language.shapes.forms import Entry
from engine.language.shapes.giving import GIFTS, WORDS
from engine.language.shapes.program import TEXT, WORD
from engine.language.shapes.shape import Key, Shape
from engine.language.text.nodes import Node, Scalar


@dataclass(frozen=True, kw_only=True)
class ChainShape(Shape):
    """Who buys the starter goods becomes an agent: those above get something for it."""

    called: ClassVar[str] = "`chain`"
    required: ClassVar[tuple[str, ...]] = ("starter",)
    meant: ClassVar[dict[str, str]] = {"if": "starter", "goods": "starter", "event": "when"}

    name: Annotated[str | None, Key("What people call it.", TEXT)] = None
    note: Annotated[str | None, Key("For colleagues: why it is so.", TEXT)] = None
    when: Annotated[
        tuple[Scalar, ...] | None,
        Key("The events it looks at; left out: those that have what `starter` asks.", WORDS),
    ] = None
    starter: Annotated[
        Scalar | None, Key("Which order makes its member an agent: category = 'starter'.", WORD)
    ] = None
    direct: Annotated[
        tuple[Entry[Node], ...] | None,
        Key("What the one gets who brought the new agent: {rebate: 100.00}.", GIFTS),
    ] = None
    team: Annotated[
        tuple[Entry[Node], ...] | None, Key("What the nearest boss above gets.", GIFTS)
    ] = None
    boss_after: Annotated[
        int | None,
        Key(
            "With how many agents brought a member becomes a boss: 2 agents.",
            forms.scalar(values.agents, forms.pattern(r"[0-9]+ +agents?", "2 agents")),
        ),
    ] = None
    bosses: Annotated[
        Scalar | None,
        Key("A flag of members: whoever has it is a boss from the beginning.", WORD),
    ] = None
