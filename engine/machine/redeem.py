"""Redeeming: rewards and spins for points, cancellations and adjustments (compiled; S27)."""

from __future__ import annotations

from numba import njit

from engine.machine.bytecode_steps import Code
from engine.machine.compiling import INNER
from engine.machine.entries import write
from engine.machine.grants import grant, refuse, remember_why
from engine.machine.judge import use
from engine.machine.lots import credit, is_full, next_to_spend, take
from engine.machine.reasons import TOO_MUCH, budgeted, cost_of, lacks, reason_of, times_of
from engine.machine.restore import give_back_points
from engine.machine.settle_wide import AMOUNT_MAX
from engine.machine.shelf import take_from_shelf, valid_until
from engine.machine.state import (
    ADJUSTED,
    REDEMPTIONS,
    SPEND,
    TAKES,
    UNKNOWN_REWARD,
    Feed,
    Scratch,
    State,
)
from engine.machine.tables import REWARD_DRAW, REWARD_PAY, REWARD_PRIVILEGE, Tables

DONE, REFUSED = 1, 0


@njit(**INNER)
def redeem(state: State, tables: Tables, feed: Feed, code: Code, scratch: Scratch, i: int) -> int:
    """Works redemption or spin `i`: spends its cost and grants what is no spin.

    DONE, REFUSED, or TOO_MUCH where a number is too large.
    """
    reward, member, day = feed.reward[i], feed.member[i], feed.day[i]
    if reward < 0:
        refuse(state, member, i, -1, UNKNOWN_REWARD, 0)
        return REFUSED
    it = tables.rewards[reward]
    reason, missing = reason_of(state, tables, feed, code, scratch, i)
    if reason == TOO_MUCH:
        return TOO_MUCH
    if reason >= 0:
        refuse(state, member, i, it.rule, reason, missing)
        remember_why(state, scratch)
        return REFUSED
    link = _link(state, feed, i) if feed.keep[i] >= 0 else -1
    _spend(state, tables, feed, scratch, i, link)
    _count(state, tables, feed, scratch, i, link)
    if it.kind != REWARD_PAY and it.kind != REWARD_DRAW:
        for n in range(feed.quantity[i]):
            hand_out(state, tables, member, reward, it.rule, i, n, day, feed.keep[i])
    return DONE


@njit(**INNER)
def hand_out(
    state: State, tables: Tables, member: int, reward: int, rule: int, event: int, number: int,
    day: int, keep: int,
) -> None:  # fmt: skip
    """Grants one piece of a reward and takes it from its shelf."""
    kind, until, what = tables.rewards[reward].kind, valid_until(tables, reward, day), reward
    if kind == REWARD_PRIVILEGE:
        what = tables.coupons[reward].privilege
        state.rights[member, what] = max(state.rights[member, what], until)
    grant(state, member, kind, what, rule, event, number, until, day, keep)
    take_from_shelf(state, reward, 1)


@njit(**INNER)
def _spend(
    state: State, tables: Tables, feed: Feed, scratch: Scratch, i: int, link: int
) -> None:  # fmt: skip
    it = tables.rewards[feed.reward[i]]
    if it.kind == REWARD_PAY:
        debit(
            state, tables, feed.member[i], it.pay_wallet, feed.quantity[i], SPEND, it.rule, i,
            feed.day[i], link,
        )  # fmt: skip
        return
    for g in range(it.costs_from, it.costs_to):
        debit(
            state, tables, feed.member[i], tables.gives[g].wallet, scratch.amount[g], SPEND,
            it.rule, i, feed.day[i], link,
        )  # fmt: skip


@njit(**INNER)
def _link(state: State, feed: Feed, i: int) -> int:
    """Remembers a redemption that something cancels, or whose order something reverses."""
    link = state.counters[REDEMPTIONS]
    state.counters[REDEMPTIONS] += 1
    new = state.redemptions[link]
    new.event, new.keep = i, feed.keep[i]
    new.reward, new.quantity = feed.reward[i], feed.quantity[i]
    new.first_take, new.closed, new.next, new.budgeted = -1, 0, -1, 0
    state.keeps[feed.keep[i]].redemption = link
    target = feed.target[i]
    if target >= 0 and feed.keep[target] >= 0:
        order = state.keeps[feed.keep[target]]
        new.next = order.redemption
        order.redemption = link
    return link


