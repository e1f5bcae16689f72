"""Facts: what is counted of a member as events arrive (compiled; S11, RULINGS 2).

What a fact's numbers mean: count and sum keep `a`; average `a` over `b`; least, most, last and
first keep `a` once `known`; previous keeps the latest in `a` and the one before in `b`; a streak
its length in `a` and its last period in `key`, and of its freezes how many are used in `b`, and in
`open` in which of their periods; what slides keeps `a` and `b` of its list's items;
a median gap the last day in `day` and its gaps in
a list that ascends; the others, and all that look back over days, keep a list of items.
"""

from __future__ import annotations

from numba import njit

from engine.machine.calendar import LONG_AGO, NEVER, add, period, period_start
from engine.machine.compiling import INNER, OUTER, SMALL
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
)

MOST_VALUES = 64  # of a `most frequent` without `of last`
_MOST = 2.0**63 - 2.0**12  # a sum up to here is surely an int64


@njit(cache=True, **OUTER)
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


@njit(**INNER)
def drop_first(state: State, owner: Records) -> None:
    """Takes the first item off a list."""
    first = owner.first
    owner.first = state.items[first].next
    if owner.first < 0:
        owner.last = -1
    owner.length -= 1
    state.items[first].next = state.counters[FREE_ITEM]
    state.counters[FREE_ITEM] = first


@njit(**INNER)
def merge(state: State, owner: Records, day: int, value: int, count: int) -> None:
    """Adds to the last item when it is of the same day, else appends one."""
    if owner.last >= 0 and state.items[owner.last].day == day:
        state.items[owner.last].value += value
        state.items[owner.last].count += count
    else:
        append(state, owner, day, value, count)


@njit(**INNER)
def clear(state: State, owner: Records) -> None:
    """Forgets everything of a fact."""
    while owner.first >= 0:
        drop_first(state, owner)
    owner.known, owner.a, owner.b = 0, 0, 0


@njit(**INNER)
def window(fact: Records, day: int) -> tuple[int, int]:
    """The first and last day that a fact looks at on `day` (S11)."""
    if not fact.over:
        return LONG_AGO, NEVER
    last = add(day, -fact.before, fact.before_unit) if fact.before else day
    return add(last, -fact.over, fact.over_unit) + 1, last


@njit(**INNER)
def _is_additive(kind: int) -> bool:
    return kind == COUNT or kind == SUM or kind == AVERAGE


@njit(**INNER)
def start_anew(state: State, fact: Records, kept: Records, day: int, hour: int) -> None:
    """Forgets what lies in an earlier calendar period (`this: year`)."""
    if fact.this:
        key = period(fact.this, day, hour)
        if kept.key != key:
            clear(state, kept)
            kept.key = key


@njit(**INNER)
def slide(state: State, fact: Records, kept: Records, day: int) -> None:
    """Forgets what lies before a fact's window; `a` and `b` are without it."""
    if kept.first >= 0:
        forget(state, kept, window(fact, day)[0])


@njit(**INNER)
def forget(state: State, kept: Records, start: int) -> None:
    """Takes what lies before the day `start` out of what slides."""
    while kept.first >= 0 and state.items[kept.first].day < start:
        kept.a -= state.items[kept.first].value
        kept.b -= state.items[kept.first].count
        drop_first(state, kept)


@njit(**INNER)
def take_in(
    state: State, fact: Records, kept: Records, value: int, day: int, hour: int
) -> bool:  # fmt: skip
    """A fact takes a value in (1 for a count); False where that is more than it can hold."""
    start_anew(state, fact, kept, day, hour)
    kind = fact.kind
    if fact.over and _is_additive(kind):
        slide(state, fact, kept, day)
        merge(state, kept, day, value, 1)
        return add_to(kept, value)
    if kind == FREQUENT:
        return _take_frequent(state, fact, kept, value)
    if kind == MEDIAN_GAP:
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
            _go_on(fact, kept, key)
    else:
        return _take_number(kept, kind, value)
    return True


@njit(**INNER)
def _go_on(fact: Records, kept: Records, key: int) -> None:
    """A streak takes its next period in: it is longer by one, or begins anew."""
    missed, used, where = forgiven(fact, kept, key)
    if kept.a > 0 and missed == key:
        kept.a, kept.b, kept.open = kept.a + 1, used, where
    else:
        kept.a = 1
    kept.key = key


@njit(**INNER)
def forgiven(fact: Records, kept: Records, stop: int) -> tuple[int, int, int]:
    """The first period before `stop` that a streak missed and nothing forgives, else `stop`.

    With it how many freezes are used by then, and the last of their periods in which one was.
    """
    missed, used, where = kept.key + 1, kept.b, kept.open
    while missed < stop and fact.freezes:
        other = period(fact.freeze_unit, period_start(fact.by, missed), 0)
        if other != where:
            used, where = 0, other
        if used >= fact.freezes:
            break
        used += 1
        missed += 1
    return missed, used, where


@njit(**INNER)
def _insert(state: State, kept: Records, value: int) -> None:
    """Puts a value into a list that ascends: appended, then moved to its place by its value."""
    append(state, kept, 0, value, 1)
    item = kept.first
    while item != kept.last:
        if state.items[item].value > value:
            state.items[item].value, value = value, state.items[item].value
        item = state.items[item].next
    state.items[item].value = value


@njit(**SMALL)
def add_to(kept: Records, value: int) -> bool:
    """Adds a value to a fact's sum and counts it; False where that is more than it can hold."""
    if abs(float(kept.a) + float(value)) > _MOST:
        return False
    kept.a += value
    kept.b += 1
    kept.known = 1
    return True


@njit(**INNER)
def _take_number(kept: Records, kind: int, value: int) -> bool:
    if _is_additive(kind):
        return add_to(kept, value)
    if kind == LAST or (kind == FIRST and not kept.known):
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


@njit(**INNER)
def _holds(state: State, kept: Records, value: int) -> bool:
    item = kept.first
    while item >= 0:
        if state.items[item].value == value:
            return True
        item = state.items[item].next
    return False


@njit(**INNER)
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
