"""Settling: what rules give becomes entries, rounded once per wallet (compiled; S17, S18).

Here in 64 bits: an amount is counted in parts of its wallet's smallest unit, of which there are as
many as make every gift whole; a multiplier's denominator makes the parts finer.
"""

from __future__ import annotations

from numba import njit

from engine.machine import wide
from engine.machine.choose import reaches
from engine.machine.compiling import INNER, SMALL
from engine.machine.lots import is_full
from engine.machine.ready import ASK
from engine.machine.settle_wide import AMOUNT_MAX, settle_wide
from engine.machine.state import LISTED, Feed, Ready, Scratch, State
from engine.machine.tables import (
    COLUMN,
    FIELD,
    O_OTHERS,
    O_SMALL,
    O_STACKING,
    STACK_ADD,
    Records,
    Tables,
)

_MOST = 2.0**61  # products below it fit, and so does twice as much


@njit(**INNER)
def plainly(
    tables: Tables, feed: Feed, ready: Ready, scratch: Scratch, held: int, i: int, at: int
) -> bool:
    """The entries of simple rules, evaluated as they are listed; False: `settle` has to do it.

    `at` is the event's place in `ready`.
    """
    if not tables.options[O_SMALL] or scratch.turn[1]:
        return False
    _begin(tables, scratch)
    gifts = 0
    for k in range(held):
        rule = tables.rules[scratch.held[k]]
        if not rule.simple:
            return False
        for g in range(rule.gives_from, rule.gives_to):
            step = tables.steps[tables.gives[g].steps_from]
            known, value = _plain_value(feed, ready, step, i, at)
            if value == ASK or (known and not _add(tables, scratch, g, max(value, 0), step.factor)):
                return False
            scratch.known[g] = known
            if known:
                scratch.listed[gifts] = g
                gifts += 1
    count = gifts
    for k in range(held):
        rule = tables.rules[scratch.held[k]]
        for m in range(rule.multiplies_from, rule.multiplies_to):
            step = tables.steps[tables.gives[m].steps_from]
            scratch.high[m], scratch.low[m], scratch.den[m] = 0, step.value, step.den
            count = _list_one(scratch, m, count)
    scratch.turn[LISTED] = count
    return count == gifts or _multipliers(tables, scratch, gifts)


@njit(**SMALL)
def _plain_value(feed: Feed, ready: Ready, step: Records, i: int, at: int) -> tuple[bool, int]:
    """A gift's amount and whether it has one; ASK where more than 64 bits hold."""
    if step.how == COLUMN:
        value = ready.columns[step.value, at]
        return value > ASK, value
    if step.how == FIELD:
        return not feed.fields_null[step.value, i], feed.fields[step.value, i]
    return True, step.value


@njit(**SMALL)
def _list_one(scratch: Scratch, m: int, count: int) -> int:
    """Lists a multiplier that has no entry yet; how many are listed then."""
    scratch.amount[m], scratch.known[m], scratch.listed[count] = 0, 0, m
    return count + 1


@njit(**SMALL)
def _begin(tables: Tables, scratch: Scratch) -> None:
    for w in range(len(tables.wallets)):
        scratch.sums[w], scratch.done[w], scratch.parts[w] = 0, 0, tables.wallets[w].parts


@njit(**SMALL)
def _add(tables: Tables, scratch: Scratch, g: int, value: int, factor: int) -> bool:
    """A gift's entry: the difference of rounded running totals; False: it does not fit."""
    if not _fits(value, factor):
        return False
    w = tables.gives[g].wallet
    scratch.product[g] = value * factor
    scratch.sums[w] += scratch.product[g]
    return _enter(tables, scratch, g, w)


