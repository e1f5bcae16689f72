"""Reversal: takes back what an event really gave, entry by entry, by its share (compiled; S7)."""

from __future__ import annotations

from numba import njit

from engine.machine import progress, runs, tiers
from engine.machine.compiling import INNER
from engine.machine.coupons import give_back_coupons
from engine.machine.entries import note, write
from engine.machine.judge import give_back, has_ended
from engine.machine.lots import next_to_spend, take
from engine.machine.restore import cancel_grants, give_back_points, share_of
from engine.machine.state import (
    COUNT_ALONE,
    LOT_EMPTY,
    LOT_PENDING,
    OF_A_RUN,
    PROGRESSED,
    REVERSE,
    Feed,
    State,
)
from engine.machine.tables import REFUND_BELOW_ZERO, REFUND_PENDING_ONLY, Records, Tables


@njit(**INNER)
def reverse(state: State, tables: Tables, feed: Feed, i: int) -> None:
    """Works reversal `i`: spent points come back, gifts go, then grants and rises."""
    target = feed.target[i]
    kept = state.keeps[feed.keep[target]]
    base = _amount(tables, feed, target)
    amount = _amount(tables, feed, i)
    kept.taken = base if base <= 0 or amount < 0 else min(base, kept.taken + amount)
    part, base = (1, 1) if base <= 0 or kept.taken >= base else (kept.taken, base)
    kept.whole = 1 if part == base else 0
    link = kept.redemption
    while link >= 0:
        give_back_points(state, tables, feed, i, link, part, base)
        link = state.redemptions[link].next
    _take_gifts(state, tables, feed, i, target, part, base)
    if kept.whole:
        give_back_coupons(state, feed, i, target)
        cancel_grants(state, tables, kept.grants, feed.day[i])
    rise = kept.rises
    while rise >= 0:
        it = state.rises[rise]
        tiers.take_back(state, tables, it.member, feed.day[i], it.was, it.became)
        rise = it.next


@njit(**INNER)
def _amount(tables: Tables, feed: Feed, i: int) -> int:
    """An event's `amount`, or -1 where it has none."""
    column = tables.amount_of[feed.type[i]]
    if column < 0 or feed.fields_null[column, i]:
        return -1
    return feed.fields[column, i]


@njit(**INNER)
def _take_gifts(
    state: State, tables: Tables, feed: Feed, i: int, target: int, part: int, base: int
) -> None:
    """Each entry's share is the difference of the rounded running totals (S17, N21).

    Running totals of a growing share may shrink for one entry; the wallet's total is what counts.
    """
    keep = feed.keep[target]
    gift = state.keeps[keep].first_gift
    while gift >= 0:
        it = state.gifts[gift]
        if it.wallet == COUNT_ALONE:
            if state.keeps[keep].whole and not it.done:
                it.done = 1
                _free_count(state, tables, feed, i, target, gift)
            gift = it.next
            continue
        if it.wallet == PROGRESSED:
            progress.take_back(state, tables, feed, target, gift, part, base)
            gift = it.next
            continue
        if it.wallet == OF_A_RUN:
            runs.take_back(state, gift, part, base)
            gift = it.next
            continue
        rounding = tables.wallets[it.wallet].round
        before, given, done = _others(state, keep, gift)
        goal = share_of(before + it.amount, part, base, rounding)
        goal -= share_of(before, part, base, rounding)
        left = share_of(given, part, base, rounding) - done
        need = min(goal - it.done, left)
        if need > 0:
            _free_limits(state, tables, feed, i, target, gift, need)
            _take_gift(state, tables, feed, i, gift, need)
            it.done += need
        gift = it.next


@njit(**INNER)
def _others(state: State, keep: int, gift: int) -> tuple[int, int, int]:
    """Of a gift's receiver and wallet: what was given before it, in all, and taken so far."""
    it, before, given, done = state.gifts[gift], 0, 0, 0
    other, passed = state.keeps[keep].first_gift, False
    while other >= 0:
        o = state.gifts[other]
        passed = passed or other == gift
        if o.wallet == it.wallet and o.member == it.member:
            before += 0 if passed else o.amount
            given += o.amount
            done += o.done
        other = o.next
    return before, given, done


