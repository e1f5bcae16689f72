"""What a task with progress asks for, in English."""

from __future__ import annotations

from dataclasses import replace

from engine.language.expression.tree import Type
from engine.language.program import Progress, Start
from engine.language.sentences import shape
from engine.language.sentences.english_clauses import clause, phrase
from engine.language.sentences.english_words import event, listed, money
from engine.language.sentences.shape import Scene


def gathered(scene: Scene, told: Progress, subject: str, tests: str) -> str:
    """What earns something: `each order counts by its quantity, and every 3`."""
    span = f" in one {told.per.unit}" if told.per.unit else ""
    if told.needs:
        names = [event(n.name) if n.event else f"“{_name(scene, n.name)}”" for n in told.needs]
        return f"all of {listed(names)}{span}{tests}"
    value = f" by {phrase(scene, told.sum.tree)}" if told.sum else ""
    if told.start is not None:
        subject = f"{_after(scene, told.start)}{subject}"
        return f"{subject} counts{value}{tests}, and {_run(scene, told.start)}"
    goal = shape.number(told.goal)
    if told.type is Type.MONEY:
        goal = money(scene.program, told.goal)
    way = "every" if told.repeats else "reaching"
    return f"{subject} counts{value}{tests}, and {way} {goal}{span}"


def verb(told: Progress) -> str:
    """The verb that goes with it."""
    return "earn" if told.needs or told.repeats else "earns"


def _after(scene: Scene, start: Start) -> str:
    """`after each “offer received” event, `."""
    own = replace(scene, events=(start.event,), its="its")
    asked = f" if {clause(own, start.condition.tree)}" if start.condition else ""
    return f"after each {event(start.event)}{asked}, "


def _run(scene: Scene, start: Start) -> str:
    """What a run has to come to, and in what time."""
    own = replace(scene, events=(start.event,), its="the start's")
    goal = f"reaching {phrase(own, start.goal.tree)}" if start.goal else "the first"
    if start.within is None:
        return goal
    source, unit = start.within
    value = source.tree.value
    if source.tree.op == "const" and isinstance(value, int):
        return f"{goal} within {value:,} {unit}{'s' * (value != 1)}"
    return f"{goal} within {phrase(own, source.tree, inner=True)} {unit}s"


def _name(scene: Scene, name: str) -> str:
    return scene.names.get(name, name)
