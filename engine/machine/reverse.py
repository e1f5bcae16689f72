"""Reversal: takes back what an event really gave, by its share, entry by entry (compiled; S7 to S10)."""

from __future__ import annotations

from numba import njit

from engine.machine import tiers, wide
from engine.machine.calendar import LONG_AGO
from engine.machine.give import put_back
from engine.machine.judge import give_back, has_ended
from engine.machine.lots import (
    add_to,
    credit,
    next_to_spend,
    note,
    real_last_day,
    take,
    write,
)
from engine.machine.state import (
    COUNT_ALONE,
    EXPIRE,
    GRANT_CANCELLED,
    GRANT_OPEN,
    LOT_ACTIVE,
    LOT_EMPTY,
    LOT_PENDING,
    RESTORE,
    REVERSE,
    Feed,
    State,
)
from engine.machine.tables import (
    AWARD_PRIVILEGE,
    AWARD_TIER,
    AWARD_VOUCHER,
    REFUND_BELOW_ZERO,
    REFUND_PENDING_ONLY,
    Records,
    Tables,
)


@njit(cache=True, nogil=True)
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
        _cancel_grants(state, tables, kept.grants, feed.day[i])
    rise = kept.rises
    while rise >= 0:
        it = state.rises[rise]
        tiers.take_back(state, tables, it.member, feed.day[i], it.was, it.became)
        rise = it.next


@njit(cache=True, nogil=True)
def _amount(tables: Tables, feed: Feed, i: int) -> int:
    """An event's `amount`, or -1 where it has none."""
    column = tables.amount_of[feed.type[i]]
    if column < 0 or feed.fields_null[column, i]:
        return -1
    return feed.fields[column, i]


@njit(cache=True, nogil=True)
def share_of(amount: int, part: int, base: int, rounding: int) -> int:
    """`amount` x `part` / `base`, rounded as the wallet rounds; base > 0."""
    high, low, _ = wide.multiply(amount >> 63, amount, 0, part)
    _, low, _ = wide.divide(high, low, 0, base, rounding)
    return low


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
def _free_count(
    state: State, tables: Tables, feed: Feed, i: int, target: int, gift: int
) -> None:
    """The place of a rule whose event is reversed whole is free again (`return limit`)."""
    it = state.gifts[gift]
    rule = tables.rules[it.rule]
    day, hour, then, then_hour = feed.day[i], feed.hour[i], feed.day[target], feed.hour[target]
    for k in range(rule.limits_from, rule.limits_to):
        limit, used = tables.limits[k], state.used[it.member, k]
        if limit.wallet < 0:
            give_back(state, used, limit, 1, day, hour, then, then_hour)


@njit(cache=True, nogil=True)
def _take_gift(
    state: State, tables: Tables, feed: Feed, i: int, gift: int, need: int
) -> None:
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
            last = write(
                state, it.member, it.wallet, REVERSE, -amount, it.rule, i, day, lot
            )
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


@njit(cache=True, nogil=True)
def _take_others(
    state: State, tables: Tables, it, need: int, last: int, i: int, day: int
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


@njit(cache=True, nogil=True)
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
        _cancel_grants(state, tables, state.keeps[it.keep].grants, feed.day[i])


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
def _is_first_of_wallet(state: State, first: int, at: int) -> bool:
    while first != at:
        if state.takes[first].wallet == state.takes[at].wallet:
            return False
        first = state.takes[first].next
    return True


@njit(cache=True, nogil=True)
def _spent(state: State, at: int, wallet: int) -> tuple[int, int]:
    """What a redemption took from a wallet, and what of it has come back."""
    total, back = 0, 0
    while at >= 0:
        if state.takes[at].wallet == wallet:
            total += state.takes[at].amount
            back += state.takes[at].back
        at = state.takes[at].next
    return total, back


@njit(cache=True, nogil=True)
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
        lot = _lot_of(state, member, wallet, i)
        if lot >= 0:
            state.lots[lot].left += fresh
            state.purses[member, wallet].active += fresh
        else:
            keep = feed.keep[i] >= 0
            lot = credit(state, tables, member, wallet, fresh, i, day, -1, True, keep)
        write(state, member, wallet, RESTORE, fresh, rule, i, day, lot)


@njit(cache=True, nogil=True)
def _lot_of(state: State, member: int, wallet: int, event: int) -> int:
    """The lot that an event opened in a wallet, while something is left of it, or -1."""
    lot = state.purses[member, wallet].last
    while lot >= 0 and state.lots[lot].event != event:
        lot = state.lots[lot].previous
    return lot


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
def _cancel_grants(state: State, tables: Tables, at: int, day: int) -> None:
    """Unused coupons, items, vouchers and badges go; a tier or a right ends unless others give it."""
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
        at = held.sibling


@njit(cache=True, nogil=True)
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
