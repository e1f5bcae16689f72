"""Random conditions and amounts over the names that a rule can see."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

Tree = Any
CATEGORIES = ("seafood", "cake", "O'Neil", "蟹")
CITIES = ("NO", "Xi'an", "上海")


def text(value: str) -> Tree:
    return ("text", value)


def texts(values: tuple[str, ...]) -> list[Tree]:
    return [text(value) for value in values]


def condition(rng: Random, program: dict[str, Any], event: str) -> Tree:
    """A condition on an event of one type, on the member, or on both."""
    makers = [*_of_member(program)]
    makers += _OF_ORDER if event == "order" else _OF_REVIEW if event == "review" else []
    first = rng.choice(makers)(rng)
    joined = rng.random()
    if joined < 0.55:
        return first
    if joined < 0.65:
        return ("not", first)
    return (rng.choice(("and", "or")), first, rng.choice(makers)(rng))


Maker = Callable[[Random], Tree]
_OF_ORDER: list[Maker] = [
    lambda r: (
        r.choice((">", ">=", "<", "<=", "=", "<>")),
        "amount",
        r.choice((10, Decimal("19.99"), 50)),
    ),
    lambda r: ("=", "category", text(r.choice(CATEGORIES))),
    lambda r: ("in", "category", *texts(CATEGORIES[:2])),
    lambda r: ("between", "amount", 10, r.choice((20, 60))),
    lambda r: ("is null", "category"),
    lambda r: ("is true", "gift"),
    lambda r: ("includes", "tags", text("crab")),
    lambda r: (">", ("coalesce", "quantity", 0), 2),
    lambda r: ("starts_with", ("lower", "category"), text("s")),
    lambda r: ("<=", ("weekday", "at"), 5),
    lambda r: ("<", ("/", "amount", "quantity"), 10),
]
_OF_REVIEW: list[Maker] = [
    lambda r: ("is true", "photo"),
    lambda r: (">=", "stars", 4),
    lambda r: ("=", ("%", "stars", 2), 1),
]


def _of_member(program: dict[str, Any]) -> list[Maker]:
    """Conditions on what is known of a member: attributes, balances, tier, facts, the instant."""
    makers: list[Maker] = [
        lambda r: ("<", ("hour", "at"), r.choice((6, 12, 18))),
        lambda r: ("in", ("weekday", "at"), 1, 3, 6, 7),
        lambda r: (">=", "today", date(2024, r.choice((2, 6, 10)), 29)),
        lambda r: (r.choice(("<", ">=")), "points", r.choice((0, 20, 100))),
        lambda r: ("<", "points_active", 50),
    ]
    if program.get("members"):
        makers += [
            lambda r: ("=", "city", text(r.choice(CITIES))),
            lambda r: (">", "level", 2),
            lambda r: ("includes", "likes", text("crab")),
            lambda r: ("=", ("month", "birthday"), ("month", "at")),
        ]
    if program.get("tiers"):
        makers.append(lambda r: ("in", "tier", *texts(tuple(program["tiers"]["ladder"])[1:])))
        makers.append(lambda r: ("=", "tier", text("member")))
    if program.get("privileges"):
        makers.append(lambda r: ("has", text("early")))
    facts = program.get("facts", {}).items()
    return makers + [_on_fact(name, spec) for name, spec in facts] * 2


def _on_fact(name: str, spec: dict[str, Any]) -> Maker:
    """A condition on a fact, by its type."""
    target = next(v for k, v in spec.items() if k in KINDS)
    if "streak" in spec:
        return lambda r: (">=", name, 2)
    if "median gap" in spec:
        return lambda r: (r.choice((">=", "<", "=")), name, r.choice((1, Decimal("2.5"), 4, 6)))
    if "previous" in spec or (KINDS & {"last", "first"} & set(spec) and "." not in target):
        return lambda r: (
            r.choice((">", "<=")),
            ("days_between", name, "at"),
            r.choice((3, 20, 60)),
        )
    if isinstance(target, str) and target.endswith("category") and "distinct" not in spec:
        return lambda r: ("=", name, text(r.choice(CATEGORIES)))
    if isinstance(target, tuple):
        return lambda r: (r.choice((">", "=", "<")), name, r.choice((0, 1, 12)))
    low, high = (1, 4) if "count" in spec or "distinct" in spec else (10, 90)
    return lambda r: (r.choice((">=", "<", "=", ">")), name, r.randint(low, high))


KINDS = {"count", "sum", "average", "min", "max", "last", "first", "previous", "distinct",
         "most frequent", "streak", "median gap"}  # fmt: skip


def amount(rng: Random, event: str) -> Tree:
    """How much a rule gives: a plain number or what comes of the event."""
    whole = rng.choice((1, 5, 10, 33, 50))
    if event == "refund" and rng.random() < 0.6:
        return rng.choice(("amount", ("-", "amount", 5), ("*", "amount", 2)))
    if event != "order" or rng.random() < 0.25:
        return whole if rng.random() < 0.9 else ("-", whole, "points")
    return rng.choice((
        "amount", ("*", "amount", 2), ("/", "amount", 3), ("*", "amount", Decimal("0.29")),
        ("*", ("floor", ("/", "amount", 10)), 5), ("least", "amount", 30),
        ("*", ("coalesce", "quantity", 1), 3), ("+", ("/", "amount", 2), 1),
        ("case", (((">=", "amount", 50), ("/", "amount", 4)), ((">", "amount", 20), 7)), 0),
        ("greatest", ("-", "amount", 15), 0), "quantity", ("-", "amount", 25),
    ))  # fmt: skip
