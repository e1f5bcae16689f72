"""Referrals: who brought whom, and who beside its member has part in an event (compiled; S31)."""

# The types of numbers are numba's here, which mypy does not know apart.
# mypy: disable-error-code="no-any-return"
from __future__ import annotations

from numba import njit

from engine.machine.calendar import NEVER
from engine.machine.compiling import INNER, SMALL
from engine.machine.grants import grant, refuse
from engine.machine.state import AGENT, BOSS, REASON, Feed, State
from engine.machine.tables import AWARD_BADGE, Records, Tables

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
    return len(feed.receivers) + (3 if tables.refers[feed.type[i]] else 0)


@njit(**SMALL)
def party(state: State, feed: Feed, i: int, to: int) -> int:
    """One of them, or -1; behind those of fields the referrer, the second one and the boss."""
    if to < len(feed.receivers):
        return feed.receivers[to, i]
    first = state.members[feed.member[i]].referrer
    if to == len(feed.receivers) or first < 0:
        return first
    if to == len(feed.receivers) + 1:
        return state.members[first].referrer
    return boss_above(state, first)


@njit(**INNER)
def boss_above(state: State, member: int) -> int:
    """The nearest boss, a member himself or above him: an agent is with his own (S33); or -1."""
    while member >= 0:
        who = state.members[member]
        if who.role == BOSS:
            return member
        if who.role == AGENT:
            return who.boss
        member = who.referrer
    return -1


@njit(**INNER)
def promote(state: State, rule: Records, r: int, member: int, i: int, day: int) -> None:
    """A member becomes an agent of the nearest boss, and who brought him perhaps a boss (S33).

    Who becomes a boss leaves his own; the agents he has brought by then stay with that one.
    """
    who = state.members[member]
    if who.referrer >= 0:
        who.boss = boss_above(state, who.referrer)
        state.members[who.referrer].agents += 1
    who.role = AGENT
    grant(state, member, AWARD_BADGE, rule.first, r, i, 0, NEVER, day, -1)
    _rise(state, rule, r, member, i, day)
    if who.referrer >= 0:
        _rise(state, rule, r, who.referrer, i, day)


@njit(**INNER)
def _rise(state: State, rule: Records, r: int, member: int, i: int, day: int) -> None:
    """An agent who has brought enough agents becomes a boss."""
    who = state.members[member]
    if who.role == AGENT and who.agents >= rule.nth:
        who.role, who.boss = BOSS, -1
        grant(state, member, AWARD_BADGE, rule.first + 1, r, i, 1, NEVER, day, -1)
