"""Finds multipliers that come together to more than a stated factor."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from fractions import Fraction
from itertools import combinations
from math import prod

from engine.language.checks import setting as settings
from engine.language.checks.setting import Setting
from engine.language.checks.sources import constants, warning
from engine.language.checks.truth import Truth
from engine.language.checks.ways import both_of, possible
from engine.language.problem import Problem
from engine.language.program import Program, Rule

FACTOR_MAX = Fraction(10)
_RULES_MAX = 10
_DAYS_MAX = 60


def check(program: Program, factor_max: Fraction = FACTOR_MAX) -> Iterator[Problem]:
    """One problem for each wallet and event whose multipliers may pass `factor_max`."""
    granted = settings.granted(program)
    for (event, wallet), rules in _multipliers(program).items():
        found = _worst(program, rules, wallet, granted)
        if found is None or found[0] <= factor_max:
            continue
        factor, together = found
        last = together[-1]
        named = ", ".join(f"`{rule.id}`" for rule in together)
        yield warning(
            last.place,
            last.id.removeprefix("tiers."),
            "multipliers-high",
            f"One `{event}` may have its `{wallet}` multiplied by {_shown(factor)}: {named}.",
            "Put them into one `group`, or write `stacking: best`.",
        )


def _multipliers(program: Program) -> dict[tuple[str, str], list[Rule]]:
    """The rules with a constant factor above 1, by event and wallet."""
    found: dict[tuple[str, str], list[Rule]] = defaultdict(list)
    for rule in program.rules:
        for give in rule.multiplies:
            factors = constants(give.amount)
            if factors is not None and max(factors) > 1:
                for event in rule.when:
                    found[event, give.wallet].append(rule)
    return found


def _worst(
    program: Program, rules: Sequence[Rule], wallet: str, granted: frozenset[str]
) -> tuple[Fraction, list[Rule]] | None:
    """The largest factor of any day, with its rules in the order of the file."""
    worst: tuple[Fraction, list[Rule]] | None = None
    for day in _days(rules, wallet):
        held = {r.id: f for r in rules if (f := _factor(r, wallet, day)) > 1}
        largest = sorted((r for r in rules if r.id in held), key=lambda r: -held[r.id])[:_RULES_MAX]
        for together in _sets(program, largest, granted):
            factor = _combined(program.stacking, [held[r.id] for r in together])
            if worst is None or factor > worst[0]:
                worst = factor, [r for r in rules if r in together]
    return worst


def _days(rules: Sequence[Rule], wallet: str) -> list[date]:
    """The days on which something changes; between two of them all stays as it is."""
    found = {date.min}
    for rule in rules:
        starts = [s for g in rule.multiplies if g.wallet == wallet for s, _ in g.amount.steps]
        found |= {day for day in (*starts, rule.start) if day}
        if rule.end is not None and rule.end < date.max:
            found.add(rule.end + timedelta(days=1))
    return sorted(found)[-_DAYS_MAX:]


def _factor(rule: Rule, wallet: str, day: date) -> Fraction:
    if (rule.start and day < rule.start) or (rule.end and day > rule.end):
        return Fraction(1)
    for give in rule.multiplies:
        source = give.amount.on(day) if give.wallet == wallet else None
        if source is not None:
            value = source.tree.value
            return Fraction(value) if isinstance(value, int | Fraction) else Fraction(1)
    return Fraction(1)


def _sets(program: Program, rules: list[Rule], granted: frozenset[str]) -> Iterator[list[Rule]]:
    """Sets of rules that may hold for one event, none of them part of a larger one."""
    apart = {
        (one.id, other.id)
        for one, other in combinations(rules, 2)
        if _exclude(program, (one, other), granted)
    }

    def grow(held: list[Rule], rest: list[Rule]) -> Iterator[list[Rule]]:
        fitting = [r for r in rest if all((h.id, r.id) not in apart for h in held)]
        if not fitting:
            yield held
        for number, rule in enumerate(fitting):
            yield from grow([*held, rule], fitting[number + 1 :])

    for found in grow([], rules):
        if found and not _exclude(program, found, granted):
            yield found


def _exclude(program: Program, rules: Sequence[Rule], granted: frozenset[str]) -> bool:
    """Whether two are of one group, or the conditions cannot all hold."""
    groups = [rule.group for rule in rules if rule.group]
    if len(groups) > len(set(groups)):
        return True
    truth = Truth(Setting(program, granted=granted))
    trees = [rule.condition.tree for rule in rules if rule.condition]
    return not possible(lambda: both_of(*(truth.true(tree) for tree in trees)))


def _combined(stacking: str, factors: list[Fraction]) -> Fraction:
    if stacking == "add":
        return 1 + sum((factor - 1 for factor in factors), Fraction(0))
    return max(factors) if stacking == "best" else Fraction(prod(factors))


def _shown(factor: Fraction) -> str:
    return f"{float(factor):g}"
