"""Grants and refusals: what is opened for a member, and what was not given (compiled)."""

from __future__ import annotations

from numba import njit

from engine.machine.compiling import INNER
from engine.machine.state import GRANT_OPEN, GRANTS, NO_WORTH, REFUSALS, Scratch, State
from engine.machine.tables import AWARD_BADGE


@njit(**INNER)
def has_badge(state: State, member: int, badge: int) -> bool:
    at = state.members[member].grants
    while at >= 0:
        held = state.grants[at]
        if held.kind == AWARD_BADGE and held.id == badge and held.state == GRANT_OPEN:
            return True
        at = held.next
    return False


@njit(**INNER)
def grant(
    state: State, member: int, kind: int, what: int, rule: int, event: int, number: int,
    until: int, day: int, keep: int,
) -> int:  # fmt: skip
    """Opens a grant, at the head of its member's, and of the kept event's, and returns it."""
    at = record(state, member, kind, what, rule, event, number, until, GRANT_OPEN, day)
    new = state.grants[at]
    new.next = state.members[member].grants
    state.members[member].grants = at
    if keep >= 0:
        new.sibling = state.keeps[keep].grants
        state.keeps[keep].grants = at
    return at


@njit(**INNER)
def record(
    state: State, member: int, kind: int, what: int, rule: int, event: int, number: int,
    until: int, how: int, day: int,
) -> int:  # fmt: skip
    """Writes a grant down, in the state `how`, beside all lists, and returns it."""
    at = state.counters[GRANTS]
    state.counters[GRANTS] += 1
    new = state.grants[at]
    new.member, new.kind, new.id, new.rule, new.event = member, kind, what, rule, event
    new.number, new.until, new.state, new.day = number, until, how, day
    new.used_event, new.used_on, new.worth, new.returned = -1, -1, NO_WORTH, 0
    new.next, new.sibling = -1, -1
    return at


@njit(**INNER)
def refuse(state: State, member: int, event: int, rule: int, code: int, missing: int) -> None:
    """Writes down that something was refused, with its code and what was missing."""
    at = state.counters[REFUSALS]
    state.counters[REFUSALS] += 1
    new = state.refusals[at]
    new.member, new.event, new.rule, new.code, new.missing = member, event, rule, code, missing


@njit(**INNER)
def remember_why(state: State, scratch: Scratch) -> None:
    """Keeps what the condition saw, so that the refusal can say which part failed."""
    at = state.counters[REFUSALS] - 1
    for slot in range(len(scratch.env)):
        state.snapshots[at, slot] = scratch.env[slot]
        state.snapshots_null[at, slot] = scratch.null[slot]
