"""Lots: opening, posting, spending and expiring what wallets hold (compiled; S4 to S6)."""

from __future__ import annotations

from numba import njit

from engine.machine.calendar import NEVER, add, to_end
from engine.machine.compiling import INNER, OUTER, SMALL
from engine.machine.entries import write
from engine.machine.state import (
    EXPIRE,
    FREE_LOT,
    LOT_ACTIVE,
    LOT_EMPTY,
    LOT_PENDING,
    LOTS,
    MOST_LOTS,
    POST,
    State,
)
from engine.machine.tables import Records, Tables

MOST_HELD = 2**62  # what one event gives, at most some thousand entries, fits on top


@njit(**SMALL)
def step_on(steps: Records, first: int, end: int, day: int) -> int:
    """The step of a dated value in force on `day`, or -1 before the first (S15)."""
    if end - first == 1:
        return first if steps[first].start <= day else -1
    found = -1
    for s in range(first, end):
        if steps[s].start <= day:
            found = s
    return found


@njit(**INNER)
def last_day_of(tables: Tables, term: int, day: int) -> int:
    """The last day of something that lasts for a term from `day` on (S11)."""
    if term < 0:
        return NEVER
    t = tables.terms[term]
    day = add(day, t.count, t.unit)
    return to_end(day, t.to_end) if t.to_end else day


@njit(**INNER)
def _comes_before(a: Records, b: Records, oldest_first: int) -> bool:
    """Whether lot `a` is spent before lot `b` (S4)."""
    if oldest_first:
        return a.event < b.event or (a.event == b.event and a.last_day < b.last_day)
    return a.last_day < b.last_day or (a.last_day == b.last_day and a.event < b.event)


@njit(**INNER)
def _link(state: State, tables: Tables, lot: int) -> None:
    """Puts an active lot into its wallet's order, looking from the back."""
    lots = state.lots
    new = lots[lot]
    purse = state.purses[new.member, new.wallet]
    oldest_first = tables.wallets[new.wallet].oldest_first
    before = purse.last
    while before >= 0 and _comes_before(new, lots[before], oldest_first):
        before = lots[before].previous
    new.state = LOT_ACTIVE
    if purse.first < 0:
        purse.mixed = tables.wallets[new.wallet].without >= 0
    elif oldest_first and (before != purse.last or lots[before].last_day > new.last_day):
        purse.mixed = 1
    purse.first, purse.last = _insert(state, lot, before, purse.first, purse.last)
    purse.soonest = min(purse.soonest, new.last_day)


@njit(**INNER)
def _link_waiting(state: State, lot: int) -> None:
    """Puts a pending lot among those that wait, by the day they become active."""
    lots, new = state.lots, state.lots[lot]
    purse = state.purses[new.member, new.wallet]
    before = purse.last_waiting
    while before >= 0 and new.active_day < lots[before].active_day:
        before = lots[before].previous
    new.state = LOT_PENDING
    purse.first_waiting, purse.last_waiting = _insert(
        state, lot, before, purse.first_waiting, purse.last_waiting
    )


@njit(**INNER)
def _insert(state: State, lot: int, before: int, first: int, last: int) -> tuple[int, int]:
    """Puts a lot behind `before`, or at the head; the first and last of its list then."""
    lots, new = state.lots, state.lots[lot]
    new.previous, new.next = before, first
    if before >= 0:
        new.next = lots[before].next
        lots[before].next = lot
    else:
        first = lot
    if new.next >= 0:
        lots[new.next].previous = lot
    else:
        last = lot
    _count(state, new.member, 1)
    return first, last


@njit(**INNER)
def _count(state: State, member: int, change: int) -> None:
    who = state.members[member]
    who.lots += change
    if who.lots > state.counters[MOST_LOTS]:
        state.counters[MOST_LOTS] = who.lots


@njit(**INNER)
def unlink(state: State, lot: int) -> None:
    """Takes a lot out of its wallet's order; its record is used again unless it is kept."""
    lots = state.lots
    old = lots[lot]
    purse = state.purses[old.member, old.wallet]
    pending = old.state == LOT_PENDING
    if old.previous >= 0:
        lots[old.previous].next = old.next
    elif pending:
        purse.first_waiting = old.next
    else:
        purse.first = old.next
    if old.next >= 0:
        lots[old.next].previous = old.previous
    elif pending:
        purse.last_waiting = old.previous
    else:
        purse.last = old.previous
    _count(state, old.member, -1)
    _close(state, lot)


@njit(**INNER)
def _close(state: State, lot: int) -> None:
    state.lots[lot].state = LOT_EMPTY
    if not state.lots[lot].keep:
        state.lots[lot].next = state.counters[FREE_LOT]
        state.counters[FREE_LOT] = lot


@njit(**INNER)
def _new(state: State) -> int:
    free = state.counters[FREE_LOT]
    if free >= 0:
        state.counters[FREE_LOT] = state.lots[free].next
        return free
    state.counters[LOTS] += 1
    return state.counters[LOTS] - 1


