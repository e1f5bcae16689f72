"""Giving: entries are written, lots and grants open (compiled)."""

from __future__ import annotations

from numba import njit

from engine.machine.compiling import INNER
from engine.machine.cut import cut
from engine.machine.entries import note, write
from engine.machine.grants import grant, has_badge, refuse
from engine.machine.judge import use
from engine.machine.lots import credit, last_day_of, lot_of, step_on
from engine.machine.referrals import parties, promote
from engine.machine.shelf import shelf_has, take_from_shelf, valid_until
from engine.machine.state import (
    BONUS,
    BOUND,
    COUNT_ALONE,
    EARN,
    GIFTS,
    HAS_LOT,
    LISTED,
    NO_STOCK,
    ROWS,
    Feed,
    Scratch,
    State,
)
from engine.machine.tables import (
    AWARD_BADGE,
    AWARD_PRIVILEGE,
    AWARD_TIER,
    AWARD_VOUCHER,
    O_LOWERS,
    SECTION_CHAIN,
    SECTION_EARN,
    Records,
    Tables,
)


@njit(**INNER)
def give(
    state: State, tables: Tables, feed: Feed, scratch: Scratch, held: int, i: int
) -> None:  # fmt: skip
    """Writes what the rules that hold give for event `i`, gifts first, then multipliers' steps."""
    day, hour = feed.day[i], feed.hour[i]
    bound = scratch.turn[BOUND] or tables.options[O_LOWERS]
    if bound:
        cut(state, tables, scratch, held, day, hour)
    start, own = state.counters[ROWS], parties(tables, feed, i) == 0
    for wallet in range(len(tables.wallets)):
        scratch.done[wallet] = -1
    if own:
        _open_own_lots(state, tables, feed, scratch, i)
    _write(state, tables, feed, scratch, i, bound)
    if not own:
        _open_lots(state, tables, feed, i, start)
    if feed.keep[i] >= 0:
        _keep(state, tables, scratch, feed.keep[i], start)
    for k in range(held if bound else 0):
        rule = tables.rules[scratch.held[k]]
        if rule.counts:
            _count(state, tables, scratch, scratch.held[k], feed.keep[i], i, day, hour)
        if rule.awards_to > rule.awards_from:
            _award(state, tables, feed, scratch, scratch.held[k], i)


@njit(**INNER)
def _write(
    state: State, tables: Tables, feed: Feed, scratch: Scratch, i: int, bound: int
) -> None:  # fmt: skip
    """One row for each entry, in the order in which they are listed; `bound`: some may be cut.

    `scratch.done` are the lots that are open for them by wallet, or -1.
    """
    for n in range(scratch.turn[LISTED]):
        g = scratch.listed[n]
        if not scratch.known[g]:
            continue
        it, amount = tables.gives[g], scratch.amount[g]
        rule = tables.rules[it.rule]
        kind = EARN if g < rule.multiplies_from and rule.section == SECTION_EARN else BONUS
        at = write(
            state, scratch.receiver[it.rule], it.wallet, kind, amount, it.rule, i, feed.day[i], -1
        )
        lot = scratch.done[it.wallet]
        if lot >= 0:
            row = state.rows[at]
            row.lot_event, row.lot_member, row.missing, row.marks = i, row.member, lot, HAS_LOT
        if bound and amount != scratch.wanted[g]:
            note(state, at, scratch.wanted[g], 0)


@njit(**INNER)
def _open_own_lots(state: State, tables: Tables, feed: Feed, scratch: Scratch, i: int) -> None:
    """One lot per wallet for all that is listed, into `scratch.done`; it is its member's."""
    for wallet in range(len(tables.wallets)):
        scratch.sums[wallet] = 0
    for n in range(scratch.turn[LISTED]):
        g = scratch.listed[n]
        if scratch.known[g]:
            scratch.sums[tables.gives[g].wallet] += scratch.amount[g]
    for wallet in range(len(tables.wallets)):
        total = scratch.sums[wallet]
        if total > 0:
            scratch.done[wallet] = _lot(state, tables, feed, feed.member[i], wallet, total, i)


@njit(**INNER)
def _lot(
    state: State, tables: Tables, feed: Feed, member: int, wallet: int, total: int, i: int
) -> int:  # fmt: skip
    """The lot that an event's gifts open, or that a reversal has opened for them too."""
    lot = _opened(state, tables, member, wallet, feed, i)
    if lot < 0:
        return credit(
            state, tables, member, wallet, total, i, feed.day[i], -1, False, feed.keep[i] >= 0
        )
    state.lots[lot].left += total
    state.purses[member, wallet].active += total
    return lot


@njit(**INNER)
def _open_lots(state: State, tables: Tables, feed: Feed, i: int, start: int) -> None:
    """One lot per receiver and wallet for all rows of the event from `start` on."""
    end = state.counters[ROWS]
    for k in range(start, end):
        row = state.rows[k]
        total, first = 0, True
        for j in range(start, end):
            other = state.rows[j]
            if other.member == row.member and other.wallet == row.wallet:
                first = first and j >= k
                total += other.amount
        if not first or total <= 0:
            continue
        lot = _lot(state, tables, feed, row.member, row.wallet, total, i)
        for j in range(k, end):
            other = state.rows[j]
            if other.member == row.member and other.wallet == row.wallet:
                other.lot_event, other.lot_member = i, row.member
                other.marks |= HAS_LOT
                other.missing = lot


