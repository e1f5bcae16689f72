"""Judging: which rules hold for one event (compiled; S15, S16, S19, S20)."""

from __future__ import annotations

from numba import njit

from engine.machine import facts, facts_read, tiers
from engine.machine.bytecode_steps import Code
from engine.machine.calendar import LONG_AGO, period
from engine.machine.evaluate import row
from engine.machine.lots import last_day_of, step_on
from engine.machine.state import Feed, Scratch, State
from engine.machine.tables import (
    N_ACTIVE,
    N_AT,
    N_ATTRIBUTE,
    N_FACT,
    N_FIELD,
    N_PENDING,
    N_PRIVILEGE,
    N_TIER,
    N_TODAY,
    N_WALLET,
    Records,
    Tables,
)

# What a rule came to, in the order in which it is asked.
(V_OTHER, V_WINDOW, V_DATED, V_RECEIVER, V_WITHIN, V_CONDITION, V_ONCE, V_COUNT, V_BUDGET, V_NULL,
 V_GROUP, V_HOLDS) = range(12)  # fmt: skip
NO_LIMIT = -1
TOO_LARGE = 2


@njit(cache=True, nogil=True)
def load_event(state: State, tables: Tables, feed: Feed, scratch: Scratch, i: int) -> None:
    """Puts into the environment what an event and its member's attributes say."""
    kind, member = feed.type[i], feed.member[i]
    for n in range(tables.needs_at[kind], tables.needs_at[kind + 1]):
        need = tables.needs[n]
        value, null = 0, False
        if need.source == N_FIELD:
            value, null = feed.fields[need.index, i], feed.fields_null[need.index, i]
        elif need.source == N_ATTRIBUTE:
            value = state.attributes[member, need.index]
            null = state.attributes_null[member, need.index]
        elif need.source == N_AT:
            value = feed.at[i]
        elif need.source == N_TODAY:
            value = feed.day[i]
        else:
            continue
        scratch.env[need.slot], scratch.null[need.slot] = value, null


@njit(cache=True, nogil=True)
def load_member(state: State, tables: Tables, feed: Feed, scratch: Scratch, i: int) -> None:
    """Puts into the environment what is kept of the member: facts, wallets, tier, privileges."""
    kind, member, day, hour = feed.type[i], feed.member[i], feed.day[i], feed.hour[i]
    for n in range(tables.needs_at[kind], tables.needs_at[kind + 1]):
        need = tables.needs[n]
        value, null = 0, False
        if need.source == N_FACT:
            known, value, den = facts_read.read(
                state, tables.facts[need.index], state.facts[member, need.index], day, hour
            )
            null = not known
            if need.extra >= 0:
                scratch.env[need.extra], scratch.null[need.extra] = den, null
        elif need.source == N_WALLET:
            purse = state.purses[member, need.index]
            value = purse.active + purse.pending
        elif need.source == N_ACTIVE:
            value = state.purses[member, need.index].active
        elif need.source == N_PENDING:
            value = state.purses[member, need.index].pending
        elif need.source == N_TIER:
            rung = tiers.tier_of(state, tables, member, day)
            value, null = tables.rung_texts[max(rung, 0)], rung < 0
        elif need.source == N_PRIVILEGE:
            value = 1 if has_right(state, tables, member, need.index, day) else 0
        else:
            continue
        scratch.env[need.slot], scratch.null[need.slot] = value, null


@njit(cache=True, nogil=True)
def has_right(state: State, tables: Tables, member: int, privilege: int, day: int) -> bool:
    """Whether a member holds a privilege on `day`, given or by his tier."""
    if state.rights[member, privilege] >= day:
        return True
    rung = tiers.tier_of(state, tables, member, day)
    return rung >= 0 and tables.rung_privileges[rung, privilege] == 1


@njit(cache=True, nogil=True)
def used_so_far(state: State, owner: Records, limit: Records, day: int, hour: int) -> int:
    """How much of a limit or budget is used in the period that `day` lies in (S20)."""
    if limit.days:
        while owner.first >= 0 and state.items[owner.first].day <= day - limit.days:
            facts.drop_first(state, owner)
        used, item = 0, owner.first
        while item >= 0:
            used += state.items[item].value
            item = state.items[item].next
        return used
    return owner.used if owner.key == period(limit.unit, day, hour) else 0


@njit(cache=True, nogil=True)
def use(state: State, owner: Records, limit: Records, amount: int, day: int, hour: int) -> None:
    """Adds to what is used of a limit or budget; a negative amount gives back."""
    if limit.days:
        facts.merge(state, owner, day, amount, 0)
        return
    key = period(limit.unit, day, hour)
    if owner.key != key:
        owner.key, owner.used = key, 0
    owner.used += amount


