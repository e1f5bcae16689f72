"""Finds what is declared and used by nothing, and wallets that only fill."""

from __future__ import annotations

from collections.abc import Iterator

from engine.language.checks.setting import granted
from engine.language.checks.sources import Uses, warning
from engine.language.expression.tree import From
from engine.language.problem import Problem
from engine.language.program import Program, Wallet


def check(program: Program, uses: Uses) -> Iterator[Problem]:
    """The problems of facts, privileges, wallets and reversals."""
    yield from _facts(program, uses)
    yield from _privileges(program, uses)
    for wallet in program.wallets.values():
        yield from _wallet(program, wallet, uses)
    yield from _reversals(program, uses)


def _facts(program: Program, uses: Uses) -> Iterator[Problem]:
    read = {name.name for name in uses.names if name.source == From.FACT}
    if program.tiers:
        read.add(program.tiers.measure)
    for fact in program.facts.values():
        if fact.name not in read:
            yield warning(
                fact.place,
                fact.name,
                "unused-fact",
                f"No rule reads the fact `{fact.name}`.",
                "Use it in a condition, or leave it out; the members' file shows it all the same.",
            )


def _privileges(program: Program, uses: Uses) -> Iterator[Problem]:
    read = {name.name for name in uses.names if name.source == From.PRIVILEGE}
    given = granted(program)
    for privilege in program.privileges.values():
        if privilege.id not in given and privilege.id not in read:
            yield warning(
                privilege.place,
                privilege.id,
                "privilege-never-given",
                f"Nobody ever has the privilege `{privilege.id}`.",
                "Give it to a tier under `benefits`, or in a rule.",
            )


def _wallet(program: Program, wallet: Wallet, uses: Uses) -> Iterator[Problem]:
    """Something comes in, and nothing leads out or looks at it."""
    is_measure = program.tiers is not None and program.tiers.measure == wallet.name
    sources = (From.WALLET, From.ACTIVE, From.PENDING)
    is_read = any(n.name == wallet.name for n in uses.names if n.source in sources)
    lives_for_ever = all(expiry is None for _, expiry in wallet.expires.steps)
    if is_measure or is_read or not lives_for_ever or wallet.transfer:
        return
    if uses.givers.get(wallet.name) and wallet.name not in uses.spenders:
        yield warning(
            wallet.place,
            wallet.name,
            "no-way-out",
            f"`{wallet.name}` only grows: it never expires, no reward costs it, no rule reads it.",
            "Let a reward cost it, or let it expire.",
        )


def _reversals(program: Program, uses: Uses) -> Iterator[Problem]:
    """A reversal of what gives nothing takes nothing back."""
    heard = {event for rule in program.rules for event in rule.when}
    facts = program.facts.values()
    kept = {fact.event for fact in facts} | {fact.since for fact in facts}
    kept |= {fact.less[0] for fact in facts if fact.less}
    for reversed_, reversals in uses.reversals.items():
        if reversed_ in heard or uses.spenders or reversed_ in program.coupon_events:
            continue
        for name in reversals:
            if name not in heard and name not in kept:
                yield warning(
                    program.events[name].place,
                    name,
                    "reverses-nothing",
                    f"`{name}` reverses `{reversed_}`, for which no rule gives anything.",
                    "Add a rule for it, or leave the reversal out.",
                )
