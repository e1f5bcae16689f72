"""Runs: a task that each of some events starts anew, with what that event says (compiled).

A member's open runs of a task form a list in the order in which they began. A run keeps the fields
of the event that began it; what it has to reach, and until when, is fixed with it (RULINGS 2).
"""

# The types of numbers are numba's here, which mypy does not know apart.
# mypy: disable-error-code="return-value"
from __future__ import annotations

import numpy as np
from numba import njit

from engine.machine import wide
from engine.machine.bytecode_steps import Code
from engine.machine.calendar import NEVER, add
from engine.machine.compiling import INNER
from engine.machine.environment import load
from engine.machine.evaluate import row
from engine.machine.give import remember
from engine.machine.restore import share_of
from engine.machine.state import CURRENT, FREE_RUN, OF_A_RUN, RUNS, Feed, Scratch, State
from engine.machine.tables import Records, Tables

_MOST = 2.0**62  # what is gathered stays below it
_ALWAYS = 2**62  # an instant that does not come
TOO_LARGE = -1


@njit(**INNER)
def follow(
    state: State, tables: Tables, feed: Feed, code: Code, scratch: Scratch, r: int, value: int,
    i: int,
) -> int:  # fmt: skip
    """Adds a value to each open run of a task for which it holds; how many are done, or TOO_LARGE.

    Those that are done stand in a list that begins at `scratch.runs`; they and those whose time is
    over are open no more.
    """
    task = tables.tasks[tables.rules[r].task]
    own = state.progress[scratch.receiver[r], task.parts_from]
    run, before, last, count = own.runs, -1, -1, 0
    scratch.runs[r] = -1
    while run >= 0:
        it = state.runs[run]
        after = it.next
        over, done = it.until < feed.at[i] or it.last_day < feed.day[i], False
        if not over:
            holds = _holds(state, tables, feed, code, scratch, task, run, i)
            if holds == TOO_LARGE or abs(float(it.gathered) + float(value)) > _MOST:
                return TOO_LARGE
            if holds:
                _add(state, feed, r, run, value, i)
                done = it.gathered >= it.goal
        if over or done:
            _close(state, own, run, before, after)
        else:
            before = run
        if done:
            it.after = -1
            if last < 0:
                scratch.runs[r] = run
            else:
                state.runs[last].after = run
            last = run
            count += 1
        run = after
    return count


@njit(**INNER)
def _holds(
    state: State, tables: Tables, feed: Feed, code: Code, scratch: Scratch, task: Records, run: int,
    i: int,
) -> int:  # fmt: skip
    """1 where what the task asks of the event and of its start holds for a run, 0, or TOO_LARGE."""
    if task.condition < 0:
        return 1
    scratch.turn[CURRENT] = run
    load(state, tables, feed, scratch, i, task.condition)
    _, low, how = row(code, task.condition, scratch.env, scratch.null)
    scratch.turn[CURRENT] = -1
    if how == 2:
        return TOO_LARGE
    return 1 if how == 0 and low == 1 else 0


@njit(**INNER)
def _add(state: State, feed: Feed, r: int, run: int, value: int, i: int) -> None:
    """A run gathers a value; one that a reversal may name is never another run's room."""
    it, keep = state.runs[run], feed.keep[i]
    it.gathered += value
    if keep >= 0:
        it.keep = 1
        remember(state, keep, it.member, OF_A_RUN, r, value, run, 0)


@njit(**INNER)
def _close(state: State, own: Records, run: int, before: int, after: int) -> None:
    """Takes a run out of the list of those that are open."""
    if before < 0:
        own.runs = after
    else:
        state.runs[before].next = after
    if not state.runs[run].keep:
        state.runs[run].next = state.counters[FREE_RUN]
        state.counters[FREE_RUN] = run


