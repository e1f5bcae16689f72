"""Looks across all rules for what can never be, pays too much, or is of no use."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from engine.language.checks import (
    amounts,
    conditions,
    coupons,
    groups,
    referral,
    refunds,
    rewards,
    stacking,
    tasks,
    tiers,
    unused,
)
from engine.language.checks.sources import uses
from engine.language.checks.truth import Truths
from engine.language.problem import Problem
from engine.language.program import Program, Rule

__all__ = ["warnings"]


def warnings(program: Program, today: date | None = None) -> tuple[Problem, ...]:
    """What is likely a mistake, by file and place; the rules can be used all the same.

    No clock is read: whether a rule has ended is said only where `today` is given.
    """
    paid, program = referral.check(program), _apart(program)
    together, truths = uses(program), Truths()
    found = (
        *paid,
        *conditions.check(program, truths),
        *amounts.check(program, together, today),
        *groups.check(program, truths),
        *stacking.check(program),
        *tasks.check(program, truths),
        *tiers.check(program, together),
        *rewards.check(program, together),
        *coupons.check(program, truths),
        *refunds.check(program, together),
        *unused.check(program, together),
    )
    unique = dict.fromkeys(found)
    return tuple(sorted(unique, key=lambda p: (p.place.file, p.place.line, p.place.column, p.what)))


def _apart(program: Program) -> Program:
    """The program with a rule for each side that a referral rule pays, given to another."""
    return replace(program, rules=tuple(part for rule in program.rules for part in _sides(rule)))


def _sides(rule: Rule) -> Iterator[Rule]:
    if not rule.sides:
        yield rule
    for side in rule.sides:
        to = None if side.whose == "friend" else side.whose
        given = replace(rule, gives=side.gives, awards=side.awards, to=to, sides=())
        yield replace(given, limits=side.limits, budget=side.budget)
