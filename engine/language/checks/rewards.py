"""Finds what nobody can pay for, rewards that give back more than they cost, odd chances."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction

from engine.language.checks.sources import Uses, constants, reach, warning
from engine.language.expression.amounts import constant
from engine.language.expression.tree import Expr, From, Name, Type
from engine.language.problem import Problem
from engine.language.program import Draw, Program, Reward
from engine.language.sentences.shape import number


def check(program: Program, uses: Uses) -> Iterator[Problem]:
    """The problems of rewards and draws."""
    rates = {wallet: _rate(program, uses, wallet) for wallet in uses.spenders}
    reaches = {wallet: reach(program, uses, wallet) for wallet in uses.spenders}
    for reward in program.rewards.values():
        yield from _unearned(reward, reaches)
        yield from _free(reward)
        yield from _above_spend(reward)
        yield from _pays_back(reward, rates)
    for draw in program.draws.values():
        yield from _unearned(draw, reaches)
        yield from _free(draw)
        yield from _chances(draw)


def _chances(draw: Draw) -> Iterator[Problem]:
    """Chances that leave something over where nobody has written `nothing`."""
    *written, last = draw.prizes
    is_rest = last.place == draw.rule.place
    if is_rest and all(prize.id != last.id for prize in written):
        yield warning(
            draw.rule.place,
            draw.rule.id,
            "chances",
            f"The chances of `{draw.rule.id}` come to {number((1 - last.share) * 100)}%.",
            f"Write `nothing: {number(last.share * 100)}%`, or raise the others.",
        )


def _unearned(reward: Reward | Draw, reaches: dict[str, Fraction | None]) -> Iterator[Problem]:
    costs = {give.wallet: constants(give.amount) for give in reward.cost}
    if isinstance(reward, Reward) and reward.rate:
        least = reward.at_least or reward.rate[1]
        costs[reward.rate[0]] = tuple(value for _, value in least.steps)
    for wallet, cost in costs.items():
        most = reaches[wallet]
        if most is None or cost is None or min(cost) <= most:
            continue
        why = f"all rules together give {number(most)} at most." if most else "nothing gives them."
        yield warning(
            reward.rule.place,
            reward.rule.id,
            "reward-unearned",
            f"Nobody can earn `{reward.rule.id}`: it takes {number(min(cost))} `{wallet}`, "
            f"and {why}",
            f"Give `{wallet}` in an earn rule, or let it cost something else.",
        )


def _free(reward: Reward | Draw) -> Iterator[Problem]:
    costs = [constants(give.amount) for give in reward.cost]
    if costs and all(cost is not None and set(cost) == {0} for cost in costs):
        yield warning(
            reward.rule.place,
            reward.rule.id,
            "cost-zero",
            f"`{reward.rule.id}` costs 0.",
            "Write what it costs, or leave `cost` out and let a rule give it.",
        )


def _above_spend(reward: Reward) -> Iterator[Problem]:
    """A coupon that may take off more than the least order is worth."""
    if reward.percent or reward.amount is None or reward.min_spend is None:
        return
    starts = {start for start, _ in (*reward.amount.steps, *reward.min_spend.steps)}
    for start in sorted(starts, key=lambda day: day or date.min):
        amount, least = (v.on(start or date.min) for v in (reward.amount, reward.min_spend))
        if amount is not None and least is not None and amount > least:
            yield warning(
                reward.rule.place,
                reward.rule.id,
                "coupon-above-spend",
                f"`{reward.rule.id}` is worth {_money(amount)}, more than the {_money(least)} "
                "that `min spend` asks for.",
                "Ask for more, or give less.",
            )
            return


def _pays_back(reward: Reward, rates: dict[str, Fraction]) -> Iterator[Problem]:
    """Points that are worth as much money as had to be spent for them, or more."""
    if reward.rate:
        wallet, units, money = reward.rate
        worth = max(v for _, v in money.steps) / min(v for _, v in units.steps)
    elif len(reward.cost) == 1 and reward.amount is not None and not reward.percent:
        wallet = reward.cost[0].wallet
        cost = constants(reward.cost[0].amount)
        if cost is None or min(cost) <= 0:
            return
        worth = max(v for _, v in reward.amount.steps) / min(cost)
    else:
        return
    back = rates[wallet] * worth
    if back >= 1:
        yield warning(
            reward.rule.place,
            reward.rule.id,
            "pays-back-all",
            f"For each 1.00 spent, `{reward.rule.id}` gives {_money(back)} back: a rule gives "
            f"{number(rates[wallet])} `{wallet}` for it.",
            "Let it cost more, or give less.",
        )


def _rate(program: Program, uses: Uses, wallet: str) -> Fraction:
    """The most that one rule gives to a wallet for 1.00 of an event's money."""
    found = [
        _per_money(source.tree)
        for rule in uses.givers.get(wallet, ())
        for give in rule.gives
        if give.wallet == wallet
        for _, source in give.amount.steps
    ]
    return max(found, default=Fraction(0))


def _per_money(amount: Expr) -> Fraction:
    """The factor on a money field; 0 for what does not simply follow one."""
    if isinstance(amount.value, Name):
        name = amount.value
        return Fraction(name.source == From.FIELD and name.type == Type.MONEY)
    if amount.op in ("*", "/"):
        left, right = amount.args
        if amount.op == "*" and constant(left) is not None:
            left, right = right, left
        by = constant(right)
        if by is None or by == 0:
            return Fraction(0)
        return _per_money(left) * (by if amount.op == "*" else 1 / by)
    return Fraction(0)


def _money(value: Fraction) -> str:
    return f"{float(value):,.2f}"
