"""Tiers: rising after every event and boundary, falling at reviews (compiled; S24 to S26)."""

from __future__ import annotations

from numba import njit

from engine.machine import facts_read
from engine.machine.calendar import LONG_AGO, NEVER, YEAR, add, civil, day_of
from engine.machine.compiling import INNER, OUTER, SMALL
from engine.machine.lots import last_day_of, step_on
from engine.machine.state import State
from engine.machine.tables import (
    BY_NOTHING,
    BY_WALLET,
    CHANGE_REASSESS,
    CHANGE_UP,
    DOWN_NEVER,
    DOWN_ONE_STEP,
    REVIEW_ANNIVERSARY,
    REVIEW_AT_ONCE,
    REVIEW_TERM,
    T_BY,
    T_DOWN,
    T_GIVEN,
    T_GRACE,
    T_MEASURE,
    T_ON_CHANGE,
    T_PLAIN,
    T_QUIET,
    T_REVIEW,
    T_REVIEW_TERM,
    T_STAYS,
    Tables,
)


@njit(**SMALL)
def stays(state: State, tables: Tables, member: int) -> bool:
    """Whether only more of a plain measure moves a member, and it has not come to what does."""
    if not tables.tiers[T_PLAIN]:
        return False
    measure = tables.tiers[T_MEASURE]
    if tables.tiers[T_BY] == BY_WALLET:
        purse = state.purses[member, measure]
        return purse.active + purse.pending < state.members[member].next
    return state.facts[member, measure].a < state.members[member].next


@njit(**INNER)
def next_number(tables: Tables, rung: int) -> int:
    """How much of a plain measure takes a member above a rung."""
    found = NEVER
    for above in range(rung + 1, len(tables.rungs)):
        found = min(found, tables.steps[tables.rungs[above].steps_from].number)
    return found


@njit(**INNER)
def reached(state: State, tables: Tables, member: int, day: int) -> int:
    """The highest rung whose number the measure has reached, or -1."""
    measure = tables.tiers[T_MEASURE]
    if tables.tiers[T_BY] == BY_WALLET:
        purse = state.purses[member, measure]
        value = purse.active + purse.pending
    else:
        known, value, den = facts_read.read(
            state, tables.facts[measure], state.facts[member, measure], member, day, 0
        )
        if not known:
            value = 0
        value = value // den
    value = max(value, 0)  # the rung of 0 holds everybody, also whose measure is below it
    for rung in range(len(tables.rungs) - 1, -1, -1):
        it = tables.rungs[rung]
        step = step_on(tables.steps, it.steps_from, it.steps_to, day)
        if step >= 0 and value >= tables.steps[step].number:
            return rung
    return -1


@njit(**INNER)
def floor_of(state: State, tables: Tables, member: int, day: int) -> int:
    """The highest tier that was given and still lasts, or -1."""
    for rung in range(len(tables.rungs) - 1, -1, -1):
        if state.floors[member, rung] >= day:
            return rung
    return -1


@njit(cache=True, **OUTER)
def tier_of(state: State, tables: Tables, member: int, day: int) -> int:
    """The tier a member holds on `day`: what he reached himself, or a higher one given to him."""
    if tables.tiers[T_BY] == BY_NOTHING:
        return -1
    rung = state.members[member].rung
    return max(rung, floor_of(state, tables, member, day)) if tables.tiers[T_GIVEN] else rung


@njit(**INNER)
def rise(state: State, tables: Tables, member: int, day: int) -> int:
    """Moves a member up to the rung he reached, if that is higher; returns the rung he reached."""
    who = state.members[member]
    rung = reached(state, tables, member, day)
    if rung > who.rung:
        who.rung, who.since, who.grace_until = rung, day, LONG_AGO
    return rung


@njit(**INNER)
def look(state: State, tables: Tables, member: int, day: int) -> None:
    """After an event or boundary he rises to the rung he reached; reviewed at once he may fall."""
    if tables.tiers[T_BY] == BY_NOTHING:
        return
    who = state.members[member]
    rung = rise(state, tables, member, day)
    if tables.tiers[T_REVIEW] == REVIEW_AT_ONCE:
        if rung < who.rung:
            review(state, tables, member, rung, day)
        elif who.grace_until != LONG_AGO:
            who.since, who.grace_until = day, LONG_AGO


@njit(**INNER)
def review(state: State, tables: Tables, member: int, rung: int, day: int) -> None:
    """Keeps a member, starts his grace, or moves him down (S25)."""
    who = state.members[member]
    if tables.tiers[T_DOWN] == DOWN_NEVER or who.grace_until >= day:
        return
    if rung >= who.rung:
        who.since, who.grace_until = day, LONG_AGO
    elif tables.tiers[T_GRACE] >= 0 and who.grace_until == LONG_AGO:
        who.grace_until = last_day_of(tables, tables.tiers[T_GRACE], day)
    else:
        who.rung = who.rung - 1 if tables.tiers[T_DOWN] == DOWN_ONE_STEP else rung
        who.since, who.grace_until = day, LONG_AGO