@njit(cache=True, **OUTER)
def credit(
    state: State, tables: Tables, member: int, wallet: int, amount: int, event: int, day: int,
    last_day: int, at_once: bool, keep: bool,
) -> int:  # fmt: skip
    """Opens a lot of `amount` > 0 and returns it. `last_day` < 0: by the wallet's own term."""
    kind = tables.wallets[wallet]
    lot = _new(state)
    new = state.lots[lot]
    new.member, new.wallet, new.event = member, wallet, event
    new.left, new.gone, new.keep = amount, 0, 1 if keep else 0
    step = step_on(tables.steps, kind.expires_from, kind.expires_to, day)
    new.term = tables.steps[step].number if step >= 0 else -1
    if last_day >= 0:
        new.term = -2
    new.last_day = last_day
    new.active_day = day
    step = step_on(tables.steps, kind.pending_from, kind.pending_to, day)
    if step >= 0 and not at_once:
        new.active_day = last_day_of(tables, tables.steps[step].number, day)
    if new.active_day > day:
        state.purses[member, wallet].pending += amount
        _link_waiting(state, lot)
    else:
        activate(state, tables, lot)
    return lot


@njit(**SMALL)
def is_full(purse: Records) -> bool:
    """Whether a wallet is near to more than 64 bits hold."""
    return purse.active > MOST_HELD or purse.pending > MOST_HELD or purse.active < -MOST_HELD


@njit(**INNER)
def lot_of(state: State, member: int, wallet: int, event: int) -> int:
    """The lot that an event opened in a wallet, while something is left of it, or -1."""
    lot = state.purses[member, wallet].last
    while lot >= 0 and state.lots[lot].event != event:
        lot = state.lots[lot].previous
    return lot


@njit(**INNER)
def activate(state: State, tables: Tables, lot: int) -> None:
    """Makes what is left of an unlinked lot active; a deficit is filled first (S5, N25)."""
    new = state.lots[lot]
    if new.term > -2:
        new.last_day = last_day_of(tables, new.term, new.active_day)
    add_to(state, tables, lot, new.left)


@njit(**INNER)
def add_to(state: State, tables: Tables, lot: int, amount: int) -> None:
    """Makes `amount` active in an unlinked lot, less what fills the deficit."""
    new = state.lots[lot]
    purse = state.purses[new.member, new.wallet]
    fill = min(purse.deficit, amount)
    purse.deficit -= fill
    purse.active += amount
    new.left = amount - fill
    if new.left > 0:
        _link(state, tables, lot)
    else:
        _close(state, lot)


@njit(**INNER)
def post(state: State, tables: Tables, lot: int, day: int) -> None:
    """A pending lot becomes active at the boundary that begins `day`."""
    old = state.lots[lot]
    amount, keep = old.left, old.keep
    old.keep = 1
    unlink(state, lot)
    old.keep = keep
    state.purses[old.member, old.wallet].pending -= amount
    write(state, old.member, old.wallet, POST, 0, -1, -1, day, lot)
    activate(state, tables, lot)


@njit(**INNER)
def real_last_day(state: State, tables: Tables, lot: int) -> int:
    """The last day of a lot; `expires: N days without T` counts on from the last T."""
    it = state.lots[lot]
    if it.term < 0 or tables.terms[it.term].without < 0:
        return it.last_day
    seen = state.silences[it.member, it.wallet]
    return max(it.last_day, last_day_of(tables, it.term, seen))


@njit(**INNER)
def next_to_spend(state: State, tables: Tables, member: int, wallet: int) -> int:
    """The active lot that is spent next, or -1 (S4)."""
    best = state.purses[member, wallet].first
    if tables.wallets[wallet].without < 0 or tables.wallets[wallet].oldest_first or best < 0:
        return best
    soonest, lot = real_last_day(state, tables, best), state.lots[best].next
    while lot >= 0:
        last = real_last_day(state, tables, lot)
        if last < soonest or (last == soonest and state.lots[lot].event < state.lots[best].event):
            best, soonest = lot, last
        lot = state.lots[lot].next
    return best


@njit(**INNER)
def expire(state: State, lot: int, event: int, day: int) -> None:
    """What is left of an active lot goes; nothing else is touched (S4)."""
    old = state.lots[lot]
    write(state, old.member, old.wallet, EXPIRE, -old.left, -1, event, day, lot)
    state.purses[old.member, old.wallet].active -= old.left
    old.gone += old.left
    old.left = 0
    unlink(state, lot)


@njit(**INNER)
def take(state: State, lot: int, amount: int) -> None:
    """Takes `amount`, at most what is left, out of a lot, pending or active."""
    old = state.lots[lot]
    purse = state.purses[old.member, old.wallet]
    if old.state == LOT_PENDING:
        purse.pending -= amount
    else:
        purse.active -= amount
    old.left -= amount
    if old.left == 0:
        unlink(state, lot)
