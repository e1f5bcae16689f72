"""The environment of an event: what expressions read of it and of its member (compiled)."""

from __future__ import annotations

from numba import njit

from engine.machine import facts_read, progress_read, tiers
from engine.machine.compiling import INNER
from engine.machine.state import CURRENT, Feed, Scratch, State
from engine.machine.tables import (
    N_ACTIVE,
    N_AT,
    N_ATTRIBUTE,
    N_FACT,
    N_FIELD,
    N_FRIENDS,
    N_PRIVILEGE,
    N_PROGRESS,
    N_START,
    N_TIER,
    N_TODAY,
    N_WALLET,
    Records,
    Tables,
)


@njit(**INNER)
def load(
    state: State, tables: Tables, feed: Feed, scratch: Scratch, i: int, number: int
) -> None:  # fmt: skip
    """Puts into the environment what an expression reads; what stands there already stays."""
    for n in range(tables.needs_at[number], tables.needs_at[number + 1]):
        need = tables.needs[n]
        if scratch.seen[need.slot] != scratch.turn[0]:
            _load(state, tables, feed, scratch, i, need)


@njit(**INNER)
def load_all(state: State, tables: Tables, feed: Feed, scratch: Scratch, i: int) -> None:
    """Puts into the environment all that expressions may read at an event."""
    kind = feed.type[i]
    for n in range(tables.type_needs_at[kind], tables.type_needs_at[kind + 1]):
        _load(state, tables, feed, scratch, i, tables.type_needs[n])


@njit(**INNER)
def _load(
    state: State, tables: Tables, feed: Feed, scratch: Scratch, i: int, need: Records
) -> None:  # fmt: skip
    if need.source == N_START:  # of one run after the other, so it is read each time
        run = scratch.turn[CURRENT]
        scratch.null[need.slot] = run < 0 or state.begun_null[max(run, 0), need.index]
        scratch.env[need.slot] = state.begun[max(run, 0), need.index]
        return
    member = feed.member[i]
    if need.referrer:
        member = state.members[member].referrer
    if member < 0:
        value, null = 0, True
        if need.extra >= 0:
            scratch.env[need.extra], scratch.null[need.extra] = 1, True
    elif need.source == N_FIELD:
        value, null = feed.fields[need.index, i], feed.fields_null[need.index, i]
    elif need.source == N_AT:
        value, null = feed.at[i], False
    elif need.source == N_TODAY:
        value, null = feed.day[i], False
    elif need.source == N_TIER:
        rung = tiers.tier_of(state, tables, member, feed.day[i])
        value, null = tables.rung_texts[max(rung, 0)], rung < 0
    else:
        known, value, den = known_of(state, tables, feed, i, member, need.source, need.index)
        null = not known
        if need.extra >= 0:
            scratch.env[need.extra], scratch.null[need.extra] = den, null
    scratch.env[need.slot], scratch.null[need.slot] = value, null
    scratch.seen[need.slot] = scratch.turn[0]


@njit(**INNER)
def known_of(
    state: State, tables: Tables, feed: Feed, i: int, member: int, source: int, index: int
) -> tuple[bool, int, int]:
    """What is known of a member at an event: whether at all, the number, its denominator."""
    if source == N_FACT:
        return facts_read.read(
            state, tables.facts[index], state.facts[member, index], member, feed.day[i],
            feed.hour[i],
        )  # fmt: skip
    if source == N_ATTRIBUTE:
        return not state.attributes_null[member, index], state.attributes[member, index], 1
    if source == N_PRIVILEGE:
        return True, 1 if has_right(state, tables, member, index, feed.day[i]) else 0, 1
    if source == N_FRIENDS:
        return True, state.members[member].friends, 1
    if source == N_PROGRESS:
        task = tables.tasks[index]
        return True, progress_read.read(state, tables, task, member, feed.day[i], feed.hour[i]), 1
    purse = state.purses[member, index]
    active, pending = purse.active, purse.pending
    if source == N_WALLET:
        return True, active + pending, 1
    return True, active if source == N_ACTIVE else pending, 1


@njit(**INNER)
def has_right(state: State, tables: Tables, member: int, privilege: int, day: int) -> bool:
    """Whether a member holds a privilege on `day`, given or by his tier."""
    if state.rights[member, privilege] >= day:
        return True
    rung = tiers.tier_of(state, tables, member, day)
    return rung >= 0 and tables.rung_privileges[rung, privilege] == 1
