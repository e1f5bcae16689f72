"""Reads a member's facts at any day, and says when time alone changes them (compiled; S11)."""

from __future__ import annotations

from numba import njit

from engine.machine import facts
from engine.machine.calendar import DAY, NEVER, WEEK, months_in, period, period_start
from engine.machine.compiling import INNER, OUTER
from engine.machine.facts import window
from engine.machine.state import GRANT_OPEN, State
from engine.machine.tables import (
    AVERAGE,
    AWARD_VOUCHER,
    COUNT,
    DISTINCT,
    FREQUENT,
    HELD,
    LEAST,
    MEDIAN_GAP,
    MOST,
    PREVIOUS,
    STREAK,
    SUM,
    Records,
    Tables,
)

_FAR = 100_000  # periods: no streak lives so long without one of them


@njit(**INNER)
def read(
    state: State, fact: Records, kept: Records, member: int, day: int, hour: int
) -> tuple[bool, int, int]:  # fmt: skip
    """Whether a fact is known on `day`, its value, and its denominator beside its own scale."""
    if fact.plain:
        return True, kept.a, 1
    kind = fact.kind
    if kind >= HELD:
        return _read_coupons(state, fact, member, day)
    counts = kind == COUNT or kind == SUM
    if fact.this and kept.key != period(fact.this, day, hour):
        return counts or kind == DISTINCT, 0, 1
    if kind == STREAK:
        now = period(fact.by, day, hour)
        if kept.a == 0 or facts.forgiven(fact, kept, now)[0] < now:
            return True, 0, 1
        return True, (kept.a - 1) % fact.starts_over + 1 if fact.starts_over else kept.a, 1
    if kind == FREQUENT:
        return _read_frequent(state, fact, kept)
    if kind == MEDIAN_GAP:
        return _read_gap(state, kept)
    if fact.slides:
        facts.slide(state, fact, kept, day)
        return kind != AVERAGE or kept.b > 0, kept.a, max(kept.b, 1) if kind == AVERAGE else 1
    if fact.over:
        return _read_window(state, fact, kept, day)
    if kind == DISTINCT:
        return True, kept.length, 1
    if kind == AVERAGE:
        return kept.b > 0, kept.a, max(kept.b, 1)
    if kind == PREVIOUS:
        return kept.open == 2 and kept.known == 1, kept.b, 1
    return counts or kept.known == 1, kept.a, 1


@njit(**INNER)
def _read_window(state: State, fact: Records, kept: Records, day: int) -> tuple[bool, int, int]:
    """The same kinds over the days of a window, from the list."""
    start, end = window(fact, day)
    kind, total, count, seen, value = fact.kind, 0, 0, 0, 0
    item = kept.first
    while item >= 0:
        it = state.items[item]
        if start <= it.day <= end:
            count += it.count
            total += it.value
            if (
                seen == 0
                or (kind == LEAST and it.value < value)
                or (kind == MOST and it.value > value)
            ):
                value = it.value
            if kind != DISTINCT or not _seen_before(state, kept, item, start):
                seen += 1
        item = it.next
    if kind == COUNT or kind == SUM:
        return True, total, 1
    if kind == AVERAGE:
        return count > 0, total, max(count, 1)
    if kind == DISTINCT:
        return True, seen, 1
    return seen > 0, value, 1


@njit(**INNER)
def _read_coupons(state: State, fact: Records, member: int, day: int) -> tuple[bool, int, int]:
    """How many coupons of a reward are open on `day`, or for how many days the oldest has been."""
    held, oldest, at = 0, NEVER, state.members[member].grants
    while at >= 0:
        it = state.grants[at]
        if it.kind <= AWARD_VOUCHER and it.id == fact.reward:
            if it.state == GRANT_OPEN and it.until >= day:
                held, oldest = held + 1, min(oldest, it.day)
        at = it.next
    if fact.kind == HELD:
        return True, held, 1
    return held > 0, day - oldest if held else 0, 1


@njit(**INNER)
def _seen_before(state: State, kept: Records, stop: int, start: int) -> bool:
    """Whether an item's value stands earlier in the list, on or after the day `start`."""
    item = kept.first
    while item != stop:
        it = state.items[item]
        if it.day >= start and it.value == state.items[stop].value:
            return True
        item = it.next
    return False


@njit(**INNER)
def _read_frequent(state: State, fact: Records, kept: Records) -> tuple[bool, int, int]:
    """The value with the largest count; of several the one seen last."""
    best, best_count, best_seen = 0, 0, 0
    item, position = kept.first, 0
    while item >= 0:
        it = state.items[item]
        position += 1
        seen = position if fact.of_last else it.day
        count = _times(state, kept, it.value) if fact.of_last else it.count
        if count > best_count or (count == best_count and seen > best_seen):
            best, best_count, best_seen = it.value, count, seen
        item = it.next
    return best_count > 0, best, 1


@njit(**INNER)
def _times(state: State, kept: Records, value: int) -> int:
    count, item = 0, kept.first
    while item >= 0:
        if state.items[item].value == value:
            count += 1
        item = state.items[item].next
    return count


@njit(**INNER)
def _read_gap(state: State, kept: Records) -> tuple[bool, int, int]:
    """The median of the days between one event and the next, in half days."""
    if kept.length == 0:
        return False, 0, 1
    item, total = kept.first, 0
    for position in range(kept.length // 2 + 1):
        if position == (kept.length - 1) // 2:
            total += state.items[item].value
        if position == kept.length // 2:
            total += state.items[item].value
        item = state.items[item].next
    return True, total, 1


@njit(**INNER)
def next_flip(state: State, fact: Records, kept: Records, day: int) -> int:
    """The next day after `day` on which the fact changes by the passing of time alone."""
    if fact.this:
        return period_start(fact.this, period(fact.this, day, 0) + 1)
    if fact.kind == STREAK:
        if kept.a == 0:
            return NEVER
        return period_start(fact.by, facts.forgiven(fact, kept, kept.key + _FAR)[0] + 1)
    if not fact.over or kept.first < 0:
        return NEVER
    start, soonest = window(fact, day)[0], NEVER
    item = kept.first
    while item >= 0:
        it = state.items[item]
        if it.day >= start:
            soonest = min(soonest, it.day + _least_days(fact.over, fact.over_unit))
            soonest = min(soonest, it.day) if fact.before else soonest
        item = it.next
    if soonest == NEVER:
        return NEVER
    return max(day + 1, soonest + _least_days(fact.before, fact.before_unit))


@njit(**INNER)
def _least_days(count: int, unit: int) -> int:
    """How many days a count of units has at the least."""
    if unit == DAY:
        return count
    return count * 7 if unit == WEEK else count * 28 * months_in(unit)


@njit(cache=True, **OUTER)
def read_all(
    state: State, tables: Tables, f: int, day: int, first: int, stop: int, values: Records,
    null: Records, dens: Records,
) -> None:  # fmt: skip
    """Fact `f` on `day` of members `first` up to `stop`, into the three columns."""
    for member in range(first, stop):
        known, value, den = read(state, tables.facts[f], state.facts[member, f], member, day, 0)
        values[member], null[member], dens[member] = value, not known, den
