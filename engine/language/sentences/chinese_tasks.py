"""What a task with progress asks for, in Chinese."""

from __future__ import annotations

from dataclasses import replace

from engine.language.expression.tree import Type
from engine.language.program import Progress, Start
from engine.language.sentences import shape
from engine.language.sentences.chinese_clauses import clause, phrase
from engine.language.sentences.chinese_words import UNITS, each, event, listed, money
from engine.language.sentences.shape import Scene

_IN = {
    "hour": "一小时内", "day": "当天", "week": "当周", "month": "当月", "quarter": "当季",
    "year": "当年",
}  # fmt: skip


def gathered(scene: Scene, told: Progress, events: str, tests: str) -> str:
    """What earns something: `每笔订单按数量累计，每满3`."""
    span = _IN[told.per.unit] if told.per.unit else ""
    if told.needs:
        names = [event(n.name) if n.event else f"“{_name(scene, n.name)}”" for n in told.needs]
        return f"{span}完成{listed(names)}" + (f"，{tests}" if tests else "")
    value = f"按{phrase(scene, told.sum.tree)}累计" if told.sum else "计1次"
    if told.start is not None:
        return f"{_after(scene, told.start)}{events}{value}，{tests}{_run(scene, told.start)}"
    goal = shape.number(told.goal) + ("" if told.sum else "次")
    if told.type is Type.MONEY:
        goal = money(scene.program, told.goal)
    return f"{events}{value}，{tests}{span}{'每满' if told.repeats else '达到'}{goal}"


def _after(scene: Scene, start: Start) -> str:
    """`每次“offer_received”后，`."""
    own = replace(scene, events=(start.event,))
    asked = f"若{clause(own, start.condition.tree)}，" if start.condition else ""
    return f"每{each(start.event)}{event(start.event)}后，{asked}"


def _run(scene: Scene, start: Start) -> str:
    """What a run has to come to, and in what time."""
    own = replace(scene, events=(start.event,))
    goal = f"达到其{phrase(own, start.goal.tree)}" if start.goal else "首次即"
    if start.within is None:
        return goal
    source, unit = start.within
    value = source.tree.value
    if source.tree.op == "const" and isinstance(value, int):
        return f"{value:,}{UNITS[unit]}内{goal}"
    return f"在其{phrase(own, source.tree, inner=True)}{UNITS[unit]}内{goal}"


def _name(scene: Scene, name: str) -> str:
    return scene.names.get(name, name)
