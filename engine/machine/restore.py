"""Restoring: what a redemption took comes back, and what it granted goes (compiled; S9)."""

from __future__ import annotations

from numba import njit

from engine.machine import wide
from engine.machine.calendar import LONG_AGO
from engine.machine.compiling import INNER
from engine.machine.entries import write
from engine.machine.judge import give_back, has_ended
from engine.machine.lots import add_to, credit, lot_of, real_last_day
from engine.machine.shelf import put_back
from engine.machine.state import (
    EXPIRE,
    GRANT_CANCELLED,
    GRANT_OPEN,
    LOT_ACTIVE,
    RESTORE,
    Feed,
    State,
)
from engine.machine.tables import AWARD_PRIVILEGE, AWARD_TIER, AWARD_VOUCHER, Records, Tables


@njit(**INNER)
def give_back_points(
    state: State, tables: Tables, feed: Feed, i: int, link: int, part: int, base: int
) -> None:
    """The share of what a redemption took comes back, last taken first (S9)."""
    it = state.redemptions[link]
    if it.closed:
        return
    at = it.first_take
    while at >= 0:
        wallet = state.takes[at].wallet
        if _is_first_of_wallet(state, it.first_take, at):
            total, back = _spent(state, it.first_take, wallet)
            goal = share_of(total, part, base, tables.wallets[wallet].round)
            _restore(state, tables, feed, i, link, wallet, goal - back)
        at = state.takes[at].next
    if part == base:
        it.closed = 1
        _free_counts(state, tables, feed, i, link)
        cancel_grants(state, tables, state.keeps[it.keep].grants, feed.day[i])


@njit(**INNER)
def _free_counts(state: State, tables: Tables, feed: Feed, i: int, link: int) -> None:
    """What a cancelled redemption took of its budget is free again, and of limits that return."""
    it = state.redemptions[link]
    rule = tables.rules[tables.rewards[it.reward].rule]
    day, hour, then, then_hour = feed.day[i], feed.hour[i], feed.day[it.event], feed.hour[it.event]
    if rule.budget >= 0:
        budget, spent = tables.budgets[rule.budget], state.spent[rule.budget]
        if not has_ended(budget, spent, then, then_hour):
            give_back(state, spent, budget, it.budgeted, day, hour, then, then_hour)
            spent.total -= it.budgeted
    if not rule.return_limit:
        return
    for k in range(rule.limits_from, rule.limits_to):
        if tables.limits[k].wallet < 0:
            used = state.used[feed.member[it.event], k]
            give_back(state, used, tables.limits[k], it.quantity, day, hour, then, then_hour)


@njit(**INNER)
def _is_first_of_wallet(state: State, first: int, at: int) -> bool:
    while first != at:
        if state.takes[first].wallet == state.takes[at].wallet:
            return False
        first = state.takes[first].next
    return True


@njit(**INNER)
def _spent(state: State, at: int, wallet: int) -> tuple[int, int]:
    """What a redemption took from a wallet, and what of it has come back."""
    total, back = 0, 0
    while at >= 0:
        if state.takes[at].wallet == wallet:
            total += state.takes[at].amount
            back += state.takes[at].back
        at = state.takes[at].next
    return total, back


@njit(**INNER)
def _restore(
    state: State, tables: Tables, feed: Feed, i: int, link: int, wallet: int, amount: int
) -> None:
    """Gives `amount` back take by take, the last taken first."""
    it = state.redemptions[link]
    member, day = feed.member[it.event], feed.day[i]
    rule = tables.rewards[it.reward].rule
    at, fresh = it.first_take, 0
    while at >= 0 and amount > 0:
        one = state.takes[at]
        back = min(one.amount - one.back, amount) if one.wallet == wallet else 0
        if back > 0:
            one.back += back
            amount -= back
            if one.lot < 0 or tables.wallets[wallet].new_expiry:
                fresh += back
            else:
                _restore_to(state, tables, one.lot, rule, back, i, day)
        at = one.next
    if fresh > 0:
        lot = lot_of(state, member, wallet, i)
        if lot >= 0:
            state.lots[lot].left += fresh
            state.purses[member, wallet].active += fresh
        else:
            keep = feed.keep[i] >= 0
            lot = credit(state, tables, member, wallet, fresh, i, day, -1, True, keep)
        write(state, member, wallet, RESTORE, fresh, rule, i, day, lot)


@njit(**INNER)
def _restore_to(
    state: State, tables: Tables, lot: int, rule: int, back: int, i: int, day: int
) -> None:
    """Puts points into their own lot; if its day has passed they go in the same instant (N26)."""
    it = state.lots[lot]
    write(state, it.member, it.wallet, RESTORE, back, rule, i, day, lot)
    if it.state == LOT_ACTIVE:
        it.left += back
        state.purses[it.member, it.wallet].active += back
        return
    if real_last_day(state, tables, lot) < day:
        write(state, it.member, it.wallet, EXPIRE, -back, -1, i, day, lot)
        it.gone += back
        return
    add_to(state, tables, lot, back)


@njit(**INNER)
def cancel_grants(state: State, tables: Tables, at: int, day: int) -> None:
    """Unused coupons, items, vouchers, badges go; a tier or right ends unless others give it."""
    while at >= 0:
        held = state.grants[at]
        if held.state == GRANT_OPEN:
            held.state = GRANT_CANCELLED
            if held.kind <= AWARD_VOUCHER:
                put_back(state, held.id, 1, day)
            elif held.kind == AWARD_TIER:
                state.floors[held.member, held.id] = _longest(state, held)
            elif held.kind == AWARD_PRIVILEGE:
                state.rights[held.member, held.id] = _longest(state, held)
                _put_back_right(state, tables, held, day)
        at = held.sibling


@njit(**INNER)
def _put_back_right(state: State, tables: Tables, cancelled: Records, day: int) -> None:
    """A privilege that was had as a reward goes back to that reward's stock."""
    for reward in range(len(tables.rewards)):
        if tables.rewards[reward].rule == cancelled.rule:
            put_back(state, reward, 1, day)


@njit(**INNER)
def _longest(state: State, cancelled: Records) -> int:
    """The last day of what a member's other grants of the same thing give him."""
    until, at = LONG_AGO, state.members[cancelled.member].grants
    while at >= 0:
        held = state.grants[at]
        same = held.kind == cancelled.kind and held.id == cancelled.id
        if same and held.state == GRANT_OPEN:
            until = max(until, held.until)
        at = held.next
    return until


@njit(**INNER)
def share_of(amount: int, part: int, base: int, rounding: int) -> int:
    """`amount` x `part` / `base`, rounded as the wallet rounds; base > 0."""
    high, low, _ = wide.multiply(amount >> 63, amount, 0, part)
    _, low, _ = wide.divide(high, low, 0, base, rounding)
    return low
