"""Random programs of small numbers, as plain values that print to YAML and feed the auditor."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

from tests.generator.conditions import KINDS, amount, condition

Plain = dict[str, Any]
ZONES = ("Asia/Shanghai", "America/New_York", "Europe/London", "America/Santiago", "UTC",
         "Pacific/Auckland")  # fmt: skip
START = date(2024, 1, 20)  # the first day of every history
EVENTS: Plain = {
    "order": {"amount": "money", "category": "text", "quantity": "whole", "tags": "texts",
              "gift": "flag", "store": "text", "weight": "decimal", "due": "date", "sent": "time"},
    "refund": {"reverses": "order", "amount": "money"},
    "cancel": {"reverses": "order"},
    "check_in": {},
    "review": {"photo": "flag", "stars": "whole"},
}  # fmt: skip
MEMBERS: Plain = {"city": "text", "level": "whole", "likes": "texts", "birthday": "date",
                  "phone": {"type": "text", "personal": True}}  # fmt: skip
FACTS: dict[str, Plain] = {
    "orders": {"count": "order"},
    "big_orders": {"count": "order", "if": (">=", "amount", 20)},
    "spend": {"sum": "order.amount"},
    "net_spend": {"sum": "order.amount", "less": "refund.amount"},
    "spend_30d": {"sum": "order.amount", "over": "30 days"},
    "spend_2m": {"sum": "order.amount", "over": "2 months"},
    "net_60d": {"sum": "order.amount", "less": "refund.amount", "over": "60 days"},
    "check_ins_before": {"count": "check_in", "over": "30 days", "before": "30 days"},
    "spend_since": {"sum": "order.amount", "since": "check_in"},
    "month_orders": {"count": "order", "this": "month"},
    "year_spend": {"sum": "order.amount", "this": "year"},
    "last_order": {"last": "order"},
    "first_order": {"first": "order"},
    "last_category": {"last": "order.category"},
    "previous_order": {"previous": "order"},
    "categories": {"distinct": "order.category"},
    "favourite": {"most frequent": "order.category", "of last": 5},
    "usual_hour": {"most frequent": ("hour", "order.at"), "of last": 10},
    "mean_amount": {"average": "order.amount"},
    "smallest": {"min": "order.amount"},
    "largest": {"max": "order.amount", "over": "90 days"},
    "day_streak": {"streak": "check_in", "by": "day"},
    "week_streak": {"streak": "order", "by": "week"},
    "rhythm": {"median gap": "order"},
}


def program(rng: Random) -> Plain:
    """A random program; sections stand in the order in which they are printed."""
    made: Plain = {"program": {"name": "Random club", "timezone": rng.choice(ZONES), "money": "CNY",
                               "stacking": rng.choice(("multiply", "add", "best"))}}  # fmt: skip
    made["events"] = EVENTS
    if rng.random() < 0.8:
        made["members"] = MEMBERS
    made["wallets"] = _wallets(rng)
    made["facts"] = {name: FACTS[name] for name in rng.sample(list(FACTS), rng.randint(2, 6))}
    if rng.random() < 0.4:
        made["privileges"] = {"early": {"name": "Early access"}}
    if rng.random() < 0.75:
        made["tiers"] = _tiers(rng, made)
    made["rewards"] = _rewards(rng, made)
    made["earn"] = _earn(rng, made)
    return made


def _some(rng: Random, chance: float, key: str, value: Any) -> Plain:
    return {key: value} if rng.random() < chance else {}


def _dated(rng: Random, first: Any, then: Any, chance: float = 0.2) -> Any:
    """Mostly one value, sometimes another from a later day on."""
    starts = START - timedelta(days=800), START + timedelta(days=rng.randint(40, 200))
    return {starts[0]: first, starts[1]: then} if rng.random() < chance else first


def _wallets(rng: Random) -> Plain:
    lives = ("10 days", "40 days", "2 months", "1 month to month end", "90 days without order",
             "1 year to year end", "3 weeks", "1 quarter", "never")  # fmt: skip
    made = {}
    for name in ("points", *(w for w in ("growth", "cash") if rng.random() < 0.5)):
        spec = _some(rng, 0.8, "expires", _dated(rng, rng.choice(lives), rng.choice(lives)))
        spec |= _some(rng, 0.4, "pending", _dated(rng, f"{rng.choice((1, 3, 14))} days", "2 days"))
        spec |= _some(rng, 0.6, "round", rng.choice(("down", "nearest", "up")))
        spec |= _some(rng, 0.5, "spend", rng.choice(("soonest expiry", "oldest first")))
        spec |= _some(rng, 0.5, "below zero", rng.choice(("no", "yes", "refunds only")))
        if spec.get("below zero") != "refunds only":
            spec |= _some(
                rng, 0.6, "on refund", rng.choice(("clamp", "below zero", "pending only"))
            )
        spec |= _some(rng, 0.5, "restore", rng.choice(("original", "new expiry")))
        spec |= _some(rng, 0.3, "decimals", 1) if name == "points" else {}
        spec |= _some(rng, 0.3, "value", Decimal("0.01")) if name == "points" else {}
        spec |= {"unit": "money"} if name == "cash" else {}
        spec |= _some(rng, 0.15, "transfer", False)
        made[name] = spec
    return made


def _tiers(rng: Random, made: Plain) -> Plain:
    numbers = [n for n, spec in made["facts"].items() if {"sum", "count"} & set(spec)]
    wallets = [w for w in made["wallets"] if w != "cash"]
    measure = rng.choice(wallets + numbers)
    step = 2 if "count" in made["facts"].get(measure, {}) else rng.choice((40, 100))
    tiers: Plain = {"measure": measure, "ladder": {"member": 0, "silver": step, "gold": step * 3}}
    changes = rng.choice(("keep", "upgrade only", "reassess"))
    if rng.random() < 0.25:
        _change(rng, tiers["ladder"], lower=changes != "keep")
    if measure in numbers:
        tiers |= _some(rng, 0.6, "upgrade", rng.choice(("before", "after")))
    tiers |= _some(rng, 0.8, "downgrade", rng.choice(("never", "one step", "reassess")))
    reviews = ("every 30 days", "every 2 months", "every 3 months", "at once", "yearly",
               "on anniversary")  # fmt: skip
    tiers |= _some(rng, 0.8, "review", rng.choice(reviews))
    tiers |= _some(rng, 0.5, "grace", rng.choice(("10 days", "1 month")))
    tiers |= {"on change": changes} if changes != "keep" else _some(rng, 0.6, "on change", changes)
    if rng.random() < 0.6:
        tiers["benefits"] = {
            tier: {"points": Decimal(rng.choice(("1.5", "2", "1.25", "0.8")))}
            | ({"privileges": ["early"]} if made.get("privileges") else {})
            for tier in rng.sample(("silver", "gold"), rng.randint(1, 2))
        }
    return tiers


def _change(rng: Random, ladder: Plain, *, lower: bool) -> None:
    """The ladder is another from a day within the history on."""
    starts = START - timedelta(days=800), START + timedelta(days=rng.randint(20, 120))
    factor = rng.choice((2, Fraction(1, 2))) if lower else 2
    for tier in ("silver", "gold"):
        ladder[tier] = {starts[0]: ladder[tier], starts[1]: int(ladder[tier] * factor)}


def _rewards(rng: Random, made: Plain) -> Plain:
    frame: Plain = {
        "five_off": {"name": "5 off", "coupon": Decimal("5.00")},
        "cup": {"item": "cup"},
        "cake": {"voucher": Decimal("20.00")},
        "tenth": {"coupon": "10%"},
    }
    rewards: Plain = {}
    for name in rng.sample(list(frame), rng.randint(2, 4)):
        wallets = rng.sample(list(made["wallets"]), rng.randint(1, min(2, len(made["wallets"]))))
        cost = {w: _dated(rng, rng.choice((5, 10, 30)), 20) for w in wallets}
        spec = {**frame[name], "cost": cost}
        spec |= _some(rng, 0.3, "stock", rng.choice((3, 6)))
        spec |= _some(
            rng, 0.3, "limit", rng.choice(("2 per month", "1 per day", "4", "3 per 30 days"))
        )
        spec |= _some(rng, 0.3, "valid", rng.choice(("30 days", "1 month", "5 days")))
        spec |= _some(rng, 0.2, "min spend", Decimal("10.00")) if name != "cup" else {}
        spec |= _some(rng, 0.2, "on", ("=", "category", ("text", "cake"))) if name != "cup" else {}
        spec |= _some(rng, 0.2, "stacks", False) if name != "cup" else {}
        spec |= _some(rng, 0.3, "if", condition(rng, made, "redeem")) | _window(rng, 0.2)
        spec |= _some(rng, 0.2, "budget", rng.choice(("4", "2 per month")))
        spec |= _some(rng, 0.15, "note", "Why") | _some(rng, 0.1, "once", True)
        spec |= _some(rng, 0.15, "within", "90 days")
        spec |= _some(rng, 0.2, "on refund", "return limit") if "limit" in spec else {}
        rewards[name] = spec
    if rng.random() < 0.4:
        rewards["pay_with_points"] = {"rate": {"points": 10, "money": Decimal("1.00")}}
        rewards["pay_with_points"] |= _some(rng, 0.5, "at least", "20 points")
        rewards["pay_with_points"] |= _some(rng, 0.5, "at most", "50% of amount")
    return rewards


def _window(rng: Random, chance: float) -> Plain:
    day = START + timedelta(days=rng.randint(20, 200))
    return _some(rng, chance, "from", day) | _some(rng, chance, "until", day + timedelta(days=90))


def _earn(rng: Random, made: Plain) -> Plain:
    """Rules of which none limits a wallet that it does not give."""
    rules = _rules(rng, made)
    for rule in rules.values():
        if "points" not in {**rule.get("give", {}), **rule.get("multiply", {})}:
            kept = [x for x in _list(rule.pop("limit", [])) if "points" not in str(x)]
            rule |= {"limit": kept} if kept else {}
            if "points" in str(rule.get("budget")):
                rule.pop("budget"), rule.pop("over budget", None)
        if "limit" not in rule:
            rule.pop("on refund", None)
    return rules


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _rules(rng: Random, made: Plain) -> Plain:
    rules: Plain = {"purchase": {"when": "order", "give": _give(rng, made, "order")}}
    whens = ["order", "order", "order", "check_in", "review", "join", ["order", "check_in"],
             "refund", "cancel", ["order", "refund"]]  # fmt: skip
    for number in range(rng.randint(2, 4)):
        when = rng.choice(whens)
        kind = when if isinstance(when, str) else "both"
        rules[f"extra_{number}"] = {"when": when} | _frame(rng, made, kind) | {
            "give": _give(rng, made, kind)}  # fmt: skip
    if rng.random() < 0.2:
        rules["shop"] = {"when": "order", "to": "store", "give": {"points": amount(rng, "order")}}
    for number in range(rng.randint(1, 3)):
        factor = rng.choice((2, 3, Decimal("1.5"), Decimal("0.5"), 0, *FACTORS))
        spec: Plain = {"when": "order"} | _frame(rng, made, "order")
        spec["multiply"] = {rng.choice(list(made["wallets"])): _dated(rng, factor, 2)}
        spec |= _some(rng, 0.4, "of", rng.sample([r for r in rules if "give" in rules[r]], 2))
        rules[f"times_{number}"] = spec
    if rng.random() < 0.4:
        _group(rng, rules, "extra" if rng.random() < 0.5 else "times")
    return rules


def _give(rng: Random, made: Plain, kind: str) -> Plain:
    give: Plain = {}
    for wallet in rng.sample(list(made["wallets"]), rng.randint(1, len(made["wallets"]))):
        give[wallet] = _dated(rng, amount(rng, kind), amount(rng, kind))
    if kind in ("check_in", "review") and rng.random() < 0.8:
        give |= _awards(rng, made)
    return give


def _awards(rng: Random, made: Plain) -> Plain:
    """What a rule gives besides wallets: rewards by their ids, badges, rights, tiers."""
    give = _some(rng, 0.4, "badge", rng.choice(("critic", ["critic", "friend"])))
    for name, spec in made["rewards"].items():
        kind = next((kind for kind in ("coupon", "item", "voucher") if kind in spec), None)
        if kind and kind not in give:
            give |= _some(rng, 0.5, kind, rng.choice((name, {name: 2})))
    if made.get("tiers"):
        give |= _some(rng, 0.5, "tier", rng.choice(("gold for 20 days", "silver")))
    if made.get("privileges"):
        give |= _some(rng, 0.5, "privilege", rng.choice(("early", "early for 15 days")))
    return give


DATED = (("3 per month", "1 per month"), ("20 points per day", "40 points per day"), ("4", "9"))
BUDGETS = (("200 points", "300 points"), ("80 points per month", "40 points per month"),
           ("50 points per week", "90 points per week"), ("12", "20"), ("1 per day", "2 per day"),
           ("5 per month", "3 per month"))  # fmt: skip
FACTORS = (("case", (((">", "points", 30), 2),), None), ("-", "quantity", 2))
LIMITS = (
    "3 per month", "1 per day", "2 per week", "20 points per day", "60 points per month", "4",
    "5 per quarter", "100 points per year", "2 per hour", "15 points per 30 days",
)  # fmt: skip


def _frame(rng: Random, made: Plain, kind: str) -> Plain:
    """The keys that every rule may carry."""
    frame = _some(rng, 0.2, "name", "A rule") | _some(rng, 0.1, "note", "Why it is so")
    frame |= _some(rng, 0.6, "if", condition(rng, made, kind)) | _window(rng, 0.15)
    if rng.random() < 0.4:
        frame["limit"] = rng.choice(LIMITS) if rng.random() < 0.7 else rng.sample(LIMITS, 2)
        if rng.random() < 0.3:
            frame["limit"] = _dated(rng, *rng.choice(DATED), chance=0.9)
        frame |= _some(rng, 0.4, "on refund", rng.choice(("return limit", "keep limit")))
    frame |= _some(rng, 0.1, "once", True)
    if rng.random() < 0.25:
        frame["budget"] = _dated(rng, *rng.choice(BUDGETS))
        frame |= _some(rng, 0.5, "over budget", rng.choice(("cut", "refuse")))
    if made.get("members"):
        frame |= _some(rng, 0.1, "within", "60 days")
    return frame


def _group(rng: Random, rules: Plain, start: str) -> None:
    """Puts rules of one kind into a group, sometimes with priorities."""
    ranked = rng.random() < 0.5
    for place, name in enumerate(name for name in rules if name.startswith(start)):
        rules[name]["group"] = "one"
        if ranked and rng.random() < 0.7:
            rules[name]["priority"] = (place * 7) % 5 + 1


__all__ = ["FACTS", "KINDS", "START", "program"]
