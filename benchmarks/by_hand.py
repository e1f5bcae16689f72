"""The twelve rules of `programs/twelve.yaml` written by hand into one compiled loop."""

from __future__ import annotations

import numpy as np
from numba import njit

from benchmarks.by_hand_state import (
    GIFTS,
    GRANTS,
    NOTES,
    REFUSED,
    ROWS,
    Folded,
    Records,
    State,
    drop_head,
    expire,
    forget,
    note,
    open_lot,
    start,
    take_in,
    write,
)
from benchmarks.prepared import CAKE, CHECK_IN, ORDER, REDEEM, TEA, Columns
from benchmarks.rows import BONUS, EARN, REVERSE, SPEND
from engine.machine.handles import handle

(PURCHASE, BIG_BASKET, TEA_TIME, WEEKEND, HOME_TOWN, FIRST_ORDER, EVERY_TENTH, BUSY_QUARTER, VISIT,
 SILVER, GOLD, CRAB_SEASON) = range(12)  # fmt: skip
COSTS = np.array([200, 400, 800])
CAP = 500
SILVER_FROM, GOLD_FROM = 100_000, 500_000  # minor units
LESS = 1000  # products are in thousandths of a point: 0.1 x an amount in hundredths is whole


def fold(columns: Columns) -> Folded:
    """Every event of `columns` through the twelve rules."""
    state = start(columns)
    _loop(handle(columns), handle(state))
    rows, notes, grants, refused = state.counts[[ROWS, NOTES, GRANTS, REFUSED]]
    return Folded(
        state.rows[:rows], state.notes[:notes], state.grants[:grants], state.refused[:refused],
        state.members,
    )  # fmt: skip


@njit(cache=True, nogil=True)
def _loop(columns: Columns, state: State) -> None:
    for i in range(len(columns.type)):
        member, day, kind = columns.member[i], columns.day[i], columns.type[i]
        who = state.members[member]
        expire(state, who, member, day)
        if kind == ORDER:
            _order(columns, state, who, member, day, i)
        elif kind == CHECK_IN:
            write(state, i, member, day, 0, EARN, VISIT, 2, i)
            open_lot(state, who, day - columns.days[0], i, 2)
        elif kind == REDEEM:
            _redeem(columns, state, who, member, day, i)
        else:
            _refund(columns, state, who, member, day, i)
    for member in range(len(state.members)):
        expire(state, state.members[member], member, columns.days[1])
        forget(state, state.members[member], columns.days[1])


@njit(cache=True, nogil=True)
def _order(
    columns: Columns, state: State, who: Records, member: int, day: int, i: int
) -> None:  # fmt: skip
    amount, reward, tier = columns.amount[i], columns.reward[i], who.tier
    since, keep = day - columns.days[0], columns.keep[i]
    take_in(state, who, day, amount)
    start = state.counts[ROWS]
    total, done = 10 * amount, 10 * amount // LESS
    write(state, i, member, day, 0, EARN, PURCHASE, done, i)
    if amount >= 30_000:
        total, done = _give(state, i, member, day, start, EARN, BIG_BASKET, total + 30 * LESS, done)
    if reward == TEA:
        total, done = _give(state, i, member, day, start, EARN, TEA_TIME, total + 5 * amount, done)
    if (day + 3) % 7 >= 5:  # days since Monday
        total, done = _give(state, i, member, day, start, EARN, WEEKEND, total + 2 * amount, done)
    if columns.home[member] and 5_000 <= amount <= 50_000:
        total, done = _give(state, i, member, day, start, EARN, HOME_TOWN, total + 5 * LESS, done)
    if who.orders == 1:
        more = total + 100 * LESS
        total, done = _give(state, i, member, day, start, EARN, FIRST_ORDER, more, done)
    if who.orders % 10 == 0:
        more = total + 50 * LESS
        total, done = _give(state, i, member, day, start, EARN, EVERY_TENTH, more, done)
    if who.recent >= 200_000:
        total, done = _give(state, i, member, day, start, EARN, BUSY_QUARTER, total + amount, done)
    bought = 10 * amount
    if tier == 1:
        total, done = _give(state, i, member, day, start, BONUS, SILVER, total + 2 * amount, done)
        bought += 2 * amount
    elif tier == 2:
        total, done = _give(state, i, member, day, start, BONUS, GOLD, total + 5 * amount, done)
        bought += 5 * amount
    if reward >= CAKE:
        month = state.months[since]
        if month % 12 >= 8:
            done = _season(state, who, member, day, i, start, total + bought, done, month)
    _settle(state, who, since, i, start, done, keep)
    if who.spend >= SILVER_FROM:
        who.tier = 2 if who.spend >= GOLD_FROM else 1


