"""Amounts: what the rules that hold give, exact, rounded once per wallet (compiled; S17, S18)."""

from __future__ import annotations

from numba import njit

from engine.machine import wide
from engine.machine.evaluate import row
from engine.machine.judge import TOO_LARGE, V_GROUP, V_HOLDS, V_NULL
from engine.machine.lots import step_on
from engine.machine.state import Scratch
from engine.machine.tables import (
    O_STACKING,
    STACK_ADD,
    STACK_BEST,
    Records,
    Tables,
)

AMOUNT_MAX = 10**15  # of one entry, in the wallet's unit; a balance of thousands of them still fits


@njit(cache=True, nogil=True)
def evaluate(tables: Tables, code, scratch: Scratch, held: int, day: int) -> int:
    """The exact amount of every give and the factor of every multiplier of the rules that hold.

    A rule with a multiplier that is null is left out. Returns how many still hold, or -1.
    """
    count = 0
    for k in range(held):
        r = scratch.held[k]
        rule, left_out = tables.rules[r], False
        for g in range(rule.gives_from, rule.multiplies_to):
            give = tables.gives[g]
            step = tables.steps[step_on(tables.steps, give.steps_from, give.steps_to, day)]
            high, low, how = row(code, step.number, scratch.env, scratch.null)
            if how == TOO_LARGE:
                return -1
            if high < 0:
                high, low = 0, 0
            scratch.known[g] = 1 if how == 0 else 0
            scratch.high[g], scratch.low[g], scratch.den[g] = high, low, step.den
            if how != 0 and g >= rule.multiplies_from:
                left_out = True
        if left_out:
            scratch.verdict[r] = V_NULL
        else:
            scratch.held[count] = r
            count += 1
    return count


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
def _compact(scratch: Scratch, held: int) -> int:
    count = 0
    for k in range(held):
        if scratch.verdict[scratch.held[k]] == V_HOLDS:
            scratch.held[count] = scratch.held[k]
            count += 1
    return count


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
def compare(ah: int, al: int, ad: int, bh: int, bl: int, bd: int) -> tuple[int, bool]:
    """-1, 0 or 1 as a / ad is less than, equal to or greater than b / bd; whether too large."""
    ah, al, a_large = wide.multiply(ah, al, 0, bd)
    bh, bl, b_large = wide.multiply(bh, bl, 0, ad)
    return wide.compare(ah, al, bh, bl), a_large or b_large


@njit(cache=True, nogil=True)
def multiply_small(a: int, b: int) -> tuple[int, bool]:
    """The product of two positive numbers, and whether it is more than an int64 holds."""
    high, low, _ = wide.multiply(0, a, 0, b)
    return low, not wide.fits(high, low)


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
def reaches(tables: Tables, r: int, m: int, other: int, g: int) -> bool:
    """Whether multiplier `m` of rule `r` multiplies give `g` of rule `other`."""
    if tables.gives[g].wallet != tables.gives[m].wallet:
        return False
    rule = tables.rules[r]
    if rule.of_from == rule.of_to:
        return tables.rules[other].section == 0
    for k in range(rule.of_from, rule.of_to):
        if tables.of[k] == other:
            return True
    return False


@njit(cache=True, nogil=True)
def _reaches_any(tables: Tables, scratch: Scratch, held: int, r: int, m: int) -> bool:
    """Whether multiplier `m` of rule `r` reaches a gift of this event."""
    for k in range(held):
        other = scratch.held[k]
        if scratch.receiver[other] != scratch.receiver[r]:
            continue
        for g in range(tables.rules[other].gives_from, tables.rules[other].gives_to):
            if scratch.known[g] and reaches(tables, r, m, other, g):
                return True
    return False


