"""Works out, for a block of events, what needs no state: which rules may hold, columns of numbers.

A rule's bit is set where its window holds, its dated values have begun and the part of its
condition that the event alone decides is true (compiled).
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from engine.machine import wide
from engine.machine.bytecode_steps import DAY_OF_MONTH, MONTH, WEEKDAY, YEAR, Code
from engine.machine.calendar import LONG_AGO, NEVER
from engine.machine.compiling import INNER
from engine.machine.evaluate import row
from engine.machine.evaluate_block import into
from engine.machine.evaluate_days import part
from engine.machine.state import Feed, Ready, Scratch
from engine.machine.tables import (
    AMONG,
    N_AT,
    N_FIELD,
    OF_FIELD,
    OF_HOUR,
    TESTED,
    WITHIN,
    Records,
    Tables,
)

WIDTH = 4_096  # events of a block
FEW = 8  # so few are worked out one by one
NULL = -(2**63)  # in a column: nothing
ASK = NULL + 1  # in a column: more than 64 bits hold; it is worked out when it is asked for
TOO_LARGE = 2
_PART = (0, WEEKDAY, MONTH, DAY_OF_MONTH, YEAR)  # by OF_*


@njit(**INNER)
def fill(
    tables: Tables, feed: Feed, code: Code, scratch: Scratch, ready: Ready,
    todo: NDArray[np.int64], first: int, stop: int,
) -> None:  # fmt: skip
    """Fills `ready` for the events `todo[first:stop]`, at most WIDTH, type by type."""
    _sort(feed, ready, todo, first, stop)
    base = 0
    for kind in range(len(tables.jobs_at) - 1):
        count = ready.ends[kind] - base
        if count:
            for word in range(ready.bits.shape[1]):
                _windows(tables, feed, ready, todo, first, kind, base, count, word)
            for slot in range(len(ready.loaded)):
                ready.loaded[slot] = False
            for j in range(tables.jobs_at[kind], tables.jobs_at[kind + 1]):
                _job(tables, feed, code, scratch, ready, todo, first, tables.jobs[j], base, count)
        base += count


@njit(**INNER)
def _sort(feed: Feed, ready: Ready, todo: NDArray[np.int64], first: int, stop: int) -> None:
    """Gives events of one type places beside each other: from the last type's end to its own."""
    for kind in range(len(ready.ends)):
        ready.ends[kind] = 0
    for k in range(first, stop):
        ready.ends[feed.type[todo[k]] + 1] += 1
    for kind in range(1, len(ready.ends)):
        ready.ends[kind] += ready.ends[kind - 1]
    for k in range(first, stop):
        kind = feed.type[todo[k]]
        place = ready.ends[kind]
        ready.ends[kind] = place + 1
        ready.places[k - first], ready.turns[place], ready.bad[place] = place, k - first, False


@njit(**INNER)
def _windows(
    tables: Tables, feed: Feed, ready: Ready, todo: NDArray[np.int64], first: int, kind: int,
    base: int, count: int, word: int,
) -> None:  # fmt: skip
    """Sets the bits of the rules that look at events of a type and whose time it is."""
    low = tables.rules_at[kind] + 64 * word
    end = min(low + 64, tables.rules_at[kind + 1])
    always = np.uint64(0)
    for k in range(low, end):
        rule = tables.rules[tables.rules_of[k]]
        if rule.begins == LONG_AGO and rule.end == NEVER:
            always |= np.uint64(1) << np.uint64(k - low)
    for place in range(base, base + count):
        ready.bits[place, word] = always
    for k in range(low, end):
        rule = tables.rules[tables.rules_of[k]]
        if rule.begins == LONG_AGO and rule.end == NEVER:
            continue
        bit = np.uint64(1) << np.uint64(k - low)
        for place in range(base, base + count):
            if rule.begins <= feed.day[todo[first + ready.turns[place]]] <= rule.end:
                ready.bits[place, word] |= bit


@njit(**INNER)
def _job(
    tables: Tables, feed: Feed, code: Code, scratch: Scratch, ready: Ready,
    todo: NDArray[np.int64], first: int, job: Records, base: int, count: int,
) -> None:  # fmt: skip
    """One expression for the events at `count` places from `base` on, into its bit or column."""
    if job.number == TESTED:
        _look(tables, feed, ready, todo, first, job.rule, tables.looks[job.where], base, count)
        return
    if job.number >= 0:
        _work(tables, feed, code, scratch, ready, todo, first, job.number, base, count)
    else:
        _itself(feed, ready, todo, first, job.number, base, count)
    if job.column >= 0:
        _into_column(ready, job.column, base, count)
    else:
        word, bit = job.rule >> 6, np.uint64(1) << np.uint64(job.rule & 63)
        for n in range(count):
            if ready.state[n] != 0 or ready.low[n] != 1:
                ready.bits[base + n, word] &= ~bit
    if job.where >= 0:
        _work(tables, feed, code, scratch, ready, todo, first, job.where, base, count)
        for n in range(count):
            if ready.state[n] != 0 or ready.low[n] != 1:
                ready.columns[job.column, base + n] = NULL