@njit(**INNER)
def debit(
    state: State, tables: Tables, member: int, wallet: int, amount: int, kind: int, rule: int,
    event: int, day: int, link: int,
) -> None:  # fmt: skip
    """Takes `amount` from active lots in their order; what is below zero has no lot."""
    while amount > 0:
        lot = next_to_spend(state, tables, member, wallet)
        if lot < 0:
            break
        part = min(state.lots[lot].left, amount)
        write(state, member, wallet, kind, -part, rule, event, day, lot)
        if link >= 0:
            state.lots[lot].keep = 1
            _remember(state, link, wallet, lot, part)
        take(state, lot, part)
        amount -= part
    if amount > 0:
        write(state, member, wallet, kind, -amount, rule, event, day, -1)
        purse = state.purses[member, wallet]
        purse.active -= amount
        purse.deficit += amount
        if link >= 0:
            _remember(state, link, wallet, -1, amount)


@njit(**INNER)
def _remember(state: State, link: int, wallet: int, lot: int, amount: int) -> None:
    at = state.counters[TAKES]
    state.counters[TAKES] += 1
    new = state.takes[at]
    new.wallet, new.lot, new.amount, new.back = wallet, lot, amount, 0
    new.next = state.redemptions[link].first_take
    state.redemptions[link].first_take = at


@njit(**INNER)
def _count(
    state: State, tables: Tables, feed: Feed, scratch: Scratch, i: int, link: int
) -> None:  # fmt: skip
    """A redemption's place in its limits and its budget."""
    it = tables.rewards[feed.reward[i]]
    rule, member, day, hour = tables.rules[it.rule], feed.member[i], feed.day[i], feed.hour[i]
    times = times_of(tables, feed, i)
    for k in range(rule.limits_from, rule.limits_to):
        wallet = tables.limits[k].wallet
        taken = times if wallet < 0 else cost_of(tables, scratch, feed, i, wallet)
        use(state, state.used[member, k], tables.limits[k], taken, day, hour)
    if rule.budget >= 0:
        need = budgeted(tables, scratch, feed, i)
        use(state, state.spent[rule.budget], tables.budgets[rule.budget], need, day, hour)
        state.spent[rule.budget].total += need
        if link >= 0:
            state.redemptions[link].budgeted = need
    if link >= 0:
        state.redemptions[link].quantity = times


@njit(**INNER)
def cancel(state: State, tables: Tables, feed: Feed, i: int) -> None:
    """Works `cancel_redeem`: what the redemption took comes back, what it granted goes."""
    target = feed.target[i]
    link = state.keeps[feed.keep[target]].redemption
    if link >= 0:
        give_back_points(state, tables, feed, i, link, 1, 1)


@njit(**INNER)
def adjust(state: State, tables: Tables, feed: Feed, i: int) -> bool:
    """Works `adjust`: a credit opens a lot at once, a debit is taken like any other or refused.

    False where the amount, or what the wallet holds, is too large.
    """
    member, wallet, amount, day = feed.member[i], feed.wallet[i], feed.quantity[i], feed.day[i]
    if abs(amount) > AMOUNT_MAX or is_full(state.purses[member, wallet]):
        return False
    if amount > 0:
        lot = credit(state, tables, member, wallet, amount, i, day, feed.last_day[i], True, False)
        write(state, member, wallet, ADJUSTED, amount, -1, i, day, lot)
    elif amount < 0:
        reason, missing = lacks(state, tables, member, wallet, -amount)
        if reason >= 0:
            refuse(state, member, i, -1, reason, missing)
        else:
            debit(state, tables, member, wallet, -amount, ADJUSTED, -1, i, day, -1)
    return True