@njit(**INNER)
def at_boundary(state: State, tables: Tables, member: int, day: int) -> None:
    """What happens to a member's tier when `day` begins, after lots have expired (S12)."""
    who = state.members[member]
    if tables.tiers[T_BY] == BY_NOTHING or (tables.tiers[T_QUIET] and not who.look):
        return
    is_due = who.rung >= 0 and day >= review_due(state, tables, member)
    if _ladder_changes(tables, day):
        _change(state, tables, member, day)
    elif is_due or who.rung < 0 or not tables.tiers[T_STAYS]:
        rise(state, tables, member, day)
    if tables.tiers[T_REVIEW] == REVIEW_AT_ONCE:
        look(state, tables, member, day)
    elif who.rung >= 0 and day >= review_due(state, tables, member):
        review(state, tables, member, reached(state, tables, member, day), day)


@njit(**INNER)
def _ladder_changes(tables: Tables, day: int) -> bool:
    for rung in range(len(tables.rungs)):
        for step in range(tables.rungs[rung].steps_from, tables.rungs[rung].steps_to):
            if tables.steps[step].start == day:
                return True
    return False


@njit(**INNER)
def _change(state: State, tables: Tables, member: int, day: int) -> None:
    """The ladder is another from this day on (S26): keep, upgrade only, reassess."""
    who = state.members[member]
    rung, how = reached(state, tables, member, day), tables.tiers[T_ON_CHANGE]
    rises = how in (CHANGE_UP, CHANGE_REASSESS) and rung > who.rung
    if rises or (how == CHANGE_REASSESS and rung < who.rung):
        who.rung, who.since, who.grace_until = rung, day, LONG_AGO


@njit(**INNER)
def review_due(state: State, tables: Tables, member: int) -> int:
    """The day at whose beginning a member is reviewed next, or his grace is over."""
    who, how = state.members[member], tables.tiers[T_REVIEW]
    if tables.tiers[T_DOWN] == DOWN_NEVER or who.rung < 0:
        return NEVER
    if who.grace_until != LONG_AGO:
        return who.grace_until + 1
    if how == REVIEW_AT_ONCE:
        return LONG_AGO
    if how == REVIEW_TERM:
        return last_day_of(tables, tables.tiers[T_REVIEW_TERM], who.since) + 1
    if how == REVIEW_ANNIVERSARY and who.joined != LONG_AGO:
        return _anniversary_after(who.joined, who.since)
    return day_of(civil(who.since)[0] + 1, 1, 1)


@njit(**INNER)
def _anniversary_after(joined: int, day: int) -> int:
    years = max(civil(day)[0] - civil(joined)[0], 1)
    found = add(joined, years, YEAR)
    return found if found > day else add(joined, years + 1, YEAR)


@njit(**INNER)
def next_due(state: State, tables: Tables, member: int, day: int) -> int:
    """The next day after `day` on which something may happen to a member's tier."""
    if tables.tiers[T_BY] == BY_NOTHING or tables.tiers[T_QUIET]:
        return NEVER
    who = state.members[member]
    due = NEVER
    for rung in range(len(tables.rungs)):
        for step in range(tables.rungs[rung].steps_from, tables.rungs[rung].steps_to):
            if tables.steps[step].start > day:
                due = min(due, tables.steps[step].start)
    lowest = reached_nothing(tables, day)
    if who.rung > lowest or tables.tiers[T_STAYS]:
        falls = review_due(state, tables, member)
        low = falls == LONG_AGO and reached(state, tables, member, day) < who.rung
        due = min(due, day + 1 if low else (NEVER if falls == LONG_AGO else max(falls, day + 1)))
    if tables.tiers[T_BY] != BY_WALLET:
        measure = tables.tiers[T_MEASURE]
        due = min(
            due,
            facts_read.next_flip(state, tables.facts[measure], state.facts[member, measure], day),
        )
    return due


@njit(**INNER)
def reached_nothing(tables: Tables, day: int) -> int:
    """The rung that a measure of 0 reaches, from which nobody falls."""
    for rung in range(len(tables.rungs) - 1, -1, -1):
        it = tables.rungs[rung]
        step = step_on(tables.steps, it.steps_from, it.steps_to, day)
        if step >= 0 and tables.steps[step].number <= 0:
            return rung
    return -1


@njit(**INNER)
def take_back(state: State, tables: Tables, member: int, day: int, was: int, became: int) -> None:
    """A reversal takes back the rise its event made, unless the rest still reaches it (S25)."""
    who = state.members[member]
    if tables.tiers[T_BY] == BY_NOTHING or who.rung > became:
        return
    rung = max(was, reached(state, tables, member, day))
    if rung < who.rung:
        who.rung, who.since, who.grace_until, who.look = rung, day, LONG_AGO, 1
