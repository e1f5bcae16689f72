"""Works out of whole tables what spares the fold work: which looks are needless, what is small."""

from __future__ import annotations

from math import gcd, lcm

import numpy as np
from numpy.typing import NDArray

from engine.machine import tables as t
from engine.machine.calendar import DAY, LONG_AGO
from engine.machine.tables import Tables

_MOST = 2**31  # parts of a unit, and parts by which an amount is multiplied


def give(tables: Tables, receivers: int) -> None:
    """Fills in what stands empty in tables that are complete but for it."""
    _rules(tables)
    _tests(tables)
    _tiers(tables)
    fits = [_parts(tables, wallet) for wallet in range(len(tables.wallets))]
    best = tables.options[t.O_STACKING] == t.STACK_BEST
    tables.options[t.O_SMALL] = all(fits) and not best
    tables.options[t.O_OTHERS] = receivers > 0 or bool(tables.refers.any())
    tables.options[t.O_GROUPS] = bool((tables.rules["group"] >= 0).any())
    steps = tables.steps[_steps(tables, "multiplies")]
    lowers = (steps["how"] != t.CONSTANT) | (steps["value"] < steps["den"])
    tables.options[t.O_LOWERS] = bool(lowers.any())


def _rules(tables: Tables) -> None:
    rules, of_wallet = tables.rules, tables.limits["wallet"] >= 0
    for number, rule in enumerate(rules):
        limits = of_wallet[rule["limits_from"] : rule["limits_to"]]
        budget = -2 if rule["budget"] < 0 else tables.budgets["wallet"][rule["budget"]]
        rule["cuts"] = bool(limits.any()) or budget >= 0
        counts = not limits.all() or budget == -1 or rule["return_limit"]
        rule["counts"] = counts or rule["lead"] == number
        rule["simple"] = _is_simple(tables, rule)
    rules["plain"] = (
        (rules["to_field"] < 0) & (rules["within"] < 0) & (rules["rest"] < 0)
        & (rules["budget"] < 0) & (rules["limits_from"] == rules["limits_to"])
        & (rules["lead"] < 0)
    )  # fmt: skip
    awards = rules["awards_to"] > rules["awards_from"]
    rules["bound"] = (rules["cuts"] | rules["counts"] | awards) != 0


def _is_simple(tables: Tables, rule: np.void) -> bool:
    """Whether nothing but the event and constants is in the amounts of a rule of no group."""
    gives = tables.gives[rule["gives_from"] : rule["multiplies_to"]]
    steps = tables.steps[gives["steps_from"]]
    factors = steps[rule["gives_to"] - rule["gives_from"] :]
    return bool(
        rule["group"] < 0 and rule["task"] < 0 and rule["to_field"] < 0 and rule["budget"] < 0
        and (gives["steps_to"] - gives["steps_from"] == 1).all() and (steps["how"] != t.ASKED).all()
        and (factors["how"] == t.CONSTANT).all() and (factors["value"] >= 0).all()
    )  # fmt: skip


def _tests(tables: Tables) -> None:
    """How what a test asks for is come by where it is simple."""
    for test in tables.tests:
        if test["source"] == t.N_TIER:
            test["way"] = t.OF_RUNG
        elif test["source"] == t.N_ATTRIBUTE:
            test["way"] = t.OF_ATTRIBUTE
        elif test["source"] == t.N_FACT:
            fact = tables.facts[test["index"]]
            if fact["plain"]:
                test["way"] = t.OF_PLAIN
            elif fact["slides"] and fact["kind"] != t.AVERAGE and fact["over_unit"] == DAY:
                test["way"], test["days"] = t.OF_SLIDING, fact["over"]


def _tiers(tables: Tables) -> None:
    """What may change a member's tier: his own events of some types, and the passing of time."""
    tiers = tables.tiers
    tiers[t.T_GIVEN] = bool((tables.awards["kind"] == t.AWARD_TIER).any())
    begins = tables.steps["start"][tables.rungs["steps_from"]]
    several = tables.rungs["steps_to"] - tables.rungs["steps_from"] > 1
    dated = bool((several | (begins != LONG_AGO)).any())
    falls = tiers[t.T_DOWN] != t.DOWN_NEVER
    by_wallet = tiers[t.T_BY] == t.BY_WALLET
    fact = None if tiers[t.T_BY] != t.BY_FACT else tables.facts[tiers[t.T_MEASURE]]
    passes = fact is not None and bool(fact["over"] or fact["this"] or fact["kind"] == t.STREAK)
    used = fact is not None and bool(fact["reward"] >= 0)  # by any event
    tiers[t.T_QUIET] = not (falls or dated or passes)
    plain = by_wallet or (fact is not None and bool(fact["plain"]))
    tiers[t.T_PLAIN] = tiers[t.T_QUIET] and plain
    if tiers[t.T_BY] == t.BY_NOTHING:
        return
    always = (
        by_wallet or used or dated or passes or (falls and tiers[t.T_REVIEW] == t.REVIEW_AT_ONCE)
    )
    for kind in range(len(tables.moves_tier)):
        own = tables.intakes[tables.intakes_at[kind] : tables.intakes_at[kind + 1]]
        takes = bool((own["fact"] == tiers[t.T_MEASURE]).any())
        tables.moves_tier[kind] = always or takes or tables.reverses[kind] >= 0


def _parts(tables: Tables, wallet: int) -> bool:
    """The parts of a wallet's unit, and by what each gift is multiplied to be in them."""
    kind = tables.wallets[wallet]
    steps = _steps(tables, "gives", wallet)
    dens = tables.steps["den"][steps].tolist()
    scale = int(kind["scale"])
    parts = lcm(*(den // gcd(den, scale) for den in dens)) if dens else 1
    factors = [scale * parts // den for den in dens]
    if parts > _MOST or max(factors, default=1) > _MOST:
        return False
    kind["parts"] = parts
    tables.steps["factor"][steps] = factors
    return True


def _steps(tables: Tables, which: str, wallet: int | None = None) -> NDArray[np.int64]:
    """The steps of what rules give to a wallet, or to all; of "gives" or "multiplies"."""
    gives = [
        tables.gives[g] for rule in tables.rules
        for g in range(rule[f"{which}_from"], rule[f"{which}_to"])
        if wallet is None or tables.gives[g]["wallet"] == wallet
    ]  # fmt: skip
    spans = [np.arange(it["steps_from"], it["steps_to"]) for it in gives]
    return np.concatenate(spans) if spans else np.zeros(0, np.int64)