@njit(**INNER)
def begin(
    state: State, tables: Tables, feed: Feed, code: Code, scratch: Scratch, i: int
) -> bool:  # fmt: skip
    """Begins the runs that event `i` starts; False where a number is too large."""
    for n in range(len(tables.starts)):
        start = tables.starts[n]
        if start.event != feed.type[i]:
            continue
        if start.condition >= 0:
            known, low = _worked(state, tables, feed, code, scratch, i, start.condition)
            if known == TOO_LARGE:
                return False
            if not known or low != 1:
                continue
        goal, until, last_day = start.least, _ALWAYS, NEVER
        if start.goal >= 0:
            known, goal = _worked(state, tables, feed, code, scratch, i, start.goal)
            high, goal, large = wide.multiply(goal >> 63, goal, 0, start.scale)
            if known == TOO_LARGE or large:
                return False
            _, goal, _ = wide.divide(high, goal, 0, start.goal_den, wide.UP)
            if not known:
                continue
        if start.within >= 0:
            known, term = _worked(state, tables, feed, code, scratch, i, start.within)
            if known == TOO_LARGE:
                return False
            if not known or term < 0:
                continue
            until, last_day = _lasts(feed, start, term, i)
        _open(state, tables, feed, start, goal, until, last_day, i)
    return True


@njit(**INNER)
def _worked(
    state: State, tables: Tables, feed: Feed, code: Code, scratch: Scratch, i: int, number: int
) -> tuple[int, int]:
    """(1, what an expression comes to), (0, 0) where it is null, (TOO_LARGE, 0)."""
    load(state, tables, feed, scratch, i, number)
    high, low, how = row(code, number, scratch.env, scratch.null)
    if how == 2 or (how == 0 and not wide.fits(high, low)):
        return TOO_LARGE, 0
    return (1, low) if how == 0 else (0, 0)


@njit(**INNER)
def _lasts(feed: Feed, start: Records, term: int, i: int) -> tuple[int, int]:
    """The last instant and the last day of a run that lasts so long (S11)."""
    if start.micros:
        if float(term) * float(start.micros) > _MOST:
            return _ALWAYS, NEVER
        return feed.at[i] + term * start.micros // start.within_den, NEVER
    count = min(term // start.within_den, np.int64(36_500))
    return _ALWAYS, add(feed.day[i], count, start.unit)


@njit(**INNER)
def _open(
    state: State, tables: Tables, feed: Feed, start: Records, goal: int, until: int, last_day: int,
    i: int,
) -> None:  # fmt: skip
    """Puts a run behind a member's others, with the fields of the event that starts it."""
    run, member = state.counters[FREE_RUN], feed.member[i]
    if run >= 0:
        state.counters[FREE_RUN] = state.runs[run].next
    else:
        run = state.counters[RUNS]
        state.counters[RUNS] += 1
    it = state.runs[run]
    it.gathered, it.goal, it.until, it.last_day = 0, goal, until, last_day
    it.member, it.next, it.after, it.keep = member, -1, -1, 0
    for n in range(len(tables.start_columns)):
        column = tables.start_columns[n]
        state.begun[run, n], state.begun_null[run, n] = (
            feed.fields[column, i],
            feed.fields_null[column, i],
        )
    own = state.progress[member, start.part]
    last = own.runs
    if last < 0:
        own.runs = run
    else:
        while state.runs[last].next >= 0:
            last = state.runs[last].next
        state.runs[last].next = run
    if feed.keep[i] >= 0:
        it.keep = 1
        remember(state, feed.keep[i], member, OF_A_RUN, start.rule, 0, run, 1)


@njit(**INNER)
def take_back(state: State, gift: int, part: int, base: int) -> None:
    """The share of what an event added to a run; a run that it started is over, if all of it."""
    it = state.gifts[gift]
    run = state.runs[it.lot]
    back = share_of(it.amount, part, base, wide.DOWN) - it.done
    it.done += back
    run.gathered -= back
    if it.times and part == base:
        run.until = -_ALWAYS


@njit(**INNER)
def count_open(state: State, tables: Tables, member: int) -> int:
    """How many runs a member has begun that are not known to be over."""
    count = 0
    for n in range(len(tables.starts)):
        run = state.progress[member, tables.starts[n].part].runs
        while run >= 0:
            count += 1
            run = state.runs[run].next
    return count
