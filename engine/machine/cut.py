"""Cutting: limits and budgets leave of each entry what they have left (compiled; S20, S21)."""

from __future__ import annotations

from numba import njit

from engine.machine.compiling import INNER
from engine.machine.judge import allowed, budget_left, end_budget, use, used_so_far
from engine.machine.state import LISTED, Scratch, State
from engine.machine.tables import Tables


@njit(**INNER)
def cut(state: State, tables: Tables, scratch: Scratch, held: int, day: int, hour: int) -> None:
    """Cuts each entry by itself to what amount limits and budgets leave; remembers the wish."""
    below = False
    for n in range(scratch.turn[LISTED]):
        g = scratch.listed[n]
        scratch.wanted[g] = scratch.amount[g]
        below = below or scratch.amount[g] < 0
        r = tables.gives[g].rule
        if scratch.known[g] and tables.rules[r].cuts:
            _cut_one(state, tables, scratch, r, g, day, hour)
    if below:
        _cut_negative(tables, scratch, held)


@njit(**INNER)
def _cut_one(
    state: State, tables: Tables, scratch: Scratch, r: int, g: int, day: int, hour: int
) -> None:
    rule, wallet, member = tables.rules[r], tables.gives[g].wallet, scratch.receiver[r]
    if scratch.amount[g] <= 0:
        return
    for k in range(rule.limits_from, rule.limits_to):
        limit = tables.limits[k]
        if limit.wallet == wallet:
            used = used_so_far(state, state.used[member, k], limit, day, hour)
            left = max(allowed(tables, limit, day) - used, 0)
            scratch.amount[g] = min(scratch.amount[g], left)
    if rule.budget >= 0 and tables.budgets[rule.budget].wallet == wallet:
        left = budget_left(state, tables, rule.budget, day, hour)
        if scratch.amount[g] > left:
            refuses = tables.budgets[rule.budget].refuse
            scratch.amount[g] = 0 if refuses else left
            end_budget(state, tables, rule.budget, day, hour)
        if scratch.amount[g] > 0:
            budget = tables.budgets[rule.budget]
            use(state, state.spent[rule.budget], budget, scratch.amount[g], day, hour)
            state.spent[rule.budget].total += scratch.amount[g]
    for k in range(rule.limits_from, rule.limits_to):
        if tables.limits[k].wallet == wallet and scratch.amount[g] > 0:
            use(state, state.used[member, k], tables.limits[k], scratch.amount[g], day, hour)


@njit(**INNER)
def _cut_negative(tables: Tables, scratch: Scratch, held: int) -> None:
    """A factor below 1 takes at most what the entries it follows have left after their limits."""
    for k in range(held):
        rule = tables.rules[scratch.held[k]]
        for m in range(rule.multiplies_from, rule.multiplies_to):
            if not scratch.known[m] or scratch.amount[m] >= 0:
                continue
            to, wallet = scratch.receiver[scratch.held[k]], tables.gives[m].wallet
            rest = _total(tables, scratch, held, to, wallet, m)
            scratch.amount[m] = max(scratch.amount[m], -max(rest, 0))


@njit(**INNER)
def _total(tables: Tables, scratch: Scratch, held: int, to: int, wallet: int, but: int) -> int:
    """What a wallet's other entries come to; of those below zero the ones that stand before."""
    total = 0
    for k in range(held):
        rule = tables.rules[scratch.held[k]]
        if scratch.receiver[scratch.held[k]] != to:
            continue
        for g in range(rule.gives_from, rule.multiplies_to):
            stands = scratch.known[g] and g != but and (scratch.amount[g] > 0 or g < but)
            if tables.gives[g].wallet == wallet and stands:
                total += scratch.amount[g]
    return total
