"""Finds tasks that nobody can do, and those that are done before anything is gathered."""

from __future__ import annotations

from collections.abc import Iterator

from engine.language.checks import setting as settings
from engine.language.checks.conditions import never
from engine.language.checks.ranges import ends
from engine.language.checks.sources import warning
from engine.language.checks.truth import Truths
from engine.language.problem import Problem
from engine.language.program import Need, Program, Rule
from engine.language.sentences.shape import number


def check(program: Program, truths: Truths) -> Iterator[Problem]:
    """The problems of tasks with progress."""
    dead: set[str] = set()  # rules that never hold; what a task needs stands before it
    rules = {rule.id: rule for rule in program.rules}
    granted = settings.granted(program)
    for rule in program.rules:
        why = _why_never(program, rule, rules, dead)
        if why:
            expected = "Ask for less, or leave the task out."
            what = f"`{rule.id}` is never done: {why}"
            yield warning(rule.place, rule.id, "never-done", what, expected)
        elif _asks_nothing(rule):
            what = f"`{rule.id}` is done with its first event, for it reaches 0."
            expected = "Write a number above 0, or leave `reaches` out."
            yield warning(rule.place, rule.id, "done-at-once", what, expected)
        truth = truths.of(settings.of_rule(program, rule, granted))
        if why or (rule.condition is not None and never(truth, rule.condition.tree)):
            dead.add(rule.id)


def _asks_nothing(rule: Rule) -> bool:
    return rule.progress is not None and rule.progress.goal == 0


def _why_never(program: Program, rule: Rule, rules: dict[str, Rule], dead: set[str]) -> str:
    """Why a task cannot be done, or nothing."""
    progress = rule.progress
    if progress is None:
        return ""
    for need in progress.needs:
        found = _why_not(need, rule, rules, dead)
        if found:
            return found
    if progress.needs:
        return ""
    most = 1 if progress.sum is None else (
        ends(settings.of_rule(program, rule, frozenset()), progress.sum.tree).high
    )  # fmt: skip
    if most is not None and most <= 0 < progress.goal:
        return "what it gathers of an event is never above 0."
    if rule.when == ("join",) and most is not None and most < progress.goal:
        return f"members join once, and that is {number(most)} of {number(progress.goal)}."
    return ""


def _why_not(need: Need, rule: Rule, rules: dict[str, Rule], dead: set[str]) -> str:
    """Why something that a task needs is never there while the task holds, or nothing."""
    if need.event is not None:
        return ""
    behind = [rules[id_] for id_ in need.rules]
    if all(one.id in dead for one in behind):
        return f"it needs `{need.name}`, which never comes."
    apart = [one for one in behind if _are_apart(one, rule)]
    if len(apart) == len(behind):
        return f"it needs `{need.name}`, which comes only when the task does not hold."
    return ""


def _are_apart(one: Rule, other: Rule) -> bool:
    """Whether two rules have no day together."""
    return any(
        a.end is not None and b.start is not None and a.end < b.start
        for a, b in ((one, other), (other, one))
    )
