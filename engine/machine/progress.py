"""Progress: what tasks gather of events, and whether they are done with one (compiled; RULINGS 2).

A part of a task counts what is gathered. A task that needs several things has a part for each, any
other one part; it is done when every part has come to its goal, or at each multiple of it. How
often it was done stands in its first part, so that what a refund takes back is gathered once more.
"""

# The types of numbers are numba's here, which mypy does not know apart.
# mypy: disable-error-code="return-value"
from __future__ import annotations

from numba import njit

from engine.machine import runs
from engine.machine.bytecode_steps import Code
from engine.machine.calendar import period
from engine.machine.compiling import INNER
from engine.machine.give import remember
from engine.machine.judge import (
    NO_LIMIT,
    V_BUDGET,
    V_COUNT,
    V_HOLDS,
    V_ONCE,
    V_PROGRESS,
    budget_left,
    counts,
    end_budget,
)
from engine.machine.ready import ASK, NULL
from engine.machine.restore import share_of
from engine.machine.state import PROGRESSED, Feed, Ready, Scratch, State
from engine.machine.tables import (
    COLUMN,
    FIELD,
    NEEDED,
    TIMES_MAX,
    Records,
    Tables,
)
from engine.machine.wide import DOWN

_MOST = 2.0**62  # what is gathered stays below it


@njit(**INNER)
def advance(
    state: State, tables: Tables, feed: Feed, ready: Ready, code: Code, scratch: Scratch, held: int,
    i: int, at: int,
) -> int:  # fmt: skip
    """Leaves of the rules that hold those tasks alone that are done; how many hold, -1: too large.

    `scratch.times` says how often each is done, as far as its counts and its budget go.
    """
    count = 0
    for k in range(held):
        r = scratch.held[k]
        if tables.rules[r].task >= 0 and scratch.verdict[r] == V_HOLDS:
            times = _times(state, tables, feed, ready, code, scratch, r, i, at)
            if times < 0:
                return -1
            scratch.verdict[r] = V_PROGRESS
            if times > 0:
                day, hour = feed.day[i], feed.hour[i]
                scratch.verdict[r] = _bounded(state, tables, scratch, r, times, day, hour)
        if scratch.verdict[r] == V_HOLDS:
            scratch.met[r] = scratch.turn[0]
        if scratch.verdict[r] >= V_BUDGET:
            scratch.held[count] = r
            count += 1
    return count


@njit(**INNER)
def _times(
    state: State, tables: Tables, feed: Feed, ready: Ready, code: Code, scratch: Scratch, r: int,
    i: int, at: int,
) -> int:  # fmt: skip
    """How often a task is done with event `i`, or -1 where a number is too large."""
    task = tables.tasks[tables.rules[r].task]
    if task.start >= 0:
        value = _value(tables, feed, ready, scratch, tables.parts[task.parts_from], r, i, at)
        if value == ASK:
            return -1
        return runs.follow(state, tables, feed, code, scratch, r, value, i)
    if not _gather(state, tables, feed, ready, scratch, r, i, at):
        return -1
    return _done(state, tables, feed, scratch, r, i)


@njit(**INNER)
def _gather(
    state: State, tables: Tables, feed: Feed, ready: Ready, scratch: Scratch, r: int, i: int,
    at: int,
) -> bool:  # fmt: skip
    """Adds what the event is to each part of a task; False where a number is too large."""
    task, member = tables.tasks[tables.rules[r].task], scratch.receiver[r]
    key = period(task.unit, feed.day[i], feed.hour[i])
    for p in range(task.parts_from, task.parts_to):
        own = state.progress[member, p]
        if own.key != key:
            own.gathered, own.done, own.key = 0, 0, key
        value = _value(tables, feed, ready, scratch, tables.parts[p], r, i, at)
        if value == ASK or abs(float(own.gathered) + float(value)) > _MOST:
            return False
        own.gathered += value
        if feed.keep[i] >= 0 and value != 0:
            remember(state, feed.keep[i], member, PROGRESSED, r, value, p, 0)
    return True


@njit(**INNER)
def _value(
    tables: Tables, feed: Feed, ready: Ready, scratch: Scratch, part: Records, r: int, i: int,
    at: int,
) -> int:  # fmt: skip
    """What a part of a task takes of event `i`, or ASK where more than 64 bits hold."""
    if part.how == NEEDED:
        return _is_met(tables, feed, scratch, part, scratch.receiver[r], i)
    if part.how == FIELD:
        return 0 if feed.fields_null[part.value, i] else feed.fields[part.value, i]
    if part.how == COLUMN:
        value = ready.columns[part.value, at]
        return 0 if value == NULL else value
    fixed: int = part.value
    return fixed


@njit(**INNER)
def _is_met(
    tables: Tables, feed: Feed, scratch: Scratch, part: Records, member: int, i: int
) -> int:  # fmt: skip
    """1 where the event is what is needed, or a rule that stands for it holds for the member."""
    if part.event == feed.type[i]:
        return 1
    for n in range(part.rules_from, part.rules_to):
        r = tables.needed[n]
        if scratch.met[r] == scratch.turn[0] and scratch.receiver[r] == member:
            return 1
    return 0


@njit(**INNER)
def _done(state: State, tables: Tables, feed: Feed, scratch: Scratch, r: int, i: int) -> int:
    """How often a task without runs is done with event `i`; it counts as done."""
    task, member = tables.tasks[tables.rules[r].task], scratch.receiver[r]
    first = state.progress[member, task.parts_from]
    times = 1 if first.done == 0 else 0
    if task.repeats:
        times = first.gathered // task.goal - first.done
        if tables.rules[r].awards_to > tables.rules[r].awards_from:
            times = min(times, TIMES_MAX)
    for p in range(task.parts_from, task.parts_to):
        if state.progress[member, p].gathered < task.goal:
            times = 0
    if times <= 0:
        return 0
    first.done += times
    if feed.keep[i] >= 0:
        remember(state, feed.keep[i], member, PROGRESSED, r, 0, task.parts_from, times)
    return times


@njit(**INNER)
def _bounded(
    state: State, tables: Tables, scratch: Scratch, r: int, times: int, day: int, hour: int
) -> int:
    """How often of `times` the counts of a task and of its budget leave, into `scratch.times`."""
    rule = tables.rules[r]
    left = counts(state, tables, r, scratch.receiver[r], day, hour)
    if left == 0:
        return V_ONCE if rule.once else V_COUNT
    if left != NO_LIMIT:
        times = min(times, left)
    if rule.budget >= 0 and tables.budgets[rule.budget].wallet < 0:
        left = budget_left(state, tables, rule.budget, day, hour)
        if left == 0:
            return V_BUDGET
        if left < times:
            times = left
            end_budget(state, tables, rule.budget, day, hour)
    scratch.times[r] = times
    return V_HOLDS


@njit(**INNER)
def take_back(
    state: State, tables: Tables, feed: Feed, target: int, gift: int, part: int, base: int
) -> None:
    """The share of what an event added to a task is gathered no more; if whole, nor was it done.

    What belongs to a period that is over stays as it is.
    """
    it = state.gifts[gift]
    own = state.progress[it.member, it.lot]
    task = tables.tasks[tables.rules[it.rule].task]
    back = share_of(it.amount, part, base, DOWN) - it.done
    it.done += back
    if own.key == period(task.unit, feed.day[target], feed.hour[target]):
        own.gathered -= back
        own.done -= it.times if part == base else 0
    it.times = it.times if part < base else 0
