"""Judging: which rules hold for one event (compiled; S15, S16, S19, S20)."""

from __future__ import annotations

import numpy as np
from numba import njit
from numba.cpython.unsafe.numbers import trailing_zeros

from engine.machine import facts, tiers
from engine.machine.bytecode_steps import Code
from engine.machine.calendar import LONG_AGO, period
from engine.machine.compiling import INNER, SMALL
from engine.machine.environment import known_of, load
from engine.machine.evaluate import row
from engine.machine.evaluate_plain import compared
from engine.machine.lots import last_day_of, step_on
from engine.machine.referrals import party
from engine.machine.state import BOUND, Feed, Ready, Scratch, State
from engine.machine.tables import (
    OF_ATTRIBUTE,
    OF_PLAIN,
    OF_RUNG,
    OF_SLIDING,
    SECTION_CHAIN,
    T_GIVEN,
    Records,
    Tables,
)

# What a rule came to, in the order in which it is asked.
(V_OTHER, V_WINDOW, V_DATED, V_RECEIVER, V_WITHIN, V_CONDITION, V_NTH, V_PROGRESS, V_ONCE, V_COUNT,
 V_BUDGET, V_NULL, V_GROUP, V_HOLDS) = range(14)  # fmt: skip
NO_LIMIT = -1
TOO_LARGE = 2


@njit(**INNER)
def used_so_far(state: State, owner: Records, limit: Records, day: int, hour: int) -> int:
    """How much of a limit or budget is used in the period that `day` lies in (S20)."""
    if limit.days:
        while owner.first >= 0 and state.items[owner.first].day <= day - limit.days:
            owner.used -= state.items[owner.first].value
            facts.drop_first(state, owner)
        return owner.used
    return owner.used if owner.key == period(limit.unit, day, hour) else 0


@njit(**INNER)
def use(state: State, owner: Records, limit: Records, amount: int, day: int, hour: int) -> None:
    """Adds to what is used of a limit or budget; a negative amount gives back."""
    if limit.days:
        facts.merge(state, owner, day, amount, 0)
        owner.used += amount
        return
    key = period(limit.unit, day, hour)
    if owner.key != key:
        owner.key, owner.used = key, 0
    owner.used += amount


@njit(**INNER)
def give_back(
    state: State, owner: Records, limit: Records, amount: int, day: int, hour: int, then: int,
    then_hour: int,
) -> None:  # fmt: skip
    """What was used on the day `then` is free again, where its period is still running."""
    if limit.days:
        item = owner.first
        while item >= 0:
            if state.items[item].day == then:
                state.items[item].value -= amount
                owner.used -= amount
                return
            item = state.items[item].next
    elif owner.key == period(limit.unit, then, then_hour):
        owner.used -= amount


@njit(**INNER)
def allowed(tables: Tables, limit: Records, day: int) -> int:
    """The number of a limit or budget in force on `day`; before its first date nothing."""
    step = step_on(tables.steps, limit.steps_from, limit.steps_to, day)
    return tables.steps[step].number if step >= 0 else 0


@njit(**SMALL)
def in_window(rule: Records, day: int) -> bool:
    """Whether `day` lies within a rule's `from` and `until`."""
    return rule.start <= day <= rule.end


@njit(**SMALL)
def within(state: State, tables: Tables, rule: Records, member: int, day: int) -> bool:
    """Whether `day` is still within the rule's time of joining (S11)."""
    joined = state.members[member].joined
    if rule.within < 0:
        return True
    return joined != LONG_AGO and day <= last_day_of(tables, rule.within, joined)


@njit(**INNER)
def counts(state: State, tables: Tables, r: int, member: int, day: int, hour: int) -> int:
    """How many more times a rule may hold for a member; NO_LIMIT where nothing says so."""
    rule, left = tables.rules[r], NO_LIMIT
    for k in range(rule.limits_from, rule.limits_to):
        limit = tables.limits[k]
        if limit.wallet < 0:
            rest = allowed(tables, limit, day) - used_so_far(
                state, state.used[member, k], limit, day, hour
            )
            left = max(rest, 0) if left == NO_LIMIT else min(left, max(rest, 0))
    return left


