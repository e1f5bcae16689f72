"""Finds referral rules that pay more than a friend's order brings."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from engine.language.checks.sources import warning
from engine.language.expression.amounts import constant
from engine.language.expression.tree import Expr
from engine.language.problem import Problem
from engine.language.program import Award, Dated, Give, Program, Rule, Wallet
from engine.language.sentences.shape import parts, share

_LEAST = (">=", ">", "=", "between")


def check(program: Program) -> Iterator[Problem]:
    """Rules whose gifts are worth more than the least order that they hold for, or than any."""
    for rule in program.rules:
        if rule.section == "referral":
            yield from _pays_more(program, rule)


def _pays_more(program: Program, rule: Rule) -> Iterator[Problem]:
    least = _least(parts(rule.condition.tree if rule.condition else None).amount)
    fixed, by_amount = Fraction(0), Fraction(0)
    for side in rule.sides:
        if side.nth:
            continue
        fixed += sum((_face(program, award) for award in side.awards), Fraction(0))
        for give in side.gives:
            flat, part = _worth(program.wallets[give.wallet], give)
            fixed, by_amount = fixed + flat, by_amount + part
    advice = "Give less, or ask for more in `if`."
    if by_amount > 1:
        what = f"gives {float(by_amount):,.2f} for each 1.00 of a friend's order."
    elif least and fixed + by_amount * least > least:
        worth = float(fixed + by_amount * least)
        what = f"gives {worth:,.2f} for a friend's order of {float(least):,.2f}."
    else:
        return
    said = f"`{rule.id}` pays more than the order brings: it {what}"
    yield warning(rule.place, rule.id, "referral-pays-more", said, advice)


def _least(test: Expr | None) -> Fraction | None:
    """The least amount that a condition asks for; None where it asks for none."""
    if test is None or test.op not in _LEAST:
        return None
    return constant(test.args[1])


def _worth(wallet: Wallet, give: Give) -> tuple[Fraction, Fraction]:
    """The least money that a gift is worth: a sum, and a factor on the event's `amount`."""
    value = Fraction(1) if wallet.unit == "money" else _smallest(wallet.value)
    flat, by_amount = [], []
    for _, source in give.amount.steps:
        found = share(source.tree)
        follows = found is not None and not found.full and found.name.name == "amount"
        by_amount.append(found.gain / found.each if found and follows else Fraction(0))
        flat.append(constant(source.tree) or Fraction(0))
    return min(flat) * value, min(by_amount) * value


def _smallest(value: Dated[Fraction] | None) -> Fraction:
    return min((step for _, step in value.steps), default=Fraction(0)) if value else Fraction(0)


def _face(program: Program, award: Award) -> Fraction:
    """What a coupon or voucher takes off at the least."""
    reward = program.rewards.get(award.id)
    if reward is None or reward.percent or reward.amount is None:
        return Fraction(0)
    return _smallest(reward.amount) * award.count
