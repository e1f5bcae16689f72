"""Referral rules for random programs, and invitations for their histories."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

Plain = dict[str, Any]
FACTS: dict[str, Plain] = {
    "friend_orders": {"count": "friend.order"},
    "friend_spend": {"sum": "friend.order.amount", "over": "60 days"},
}
LIMITS = ("1 per month", "2", "1 per day", "3 per 30 days")
AMOUNTS: tuple[Any, ...] = (5, 10, 33, ("*", "amount", 2), "amount")
TESTS: tuple[Any, ...] = (
    (">=", "referrer.points", 10), (">=", "referrer.friends", 2), ("<", "friends", 1),
    (">=", "referrer.friend_orders", 2), ("is null", "referrer.friend_spend"),
    (">=", "amount", 10),
)  # fmt: skip


def add(
    rng: Random, program: Plain, people: dict[str, Plain] | None, happened: list[Plain]
) -> None:
    """Gives a third of the programs the section `referral`, and its members invitations.

    Where events make the members and name others, the laws take these for members from the
    beginning, which a referrer is only with his own first event: such programs stay without.
    """
    if rng.random() > 0.4 or (people is None and "store" in str(program["earn"])):
        return
    program["facts"] |= FACTS
    program["referral"] = _rules(rng, program)
    names = sorted({event["member"] for event in happened} - {"stranger"})
    _invite(rng, names, people, happened)


def _rules(rng: Random, program: Plain) -> Plain:
    section: Plain = {"levels": 2} if rng.random() < 0.5 else {}
    if people_are_known(program) and rng.random() < 0.5:
        section["unique"] = rng.choice((["city"], ["phone"], ["phone", "city"]))
    for number in range(rng.randint(1, 3)):
        section[f"brought_{number}"] = _rule(rng, program)
    return section


def people_are_known(program: Plain) -> bool:
    """Whether the program has attributes."""
    return "members" in program


def _rule(rng: Random, program: Plain) -> Plain:
    when = rng.choice(("order", "order", "order", "join", "check_in"))
    rule: Plain = {"when": when} | _some(rng, 0.2, "once", True)
    tests = [test for test in TESTS if when == "order" or "amount" not in test]
    rule |= _some(rng, 0.4, "if", rng.choice(tests))
    sides = rng.sample(("give", "give referrer", "give second referrer"), rng.randint(1, 3))
    for key in sides:
        rule[key] = _gifts(rng, program, when)
    if "give referrer" in rule and rng.random() < 0.3:
        rule["milestones"] = {n: {"points": 7 * n} for n in rng.sample((1, 2, 3), 2)}
    main = next(k for k in ("give referrer", "give", "give second referrer") if k in rule)
    rule |= _some(rng, 0.4, "limit", rng.choice(LIMITS))
    if "points" in rule[main]:
        rule |= _some(rng, 0.3, "budget", rng.choice(("60 points", "40 points per month")))
    if "give" in rule and main != "give":
        rule |= _some(rng, 0.5, "limit friend", rng.choice(LIMITS))
    if "give second referrer" in rule and main != "give second referrer":
        rule |= _some(rng, 0.3, "limit second referrer", rng.choice(LIMITS))
        rule |= _some(rng, 0.5, "budget second referrer", "3 per month")
    bounded = "limit" in rule or "once" in rule
    return rule | _some(rng, 0.4 * bounded, "on refund", "return limit")


def _gifts(rng: Random, program: Plain, when: str) -> Plain:
    amounts = [a for a in AMOUNTS if when == "order" or isinstance(a, int)]
    gifts: Plain = {}
    for wallet in rng.sample(list(program["wallets"]), rng.randint(1, len(program["wallets"]))):
        gifts[wallet] = rng.choice(amounts)
    coupons = [name for name, spec in program["rewards"].items() if "coupon" in spec]
    if coupons and rng.random() < 0.3:
        gifts["coupon"] = rng.choice((coupons[0], {coupons[0]: 2}))
    return gifts


def _some(rng: Random, chance: float, key: str, value: Any) -> Plain:
    return {key: value} if rng.random() < chance else {}


def _invite(
    rng: Random, names: list[str], people: dict[str, Plain] | None, happened: list[Plain]
) -> None:
    """Joins that name somebody: at joining, later, again, oneself, in circles, a stranger."""
    for number in range(rng.randint(4, 16)):
        like = rng.choice(happened)
        at = like["at"] - timedelta(days=rng.choice((0, 0, 5, 30)))
        referrer = rng.choice((*names, "nobody"))
        happened.append({
            "id": f"i{number}", "member": rng.choice(names), "type": "join", "at": at,
            "referrer": referrer,
        })  # fmt: skip
    for person in (people or {}).values():
        person["referrer_id"] = rng.choice((*names, None, None))