@njit(**INNER)
def has_ended(budget: Records, spent: Records, day: int, hour: int) -> bool:
    """Whether a budget has ended in the period that `day` lies in."""
    return spent.ended and not budget.days and spent.ended_key == period(budget.unit, day, hour)


@njit(**INNER)
def budget_left(state: State, tables: Tables, b: int, day: int, hour: int) -> int:
    """What is left of a budget in its period; 0 when it has ended there (S21)."""
    budget, spent = tables.budgets[b], state.spent[b]
    used = used_so_far(state, spent, budget, day, hour)
    if has_ended(budget, spent, day, hour):
        return 0
    return max(allowed(tables, budget, day) - used, 0)


@njit(**INNER)
def end_budget(state: State, tables: Tables, b: int, day: int, hour: int) -> None:
    """A budget has met an award that did not fit: it has ended in this period (S21)."""
    use(state, state.spent[b], tables.budgets[b], 0, day, hour)
    spent = state.spent[b]
    if not spent.ended:
        spent.ended_day = day
    spent.ended, spent.ended_key = 1, spent.key


@njit(**INNER)
def judge(
    state: State, tables: Tables, feed: Feed, ready: Ready, code: Code, scratch: Scratch, i: int,
    at: int,
) -> int:  # fmt: skip
    """Says of each rule that may hold what it comes to, but for amounts and groups.

    `at` is the event's place in `ready`. Returns how many hold, or would but for a budget that
    counts; they stand in `scratch.held` in file order. -1: a number is too large.
    """
    if ready.bad[at]:
        return -1
    if not scratch.turn[1]:
        _ask(state, tables, feed, ready, i, at)
    start, count, member = tables.rules_at[feed.type[i]], 0, feed.member[i]
    scratch.turn[BOUND] = scratch.turn[1]
    for word in range((tables.rules_at[feed.type[i] + 1] - start + 63) >> 6):
        bits = ready.bits[at, word]
        while bits:
            first: int = trailing_zeros(bits)  # type: ignore[call-arg]
            r = tables.rules_of[start + 64 * word + first]
            bits &= bits - np.uint64(1)
            verdict, scratch.receiver[r] = V_HOLDS, member
            if not tables.rules[r].plain or scratch.turn[1]:
                verdict = _verdict(state, tables, feed, code, scratch, i, r)
                if verdict < 0:
                    return -1
            scratch.verdict[r] = verdict
            if verdict >= V_BUDGET:
                scratch.turn[BOUND] |= tables.rules[r].bound
                scratch.held[count] = r
                count += 1
    return count


@njit(**INNER)
def _ask(state: State, tables: Tables, feed: Feed, ready: Ready, i: int, at: int) -> None:
    """Takes the bits of those rules whose tests of the member fail."""
    for k in range(tables.asked_at[feed.type[i]], tables.asked_at[feed.type[i] + 1]):
        it = tables.asked[k]
        mask = np.uint64(it.mask)
        if ready.bits[at, it.word] & mask:
            if not _passes(state, tables, feed, i, tables.tests[it.test]):
                ready.bits[at, it.word] &= ~mask


