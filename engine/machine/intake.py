"""Intake: every fact that looks at an event takes it in, before rules are judged (compiled)."""

# The types of numbers are numba's here, which mypy does not know apart.
# mypy: disable-error-code="return-value"
from __future__ import annotations

import numpy as np
from numba import njit

from engine.machine import environment, facts, wide
from engine.machine.bytecode_steps import Code
from engine.machine.compiling import INNER, SMALL
from engine.machine.evaluate import row as evaluate_row
from engine.machine.ready import ASK, NULL
from engine.machine.state import Feed, Ready, Scratch, State
from engine.machine.tables import (
    AS_IT_IS,
    ASKED,
    COLUMN,
    CONSTANT,
    COUNT,
    FIELD,
    FIRST,
    FREQUENT,
    ITS_INSTANT,
    LAST,
    MEDIAN_GAP,
    PREVIOUS,
    ROLE_LESS,
    ROLE_SINCE,
    SLIDING,
    STREAK,
    Records,
    Tables,
)

FINE, TOO_LARGE, TOO_MANY = 0, 1, 2


@njit(**INNER)
def take_facts(
    state: State, tables: Tables, feed: Feed, ready: Ready, code: Code, scratch: Scratch, i: int,
    at: int,
) -> int:  # fmt: skip
    """Every fact that looks at the event's type takes it in; FINE, TOO_LARGE or TOO_MANY."""
    kind, day, hour = feed.type[i], feed.day[i], feed.hour[i]
    for k in range(tables.intakes_at[kind], tables.intakes_at[kind + 1]):
        it, member = tables.intakes[k], feed.member[i]
        if it.friend:
            member = state.members[member].referrer
            if member < 0:
                continue
        fact, kept = tables.facts[it.fact], state.facts[member, it.fact]
        if it.role == ROLE_SINCE:
            facts.clear(state, kept)
            kept.open = 1
            continue
        if fact.since >= 0 and not kept.open:
            continue
        known, value = _value(state, tables, feed, ready, code, scratch, i, at, it)
        if known == TOO_LARGE:
            return TOO_LARGE
        if known == FINE:
            continue
        if it.way != AS_IT_IS:
            if not _add(state, kept, it, value, day):
                return TOO_LARGE
            continue
        if fact.less_event >= 0 and it.role == ROLE_LESS:
            value = -value
        if not facts.take_in(state, fact, kept, value, day, hour):
            return TOO_MANY if fact.kind == FREQUENT else TOO_LARGE
    return FINE


@njit(**SMALL)
def _add(state: State, kept: Records, it: Records, value: int, day: int) -> bool:
    """Adds a value to a sum or count of all time, or of so many days."""
    if it.way == SLIDING:
        facts.forget(state, kept, day - it.days + 1)
        facts.merge(state, kept, day, value, 1)
    return facts.add_to(kept, value)


@njit(**INNER)
def _value(
    state: State, tables: Tables, feed: Feed, ready: Ready, code: Code, scratch: Scratch, i: int,
    at: int, it: Records,
) -> tuple[int, int]:  # fmt: skip
    """(2, what the fact takes in), (0, 0) where it takes nothing, (1, 0) where it is too large."""
    if it.how == CONSTANT:
        return 2, it.value
    if it.how == FIELD:
        null = feed.fields_null[it.value, i]
        return (FINE, 0) if null else (2, feed.fields[it.value, i])
    if it.how == COLUMN:
        value = ready.columns[it.value, at]
        if value == ASK:
            return TOO_LARGE, 0
        return (FINE, 0) if value == NULL else (2, value)
    if it.how != ASKED:
        return 2, feed.at[i] if it.how == ITS_INSTANT else np.int64(feed.day[i])
    return _asked(state, tables, feed, code, scratch, i, it)


@njit(**INNER)
def _asked(
    state: State, tables: Tables, feed: Feed, code: Code, scratch: Scratch, i: int, it: Records
) -> tuple[int, int]:
    """The same where it takes more than the event."""
    fact = tables.facts[it.fact]
    number = fact.less_value if it.role == ROLE_LESS else fact.value
    if fact.condition >= 0 and it.role != ROLE_LESS:
        environment.load(state, tables, feed, scratch, i, fact.condition)
        _, low, how = evaluate_row(code, fact.condition, scratch.env, scratch.null)
        if how == 2:
            return TOO_LARGE, 0
        if how != 0 or low != 1:
            return FINE, 0
    if number < 0:
        timed = fact.kind == LAST or fact.kind == FIRST or fact.kind == PREVIOUS
        if timed:
            return 2, feed.at[i]
        return 2, np.int64(feed.day[i]) if fact.kind == MEDIAN_GAP else 1
    environment.load(state, tables, feed, scratch, i, number)
    high, low, how = evaluate_row(code, number, scratch.env, scratch.null)
    if how == 2 or (how == 0 and not wide.fits(high, low)):
        return TOO_LARGE, 0
    if how != 0:
        return FINE, 0
    if fact.kind == COUNT or fact.kind == STREAK:
        return 2, 1
    return 2, low