@njit(cache=True, nogil=True)
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
                return
            item = state.items[item].next
    elif owner.key == period(limit.unit, then, then_hour):
        owner.used -= amount


@njit(cache=True, nogil=True)
def allowed(tables: Tables, limit: Records, day: int) -> int:
    """The number of a limit or budget in force on `day`; before its first date nothing."""
    step = step_on(tables.steps, limit.steps_from, limit.steps_to, day)
    return tables.steps[step].number if step >= 0 else 0


@njit(cache=True, nogil=True)
def in_window(rule: Records, day: int) -> bool:
    """Whether `day` lies within a rule's `from` and `until`."""
    return rule.start <= day <= rule.end


@njit(cache=True, nogil=True)
def within(state: State, tables: Tables, rule: Records, member: int, day: int) -> bool:
    """Whether `day` is still within the rule's time of joining (S11)."""
    joined = state.members[member].joined
    if rule.within < 0:
        return True
    return joined != LONG_AGO and day <= last_day_of(tables, rule.within, joined)


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
def has_ended(budget: Records, spent: Records, day: int, hour: int) -> bool:
    """Whether a budget has ended in the period that `day` lies in."""
    return spent.ended and not budget.days and spent.ended_key == period(budget.unit, day, hour)


@njit(cache=True, nogil=True)
def budget_left(state: State, tables: Tables, b: int, day: int, hour: int) -> int:
    """What is left of a budget in its period; 0 when it has ended there (S21)."""
    budget, spent = tables.budgets[b], state.spent[b]
    used = used_so_far(state, spent, budget, day, hour)
    if has_ended(budget, spent, day, hour):
        return 0
    return max(allowed(tables, budget, day) - used, 0)


@njit(cache=True, nogil=True)
def end_budget(state: State, tables: Tables, b: int, day: int, hour: int) -> None:
    """A budget has met an award that did not fit: it has ended in this period (S21)."""
    use(state, state.spent[b], tables.budgets[b], 0, day, hour)
    spent = state.spent[b]
    if not spent.ended:
        spent.ended_day = day
    spent.ended, spent.ended_key = 1, spent.key


@njit(cache=True, nogil=True)
def judge(state: State, tables: Tables, feed: Feed, code: Code, scratch: Scratch, i: int) -> int:
    """Says of each rule of the event's type what it comes to, but for amounts and groups.

    Returns how many hold; they stand in `scratch.held` in file order. -1: a number is too large.
    """
    kind, day, hour, count = feed.type[i], feed.day[i], feed.hour[i], 0
    for k in range(tables.rules_at[kind], tables.rules_at[kind + 1]):
        r = tables.rules_of[k]
        rule = tables.rules[r]
        member = feed.member[i]
        if rule.to_field >= 0:
            member = feed.receivers[rule.to_field, i]
        scratch.receiver[r] = member
        verdict = V_HOLDS
        if not in_window(rule, day):
            verdict = V_WINDOW
        elif not _is_dated(tables, rule, day):
            verdict = V_DATED
        elif member < 0:
            verdict = V_RECEIVER
        elif not within(state, tables, rule, feed.member[i], day):
            verdict = V_WITHIN
        elif rule.condition >= 0:
            _, low, how = row(code, rule.condition, scratch.env, scratch.null)
            if how == TOO_LARGE:
                return -1
            if how != 0 or low != 1:
                verdict = V_CONDITION
        if verdict == V_HOLDS:
            verdict = _counted(state, tables, r, member, day, hour)
        scratch.verdict[r] = verdict
        if verdict == V_HOLDS:
            scratch.held[count] = r
            count += 1
    return count


@njit(cache=True, nogil=True)
def _counted(state: State, tables: Tables, r: int, member: int, day: int, hour: int) -> int:
    """Whether `once`, the counts of a rule, or a budget that counts are used up."""
    rule = tables.rules[r]
    if counts(state, tables, r, member, day, hour) == 0:
        return V_ONCE if rule.once else V_COUNT
    if rule.budget >= 0 and tables.budgets[rule.budget].wallet < 0:
        if budget_left(state, tables, rule.budget, day, hour) < 1:
            end_budget(state, tables, rule.budget, day, hour)
            return V_BUDGET
    return V_HOLDS


@njit(cache=True, nogil=True)
def _is_dated(tables: Tables, rule: Records, day: int) -> bool:
    """Whether every dated amount of a rule has begun (S15)."""
    for g in range(rule.gives_from, rule.multiplies_to):
        give = tables.gives[g]
        if step_on(tables.steps, give.steps_from, give.steps_to, day) < 0:
            return False
    return True