@njit(**INNER)
def _verdict(
    state: State, tables: Tables, feed: Feed, code: Code, scratch: Scratch, i: int, r: int
) -> int:
    """What a rule comes to whose bit is set; -1 where a number is too large.

    Its tests are asked again only for those who tell: `_ask` has taken the bits of who fails.
    """
    rule, member = tables.rules[r], feed.member[i]
    if rule.to_field >= 0:
        member = party(state, feed, i, rule.to_field)
    scratch.receiver[r] = member
    if member < 0:
        return V_RECEIVER
    if rule.lead >= 0:
        if rule.lead != r:
            return _side(state, tables, feed, scratch, i, r, member)
        if rule.section == SECTION_CHAIN:
            if state.members[member].role:
                return V_ONCE
        elif state.members[member].referrer < 0:
            return V_RECEIVER
    if not within(state, tables, rule, feed.member[i], feed.day[i]):
        return V_WITHIN
    if scratch.turn[1] and not _passes_all(state, tables, feed, i, rule):
        return V_CONDITION
    if rule.rest >= 0:
        load(state, tables, feed, scratch, i, rule.rest)
        _, low, how = row(code, rule.rest, scratch.env, scratch.null)
        if how == TOO_LARGE:
            return -1
        if how != 0 or low != 1:
            return V_CONDITION
    verdict = V_HOLDS
    if rule.counts and rule.task < 0:  # what a task gathers comes before its counts
        verdict = _counted(state, tables, r, member, feed.day[i], feed.hour[i])
    if rule.lead == r and verdict == V_HOLDS:
        scratch.passed[r] = scratch.turn[0]
    return verdict


@njit(**INNER)
def _side(
    state: State, tables: Tables, feed: Feed, scratch: Scratch, i: int, r: int, member: int
) -> int:
    """What a side of a referral rule comes to: as its lead, within limits of its own (S32)."""
    rule = tables.rules[r]
    if scratch.passed[rule.lead] != scratch.turn[0]:
        return V_CONDITION
    if rule.nth:
        held = state.used[member, rule.counter].used
        if held + 1 != rule.nth:
            return V_NTH
    if rule.counts:
        return _counted(state, tables, r, member, feed.day[i], feed.hour[i])
    return V_HOLDS


@njit(**INNER)
def _passes_all(state: State, tables: Tables, feed: Feed, i: int, rule: Records) -> bool:
    for k in range(rule.tests_from, rule.tests_to):
        if not _passes(state, tables, feed, i, tables.tests[k]):
            return False
    return True


@njit(**SMALL)
def _passes(state: State, tables: Tables, feed: Feed, i: int, test: Records) -> bool:
    """Whether what is known of the member stands to the test's number as it says."""
    member, known, value = feed.member[i], True, 0
    if test.way == OF_RUNG:
        rung = state.members[member].rung
        if tables.tiers[T_GIVEN]:
            rung = tiers.tier_of(state, tables, member, feed.day[i])
        return rung >= 0 and (test.value >> rung) & 1 == 1
    if test.way == OF_PLAIN:
        value = state.facts[member, test.index].a
    elif test.way == OF_SLIDING:
        kept = state.facts[member, test.index]
        facts.forget(state, kept, feed.day[i] - test.days + 1)
        value = kept.a
    elif test.way == OF_ATTRIBUTE:
        known = not state.attributes_null[member, test.index]
        value = state.attributes[member, test.index]
    else:
        known, value, _ = known_of(state, tables, feed, i, member, test.source, test.index)
    if test.among:
        return known and _is_among(tables, value, test.value, test.among)
    if test.over:  # the remainder has the sign of what is divided
        value = value % test.over if value >= 0 else -(-value % test.over)
    return known and compared(value, test.value, test.holds) != 0


@njit(**INNER)
def _is_among(tables: Tables, value: int, first: int, count: int) -> bool:
    for n in range(first, first + count):
        if tables.listed[n] == value:
            return True
    return False


@njit(**INNER)
def _counted(state: State, tables: Tables, r: int, member: int, day: int, hour: int) -> int:
    """Whether `once`, the counts of a rule, or a budget that counts are used up (S16, S21)."""
    rule = tables.rules[r]
    if counts(state, tables, r, member, day, hour) == 0:
        return V_ONCE if rule.once else V_COUNT
    if rule.budget >= 0 and tables.budgets[rule.budget].wallet < 0:
        if budget_left(state, tables, rule.budget, day, hour) < 1:
            return V_BUDGET
    return V_HOLDS
