"""Prizes: what a spin has drawn is given, where some of it is left (compiled; S21, S23).

Which prize a spin draws is known before: see chance.py.
"""

from __future__ import annotations

from numba import njit

from engine.machine.calendar import NEVER
from engine.machine.compiling import INNER
from engine.machine.entries import write
from engine.machine.grants import record, refuse
from engine.machine.judge import budget_left, use
from engine.machine.lots import credit, is_full
from engine.machine.redeem import hand_out
from engine.machine.shelf import shelf_has
from engine.machine.state import (
    BONUS,
    GRANT_GIVEN,
    GRANT_OUT,
    LOT_PENDING,
    NO_STOCK,
    Feed,
    State,
)
from engine.machine.tables import AWARD_PRIZE, Records, Tables


@njit(**INNER)
def hand_over(state: State, tables: Tables, feed: Feed, i: int) -> bool:
    """Gives what spin `i` has drawn, and writes it down; False where a number is too large.

    A prize of which nothing is left stays what was drawn: nothing else comes in its place.
    """
    member, day, prize = feed.member[i], feed.day[i], feed.wallet[i]
    rule, it = tables.rewards[feed.reward[i]].rule, tables.prizes[prize]
    has = _is_left(state, tables, it, day, feed.hour[i])
    how = GRANT_GIVEN if has else GRANT_OUT
    record(state, member, AWARD_PRIZE, prize, rule, i, 0, NEVER, how, day)
    if not has:
        refuse(state, member, i, rule, NO_STOCK, 0)
        return True
    if it.stock >= 0:
        use(state, state.spent[it.stock], tables.budgets[it.stock], 1, day, feed.hour[i])
    if it.reward >= 0:
        hand_out(state, tables, member, it.reward, rule, i, 1, day, -1)
    return it.wallet < 0 or _pay_out(state, tables, member, it, rule, i, day)


@njit(**INNER)
def _is_left(state: State, tables: Tables, it: Records, day: int, hour: int) -> bool:
    """Whether a prize can be had: by its own stock, and by that of its reward."""
    if it.stock >= 0 and budget_left(state, tables, it.stock, day, hour) < 1:
        return False
    return it.reward < 0 or shelf_has(state, tables, it.reward, 1, day)


@njit(**INNER)
def _pay_out(
    state: State, tables: Tables, member: int, it: Records, rule: int, i: int, day: int
) -> bool:
    """Puts a prize into its wallet, into the lot that the spin's other gifts have opened there."""
    purse = state.purses[member, it.wallet]
    if is_full(purse):
        return False
    lot = _opened(state, purse, i)
    if lot < 0:
        lot = credit(state, tables, member, it.wallet, it.amount, i, day, -1, False, False)
    else:
        state.lots[lot].left += it.amount
        if state.lots[lot].state == LOT_PENDING:
            purse.pending += it.amount
        else:
            purse.active += it.amount
    write(state, member, it.wallet, BONUS, it.amount, rule, i, day, lot)
    return True


@njit(**INNER)
def _opened(state: State, purse: Records, event: int) -> int:
    """The lot that an event has opened in a wallet, active or pending, or -1."""
    for first in (purse.last, purse.last_waiting):
        lot = first
        while lot >= 0:
            if state.lots[lot].event == event:
                return lot
            lot = state.lots[lot].previous
    return -1
