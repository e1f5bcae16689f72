"""Every expression of a program with the setting it is judged in, and who gives what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import TypeVar

from engine.language.checks.domain import Number
from engine.language.checks.ranges import ends
from engine.language.checks.setting import Setting, of_rule
from engine.language.expression.amounts import constant
from engine.language.expression.tree import Name, Source
from engine.language.problem import Problem
from engine.language.program import Dated, Draw, Give, Place, Program, Reward, Rule

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Uses:
    """What the program's parts have to do with one another.

    `givers` are the rules that give to a wallet, `spenders` the rewards and draws that are paid
    from one; `won` are the wallets that are a prize or that members send; `names` is all that any
    expression reads; `reversals` are the types that reverse an event.
    """

    givers: Mapping[str, tuple[Rule, ...]]
    won: frozenset[str]
    spenders: Mapping[str, tuple[Reward | Draw, ...]]
    names: frozenset[Name]
    reversals: Mapping[str, tuple[str, ...]]


def uses(program: Program) -> Uses:
    """Looks once through all rules, rewards and draws."""
    givers: dict[str, list[Rule]] = defaultdict(list)
    for rule in program.rules:
        for wallet in dict.fromkeys(give.wallet for give in rule.gives):
            givers[wallet].append(rule)
    spenders: dict[str, list[Reward | Draw]] = defaultdict(list)
    for had in program.had:
        wallets = [give.wallet for give in had.cost]
        if isinstance(had, Reward) and had.rate:
            wallets.append(had.rate[0])
        for wallet in dict.fromkeys(wallets):
            spenders[wallet].append(had)
    won = {prize.wallet for prize in program.prizes if prize.wallet}
    won |= {wallet.name for wallet in program.wallets.values() if wallet.transfer}
    reversals: dict[str, list[str]] = defaultdict(list)
    for event in program.events.values():
        if event.reverses:
            reversals[event.reverses].append(event.name)
    names = frozenset(name for source in sources(program) for name in source.tree.names())
    return Uses(_fixed(givers), frozenset(won), _fixed(spenders), names, _fixed(reversals))


def sources(program: Program) -> Iterator[Source]:
    """Every expression of rules, rewards and draws."""
    for rule in (*program.rules, *program.frames):
        yield from of_frame(rule)
    for had in program.had:
        yield from _amounts(had.cost)
        if isinstance(had, Reward) and had.on:
            yield had.on


def of_frame(rule: Rule) -> Iterator[Source]:
    """The condition, the amounts and what a task gathers."""
    if rule.condition:
        yield rule.condition
    yield from _amounts(rule.gives + rule.multiplies)
    if rule.progress is not None and rule.progress.sum is not None:
        yield rule.progress.sum


def constants(amount: Dated[Source]) -> tuple[Fraction, ...] | None:
    """The numbers of an amount that reads nothing; None for any other."""
    found = [constant(source.tree) for _, source in amount.steps]
    kept = tuple(value for value in found if value is not None)
    return kept if len(kept) == len(found) else None


def most(setting: Setting, amount: Dated[Source]) -> Number | None:
    """What an amount can come to at most; None for no end."""
    highs = [ends(setting, source.tree).high for _, source in amount.steps]
    return None if None in highs else max(high for high in highs if high is not None)


def reach(program: Program, uses: Uses, wallet: str) -> Fraction | None:
    """What a member may ever be given of a wallet, 0 where nothing gives it; None for no end."""
    if wallet in uses.won:
        return None
    if any(give.wallet == wallet for rule in program.rules for give in rule.multiplies):
        return None if uses.givers.get(wallet) else Fraction(0)
    total = Fraction(0)
    for rule in uses.givers.get(wallet, ()):
        found = _reach_of(program, rule, wallet)
        if found is None:
            return None
        total += found
    return total


def warning(place: Place, name: str, code: str, what: str, expected: str) -> Problem:
    """A warning at an id."""
    return Problem(place, code, what, expected, "warning", max(1, len(name)))


def _reach_of(program: Program, rule: Rule, wallet: str) -> Fraction | None:
    if rule.to is not None:
        return None
    ever = [one for one in rule.limits if one.period.unit is None]
    caps = [max(v for _, v in one.amount.steps) for one in ever if one.unit == wallet]
    counts = [max(v for _, v in one.amount.steps) for one in ever if one.unit is None]
    if rule.once or (rule.when == ("join",) and rule.progress is None):
        counts.append(Fraction(1))
    setting = of_rule(program, rule, frozenset())
    amounts = [most(setting, give.amount) for give in rule.gives if give.wallet == wallet]
    if counts and None not in amounts:
        known = [max(amount, Fraction(0)) for amount in amounts if amount is not None]
        is_cut = program.wallets[wallet].round == "down"
        caps.append(min(counts) * sum(a if is_cut else Fraction(ceil(a)) for a in known))
    return min(caps) if caps else None


def _amounts(gives: tuple[Give, ...]) -> Iterator[Source]:
    for give in gives:
        yield from (source for _, source in give.amount.steps)


def _fixed(lists: Mapping[str, list[T]]) -> dict[str, tuple[T, ...]]:
    return {name: tuple(found) for name, found in lists.items()}
