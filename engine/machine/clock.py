"""The clock: moves a member to a day, jumping from one due day to the next (compiled)."""

from __future__ import annotations

from numba import njit

from engine.machine import tiers
from engine.machine.calendar import NEVER
from engine.machine.compiling import INNER
from engine.machine.lots import expire, post, real_last_day
from engine.machine.state import POSITION, State
from engine.machine.tables import Tables


@njit(**INNER)
def move(state: State, tables: Tables, member: int, day: int) -> None:
    """Works every boundary up to the one that begins `day`, in S12's order."""
    who = state.members[member]
    while who.due <= day:
        today = who.due
        state.counters[POSITION] = 0
        for wallet in range(len(tables.wallets)):
            _post(state, tables, member, wallet, today)
        for wallet in range(len(tables.wallets)):
            _expire(state, tables, member, wallet, today)
        tiers.at_boundary(state, tables, member, today)
        who.tier_due = tiers.next_due(state, tables, member, today)
        set_due(state, tables, member, today)


@njit(**INNER)
def _post(state: State, tables: Tables, member: int, wallet: int, day: int) -> None:
    lot = state.purses[member, wallet].first_waiting
    while lot >= 0 and state.lots[lot].active_day <= day:
        following = state.lots[lot].next
        post(state, tables, lot, day)
        lot = following


@njit(**INNER)
def _expire(state: State, tables: Tables, member: int, wallet: int, day: int) -> None:
    """Lots whose day has passed go; what is left says when one is due again."""
    purse = state.purses[member, wallet]
    if purse.soonest >= day:
        return
    lot, soonest = purse.first, NEVER
    while lot >= 0:
        following = state.lots[lot].next
        last = real_last_day(state, tables, lot)
        if last < day:
            expire(state, lot, -1, day)
        else:
            soonest = min(soonest, last)
            if not purse.mixed:
                break
        lot = following
    purse.soonest = soonest


@njit(**INNER)
def look_again(state: State, tables: Tables, member: int, day: int) -> None:
    """After an event a member's tier is looked at, and his clock set anew."""
    tiers.look(state, tables, member, day)
    who = state.members[member]
    who.tier_due, who.look = tiers.next_due(state, tables, member, day), 0
    who.next = tiers.next_number(tables, who.rung)
    set_due(state, tables, member, day)


@njit(**INNER)
def set_due(state: State, tables: Tables, member: int, day: int) -> None:
    """Finds the next day after `day` on which the clock may have work for a member."""
    due = state.members[member].tier_due
    for wallet in range(len(tables.wallets)):
        purse = state.purses[member, wallet]
        if purse.first_waiting >= 0:
            due = min(due, state.lots[purse.first_waiting].active_day)
        if purse.first >= 0:
            due = min(due, purse.soonest + 1)
    state.members[member].due = max(due, day + 1)
