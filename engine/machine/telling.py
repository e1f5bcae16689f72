"""Telling: what stands against each rule that does not hold, for who explains (compiled)."""

from __future__ import annotations

import numpy as np
from numba import njit

from engine.machine.compiling import INNER
from engine.machine.environment import load_all
from engine.machine.judge import (
    V_CONDITION,
    V_DATED,
    V_RECEIVER,
    V_WINDOW,
    V_WITHIN,
    in_window,
    within,
)
from engine.machine.referrals import party
from engine.machine.state import Feed, Ready, Scratch, State
from engine.machine.tables import Tables


@njit(**INNER)
def tell(
    state: State, tables: Tables, feed: Feed, ready: Ready, scratch: Scratch, i: int, at: int
) -> None:
    """Says of the rules that cannot hold what stands against them, and loads all they read."""
    load_all(state, tables, feed, scratch, i)
    start, day = tables.rules_at[feed.type[i]], feed.day[i]
    for k in range(start, tables.rules_at[feed.type[i] + 1]):
        word, bit = (k - start) // 64, np.uint64((k - start) % 64)
        if ready.bits[at, word] >> bit & np.uint64(1):
            continue
        r = tables.rules_of[k]
        rule = tables.rules[r]
        if not in_window(rule, day):
            scratch.verdict[r] = V_WINDOW
        elif day < rule.begins:
            scratch.verdict[r] = V_DATED
        elif rule.to_field >= 0 and party(state, feed, i, rule.to_field) < 0:
            scratch.verdict[r] = V_RECEIVER
        elif not within(state, tables, rule, feed.member[i], day):
            scratch.verdict[r] = V_WITHIN
        else:
            scratch.verdict[r] = V_CONDITION