@njit(cache=True, inline="always")
def _give(
    state: State, i: int, member: int, day: int, start: int, kind: int, rule: int, total: int,
    done: int,
) -> tuple[int, int]:  # fmt: skip
    """One more entry: what it adds to the whole points of the running total."""
    points = total // LESS
    write(state, i, member, day, state.counts[ROWS] - start, kind, rule, points - done, i)
    return total, points


@njit(cache=True, nogil=True)
def _season(
    state: State, who: Records, member: int, day: int, i: int, start: int, total: int, done: int,
    month: int,
) -> int:  # fmt: skip
    """The doubled purchase, at most 500 points in a month."""
    if who.month != month:
        who.month, who.used = month, 0
    wanted = total // LESS - done
    got = min(wanted, CAP - who.used)
    who.used += got
    row = state.counts[ROWS]
    write(state, i, member, day, row - start, BONUS, CRAB_SEASON, got, i)
    if got != wanted:
        note(state, row, wanted, 0)
    return int(done + got)


@njit(cache=True, nogil=True)
def _settle(
    state: State, who: Records, since: int, i: int, start: int, given: int, keep: int
) -> None:  # fmt: skip
    """Opens the order's lot and keeps its entries where a refund follows."""
    if given > 0:
        open_lot(state, who, since, i, given)
    else:
        for row in range(start, state.counts[ROWS]):
            state.rows[row].lot = -1
        state.lots[i].left, state.lots[i].gone = 0, 0
    if keep >= 0:
        for row in range(start, state.counts[ROWS]):
            _remember(state, keep, state.rows[row].rule, state.rows[row].amount)


@njit(cache=True, nogil=True)
def _remember(state: State, keep: int, rule: int, amount: int) -> None:
    at = state.counts[GIFTS]
    state.counts[GIFTS] = at + 1
    gift = state.gifts[at]
    gift.amount, gift.done, gift.rule, gift.next = amount, 0, rule, -1
    kept = state.keeps[keep]
    if kept.first < 0:
        kept.first = at
    kept.last = at


@njit(cache=True, nogil=True)
def _redeem(
    columns: Columns, state: State, who: Records, member: int, day: int, i: int
) -> None:  # fmt: skip
    reward = columns.reward[i] - TEA
    cost, position = COSTS[reward], 0
    if cost > who.active:
        state.refused[state.counts[REFUSED]] = i
        state.counts[REFUSED] += 1
        return
    who.active -= cost
    while cost > 0:
        lot = state.lots[who.head]
        part = min(lot.left, cost)
        if part > 0:
            write(state, i, member, day, position, SPEND, 12 + reward, -part, who.head)
            position += 1
            cost -= part
            lot.left -= part
        if lot.left == 0:
            drop_head(state, who, lot)
    state.grants[state.counts[GRANTS]] = i
    state.counts[GRANTS] += 1


@njit(cache=True, nogil=True)
def _refund(
    columns: Columns, state: State, who: Records, member: int, day: int, i: int
) -> None:  # fmt: skip
    """Takes back the order's entries by the share refunded so far, its own lot first."""
    order = columns.target[i]
    kept, base, amount = state.keeps[columns.keep[order]], columns.amount[order], columns.amount[i]
    kept.taken = base if amount < 0 else min(base, kept.taken + amount)
    own = state.lots[order]
    before, start, taken = 0, state.counts[ROWS], 0
    given = 0
    for gift in range(kept.first, kept.last + 1):
        given += state.gifts[gift].amount
        taken += state.gifts[gift].done
    left = given * kept.taken // base - taken
    for at in range(kept.first, kept.last + 1):
        gift = state.gifts[at]
        after = before + gift.amount
        goal = after * kept.taken // base - before * kept.taken // base
        before = after
        need = min(goal - gift.done, left)
        if need > 0:
            gift.done += need
            left -= need
            _take_back(state, who, member, day, i, start, order, own, gift.rule, need)


@njit(cache=True, nogil=True)
def _take_back(
    state: State, who: Records, member: int, day: int, i: int, start: int, order: int,
    own: Records, rule: int, need: int,
) -> None:  # fmt: skip
    expired = min(own.gone, need)
    own.gone -= expired
    need -= expired
    wanted, last = need, -1
    part = min(own.left, need)
    if part > 0:
        last = state.counts[ROWS]
        write(state, i, member, day, last - start, REVERSE, rule, -part, order)
        own.left -= part
        who.active -= part
        need -= part
    while need > 0 and who.active > 0:
        lot = state.lots[who.head]
        part = min(lot.left, need)
        if part > 0:
            last = state.counts[ROWS]
            write(state, i, member, day, last - start, REVERSE, rule, -part, who.head)
            lot.left -= part
            who.active -= part
            need -= part
        if lot.left == 0:
            drop_head(state, who, lot)
    if need > 0:
        if last < 0:
            last = state.counts[ROWS]
            write(state, i, member, day, last - start, REVERSE, rule, 0, -1)
        note(state, last, -wanted, need)