@njit(cache=True, nogil=True)
def lcm(a: int, b: int) -> tuple[int, bool]:
    """The least common multiple, and whether it is more than an int64 holds."""
    x, y = a, b
    while y:
        x, y = y, x % y
    return multiply_small(a // x, b)


@njit(cache=True, nogil=True)
def settle(tables: Tables, scratch: Scratch, held: int) -> bool:
    """Turns products into whole entries, rounded once per wallet; False when too large."""
    for k in range(held):
        rule = tables.rules[scratch.held[k]]
        for g in range(rule.gives_from, rule.multiplies_to):
            scratch.amount[g] = 0
            if g >= rule.multiplies_from:
                scratch.known[g] = 0
    for k in range(held):
        rule = tables.rules[scratch.held[k]]
        for g in range(rule.gives_from, rule.gives_to):
            if _is_first(tables, scratch, k, g) and not _settle_wallet(
                tables, scratch, held, scratch.receiver[scratch.held[k]], tables.gives[g].wallet
            ):
                return False
    return True


@njit(cache=True, nogil=True)
def _is_first(tables: Tables, scratch: Scratch, k: int, g: int) -> bool:
    """Whether give `g` is the first of the event in its wallet for its receiver."""
    for j in range(k + 1):
        other = tables.rules[scratch.held[j]]
        if scratch.receiver[scratch.held[j]] != scratch.receiver[scratch.held[k]]:
            continue
        for h in range(other.gives_from, other.gives_to):
            if h == g:
                return True
            if tables.gives[h].wallet == tables.gives[g].wallet:
                return False
    return True


@njit(cache=True, nogil=True)
def _settle_wallet(tables: Tables, scratch: Scratch, held: int, to: int, wallet: int) -> bool:
    """One wallet of one receiver: the gifts in file order, then the multipliers' steps."""
    den = 1
    for k in range(held):
        rule = tables.rules[scratch.held[k]]
        for g in range(rule.gives_from, rule.gives_to):
            if scratch.receiver[scratch.held[k]] != to:
                continue
            if tables.gives[g].wallet == wallet and scratch.known[g]:
                den, large = lcm(den, scratch.den[g])
                if large:
                    return False
    high, low, done = 0, 0, 0
    for k in range(held):
        rule = tables.rules[scratch.held[k]]
        for g in range(rule.gives_from, rule.gives_to):
            if scratch.receiver[scratch.held[k]] != to or tables.gives[g].wallet != wallet:
                continue
            if not scratch.known[g]:
                continue
            factor = den // scratch.den[g]
            ph, pl, large = wide.multiply(scratch.high[g], scratch.low[g], 0, factor)
            high, low, large_too = wide.add(high, low, ph, pl)
            scratch.high[g], scratch.low[g], scratch.den[g] = ph, pl, den
            total, over = whole(high, low, den, tables.wallets[wallet])
            if large or large_too or over:
                return False
            scratch.amount[g] = total - done
            done = total
    return _multiply(tables, scratch, held, to, wallet, den, high, low, done)


@njit(cache=True, nogil=True)
def whole(high: int, low: int, den: int, wallet: Records) -> tuple[int, bool]:
    """A product in the wallet's whole units, rounded as the wallet says; whether too large."""
    high, low, large = wide.multiply(high, low, 0, wallet.scale)
    if large:
        return 0, True
    high, low, _ = wide.divide(high, low, 0, den, wallet.round)
    return low, not wide.fits(high, low) or abs(low) > AMOUNT_MAX


@njit(cache=True, nogil=True)
def _multiply(
    tables: Tables, scratch: Scratch, held: int, to: int, wallet: int, den: int, high: int,
    low: int, done: int,
) -> bool:  # fmt: skip
    """The steps of the multipliers on the running products, in file order (S18, N31)."""
    best = _best(tables, scratch, held, to, wallet)
    for k in range(held):
        r = scratch.held[k]
        rule = tables.rules[r]
        for m in range(rule.multiplies_from, rule.multiplies_to):
            if scratch.receiver[scratch.held[k]] != to or tables.gives[m].wallet != wallet:
                continue
            if tables.options[O_STACKING] == STACK_BEST and m != best:
                continue
            touched, large, high, low, den = _apply(
                tables, scratch, held, r, m, den, high, low
            )
            if large:
                return False
            total, large = whole(high, low, den, tables.wallets[wallet])
            if large:
                return False
            scratch.known[m] = 1 if touched else 0
            scratch.amount[m] = total - done
            done = total
    return True


@njit(cache=True, nogil=True)
def _best(tables: Tables, scratch: Scratch, held: int, to: int, wallet: int) -> int:
    """The multiplier with the largest factor for a wallet, the first of equals, or -1."""
    best = -1
    for k in range(held):
        r = scratch.held[k]
        rule = tables.rules[r]
        for m in range(rule.multiplies_from, rule.multiplies_to):
            if scratch.receiver[r] != to or tables.gives[m].wallet != wallet:
                continue
            if not _reaches_any(tables, scratch, held, r, m):
                continue
            if best < 0 or compare(
                scratch.high[m], scratch.low[m], scratch.den[m],
                scratch.high[best], scratch.low[best], scratch.den[best],
            )[0] > 0:  # fmt: skip
                best = m
    return best


@njit(cache=True, nogil=True)
def _apply(
    tables: Tables, scratch: Scratch, held: int, r: int, m: int, den: int, high: int, low: int
) -> tuple[bool, bool, int, int, int]:
    """One multiplier: each product it reaches grows, the running total with it.

    With `add` the products stay, so that the next one adds its share of the same base. Returns
    whether it reached a gift, whether a number is too large, the total and its denominator.
    """
    over, fh, fl = scratch.den[m], scratch.high[m], scratch.low[m]
    keeps = tables.options[O_STACKING] == STACK_ADD
    gain_high, gain_low, large = wide.subtract(fh, fl, 0, over)
    touched = False
    high, low, beyond = wide.multiply(high, low, 0, over)
    large = large or beyond
    for k in range(held):
        other = scratch.held[k]
        rule = tables.rules[other]
        if scratch.receiver[other] != scratch.receiver[r]:
            continue
        for g in range(rule.gives_from, rule.gives_to):
            if tables.gives[g].wallet != tables.gives[m].wallet or not scratch.known[g]:
                continue
            hit = reaches(tables, r, m, other, g)
            touched = touched or hit
            if hit:
                sh, sl, beyond = wide.multiply(scratch.high[g], scratch.low[g], gain_high, gain_low)
                high, low, beyond_too = wide.add(high, low, sh, sl)
                large = large or beyond or beyond_too
            by_high, by_low = (fh, fl) if hit and not keeps else (0, over)
            scratch.high[g], scratch.low[g], beyond = wide.multiply(
                scratch.high[g], scratch.low[g], by_high, by_low
            )
            large = large or beyond
    den, beyond = multiply_small(den, over)
    return touched, large or beyond, high, low, den
