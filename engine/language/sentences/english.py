"""Earn rules and what all rules share as English sentences."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import partial
from typing import TypeVar

from engine.language.expression.tree import Expr, Source
from engine.language.program import (
    Award,
    Budget,
    Give,
    Limit,
    Period,
    Program,
    Rule,
)
from engine.language.sentences import english_tasks, shape
from engine.language.sentences.english_clauses import clause, phrase
from engine.language.sentences.english_words import (
    a,
    currency,
    dated,
    day,
    duration,
    event,
    holders,
    listed,
    money,
    of_amount,
    on_time,
    sentence,
    spaced,
    unit,
)
from engine.language.sentences.shape import Scene

T = TypeVar("T")


def rule(scene: Scene, told: Rule) -> str:
    """What an earn rule, a task, or a tier's multiplier, does."""
    found = shape.parts(told.condition.tree if told.condition else None)
    if told.section == "tiers":
        who, verb = holders((told.id.removeprefix("tiers."),)), "earn"
    else:
        who, verb = subject(scene.program, told, found), "earns"
    asked = tests(scene, found.rest)
    if told.progress is not None:
        who = english_tasks.gathered(scene, told.progress, who, asked)
        verb, asked = english_tasks.verb(told.progress), ""
    text = f"{window(told)}{who} {verb} {gains(scene, told)}"
    if told.to:
        text += f" for the member named in its {spaced(told.to)}"
    if told.of:
        names = [f"“{scene.names.get(one, one)}”" for one in told.of]
        text += f", counted on {listed(names)}" + ("," if found.rest else "")
    return sentence([text + asked, *bounds(scene.program, told)])


def subject(program: Program, told: Rule, found: shape.Parts) -> str:
    """Which events a rule looks at, and whose."""
    nouns = [event(one) for one in told.when]
    text = "joining" if told.when == ("join",) else f"each {listed(nouns, 'or')}"
    if found.amount:
        text += f" {of_amount(program, found.amount)}"
    if found.tiers:
        text += f" by {holders(found.tiers)}"
    text += "".join(f" {on_time(test)}" for test in found.times)
    return text + within(told)


def within(told: Rule) -> str:
    """How long after joining a rule holds."""
    return f" within {duration(told.within)} of joining" if told.within else ""


def window(told: Rule) -> str:
    """On which days a rule holds."""
    if told.start and told.end:
        return f"from {day(told.start)} through {day(told.end)}, "
    if told.start:
        return f"from {day(told.start)} on, "
    return f"through {day(told.end)}, " if told.end else ""


def gains(scene: Scene, told: Rule) -> str:
    """All that a rule gives, awards and multiplies; what takes a clause of its own comes last."""
    gains = [*_gives(scene, told.gives), *(_award(scene.program, one) for one in told.awards)]
    gains += [dated(g.amount, partial(_times, scene, g)) for g in told.multiplies]
    if len(gains) == 1:
        return gains[0]
    plain = [gain for gain in gains if " equal to " not in gain]
    clauses = [gain for gain in gains if " equal to " in gain]
    return ", and ".join(([listed(plain)] if plain else []) + clauses)


def _gives(scene: Scene, gives: tuple[Give, ...]) -> list[str]:
    """What is given to each wallet; what has the same rate is told together."""
    told: list[tuple[list[str], str]] = []
    for give in gives:
        if len(give.amount.steps) > 1 or give.amount.steps[0][0]:
            told.append(([dated(give.amount, partial(_gain_text, scene, give))], ""))
            continue
        thing, rate = _gain(scene, give, give.amount.steps[0][1])
        if told and rate and told[-1][1] == rate:
            told[-1][0].append(thing)
        else:
            told.append(([thing], rate))
    return [listed(things) + rate for things, rate in told]


def _gain_text(scene: Scene, give: Give, source: Source) -> str:
    return "".join(_gain(scene, give, source))