@njit(**INNER)
def _look(
    tables: Tables, feed: Feed, ready: Ready, todo: NDArray[np.int64], first: int, rule: int,
    it: Records, base: int, count: int,
) -> None:  # fmt: skip
    """Takes a rule's bit from events that are not what it asks for."""
    if not ready.loaded[it.slot]:
        if it.source == OF_FIELD:
            _load_field(feed, ready, todo, first, it.slot, it.index, base, count)
        else:
            _load_day(feed, ready, todo, first, it.slot, it.source, base, count)
    values, nulls, negated = ready.env[it.slot], ready.null[it.slot], it.negated != 0
    word, bit, low, high = rule >> 6, np.uint64(rule & 63), it.low, it.high
    if it.how == WITHIN:
        for n in range(count):
            holds = (low <= values[n]) & (values[n] <= high)
            ready.bits[base + n, word] &= ~(np.uint64(nulls[n] | (holds == negated)) << bit)
    elif it.how == AMONG:
        for n in range(count):
            holds = False
            for k in range(low, high):
                holds |= tables.listed[k] == values[n]
            ready.bits[base + n, word] &= ~(np.uint64(nulls[n] | (holds == negated)) << bit)
    else:
        for n in range(count):
            ready.bits[base + n, word] &= ~(np.uint64(nulls[n] == negated) << bit)


@njit(**INNER)
def _load_day(
    feed: Feed, ready: Ready, todo: NDArray[np.int64], first: int, slot: int, source: int,
    base: int, count: int,
) -> None:  # fmt: skip
    """What is asked of the days, or the hour, of the events."""
    ready.loaded[slot] = True
    for n in range(count):
        i = todo[first + ready.turns[base + n]]
        if source == OF_HOUR:
            ready.env[slot, n] = feed.hour[i]
        else:
            ready.env[slot, n] = part(feed.day[i], _PART[source])


@njit(**INNER)
def _itself(
    feed: Feed,
    ready: Ready,
    todo: NDArray[np.int64],
    first: int,
    which: int,
    base: int,
    count: int,
) -> None:
    """1, the instant or the day of each event."""
    for n in range(count):
        i = todo[first + ready.turns[base + n]]
        itself = feed.at[i] if which == -2 else feed.day[i]
        ready.low[n] = 1 if which == -1 else itself
        ready.high[n], ready.state[n] = ready.low[n] >> 63, 0


@njit(**INNER)
def _into_column(ready: Ready, column: int, base: int, count: int) -> None:
    for n in range(count):
        value = ready.low[n]
        if ready.state[n] != 0:
            value = NULL
        elif not wide.fits(ready.high[n], value) or value <= ASK:
            value = ASK
        ready.columns[column, base + n] = value


@njit(**INNER)
def _work(
    tables: Tables, feed: Feed, code: Code, scratch: Scratch, ready: Ready,
    todo: NDArray[np.int64], first: int, number: int, base: int, count: int,
) -> None:  # fmt: skip
    """What an expression comes to, into `high`, `low` and `state`; `bad` where it is too large."""
    for k in range(tables.needs_at[number], tables.needs_at[number + 1]):
        if not ready.loaded[tables.needs[k].slot]:
            _load(feed, ready, todo, first, tables.needs[k], base, count)
    if count > FEW:
        into(
            code, number, ready.env, ready.null, 0, count, ready.high, ready.low, ready.state,
            ready.upper, ready.lower, ready.gone, ready.large,
        )  # fmt: skip
    else:
        for n in range(count):
            for k in range(tables.needs_at[number], tables.needs_at[number + 1]):
                slot = tables.needs[k].slot
                scratch.env[slot], scratch.null[slot] = ready.env[slot, n], ready.null[slot, n]
            high, low, how = row(code, number, scratch.env, scratch.null)
            ready.high[n], ready.low[n], ready.state[n] = high, low, how
    for n in range(count):
        if ready.state[n] == TOO_LARGE:
            ready.bad[base + n] = True


@njit(**INNER)
def _load(
    feed: Feed,
    ready: Ready,
    todo: NDArray[np.int64],
    first: int,
    need: Records,
    base: int,
    count: int,
) -> None:
    """Puts what an expression reads of the events into the environment."""
    if need.source == N_FIELD:
        _load_field(feed, ready, todo, first, need.slot, need.index, base, count)
        return
    ready.loaded[need.slot] = True
    for n in range(count):
        i = todo[first + ready.turns[base + n]]
        ready.env[need.slot, n] = feed.at[i] if need.source == N_AT else feed.day[i]
        ready.null[need.slot, n] = False


@njit(**INNER)
def _load_field(
    feed: Feed, ready: Ready, todo: NDArray[np.int64], first: int, slot: int, column: int,
    base: int, count: int,
) -> None:  # fmt: skip
    ready.loaded[slot] = True
    for n in range(count):
        i = todo[first + ready.turns[base + n]]
        ready.env[slot, n], ready.null[slot, n] = (
            feed.fields[column, i],
            feed.fields_null[column, i],
        )
