"""Intake: every fact that looks at an event takes it in, before rules are judged (compiled)."""

from __future__ import annotations

from numba import njit

from engine.machine import facts, judge, wide
from engine.machine.bytecode_steps import Code
from engine.machine.evaluate import row as evaluate_row
from engine.machine.state import Feed, Scratch, State
from engine.machine.tables import (
    COUNT,
    FIRST,
    FREQUENT,
    LAST,
    MEDIAN_GAP,
    PREVIOUS,
    ROLE_LESS,
    ROLE_SINCE,
    STREAK,
    Records,
    Tables,
)

FINE, TOO_LARGE, TOO_MANY = 0, 1, 2


@njit(cache=True, nogil=True)
def take_facts(
    state: State, tables: Tables, feed: Feed, code: Code, scratch: Scratch, i: int
) -> int:
    """Every fact that looks at the event's type takes it in; FINE, TOO_LARGE or TOO_MANY."""
    judge.load_event(state, tables, feed, scratch, i)
    kind, day, hour = feed.type[i], feed.day[i], feed.hour[i]
    for k in range(tables.facts_at[kind], tables.facts_at[kind + 1]):
        f, role = tables.facts_of[k], tables.roles[k]
        fact, kept = tables.facts[f], state.facts[feed.member[i], f]
        if role == ROLE_SINCE:
            facts.clear(state, kept)
            kept.open = 1
            continue
        if fact.since >= 0 and not kept.open:
            continue
        known, value = _value(fact, role, feed, code, scratch, i)
        if known == TOO_LARGE:
            return TOO_LARGE
        if known == FINE:
            continue
        if fact.less_event >= 0 and role == ROLE_LESS:
            value = -value
        if not facts.take_in(state, fact, kept, value, day, hour):
            return TOO_MANY if fact.kind == FREQUENT else TOO_LARGE
    return FINE


@njit(cache=True, nogil=True)
def _value(
    fact: Records, role: int, feed: Feed, code: Code, scratch: Scratch, i: int
) -> tuple[int, int]:
    """(2, what the fact takes in), (0, 0) where it takes nothing, (1, 0) where it is too large."""
    number = fact.less_value if role == ROLE_LESS else fact.value
    if fact.condition >= 0 and role != ROLE_LESS:
        _, low, how = evaluate_row(code, fact.condition, scratch.env, scratch.null)
        if how == 2:
            return TOO_LARGE, 0
        if how != 0 or low != 1:
            return FINE, 0
    if number < 0:
        timed = fact.kind == LAST or fact.kind == FIRST or fact.kind == PREVIOUS
        if timed:
            return 2, feed.at[i]
        return 2, feed.day[i] if fact.kind == MEDIAN_GAP else 1
    high, low, how = evaluate_row(code, number, scratch.env, scratch.null)
    if how == 2 or (how == 0 and not wide.fits(high, low)):
        return TOO_LARGE, 0
    if how != 0:
        return FINE, 0
    if fact.kind == COUNT or fact.kind == STREAK:
        return 2, 1
    return 2, low
