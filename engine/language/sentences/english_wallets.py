"""Wallets, facts and tiers as English sentences."""

from __future__ import annotations

from fractions import Fraction

from engine.language.expression.tree import Type
from engine.language.program import Duration, Fact, Program, Tiers, Wallet
from engine.language.sentences import english_facts, shape
from engine.language.sentences.english_words import (
    a,
    dated,
    duration,
    event,
    listed,
    money,
    sentence,
    spaced,
    unit,
)
from engine.language.sentences.shape import Scene

_ROUND = {"down": "down", "up": "up", "nearest": "to the nearest"}
_ON_REFUND = {
    "below zero": "a refund may take the balance below zero",
    "pending only": "a refund takes back only what is still pending",
}
_ON_CHANGE = {
    "upgrade only": "members may only rise",
    "reassess": "everybody is placed anew",
}
_FALLS = {"one step": "one step", "reassess": "to where the measure stands"}


def wallet(program: Program, told: Wallet) -> str:
    """How long a wallet's units live, and how they are rounded, spent and taken back."""
    name = spaced(told.name)
    many = name.endswith("s")
    said = [_life(told, name, many), "fractions are rounded " + _ROUND[told.round]]
    if told.spend == "oldest first":
        said.append("the oldest are spent first")
    if told.below_zero == "yes":
        said.append("spending may take the balance below zero")
    if told.on_refund != "clamp":
        said.append(_ON_REFUND[told.on_refund])
    if told.restore == "new expiry":
        said.append("what comes back gets a new expiry")
    if told.transfer:
        said.append(f"members may transfer {'them' if many else 'it'}")
    if told.value:
        said.append(f"1 {unit(name, 1)} is worth {dated(told.value, lambda v: money(program, v))}")
    return sentence(said)


def fact(program: Program, told: Fact) -> str:
    """What a fact measures."""
    return sentence([f"the member's {english_facts.fact(program, told)}"])


def tiers(scene: Scene, told: Tiers) -> str:
    """How members rise and fall."""
    program = scene.program
    measured = program.facts.get(told.measure)
    name = scene.facts.get(told.measure, spaced(told.measure))
    held = program.wallets.get(told.measure)
    is_money = (measured and measured.type == Type.MONEY) or (held and held.unit == "money")

    def rung(threshold: Fraction) -> str:
        return money(program, threshold) if is_money else shape.number(threshold)

    rungs = [f"{spaced(r.name)} from {dated(r.threshold, rung)}" for r in told.ladder]
    counts = (
        "already counts at it" if told.upgrade == "before" else "still counts at the one before"
    )
    said = [f"tiers go by {name}: {', '.join(rungs)}", f"the event that reaches a tier {counts}"]
    said.append(_falls(told))
    for one in told.ladder:
        if one.privileges:
            rights = [f"“{program.privileges[p].name}”" for p in one.privileges]
            word = "privilege" if len(rights) == 1 else "privileges"
            said.append(f"{spaced(one.name)} members have the {word} {listed(rights)}")
    if told.on_change != "keep":
        said.append(f"when the ladder changes {_ON_CHANGE[told.on_change]}")
    return sentence(said)


def _life(told: Wallet, name: str, many: bool) -> str:
    verb = "" if many else "s"
    pending = (
        told.pending.steps != ((None, told.pending.steps[0][1]),) or told.pending.steps[0][1].count
    )
    first, *more = dated(told.expires, lambda d: _lasts(d, verb)).split(f"last{verb} ")
    lasts = first + (f"last{verb} " + "".join(more) if more else "")
    if not pending:
        return f"{name} {lasts}"
    wait = dated(told.pending, duration)
    they = "they are" if many else "it is"
    return f"{name} can be spent {wait} after {they} earned and then {lasts}"


def _lasts(lasts: Duration | None, verb: str) -> str:
    if lasts is None:
        return f"never expire{verb}"
    if lasts.without:
        return f"expire{verb} after {duration(lasts)} without {a(event(lasts.without))}"
    end = f", to the end of that {lasts.to_end}" if lasts.to_end else ""
    return f"last{verb} {duration(lasts)}{end}"


def _falls(told: Tiers) -> str:
    if told.downgrade == "never":
        return "no tier is ever lost"
    grace = f", with {duration(told.grace)} of grace," if told.grace else ""
    if isinstance(told.review, Duration):
        return (
            f"a tier is reviewed after {duration(told.review)}{grace} and falls "
            f"{_FALLS[told.downgrade]}"
        )
    when = {"yearly": "on 1 January", "on anniversary": "on the day of joining each year"}
    day = when.get(told.review, "at once")
    return f"tiers are reviewed {day}{grace} and fall {_FALLS[told.downgrade]}"
