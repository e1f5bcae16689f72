"""Finds amounts, limits and dates that leave a rule nothing to give."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import pairwise

from engine.language.checks.setting import of_rule
from engine.language.checks.sources import Uses, constants, most, warning
from engine.language.problem import Problem
from engine.language.program import Give, Program, Rule

_ONE = "Leave the rule out, or write another factor."


def check(program: Program, uses: Uses, today: date | None) -> Iterator[Problem]:
    """The problems of earn rules and of the frames of rewards and draws."""
    for rule in program.rules:
        yield from _limits(rule, "gives nothing")
        for give in (*rule.gives, *rule.multiplies):
            yield from _dates(rule, give)
        yield from _gives(program, rule)
        yield from _multiplies(program, rule, uses)
        yield from _ended(rule, today)
    for had in program.had:
        yield from _limits(had.rule, "cannot be had")
        for give in had.cost:
            yield from _dates(had.rule, give)
        yield from _ended(had.rule, today)
    for reward in program.rewards.values():
        if reward.stock and all(value == 0 for _, value in reward.stock.steps):
            yield _zero(reward.rule, "cannot be had: its stock is 0.")


def _ended(rule: Rule, today: date | None) -> Iterator[Problem]:
    if today is not None and rule.end is not None and rule.end < today:
        yield warning(
            rule.place,
            rule.id,
            "ended",
            f"`{rule.id}` ended on {rule.end}.",
            "Leave it for the history, or give it a later day.",
        )


def _limits(rule: Rule, so: str) -> Iterator[Problem]:
    for limit in rule.limits:
        if all(value == 0 for _, value in limit.amount.steps):
            yield _zero(rule, f"{so}: its limit is 0.")
    if rule.budget and all(value == 0 for _, value in rule.budget.amount.steps):
        yield _zero(rule, f"{so}: its budget is 0.")


def _zero(rule: Rule, so: str) -> Problem:
    what = f"`{rule.id}` {so}"
    return warning(rule.place, rule.id, "zero", what, "Write a number above 0, or leave it out.")


def _dates(rule: Rule, give: Give) -> Iterator[Problem]:
    """Values that begin too late or are over before the rule begins."""
    steps = give.amount.steps
    first = steps[0][0]
    if rule.end is not None and first is not None and first > rule.end:
        yield warning(
            rule.place,
            rule.id,
            "never-holds",
            f"`{rule.id}` never holds: its value for `{give.wallet}` begins on {first}, "
            f"and its last day is {rule.end}.",
            "Let the value begin earlier, or the rule end later.",
        )
        return
    if rule.start is not None and first is not None and first > rule.start:
        yield warning(
            rule.place,
            rule.id,
            "no-value-yet",
            f"`{rule.id}` does not hold from {rule.start} on: its value for `{give.wallet}` "
            f"begins only on {first}.",
            f"Let the value begin on {rule.start}.",
        )
    for start in _unused(rule, give):
        yield warning(
            rule.place,
            rule.id,
            "value-unused",
            f"The value that `{rule.id}` has for `{give.wallet}` from {start} on is never used.",
            "The rule does not hold on any of its days.",
        )


def _unused(rule: Rule, give: Give) -> Iterator[date]:
    steps = give.amount.steps
    for (start, _), (after, _) in pairwise(steps):
        if start and after and rule.start and after <= rule.start:
            yield start
    for start, _ in steps[1:]:
        if start and rule.end and start > rule.end:
            yield start


def _gives(program: Program, rule: Rule) -> Iterator[Problem]:
    setting = of_rule(program, rule, frozenset())
    for give in rule.gives:
        highest = most(setting, give.amount)
        if highest is not None and highest <= 0:
            yield warning(
                rule.place,
                rule.id,
                "gives-nothing",
                f"`{rule.id}` gives no `{give.wallet}`: its amount is never above 0.",
                "Write an amount above 0, or leave the rule out.",
            )


def _multiplies(program: Program, rule: Rule, uses: Uses) -> Iterator[Problem]:
    for give in rule.multiplies:
        factors = constants(give.amount)
        if factors is not None and set(factors) == {1}:
            what = f"`{rule.id}` changes nothing: it multiplies `{give.wallet}` by 1."
            yield warning(rule.place, rule.id, "multiplies-by-one", what, _ONE)
        givers = [
            r for r in uses.givers.get(give.wallet, ())
            if not r.flat and (not rule.of or r.id in rule.of)
        ]  # fmt: skip
        if any(set(r.when) & set(rule.when) for r in givers):
            continue
        what = f"`{rule.id}` multiplies nothing: no rule gives `{give.wallet}` for these events."
        if rule.of and not givers:
            named = " and ".join(f"`{one}`" for one in rule.of)
            what = f"`{rule.id}` multiplies nothing: {named} gives no `{give.wallet}`."
        elif rule.of:
            named = " and ".join(f"`{one}`" for one in rule.of)
            what = f"`{rule.id}` multiplies nothing: {named} looks at other events."
        expected = "Name a rule that gives it, or another wallet."
        yield warning(rule.place, rule.id, "multiplies-nothing", what, expected)
