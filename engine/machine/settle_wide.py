"""Settling in 128 bits: amounts of any size, several receivers, the best of factors (compiled).

Each product is kept over a denominator of its own; those of one wallet are brought together.
"""

# The types of numbers are numba's here, which mypy does not know apart.
# mypy: disable-error-code="return-value"
from __future__ import annotations

from numba import njit

from engine.machine import wide
from engine.machine.choose import compare, lcm, multiply_small, reaches
from engine.machine.compiling import INNER
from engine.machine.state import Scratch
from engine.machine.tables import O_STACKING, STACK_ADD, STACK_BEST, Records, Tables

AMOUNT_MAX = 10**15  # of one entry, in the wallet's unit; a balance of thousands of them still fits


@njit(**INNER)
def settle_wide(tables: Tables, scratch: Scratch, held: int) -> bool:
    """Turns products into whole entries, rounded once per wallet; False when too large."""
    for k in range(held):
        rule = tables.rules[scratch.held[k]]
        for g in range(rule.gives_from, rule.gives_to):
            if _is_first(tables, scratch, k, g) and not _settle_wallet(
                tables, scratch, held, scratch.receiver[scratch.held[k]], tables.gives[g].wallet
            ):
                return False
    return True


@njit(**INNER)
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


@njit(**INNER)
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


@njit(**INNER)
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


@njit(**INNER)
def whole(high: int, low: int, den: int, wallet: Records) -> tuple[int, bool]:
    """A product in the wallet's whole units, rounded as the wallet says; whether too large."""
    high, low, large = wide.multiply(high, low, 0, wallet.scale)
    if large:
        return 0, True
    high, low, _ = wide.divide(high, low, 0, den, wallet.round)
    return low, not wide.fits(high, low) or abs(low) > AMOUNT_MAX


@njit(**INNER)
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
            touched, large, high, low, den = _apply(tables, scratch, held, r, m, den, high, low)
            if large:
                return False
            total, large = whole(high, low, den, tables.wallets[wallet])
            if large:
                return False
            scratch.known[m] = 1 if touched else 0
            scratch.amount[m] = total - done
            done = total
    return True


@njit(**INNER)
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


@njit(**INNER)
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
