"""Amounts: what each rule that holds gives, and by what it multiplies, exact (compiled; S16)."""

# The types of numbers are numba's here, which mypy does not know apart.
# mypy: disable-error-code="return-value"
from __future__ import annotations

import numpy as np
from numba import njit

from engine.machine import wide
from engine.machine.bytecode_steps import Code
from engine.machine.compiling import INNER, SMALL
from engine.machine.environment import load
from engine.machine.evaluate import row
from engine.machine.judge import TOO_LARGE, V_BUDGET, V_NULL, end_budget
from engine.machine.lots import step_on
from engine.machine.ready import ASK, NULL
from engine.machine.state import CURRENT, Feed, Ready, Scratch, State
from engine.machine.tables import (
    ASKED,
    COLUMN,
    CONSTANT,
    FIELD,
    Records,
    Tables,
)


@njit(**INNER)
def evaluate(
    state: State, tables: Tables, feed: Feed, ready: Ready, code: Code, scratch: Scratch,
    held: int, i: int, at: int,
) -> int:  # fmt: skip
    """The exact amount of every give and the factor of every multiplier of the rules that hold.

    A rule with a multiplier that is null is left out, and one whose budget has no place left: it
    ends it (S21). Returns how many still hold, or -1.
    """
    count, day = 0, feed.day[i]
    for k in range(held):
        r = scratch.held[k]
        rule, left_out = tables.rules[r], False
        for g in range(rule.gives_from, rule.multiplies_to):
            give = tables.gives[g]
            step = tables.steps[step_on(tables.steps, give.steps_from, give.steps_to, day)]
            high, low, how = _given(state, tables, feed, ready, code, scratch, r, i, at, step)
            if how == TOO_LARGE:
                return -1
            if high < 0:
                high, low = 0, 0
            scratch.known[g] = 1 if how == 0 else 0
            scratch.high[g], scratch.low[g], scratch.den[g] = high, low, step.den
            scratch.factor[g] = step.factor
            if how != 0 and g >= rule.multiplies_from:
                left_out = True
        if left_out:
            scratch.verdict[r] = V_NULL
        elif scratch.verdict[r] == V_BUDGET:
            end_budget(state, tables, rule.budget, day, feed.hour[i])
        else:
            scratch.held[count] = r
            count += 1
    return count


@njit(**INNER)
def _given(
    state: State, tables: Tables, feed: Feed, ready: Ready, code: Code, scratch: Scratch, r: int,
    i: int, at: int, step: Records,
) -> tuple[int, int, int]:  # fmt: skip
    """An amount in the form of `_amount`, as often as a task is done with the event."""
    if scratch.runs[r] >= 0 and step.how == ASKED:
        return _of_runs(state, tables, feed, code, scratch, r, i, step.number)
    high, low, how = _amount(state, tables, feed, ready, code, scratch, i, at, step)
    if scratch.times[r] > 1 and how == 0 and high >= 0:
        high, low, large = wide.multiply(high, low, 0, scratch.times[r])
        how = TOO_LARGE if large else how
    return high, low, how


@njit(**INNER)
def _of_runs(
    state: State, tables: Tables, feed: Feed, code: Code, scratch: Scratch, r: int, i: int,
    number: int,
) -> tuple[int, int, int]:  # fmt: skip
    """What an amount comes to over the runs of a task that are done, in the form of `_amount`."""
    sum_high, sum_low, known = 0, 0, 1
    run = scratch.runs[r]
    for _ in range(scratch.times[r]):
        scratch.turn[CURRENT] = run
        load(state, tables, feed, scratch, i, number)
        high, low, how = row(code, number, scratch.env, scratch.null)
        if how == 0 and high >= 0:
            sum_high, sum_low, large = wide.add(sum_high, sum_low, high, low)
            how = TOO_LARGE if large else how
        if how == TOO_LARGE:
            return 0, 0, TOO_LARGE
        known = known if how else 0
        run = state.runs[run].after
    scratch.turn[CURRENT] = -1
    return sum_high, sum_low, known


@njit(**SMALL)
def _amount(
    state: State, tables: Tables, feed: Feed, ready: Ready, code: Code, scratch: Scratch, i: int,
    at: int, step: Records,
) -> tuple[int, int, int]:  # fmt: skip
    """An amount's upper and lower half, and 0, or 1 where it is null, or TOO_LARGE."""
    if step.how == CONSTANT:
        return np.int64(0), step.value, 0
    if step.how == FIELD:
        value = feed.fields[step.value, i]
        return value >> 63, value, 1 if feed.fields_null[step.value, i] else 0
    if step.how == COLUMN:
        value = ready.columns[step.value, at]
        if value > ASK:
            return value >> 63, value, 0
        if value == NULL:
            return np.int64(0), np.int64(0), 1
    load(state, tables, feed, scratch, i, step.number)
    high, low, how = row(code, step.number, scratch.env, scratch.null)
    return high, low, np.int64(how)
