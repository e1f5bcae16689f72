"""Groups: of the rules of a group that hold only the best goes on (compiled; S19)."""

from __future__ import annotations

from numba import njit

from engine.machine import wide
from engine.machine.compiling import INNER, SMALL
from engine.machine.judge import V_GROUP, V_HOLDS
from engine.machine.state import Scratch
from engine.machine.tables import SECTION_EARN, Tables


@njit(**INNER)
def choose(tables: Tables, scratch: Scratch, held: int) -> int:
    """Of each group leaves only the best (S19). Returns how many hold still, or -1."""
    for pass_of_multipliers in (False, True):
        for k in range(held):
            r = scratch.held[k]
            rule = tables.rules[r]
            multiplies = rule.multiplies_to > rule.multiplies_from
            if rule.group < 0 or multiplies != pass_of_multipliers:
                continue
            if scratch.verdict[r] != V_HOLDS:
                continue
            for j in range(held):
                other = scratch.held[j]
                if j == k or tables.rules[other].group != rule.group:
                    continue
                if scratch.verdict[other] != V_HOLDS:
                    continue
                better = _is_better(tables, scratch, held, other, r, j < k)
                if better < 0:
                    return -1
                if better == 1:
                    scratch.verdict[r] = V_GROUP
                    break
    return _compact(scratch, held)


@njit(**INNER)
def _compact(scratch: Scratch, held: int) -> int:
    count = 0
    for k in range(held):
        if scratch.verdict[scratch.held[k]] == V_HOLDS:
            scratch.held[count] = scratch.held[k]
            count += 1
    return count


@njit(**INNER)
def _is_better(
    tables: Tables, scratch: Scratch, held: int, a: int, b: int, a_is_first: bool
) -> int:
    """1 where rule `a` goes before rule `b` of its group, 0 where not, -1 when too large."""
    first, second = tables.rules[a].priority, tables.rules[b].priority
    if first != second:
        return 1 if first > second else 0
    ah, al, ad, a_large = _weight(tables, scratch, held, a)
    bh, bl, bd, b_large = _weight(tables, scratch, held, b)
    if a_large or b_large:
        return -1
    order, large = compare(ah, al, ad, bh, bl, bd)
    if large:
        return -1
    return 1 if order > 0 or (order == 0 and a_is_first) else 0


@njit(**INNER)
def _weight(tables: Tables, scratch: Scratch, held: int, r: int) -> tuple[int, int, int, bool]:
    """The unrounded amount of a rule in the first wallet it names, over a denominator."""
    rule = tables.rules[r]
    if rule.gives_to > rule.gives_from:
        g = rule.gives_from
        if not scratch.known[g]:
            return 0, 0, 1, False
        return scratch.high[g], scratch.low[g], scratch.den[g], False
    if rule.multiplies_to == rule.multiplies_from:
        return 0, 0, 1, False
    m = rule.multiplies_from
    high, low, den, large = _base(tables, scratch, held, r, m)
    over = scratch.den[m]
    gain_high, gain_low, large_one = wide.subtract(scratch.high[m], scratch.low[m], 0, over)
    high, low, large_two = wide.multiply(high, low, gain_high, gain_low)
    den, large_three = multiply_small(den, over)
    return high, low, den, large or large_one or large_two or large_three


@njit(**INNER)
def _base(
    tables: Tables, scratch: Scratch, held: int, r: int, m: int
) -> tuple[int, int, int, bool]:
    """The sum of the gifts that multiplier `m` of rule `r` reaches, over their denominator."""
    high, low, den, large = 0, 0, 1, False
    for k in range(held):
        other = scratch.held[k]
        rule = tables.rules[other]
        if scratch.verdict[other] != V_HOLDS or scratch.receiver[other] != scratch.receiver[r]:
            continue
        if rule.group >= 0 and rule.group == tables.rules[r].group:
            continue
        for g in range(rule.gives_from, rule.gives_to):
            if not scratch.known[g] or not reaches(tables, r, m, other, g):
                continue
            common, large_one = lcm(den, scratch.den[g])
            if large_one:
                return 0, 0, 1, True
            high, low, large_one = wide.multiply(high, low, 0, common // den)
            factor = common // scratch.den[g]
            gh, gl, large_two = wide.multiply(scratch.high[g], scratch.low[g], 0, factor)
            high, low, large_three = wide.add(high, low, gh, gl)
            den = common
            large = large or large_one or large_two or large_three
    return high, low, den, large


@njit(**SMALL)
def reaches(tables: Tables, r: int, m: int, other: int, g: int) -> bool:
    """Whether multiplier `m` of rule `r` multiplies give `g` of rule `other`."""
    if tables.gives[g].wallet != tables.gives[m].wallet:
        return False
    rule = tables.rules[r]
    if rule.of_from == rule.of_to:
        return tables.rules[other].section == SECTION_EARN
    for k in range(rule.of_from, rule.of_to):
        if tables.of[k] == other:
            return True
    return False


@njit(**INNER)
def compare(ah: int, al: int, ad: int, bh: int, bl: int, bd: int) -> tuple[int, bool]:
    """-1, 0 or 1 as a / ad is less than, equal to or greater than b / bd; whether too large."""
    ah, al, a_large = wide.multiply(ah, al, 0, bd)
    bh, bl, b_large = wide.multiply(bh, bl, 0, ad)
    return wide.compare(ah, al, bh, bl), a_large or b_large


@njit(**INNER)
def lcm(a: int, b: int) -> tuple[int, bool]:
    """The least common multiple, and whether it is more than an int64 holds."""
    x, y = a, b
    while y:
        x, y = y, x % y
    return multiply_small(a // x, b)


@njit(**INNER)
def multiply_small(a: int, b: int) -> tuple[int, bool]:
    """The product of two positive numbers, and whether it is more than an int64 holds."""
    high, low, _ = wide.multiply(0, a, 0, b)
    return low, not wide.fits(high, low)
