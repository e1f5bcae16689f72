"""Looks across all rules for what can never be, pays too much, or is of no use."""

from __future__ import annotations

from datetime import date

from engine.language.checks import (
    amounts,
    conditions,
    groups,
    refunds,
    rewards,
    stacking,
    tiers,
    unused,
)
from engine.language.checks.sources import uses
from engine.language.checks.truth import Truths
from engine.language.problem import Problem
from engine.language.program import Program

__all__ = ["warnings"]


def warnings(program: Program, today: date | None = None) -> tuple[Problem, ...]:
    """What is likely a mistake, by file and place; the rules can be used all the same.

    No clock is read: whether a rule has ended is said only where `today` is given.
    """
    together, truths = uses(program), Truths()
    found = (
        *conditions.check(program, truths),
        *amounts.check(program, together, today),
        *groups.check(program, truths),
        *stacking.check(program),
        *tiers.check(program, together),
        *rewards.check(program, together),
        *refunds.check(program, together),
        *unused.check(program, together),
    )
    unique = dict.fromkeys(found)
    return tuple(sorted(unique, key=lambda p: (p.place.file, p.place.line, p.place.column, p.what)))