@njit(**INNER)
def _free_limits(
    state: State, tables: Tables, feed: Feed, i: int, target: int, gift: int, amount: int
) -> None:
    """The amount goes back to its budget until that has ended, and to limits that return (S10)."""
    it = state.gifts[gift]
    rule = tables.rules[it.rule]
    day, hour, then, then_hour = feed.day[i], feed.hour[i], feed.day[target], feed.hour[target]
    if rule.budget >= 0 and tables.budgets[rule.budget].wallet == it.wallet:
        budget, spent = tables.budgets[rule.budget], state.spent[rule.budget]
        if not has_ended(budget, spent, then, then_hour):
            give_back(state, spent, budget, amount, day, hour, then, then_hour)
            spent.total -= amount
    if not rule.return_limit:
        return
    for k in range(rule.limits_from, rule.limits_to):
        limit, used = tables.limits[k], state.used[it.member, k]
        if limit.wallet == it.wallet:
            give_back(state, used, limit, amount, day, hour, then, then_hour)


@njit(**INNER)
def _free_count(state: State, tables: Tables, feed: Feed, i: int, target: int, gift: int) -> None:
    """What a rule counted for an event that is reversed whole goes back: to its budget until that
    has ended, and to limits that return."""
    it = state.gifts[gift]
    rule = tables.rules[it.rule]
    day, hour, then, then_hour = feed.day[i], feed.hour[i], feed.day[target], feed.hour[target]
    if rule.budget >= 0 and tables.budgets[rule.budget].wallet < 0:
        budget, spent = tables.budgets[rule.budget], state.spent[rule.budget]
        if not has_ended(budget, spent, then, then_hour):
            give_back(state, spent, budget, it.times, day, hour, then, then_hour)
            spent.total -= it.times
    if not rule.return_limit:
        return
    for k in range(rule.limits_from, rule.limits_to):
        limit, used = tables.limits[k], state.used[it.member, k]
        if limit.wallet < 0:
            give_back(state, used, limit, it.times, day, hour, then, then_hour)


@njit(**INNER)
def _take_gift(state: State, tables: Tables, feed: Feed, i: int, gift: int, need: int) -> None:
    """From the order's own lot first, then like any debit, then as `on refund` says (S7, S8)."""
    it = state.gifts[gift]
    wanted, policy, day = need, tables.wallets[it.wallet].on_refund, feed.day[i]
    lot, last = it.lot, -1
    if lot >= 0:
        own = state.lots[lot]
        by_expiry = min(own.gone, need)
        own.gone -= by_expiry
        need -= by_expiry
        wanted -= by_expiry
        may = policy != REFUND_PENDING_ONLY or own.state == LOT_PENDING
        amount = min(own.left, need) if own.state != LOT_EMPTY and may else 0
        if amount > 0:
            last = write(state, it.member, it.wallet, REVERSE, -amount, it.rule, i, day, lot)
            take(state, lot, amount)
            need -= amount
    if policy != REFUND_PENDING_ONLY:
        need, last = _take_others(state, tables, it, need, last, i, day)
    if need > 0 and policy == REFUND_BELOW_ZERO:
        write(state, it.member, it.wallet, REVERSE, -need, it.rule, i, day, -1)
        purse = state.purses[it.member, it.wallet]
        purse.active -= need
        purse.deficit += need
    elif need > 0:
        if last < 0:
            last = write(state, it.member, it.wallet, REVERSE, 0, it.rule, i, day, -1)
        note(state, last, -wanted, need)


@njit(**INNER)
def _take_others(
    state: State, tables: Tables, it: Records, need: int, last: int, i: int, day: int
) -> tuple[int, int]:  # fmt: skip
    """Takes from the wallet's active lots in their order what is still needed."""
    while need > 0:
        lot = next_to_spend(state, tables, it.member, it.wallet)
        if lot < 0:
            break
        amount = min(state.lots[lot].left, need)
        last = write(state, it.member, it.wallet, REVERSE, -amount, it.rule, i, day, lot)
        take(state, lot, amount)
        need -= amount
    return need, last
