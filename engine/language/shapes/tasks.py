"""The shape of tasks: what is done step by step, once, or again and again."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, ClassVar

from engine.language.program import Period
from engine.language.shapes import forms, terms, values
from engine.language.shapes.giving import WORDS, ActingShape
from engine.language.shapes.program import PERIOD, WORD
from engine.language.shapes.shape import Key
from engine.language.text.nodes import Scalar


@dataclass(frozen=True, kw_only=True)
class TaskShape(ActingShape):
    """What members do for a gift or a badge, with one event or step by step."""

    called: ClassVar[str] = "a task"
    meant: ClassVar[dict[str, str]] = {
        **ActingShape.meant, "count": "every", "goal": "reaches", "target": "reaches",
        "tasks": "needs", "period": "per", "start": "starts",
    }  # fmt: skip

    within: Annotated[
        Scalar | None,
        Key("So long after joining, or after `starts`: 30 days, start.days * 24 hours.", WORD),
    ] = None
    badge: Annotated[Scalar | None, Key("The badge that it gives, such as critic.", WORD)] = None
    sum: Annotated[
        Scalar | None,
        Key("What is gathered of each event, such as quantity; left out: each counts 1.", WORD),
    ] = None
    every: Annotated[
        Fraction | None,
        Key("It is done each time so much more is gathered.", forms.scalar(values.above_zero)),
    ] = None
    reaches: Annotated[
        Scalar | None,
        Key("It is done when so much is gathered; with `starts` also start.difficulty.", WORD),
    ] = None
    starts: Annotated[
        Scalar | None,
        Key("The event with which a run of it begins; its fields are start.x.", WORD),
    ] = None
    start_if: Annotated[
        Scalar | None, Key("A condition on that event, such as start.kind = 'discount'.", WORD)
    ] = None
    needs: Annotated[
        tuple[Scalar, ...] | None,
        Key("Events, tasks or badges: it is done when all of them are.", WORDS),
    ] = None
    per: Annotated[
        Period | None,
        Key(
            "It begins anew each day, week, month, quarter or year.",
            forms.scalar(terms.calendar_period, PERIOD),
        ),
    ] = None