def _gain(scene: Scene, give: Give, source: Source) -> tuple[str, str]:
    """What is given and at what rate: `1 point`, ` per yuan`."""
    found = shape.share(source.tree)
    program = scene.program
    is_money = program.wallets[give.wallet].unit == "money"
    if found is None:
        return units(scene, give, source), ""
    if is_money and not found.full:
        share = f"{shape.part(found.gain / found.each)} of its {spaced(found.name.name)}"
        return f"{share} as {spaced(give.wallet)}", ""
    each = currency(program, one=True) if found.each == 1 else money(program, found.each)
    rate = f" per {'full ' * found.full}{each}"
    if found.name.name != "amount":
        rate += f" of its {spaced(found.name.name)}"
    return worth(program, give.wallet, found.gain), rate


def units(scene: Scene, give: Give, source: Source) -> str:
    """An amount of a wallet, or what it is equal to."""
    value = source.tree.value
    if source.tree.op == "const" and isinstance(value, int | Fraction):
        return worth(scene.program, give.wallet, Fraction(value))
    return f"{spaced(give.wallet)} equal to {phrase(scene, source.tree)}"


def worth(program: Program, name: str, amount: Fraction) -> str:
    """So many units of a wallet."""
    if program.wallets[name].unit == "money":
        return f"{money(program, amount)} of {spaced(name)}"
    return f"{shape.number(amount)} {unit(spaced(name), amount)}"


def _times(scene: Scene, give: Give, source: Source) -> str:
    factor, name = source.tree.value, spaced(give.wallet)
    if source.tree.op != "const" or not isinstance(factor, int | Fraction):
        return f"the {name} times {phrase(replace(scene, factor=True), source.tree, inner=True)}"
    words = {Fraction(2): "double", Fraction(3): "triple"}
    return f"{words.get(Fraction(factor), f'{shape.number(factor)} times the')} {name}"


def _award(program: Program, told: Award) -> str:
    if told.kind == "tier":
        text = f"the {spaced(told.id)} tier"
    else:
        text = f"the {told.kind} “{shape.award_name(program, told)}”"
    if told.count > 1:
        text += " twice" if told.count == 2 else f" {told.count:,} times"
    return text + (f" for {duration(told.lasts)}" if told.lasts else "")


def tests(scene: Scene, asked: tuple[Expr, ...]) -> str:
    """What else must hold."""
    said = [clause(scene, test, inner=len(asked) > 1) for test in asked]
    return f" if {listed(said)}" if said else ""


def bounds(program: Program, told: Rule) -> list[str]:
    """Once, limits, budget and group, each as a part of the sentence."""
    said = ["once per member"] if told.once else []
    said += [_limit(program, one) for one in told.limits]
    if told.return_limit:
        said[-1:] = [", and ".join([*said[-1:], "a refund gives its place back"])]
    if told.budget:
        rest = ", and what no longer fits is not given" if told.budget.over == "refuse" else ""
        said.append(budget_text(program, told.budget) + rest)
    high = f" with priority {told.priority:,}" if told.priority is not None else ""
    if told.group:
        this = f", this one{high}" if high else ""
        said.append(f"of the group “{spaced(told.group)}” only the best applies{this}")
    return said


def _limit(program: Program, told: Limit) -> str:
    def one(amount: Fraction) -> str:
        every = _every(told.period)
        return _many(program, told.unit, amount) + (every or " per member")

    return f"at most {dated(told.amount, one)}"


def budget_text(program: Program, told: Budget) -> str:
    """What may be given to all members together."""

    def one(amount: Fraction) -> str:
        return _many(program, told.unit, amount) + _every(told.period)

    return f"at most {dated(told.amount, one)} for all members together"


def _many(program: Program, unit: str | None, amount: Fraction) -> str:
    if unit is None:
        words = {Fraction(1): "once", Fraction(2): "twice"}
        return words.get(amount, f"{shape.number(amount)} times")
    return worth(program, unit, amount)


def _every(period: Period) -> str:
    if period.days is not None:
        return f" in {period.days:,} days"
    return f" {a(period.unit)}" if period.unit else ""
