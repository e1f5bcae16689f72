"""Codes: rewards that an order uses without having been given them before (compiled; S10, S27)."""

from __future__ import annotations

from numba import njit

from engine.machine.bytecode_steps import Code
from engine.machine.compiling import INNER
from engine.machine.give import remember
from engine.machine.grants import grant
from engine.machine.judge import NO_LIMIT, budget_left, counts, end_budget, in_window, use, within
from engine.machine.lots import step_on
from engine.machine.reasons import CONDITION, FITS, TOO_LATE, TOO_MUCH, holds
from engine.machine.shelf import shelf_has, shelf_left, take_from_shelf, valid_until
from engine.machine.state import (
    COUNT_ALONE,
    LIMIT_REACHED,
    NO_BUDGET,
    NO_STOCK,
    NOT_ELIGIBLE,
    NOT_IN_WINDOW,
    Feed,
    Scratch,
    State,
)
from engine.machine.tables import Tables

OWN_WINDOW = 0  # what is missing where the reward's window, not a coupon's last day, has passed


@njit(**INNER)
def bars(
    state: State, tables: Tables, feed: Feed, code: Code, scratch: Scratch, i: int, reward: int
) -> tuple[int, int]:  # fmt: skip
    """What stands against having a reward by its code: its window, its condition; or -1."""
    rule, it, day = tables.rules[tables.rewards[reward].rule], tables.coupons[reward], feed.day[i]
    dated = it.face_from == it.face_to or step_on(tables.steps, it.face_from, it.face_to, day) >= 0
    if not in_window(rule, day) or not dated:
        return NOT_IN_WINDOW, OWN_WINDOW
    if rule.condition >= 0:
        held = holds(state, tables, feed, code, scratch, i, rule.condition)
        if held != FITS:
            return (held, 0) if held == TOO_MUCH else (NOT_ELIGIBLE, CONDITION)
    if not within(state, tables, rule, feed.member[i], day):
        return NOT_ELIGIBLE, TOO_LATE
    return -1, 0


@njit(**INNER)
def room(state: State, tables: Tables, feed: Feed, i: int, reward: int) -> tuple[int, int]:
    """Whether limits, stock and budget leave one more of what is had by its code; -1 if so."""
    r, day, hour = tables.rewards[reward].rule, feed.day[i], feed.hour[i]
    left = counts(state, tables, r, feed.member[i], day, hour)
    if left != NO_LIMIT and left < 1:
        return LIMIT_REACHED, 1 - left
    if not shelf_has(state, tables, reward, 1, day):
        return NO_STOCK, shelf_left(state, tables, reward, day)
    budget = tables.rules[r].budget
    if budget >= 0 and budget_left(state, tables, budget, day, hour) < 1:
        end_budget(state, tables, budget, day, hour)
        return NO_BUDGET, 0
    return -1, 0


@njit(**INNER)
def issue(state: State, tables: Tables, feed: Feed, i: int, reward: int, n: int) -> int:
    """The grant of what is had by its code, counted in the reward's limits, stock and budget."""
    it, member, day, hour = tables.rewards[reward], feed.member[i], feed.day[i], feed.hour[i]
    rule, keep = tables.rules[it.rule], feed.keep[i]
    for k in range(rule.limits_from, rule.limits_to):
        use(state, state.used[member, k], tables.limits[k], 1, day, hour)
    if rule.budget >= 0:
        use(state, state.spent[rule.budget], tables.budgets[rule.budget], 1, day, hour)
        state.spent[rule.budget].total += 1
    if keep >= 0 and (rule.budget >= 0 or rule.return_limit):
        remember(state, keep, member, COUNT_ALONE, it.rule, 0, -1, 1)
    take_from_shelf(state, reward, 1)
    until = valid_until(tables, reward, day)
    return grant(state, member, it.kind, reward, it.rule, i, n, until, day, keep)
