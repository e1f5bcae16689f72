"""Finds coupons that no order can use."""

from __future__ import annotations

from collections.abc import Iterator

from engine.language.checks.conditions import never
from engine.language.checks.setting import Setting
from engine.language.checks.sources import warning
from engine.language.checks.truth import Truth, Truths
from engine.language.expression.tree import Expr, From, Name, Type
from engine.language.problem import Problem
from engine.language.program import Program, Reward
from engine.language.sentences.shape import number


def check(program: Program, truths: Truths) -> Iterator[Problem]:
    """The problems of what is used on orders."""
    truth = truths.of(Setting(program))
    for reward in program.rewards.values():
        yield from _too_small(program, reward, truth)


def _too_small(program: Program, reward: Reward, truth: Truth) -> Iterator[Problem]:
    """Every order that `on` lets through is below `min spend`."""
    if reward.on is None or reward.min_spend is None or never(truth, reward.on.tree):
        return
    least = min(value for _, value in reward.min_spend.steps)
    name = Name(From.FIELD, "amount", Type.MONEY, scale=10**program.money_decimals)
    amount, floor = Expr("name", Type.MONEY, value=name), Expr("const", Type.DECIMAL, value=least)
    enough = Expr(">=", Type.FLAG, (amount, floor))
    if never(truth, Expr("and", Type.FLAG, (reward.on.tree, enough))):
        yield warning(
            reward.rule.place,
            reward.rule.id,
            "coupon-never-used",
            f"`{reward.rule.id}` can never be used: no order of {number(least)} or more, which "
            "`min spend` asks for, is one that `on` lets through.",
            "Ask for less, or let `on` take larger orders.",
        )
