"""Referrals: who brought whom, and who beside its member has part in an event (compiled; S31)."""

# The types of numbers are numba's here, which mypy does not know apart.
# mypy: disable-error-code="no-any-return"
from __future__ import annotations

from numba import njit

from engine.machine.compiling import INNER, SMALL
from engine.machine.grants import refuse
from engine.machine.state import REASON, Feed, State
from engine.machine.tables import Tables

NOBODY = -1  # as who brings a member


@njit(**INNER)
def invite(state: State, feed: Feed, i: int) -> None:
    """An invitation: from now on the event's member has who brought him, or it is refused."""
    member, referrer = feed.member[i], feed.invited[i]
    if referrer >= 0:
        state.members[member].referrer = referrer
        state.members[referrer].friends += 1
    else:
        why = -2 - referrer
        refuse(state, member, i, -1, why % REASON, why // REASON)


@njit(**SMALL)
def parties(tables: Tables, feed: Feed, i: int) -> int:
    """How many others may have part in an event: whom its fields name, and who brought him."""
    return len(feed.receivers) + (2 if tables.refers[feed.type[i]] else 0)


@njit(**SMALL)
def party(state: State, feed: Feed, i: int, to: int) -> int:
    """One of them, or -1; behind those of the fields the referrer and the second referrer."""
    if to < len(feed.receivers):
        return feed.receivers[to, i]
    first = state.members[feed.member[i]].referrer
    if to == len(feed.receivers) or first < 0:
        return first
    return state.members[first].referrer
