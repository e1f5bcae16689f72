"""Facts: what is counted of a member as events arrive, and read at any day (compiled; S11, RULINGS 2).

What a fact's numbers mean: count and sum keep `a`; average `a` over `b`; least, most, last and
first keep `a` once `known`; previous keeps the latest in `a` and the one before in `b`; a streak
its length in `a` and its last period in `key`; a median gap the last day in `day` and its gaps in
a list that ascends; the others, and all that look back over days, keep a list of items.
"""

from __future__ import annotations

from numba import njit

from engine.machine.calendar import (
    DAY,
    LONG_AGO,
    NEVER,
    WEEK,
    add,
    months_in,
    period,
    period_start,
)
from engine.machine.state import FREE_ITEM, ITEMS, State
from engine.machine.tables import (
    AVERAGE,
    COUNT,
    DISTINCT,
    FIRST,
    FREQUENT,
    LAST,
    LEAST,
    MEDIAN_GAP,
    MOST,
    PREVIOUS,
    STREAK,
    SUM,
    Records,
    Tables,
)

MOST_VALUES = 64  # of a `most frequent` without `of last`


@njit(cache=True, nogil=True)
def append(state: State, owner: Records, day: int, value: int, count: int) -> None:
    """Puts an item at the end of a list."""
    free = state.counters[FREE_ITEM]
    if free >= 0:
        state.counters[FREE_ITEM] = state.items[free].next
    else:
        free = state.counters[ITEMS]
        state.counters[ITEMS] += 1
    item = state.items[free]
    item.day, item.value, item.count, item.next = day, value, count, -1
    if owner.first < 0:
        owner.first = free
    else:
        state.items[owner.last].next = free
    owner.last = free
    owner.length += 1


@njit(cache=True, nogil=True)
def drop_first(state: State, owner: Records) -> None:
    """Takes the first item off a list."""
    first = owner.first
    owner.first = state.items[first].next
    if owner.first < 0:
        owner.last = -1
    owner.length -= 1
    state.items[first].next = state.counters[FREE_ITEM]
    state.counters[FREE_ITEM] = first


@njit(cache=True, nogil=True)
def merge(state: State, owner: Records, day: int, value: int, count: int) -> None:
    """Adds to the last item when it is of the same day, else appends one."""
    if owner.last >= 0 and state.items[owner.last].day == day:
        state.items[owner.last].value += value
        state.items[owner.last].count += count
    else:
        append(state, owner, day, value, count)


@njit(cache=True, nogil=True)
def clear(state: State, owner: Records) -> None:
    """Forgets everything of a fact."""
    while owner.first >= 0:
        drop_first(state, owner)
    owner.known, owner.a, owner.b = 0, 0, 0


@njit(cache=True, nogil=True)
def window(fact: Records, day: int) -> tuple[int, int]:
    """The first and last day that a fact looks at on `day` (S11)."""
    if not fact.over:
        return LONG_AGO, NEVER
    last = add(day, -fact.before, fact.before_unit) if fact.before else day
    return add(last, -fact.over, fact.over_unit) + 1, last


@njit(cache=True, nogil=True)
def _is_additive(kind: int) -> bool:
    return kind == COUNT or kind == SUM or kind == AVERAGE


@njit(cache=True, nogil=True)
def start_anew(state: State, fact: Records, kept: Records, day: int, hour: int) -> None:
    """Forgets what lies in an earlier calendar period (`this: year`)."""
    if fact.this:
        key = period(fact.this, day, hour)
        if kept.key != key:
            clear(state, kept)
            kept.key = key


@njit(cache=True, nogil=True)
def take_in(
    state: State, fact: Records, kept: Records, value: int, day: int, hour: int
) -> bool:  # fmt: skip
    """A fact takes a value in (1 for a count); False where that is more than it can hold."""
    start_anew(state, fact, kept, day, hour)
    kind = fact.kind
    if fact.over and _is_additive(kind):
        while kept.first >= 0 and state.items[kept.first].day < window(fact, day)[0]:
            drop_first(state, kept)
        merge(state, kept, day, value, 1)
    elif kind == FREQUENT:
        return _take_frequent(state, fact, kept, value)
    elif kind == MEDIAN_GAP:
        if kept.known:
            _insert(state, kept, day - kept.day)
        kept.known, kept.day = 1, day
    elif fact.over:
        while kept.first >= 0 and state.items[kept.first].day < window(fact, day)[0]:
            drop_first(state, kept)
        append(state, kept, day, value, 1)
    elif kind == DISTINCT:
        if not _holds(state, kept, value):
            append(state, kept, day, value, 1)
    elif kind == STREAK:
        key = period(fact.by, day, hour)
        if kept.key != key or kept.a == 0:
            kept.a = kept.a + 1 if kept.key == key - 1 else 1
            kept.key = key
    else:
        return _take_number(kept, kind, value)
    return True


