"""Works out of whole tables what spares the fold work: which looks are needless, what is small."""

from __future__ import annotations

from math import gcd, lcm

import numpy as np
from numpy.typing import NDArray

from engine.machine import tables as t
from engine.machine.tables import Tables

_MOST = 2**31  # parts of a unit, and parts by which an amount is multiplied


def give(tables: Tables, receivers: int) -> None:
    """Fills in what stands empty in tables that are complete but for it."""
    _rules(tables)
    _tiers(tables)
    fits = [_parts(tables, wallet) for wallet in range(len(tables.wallets))]
    best = tables.options[t.O_STACKING] == t.STACK_BEST
    tables.options[t.O_SMALL] = all(fits) and not best and receivers == 0
    tables.options[t.O_GROUPS] = bool((tables.rules["group"] >= 0).any())


def _rules(tables: Tables) -> None:
    rules, of_wallet = tables.rules, tables.limits["wallet"] >= 0
    for rule in rules:
        limits = of_wallet[rule["limits_from"] : rule["limits_to"]]
        budget = -2 if rule["budget"] < 0 else tables.budgets["wallet"][rule["budget"]]
        rule["cuts"] = bool(limits.any()) or budget >= 0
        rule["counts"] = not limits.all() or budget == -1 or rule["return_limit"]
    rules["plain"] = (
        (rules["to_field"] < 0) & (rules["within"] < 0) & (rules["rest"] < 0)
        & (rules["tests_from"] == rules["tests_to"]) & (rules["budget"] < 0)
        & (rules["limits_from"] == rules["limits_to"])
    )  # fmt: skip


def _tiers(tables: Tables) -> None:
    """What may change a member's tier: his own events of some types, and the passing of time."""
    tiers = tables.tiers
    tiers[t.T_GIVEN] = bool((tables.awards["kind"] == t.AWARD_TIER).any())
    dated = bool((tables.rungs["steps_to"] - tables.rungs["steps_from"] > 1).any())
    falls = tiers[t.T_DOWN] != t.DOWN_NEVER
    by_wallet = tiers[t.T_BY] == t.BY_WALLET
    fact = None if tiers[t.T_BY] != t.BY_FACT else tables.facts[tiers[t.T_MEASURE]]
    passes = fact is not None and bool(fact["over"] or fact["this"] or fact["kind"] == t.STREAK)
    tiers[t.T_QUIET] = not (falls or dated or passes)
    if tiers[t.T_BY] == t.BY_NOTHING:
        return
    always = by_wallet or dated or passes or (falls and tiers[t.T_REVIEW] == t.REVIEW_AT_ONCE)
    for kind in range(len(tables.moves_tier)):
        own = tables.intakes[tables.intakes_at[kind] : tables.intakes_at[kind + 1]]
        takes = bool((own["fact"] == tiers[t.T_MEASURE]).any())
        tables.moves_tier[kind] = always or takes or tables.reverses[kind] >= 0


def _parts(tables: Tables, wallet: int) -> bool:
    """The parts of a wallet's unit, and by what each gift is multiplied to be in them."""
    kind = tables.wallets[wallet]
    steps = _gift_steps(tables, wallet)
    dens = tables.steps["den"][steps].tolist()
    scale = int(kind["scale"])
    parts = lcm(*(den // gcd(den, scale) for den in dens)) if dens else 1
    factors = [scale * parts // den for den in dens]
    if parts > _MOST or max(factors, default=1) > _MOST:
        return False
    kind["parts"] = parts
    tables.steps["factor"][steps] = factors
    return True


def _gift_steps(tables: Tables, wallet: int) -> NDArray[np.int64]:
    """The steps of the amounts that rules give to a wallet."""
    gives = [
        tables.gives[g] for rule in tables.rules
        for g in range(rule["gives_from"], rule["gives_to"])
        if tables.gives[g]["wallet"] == wallet
    ]  # fmt: skip
    spans = [np.arange(it["steps_from"], it["steps_to"]) for it in gives]
    return np.concatenate(spans) if spans else np.zeros(0, np.int64)