@njit(**INNER)
def settle(tables: Tables, scratch: Scratch, held: int) -> bool:
    """The entries of the rules that hold: `scratch.listed`, gifts first; False when too large."""
    gifts = _list(tables, scratch, held)
    small = tables.options[O_SMALL] and not tables.options[O_OTHERS] and not scratch.turn[1]
    if small and _gifts(tables, scratch, gifts):
        if _multipliers(tables, scratch, gifts):
            return True
    return settle_wide(tables, scratch, held)


@njit(**INNER)
def _list(tables: Tables, scratch: Scratch, held: int) -> int:
    """Lists what is given, then the multipliers, each in file order; how many gifts there are."""
    count = 0
    for k in range(held):
        rule = tables.rules[scratch.held[k]]
        for g in range(rule.gives_from, rule.gives_to):
            scratch.amount[g] = 0
            if scratch.known[g]:
                scratch.listed[count] = g
                count += 1
    gifts = count
    for k in range(held):
        rule = tables.rules[scratch.held[k]]
        for m in range(rule.multiplies_from, rule.multiplies_to):
            count = _list_one(scratch, m, count)
    scratch.turn[LISTED] = count
    return gifts


@njit(**SMALL)
def _fits(a: int, b: int) -> bool:
    return float(a) * float(b) < _MOST


@njit(**INNER)
def _gifts(tables: Tables, scratch: Scratch, gifts: int) -> bool:
    """The gifts' entries; False: not in 64 bits."""
    _begin(tables, scratch)
    for n in range(gifts):
        g = scratch.listed[n]
        if scratch.high[g] != 0 or scratch.low[g] < 0:
            return False
        if not _add(tables, scratch, g, scratch.low[g], scratch.factor[g]):
            return False
    return True


@njit(**SMALL)
def _enter(tables: Tables, scratch: Scratch, g: int, w: int) -> bool:
    """An entry takes its wallet's total to what it is by now, rounded."""
    total, parts = scratch.sums[w], scratch.parts[w]
    if total < 0 or float(total) >= _MOST:
        return False
    if parts > 1:
        rounding, whole = tables.wallets[w].round, total // parts
        rest = total - whole * parts
        more = rounding == wide.UP and rest > 0
        total = whole + (more or (rounding == wide.NEAREST and rest >= parts - rest))
    if total > AMOUNT_MAX:
        return False
    scratch.amount[g] = total - scratch.done[w]
    scratch.done[w] = total
    return True


@njit(**INNER)
def _multipliers(tables: Tables, scratch: Scratch, gifts: int) -> bool:
    """The multipliers' entries: what each adds to the products it reaches; False as above.

    With `add` the products stay, so that the next one adds its share of the same base.
    """
    adds = tables.options[O_STACKING] == STACK_ADD
    for n in range(gifts, scratch.turn[LISTED]):
        m = scratch.listed[n]
        w, over, factor = tables.gives[m].wallet, scratch.den[m], scratch.low[m]
        larger = max(factor, over)
        if scratch.high[m] != 0 or factor < 0:
            return False
        if not _fits(scratch.sums[w], larger) or not _fits(scratch.parts[w], over):
            return False
        scratch.parts[w] *= over
        scratch.sums[w] *= over
        for j in range(gifts):
            g = scratch.listed[j]
            if tables.gives[g].wallet != w:
                continue
            if not _fits(scratch.product[g], larger):
                return False
            hit = reaches(tables, tables.gives[m].rule, m, tables.gives[g].rule, g)
            if hit:
                scratch.known[m] = 1
                scratch.sums[w] += (factor - over) * scratch.product[g]
            scratch.product[g] *= factor if hit and not adds else over
        if not _enter(tables, scratch, m, w):
            return False
    return True


@njit(**INNER)
def has_place(state: State, tables: Tables, scratch: Scratch) -> bool:
    """Whether the wallets of all that is listed can hold more."""
    for n in range(scratch.turn[LISTED]):
        it = tables.gives[scratch.listed[n]]
        if is_full(state.purses[scratch.receiver[it.rule], it.wallet]):
            return False
    return True
