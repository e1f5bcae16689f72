"""Finds tiers that nobody reaches, that spending takes away, or that a refund leaves."""

from __future__ import annotations

from collections.abc import Iterator

from engine.language.checks.domain import Number
from engine.language.checks.ranges import ends
from engine.language.checks.setting import Setting
from engine.language.checks.sources import Uses, reach, warning
from engine.language.expression.tree import Expr, From, Name
from engine.language.problem import Problem
from engine.language.program import Program, Tiers
from engine.language.sentences.shape import number


def check(program: Program, uses: Uses) -> Iterator[Problem]:
    """The problems of the ladder."""
    tiers = program.tiers
    if tiers is None:
        return
    yield from _unreachable(program, tiers, uses)
    yield from _spent(tiers, uses)
    yield from _kept(program, tiers, uses)
    if tiers.downgrade == "never" and (tiers.review != "at once" or tiers.grace):
        yield warning(
            tiers.place,
            "",
            "review-without-downgrade",
            "Tiers are reviewed, but nobody falls: `downgrade` is `never`.",
            "Write `downgrade: one step`, or leave `review` and `grace` out.",
        )


def _unreachable(program: Program, tiers: Tiers, uses: Uses) -> Iterator[Problem]:
    given = {a.id for rule in program.rules for a in rule.awards if a.kind == "tier"}
    measure = tiers.measure
    if measure in program.wallets:
        most: Number | None = reach(program, uses, measure)
        why = (
            f"all rules together give {number(most)} at most."
            if most
            else f"nothing gives `{measure}`."
        )
    else:
        fact = program.facts[measure]
        name = Expr("name", fact.type, (), Name(From.FACT, measure, fact.type))
        most = ends(Setting(program), name).high
        why = f"`{measure}` is never above {number(most)}." if most is not None else ""
    if most is None:
        return
    for rung in tiers.ladder:
        least = min(value for _, value in rung.threshold.steps)
        if least > most and rung.name not in given:
            yield warning(
                rung.place,
                rung.name,
                "tier-unreachable",
                f"`{rung.name}` can never be reached: it begins at {number(least)}, and {why}",
                "Lower it, give more, or measure by something else.",
            )


def _spent(tiers: Tiers, uses: Uses) -> Iterator[Problem]:
    spenders = uses.spenders.get(tiers.measure)
    if not spenders:
        return
    so = "rises later" if tiers.downgrade == "never" else "rises later and may fall"
    yield warning(
        tiers.place,
        "",
        "tier-by-balance",
        f"Tiers are measured by what is left of `{tiers.measure}`: who spends it "
        f"(`{spenders[0].rule.id}`) {so}.",
        "Measure by a wallet that nothing costs, such as `growth`, or by a fact.",
    )


def _kept(program: Program, tiers: Tiers, uses: Uses) -> Iterator[Problem]:
    fact = program.facts.get(tiers.measure)
    if fact is None or fact.less or fact.kind not in ("count", "sum"):
        return
    reversals = uses.reversals.get(fact.event)
    if not reversals:
        return
    amount = f"{reversals[0]}.amount"
    expected = f"Add `less: {amount}` to the fact, or measure by a wallet."
    if fact.kind == "count":
        expected = "Measure by a sum with `less`, or by a wallet: a refund takes back what it gave."
    yield warning(
        tiers.place,
        "",
        "tier-outlives-refund",
        f"Tiers are measured by `{fact.name}`, and a `{reversals[0]}` takes nothing out of it: "
        "who buys, rises and returns is back on the tier with the next event.",
        expected,
    )