@njit(**INNER)
def _opened(
    state: State, tables: Tables, member: int, wallet: int, feed: Feed, i: int
) -> int:  # fmt: skip
    """The lot that a reversal has opened for what came back, if a gift belongs to it too, or -1."""
    if feed.target[i] < 0:
        return -1
    it = tables.wallets[wallet]
    step = step_on(tables.steps, it.pending_from, it.pending_to, feed.day[i])
    waits = step >= 0 and last_day_of(tables, tables.steps[step].number, feed.day[i]) > feed.day[i]
    return -1 if waits else lot_of(state, member, wallet, i)


@njit(**INNER)
def _keep(state: State, tables: Tables, scratch: Scratch, keep: int, start: int) -> None:
    """Remembers the entries of an event that something reverses later, in their order."""
    for k in range(start, state.counters[ROWS]):
        row = state.rows[k]
        lot = row.missing if row.marks & HAS_LOT else -1
        remember(state, keep, row.member, row.wallet, row.rule, row.amount, lot, 0)


@njit(**INNER)
def remember(
    state: State, keep: int, member: int, wallet: int, rule: int, amount: int, lot: int, times: int
) -> None:
    """Appends a gift to what is kept of an event."""
    at = state.counters[GIFTS]
    state.counters[GIFTS] += 1
    gift = state.gifts[at]
    gift.member, gift.wallet, gift.rule, gift.amount = member, wallet, rule, amount
    gift.lot, gift.done, gift.next, gift.times = lot, 0, -1, times
    kept = state.keeps[keep]
    if kept.first_gift < 0:
        kept.first_gift = at
    else:
        state.gifts[kept.last_gift].next = at
    kept.last_gift = at


@njit(**INNER)
def _count(
    state: State, tables: Tables, scratch: Scratch, r: int, keep: int, i: int, day: int, hour: int
) -> None:  # fmt: skip
    """A rule that gave something counts, unless limits cut all of it to nothing."""
    rule, times = tables.rules[r], scratch.times[r]
    gave = rule.awards_to > rule.awards_from or rule.lead == r
    if rule.lead == r and rule.section == SECTION_CHAIN:
        promote(state, rule, r, scratch.receiver[r], i, day)
    elif rule.lead == r:
        _qualify(state, tables, rule, scratch.receiver[r], i, day, hour)
    for g in range(rule.gives_from, rule.multiplies_to):
        if scratch.known[g] and (scratch.amount[g] != 0 or scratch.wanted[g] == 0):
            gave = True
    if not gave:
        return
    counted = rule.budget >= 0 and tables.budgets[rule.budget].wallet < 0
    if keep >= 0 and (rule.return_limit or counted):
        remember(state, keep, scratch.receiver[r], COUNT_ALONE, r, 0, -1, times)
    for k in range(rule.limits_from, rule.limits_to):
        if tables.limits[k].wallet < 0:
            use(state, state.used[scratch.receiver[r], k], tables.limits[k], times, day, hour)
    if counted:
        use(state, state.spent[rule.budget], tables.budgets[rule.budget], times, day, hour)
        state.spent[rule.budget].total += times


@njit(**INNER)
def _qualify(
    state: State, tables: Tables, rule: Records, member: int, i: int, day: int, hour: int
) -> None:
    """A referral rule has held for a friend: his referrer has one more for whom it did."""
    who = state.members[member]
    if who.qualified < 0:
        who.qualified = i
    use(state, state.used[who.referrer, rule.counter], tables.limits[rule.counter], 1, day, hour)


@njit(**INNER)
def _award(
    state: State, tables: Tables, feed: Feed, scratch: Scratch, r: int, i: int
) -> None:  # fmt: skip
    """Coupons, items, vouchers, badges, privileges and tiers that a rule gives."""
    rule, member, day = tables.rules[r], scratch.receiver[r], feed.day[i]
    number, r = rule.first, r if rule.lead < 0 else rule.lead
    for a in range(rule.awards_from, rule.awards_to):
        award = tables.awards[a]
        until = last_day_of(tables, award.term, day)
        if award.kind == AWARD_TIER:
            state.floors[member, award.id] = max(state.floors[member, award.id], until)
        elif award.kind == AWARD_PRIVILEGE:
            state.rights[member, award.id] = max(state.rights[member, award.id], until)
        for _ in range(award.count * scratch.times[r]):
            if award.kind <= AWARD_VOUCHER:
                if not shelf_has(state, tables, award.id, 1, day):
                    refuse(state, member, i, r, NO_STOCK, 0)
                    continue
                take_from_shelf(state, award.id, 1)
                if award.term < 0:
                    until = valid_until(tables, award.id, day)
            if award.kind == AWARD_BADGE and has_badge(state, member, award.id):
                continue
            grant(state, member, award.kind, award.id, r, i, number, until, day, feed.keep[i])
            number += 1