@njit(cache=True, nogil=True)
def _insert(state: State, kept: Records, value: int) -> None:
    """Puts a value into a list that ascends: appended, then moved to its place by its value."""
    append(state, kept, 0, value, 1)
    item = kept.first
    while item != kept.last:
        if state.items[item].value > value:
            state.items[item].value, value = value, state.items[item].value
        item = state.items[item].next
    state.items[item].value = value


@njit(cache=True, nogil=True)
def _take_number(kept: Records, kind: int, value: int) -> bool:
    if _is_additive(kind):
        total = kept.a + value
        if (value > 0 and total < kept.a) or (value < 0 and total > kept.a):
            return False
        kept.a = total
        kept.b += 1
    elif kind == LAST or (kind == FIRST and not kept.known):
        kept.a = value
    elif kind == PREVIOUS:
        kept.b = kept.a
        kept.a = value
        kept.open = 2 if kept.known else 1
    elif (kind == LEAST and (not kept.known or value < kept.a)) or (
        kind == MOST and (not kept.known or value > kept.a)
    ):
        kept.a = value
    kept.known = 1
    return True


@njit(cache=True, nogil=True)
def _holds(state: State, kept: Records, value: int) -> bool:
    item = kept.first
    while item >= 0:
        if state.items[item].value == value:
            return True
        item = state.items[item].next
    return False


@njit(cache=True, nogil=True)
def _take_frequent(state: State, fact: Records, kept: Records, value: int) -> bool:
    """Keeps each value's count and when it was last seen, or the last values themselves."""
    kept.b += 1
    if fact.of_last:
        append(state, kept, 0, value, 1)
        if kept.length > fact.of_last:
            drop_first(state, kept)
        return True
    item = kept.first
    while item >= 0:
        if state.items[item].value == value:
            state.items[item].count += 1
            state.items[item].day = kept.b
            return True
        item = state.items[item].next
    append(state, kept, kept.b, value, 1)
    return kept.length <= MOST_VALUES


@njit(cache=True, nogil=True)
def read(state: State, fact: Records, kept: Records, day: int, hour: int) -> tuple[bool, int, int]:
    """Whether a fact is known on `day`, its value, and its denominator beside its own scale."""
    kind = fact.kind
    counts = kind == COUNT or kind == SUM
    if fact.this and kept.key != period(fact.this, day, hour):
        return counts or kind == DISTINCT, 0, 1
    if kind == STREAK:
        alive = kept.a > 0 and period(fact.by, day, hour) <= kept.key + 1
        return True, kept.a if alive else 0, 1
    if kind == FREQUENT:
        return _read_frequent(state, fact, kept)
    if kind == MEDIAN_GAP:
        return _read_gap(state, kept)
    if fact.over:
        return _read_window(state, fact, kept, day)
    if kind == DISTINCT:
        return True, kept.length, 1
    if kind == AVERAGE:
        return kept.b > 0, kept.a, max(kept.b, 1)
    if kind == PREVIOUS:
        return kept.open == 2 and kept.known == 1, kept.b, 1
    return counts or kept.known == 1, kept.a, 1


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
def _seen_before(state: State, kept: Records, stop: int, start: int) -> bool:
    """Whether an item's value stands earlier in the list, on or after the day `start`."""
    item = kept.first
    while item != stop:
        it = state.items[item]
        if it.day >= start and it.value == state.items[stop].value:
            return True
        item = it.next
    return False


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
def _times(state: State, kept: Records, value: int) -> int:
    count, item = 0, kept.first
    while item >= 0:
        if state.items[item].value == value:
            count += 1
        item = state.items[item].next
    return count


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
def next_flip(state: State, fact: Records, kept: Records, day: int) -> int:
    """The next day after `day` on which the fact changes by the passing of time alone."""
    if fact.this:
        return period_start(fact.this, period(fact.this, day, 0) + 1)
    if fact.kind == STREAK:
        return period_start(fact.by, kept.key + 2) if kept.a > 0 else NEVER
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


@njit(cache=True, nogil=True)
def _least_days(count: int, unit: int) -> int:
    """How many days a count of units has at the least."""
    if unit == DAY:
        return count
    return count * 7 if unit == WEEK else count * 28 * months_in(unit)


@njit(cache=True, nogil=True)
def read_all(
    state: State, tables: Tables, f: int, day: int, first: int, step: int, values: Records,
    null: Records, dens: Records,
) -> None:  # fmt: skip
    """Fact `f` on `day` of every `step`-th member from `first` on, into the three columns."""
    for member in range(first, len(values), step):
        known, value, den = read(state, tables.facts[f], state.facts[member, f], day, 0)
        values[member], null[member], dens[member] = value, not known, den
