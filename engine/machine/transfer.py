"""Transfers: what one member sends to another, with the days on which it ends (compiled)."""

from __future__ import annotations

from numba import njit

from engine.machine.compiling import INNER
from engine.machine.entries import write
from engine.machine.grants import refuse
from engine.machine.lots import credit, is_full, next_to_spend, real_last_day, take
from engine.machine.reasons import NO_RECEIVER, NO_TRANSFER, NOTHING, ONESELF
from engine.machine.state import NO_BALANCE, NOT_ELIGIBLE, TRANSFERRED, Feed, State
from engine.machine.tables import Tables


@njit(**INNER)
def transfer(state: State, tables: Tables, feed: Feed, i: int) -> bool:
    """Works transfer `i`, or refuses it; False where the receiver's wallet would be too full.

    Only what is active is sent, lots in the order in which they are spent.
    """
    member, wallet, amount = feed.member[i], feed.wallet[i], feed.quantity[i]
    why = _bars(tables, feed, i)
    if why != NOTHING:
        refuse(state, member, i, -1, NOT_ELIGIBLE, why)
        return True
    missing = amount - state.purses[member, wallet].active
    if missing > 0:
        refuse(state, member, i, -1, NO_BALANCE, missing)
        return True
    to = feed.receivers[len(feed.receivers) - 1, i]
    if is_full(state.purses[to, wallet]):
        return False
    while amount > 0:
        lot = next_to_spend(state, tables, member, wallet)
        part = min(state.lots[lot].left, amount)
        last_day = real_last_day(state, tables, lot)
        write(state, member, wallet, TRANSFERRED, -part, -1, i, feed.day[i], lot)
        take(state, lot, part)
        _receive(state, tables, to, wallet, part, last_day, i, feed.day[i])
        amount -= part
    return True


@njit(**INNER)
def _bars(tables: Tables, feed: Feed, i: int) -> int:
    """What stands against a transfer, or NOTHING."""
    if not tables.wallets[feed.wallet[i]].transfer:
        return NO_TRANSFER
    to = feed.receivers[len(feed.receivers) - 1, i]
    if to < 0:
        return NO_RECEIVER
    return ONESELF if to == feed.member[i] else NOTHING


@njit(**INNER)
def _receive(
    state: State, tables: Tables, to: int, wallet: int, part: int, last_day: int, i: int, day: int
) -> None:
    """A part comes in; it ends when it would have ended, so that sending prolongs nothing."""
    lot = state.purses[to, wallet].last
    while lot >= 0 and not (state.lots[lot].event == i and state.lots[lot].last_day == last_day):
        lot = state.lots[lot].previous
    if lot < 0:
        lot = credit(state, tables, to, wallet, part, i, day, last_day, True, False)
    else:
        state.lots[lot].left += part
        state.purses[to, wallet].active += part
    write(state, to, wallet, TRANSFERRED, part, -1, i, day, lot)
