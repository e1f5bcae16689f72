"""Works out, for a block of events, what needs no state: which rules may hold, columns of numbers.

A rule's bit is set where its window holds, its dated values have begun and the part of its
condition that the event alone decides is true (compiled).
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from engine.machine import wide
from engine.machine.bytecode_steps import Code
from engine.machine.compiling import INNER
from engine.machine.evaluate import row
from engine.machine.evaluate_block import into
from engine.machine.state import Feed, Ready, Scratch
from engine.machine.tables import N_AT, N_FIELD, Records, Tables

WIDTH = 4_096  # events of a block
FEW = 8  # so few are worked out one by one
NULL = -(2**63)  # in a column: nothing
ASK = NULL + 1  # in a column: more than 64 bits hold; it is worked out when it is asked for
TOO_LARGE = 2


@njit(**INNER)
def fill(
    tables: Tables, feed: Feed, code: Code, scratch: Scratch, ready: Ready,
    todo: NDArray[np.int64], first: int, stop: int,
) -> None:  # fmt: skip
    """Fills `ready` for the events `todo[first:stop]`, at most WIDTH, type by type."""
    for kind in range(len(tables.jobs_at) - 1):
        count = 0
        for k in range(first, stop):
            if feed.type[todo[k]] == kind:
                ready.places[count] = k - first
                ready.bad[k - first] = False
                count += 1
        if count:
            _windows(tables, feed, ready, todo, first, kind, count)
            for j in range(tables.jobs_at[kind], tables.jobs_at[kind + 1]):
                _job(tables, feed, code, scratch, ready, todo, first, tables.jobs[j], count)


@njit(**INNER)
def _windows(
    tables: Tables, feed: Feed, ready: Ready, todo: NDArray[np.int64], first: int, kind: int,
    count: int,
) -> None:  # fmt: skip
    """Sets the bits of the rules that look at events of a type and whose time it is."""
    start, end = tables.rules_at[kind], tables.rules_at[kind + 1]
    for n in range(count):
        place = ready.places[n]
        day = feed.day[todo[first + place]]
        for word in range(ready.bits.shape[1]):
            bits = np.uint64(0)
            low = start + 64 * word
            for k in range(low, min(low + 64, end)):
                rule = tables.rules[tables.rules_of[k]]
                if rule.begins <= day <= rule.end:
                    bits |= np.uint64(1) << np.uint64(k - low)
            ready.bits[place, word] = bits


@njit(**INNER)
def _job(
    tables: Tables, feed: Feed, code: Code, scratch: Scratch, ready: Ready,
    todo: NDArray[np.int64], first: int, job: Records, count: int,
) -> None:  # fmt: skip
    """One expression for the events at `ready.places[:count]`, into its bit or column."""
    if job.number >= 0:
        _work(tables, feed, code, scratch, ready, todo, first, job.number, count)
    for n in range(count):
        place = ready.places[n]
        if job.number < 0:
            i = todo[first + place]
            itself = feed.at[i] if job.number == -2 else feed.day[i]
            ready.low[n], ready.state[n] = 1 if job.number == -1 else itself, 0
            ready.high[n] = ready.low[n] >> 63
        if ready.state[n] == TOO_LARGE:
            ready.bad[place] = True
        if job.column < 0:
            if ready.state[n] != 0 or ready.low[n] != 1:
                bit = np.uint64(1) << np.uint64(job.rule % 64)
                ready.bits[place, job.rule // 64] &= ~bit
        elif ready.state[n] != 0:
            ready.columns[job.column, place] = NULL
        elif wide.fits(ready.high[n], ready.low[n]) and ready.low[n] > ASK:
            ready.columns[job.column, place] = ready.low[n]
        else:
            ready.columns[job.column, place] = ASK
    if job.where >= 0:
        _where(tables, feed, code, scratch, ready, todo, first, job, count)


@njit(**INNER)
def _where(
    tables: Tables, feed: Feed, code: Code, scratch: Scratch, ready: Ready,
    todo: NDArray[np.int64], first: int, job: Records, count: int,
) -> None:  # fmt: skip
    """Leaves nothing in a column where another expression does not hold."""
    _work(tables, feed, code, scratch, ready, todo, first, job.where, count)
    for n in range(count):
        if ready.state[n] == TOO_LARGE:
            ready.bad[ready.places[n]] = True
        if ready.state[n] != 0 or ready.low[n] != 1:
            ready.columns[job.column, ready.places[n]] = NULL


@njit(**INNER)
def _work(
    tables: Tables, feed: Feed, code: Code, scratch: Scratch, ready: Ready,
    todo: NDArray[np.int64], first: int, number: int, count: int,
) -> None:  # fmt: skip
    """What an expression comes to, into `high`, `low` and `state`."""
    for k in range(tables.needs_at[number], tables.needs_at[number + 1]):
        need = tables.needs[k]
        for n in range(count):
            i = todo[first + ready.places[n]]
            if need.source == N_FIELD:
                ready.env[need.slot, n] = feed.fields[need.index, i]
                ready.null[need.slot, n] = feed.fields_null[need.index, i]
            else:
                ready.env[need.slot, n] = feed.at[i] if need.source == N_AT else feed.day[i]
                ready.null[need.slot, n] = False
    if count > FEW:
        into(
            code, number, ready.env, ready.null, 0, count, ready.high, ready.low, ready.state,
            ready.upper, ready.lower, ready.gone, ready.large,
        )  # fmt: skip
        return
    for n in range(count):
        for k in range(tables.needs_at[number], tables.needs_at[number + 1]):
            slot = tables.needs[k].slot
            scratch.env[slot], scratch.null[slot] = ready.env[slot, n], ready.null[slot, n]
        high, low, how = row(code, number, scratch.env, scratch.null)
        ready.high[n], ready.low[n], ready.state[n] = high, low, how
