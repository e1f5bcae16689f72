"""What is said of a condition holds for every assignment of values: never too much is claimed."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from itertools import product
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.language import expression, rules
from engine.language.checks.conditions import always, never
from engine.language.checks.ranges import ends
from engine.language.checks.setting import Setting
from engine.language.checks.truth import Truth, reads_nulls
from engine.language.checks.ways import possible
from engine.language.expression import Want
from engine.language.expression.tree import Expr, Name
from engine.language.program import Program

RULES = """
program: {name: Shop, timezone: Asia/Shanghai, money: CNY}
events: {order: {amount: money, quantity: whole, category: text, photo: flag}}
wallets: {points: {expires: 1 year}}
facts: {orders: {count: order}, spend: {sum: order.amount}}
tiers: {measure: points, ladder: {member: 0, gold: 10}}
earn: {purchase: {when: order, give: {points: amount}}}
"""
DOMAINS: dict[str, list[Any]] = {
    "amount": [None, Fraction(-1), Fraction(0), Fraction(1, 2), Fraction(2), Fraction(3)],
    "quantity": [None, Fraction(-1), Fraction(0), Fraction(1), Fraction(2)],
    "category": [None, "a", "b", "B"],
    "photo": [None, True, False],
    "tier": ["member", "gold"],
    "orders": [Fraction(1), Fraction(2), Fraction(3)],
}

NUMBERS = st.recursive(
    st.sampled_from(["amount", "quantity", "orders", "0", "1", "2", "0.5", "-1"]),
    lambda n: st.one_of(
        st.tuples(n, st.sampled_from("+-*/%"), n).map(lambda p: f"({p[0]} {p[1]} {p[2]})"),
        st.tuples(st.sampled_from(["abs", "floor", "ceil", "round", "-"]), n).map(
            "{0[0]}({0[1]})".format
        ),
        st.tuples(st.sampled_from(["least", "greatest", "coalesce", "nullif"]), n, n).map(
            "{0[0]}({0[1]}, {0[2]})".format
        ),
        st.tuples(n, n).map("(case when photo then {0[0]} else {0[1]} end)".format),
    ),
    max_leaves=3,
)
TEXTS = st.sampled_from(["category", "'a'", "'b'", "'B'", "coalesce(category, 'a')"])
COMPARED = st.sampled_from(["=", "<>", "<", "<=", ">", ">="])
LEAVES = st.one_of(
    st.tuples(NUMBERS, COMPARED, NUMBERS).map(" ".join),
    st.tuples(TEXTS, COMPARED, TEXTS).map(" ".join),
    st.tuples(NUMBERS, NUMBERS, NUMBERS).map("{0[0]} between {0[1]} and {0[2]}".format),
    st.tuples(NUMBERS, NUMBERS, NUMBERS).map("{0[0]} in ({0[1]}, {0[2]})".format),
    st.tuples(TEXTS, TEXTS).map("{0[0]} not in ({0[1]}, 'b')".format),
    st.tuples(NUMBERS).map("{0[0]} is null".format),
    st.sampled_from(
        [
            "photo",
            "photo = true",
            "photo is not false",
            "coalesce(photo, false)",
            "case when amount > 1 then photo when quantity = 1 then true else orders = 2 end",
            "tier = 'gold'",
            "tier in ('gold', 'member')",
            "category is null",
            "category like 'a%'",
            "category ilike 'B'",
            "starts_with(category, 'b')",
            "contains(category, 'B')",
            "lower(category) = 'b'",
            "lower(category) = 'B'",
            "category > 'a'",
            "category in ('a', null)",
            "photo = (amount > 1)",
            "true",
            "null",
        ]
    ),
).map("({})".format)
CONDITIONS = st.recursive(
    LEAVES,
    lambda c: st.one_of(
        st.tuples(c, st.sampled_from(["and", "or"]), c).map(lambda p: f"({' '.join(p)})"),
        c.map("(not {})".format),
        c.map("({} is true)".format),
        c.map("({} is null)".format),
    ),
    max_leaves=4,
)


def program() -> Program:
    """An order rule, read from its text."""
    found = rules.read_texts({"rules.yaml": RULES}).program
    assert found is not None
    return found


PROGRAM = program()
SETTING = Setting(PROGRAM, ("order",))


def scope() -> expression.Scope:
    """The names of the program that the conditions here use."""
    rule = """
earn:
  names:
    when: order
    if: amount > 0 and quantity > 0 and category = 'a' and photo and tier = 'gold' and orders > 0
    give: {points: 1}
"""
    found = rules.read_texts({"rules.yaml": RULES, "names.yaml": rule}).program
    assert found is not None
    condition = next(r.condition for r in found.rules if r.id == "names")
    assert condition is not None
    return expression.Scope({name.name: name for name in condition.tree.names()})


SCOPE = scope()


def value(e: Expr, row: dict[str, Any]) -> Any:
    """The value of an expression by SQL's three-valued logic, as plainly as can be."""
    if e.op == "const":
        known = isinstance(e.value, bool | str) or e.value is None
        return e.value if known else Fraction(e.value)  # type: ignore[arg-type]
    if isinstance(e.value, Name):
        return row[e.value.name]
    if e.op == "case":
        for when, then in zip(e.args[:-1:2], e.args[1:-1:2], strict=True):
            if value(when, row) is True:
                return value(then, row)
        return value(e.args[-1], row)
    args = [value(a, row) for a in e.args]
    if e.op in ("and", "or"):
        decides = e.op == "or"
        return decides if decides in args else None if None in args else not decides
    if e.op in ("is_null", "is_true", "is_false"):
        return args[0] is {"is_null": None, "is_true": True, "is_false": False}[e.op]
    if e.op == "in":
        found = [equal(args[0], item) for item in args[1:]]
        return True if True in found else None if None in found else False
    if e.op == "between":
        low, high = above(args[0], args[1]), above(args[2], args[0])
        return False if False in (low, high) else None if None in (low, high) else True
    if e.op in ("coalesce", "least", "greatest"):
        given = [a for a in args if a is not None]
        pick: dict[str, Callable[[list[Any]], Any]] = {
            "coalesce": lambda g: g[0],
            "least": min,
            "greatest": max,
        }
        return pick[e.op](given) if given else None
    if e.op == "nullif":
        return None if equal(*args) is True else args[0]
    return None if None in args else applied(e, args)


def equal(left: Any, right: Any) -> bool | None:
    return None if left is None or right is None else left == right


def above(left: Any, right: Any) -> bool | None:
    return None if left is None or right is None else left >= right


def applied(e: Expr, args: list[Any]) -> Any:
    """A function or operator over values that are there."""
    one, other = args[0], args[-1]
    if e.op in ("/", "%") and other == 0:
        return None
    ways: dict[str, Callable[[], Any]] = {
        "not": lambda: not one,
        "=": lambda: one == other,
        "<>": lambda: one != other,
        "<": lambda: one < other,
        "<=": lambda: one <= other,
        ">": lambda: one > other,
        ">=": lambda: one >= other,
        "+": lambda: one + other,
        "-": lambda: one - other,
        "*": lambda: one * other,
        "/": lambda: one / other,
        "%": lambda: one - other * math.trunc(one / other),
        "neg": lambda: -one,
        "abs": lambda: abs(one),
        "floor": lambda: Fraction(math.floor(one)),
        "ceil": lambda: Fraction(math.ceil(one)),
        "round": lambda: Fraction(math.floor(abs(one) + Fraction(1, 2))) * (1 if one > 0 else -1),
        "lower": lambda: one.lower(),
        "starts_with": lambda: one.startswith(other),
        "contains": lambda: other in one,
        "like": lambda: one.startswith("a"),
        "ilike": lambda: one.lower() == "b",
    }
    return ways[e.op]()


def rows(e: Expr) -> list[dict[str, Any]]:
    """Every assignment to the names it reads."""
    names = sorted({name.name for name in e.names()})
    return [dict(zip(names, v, strict=True)) for v in product(*(DOMAINS[n] for n in names))]


@settings(max_examples=600, deadline=None, derandomize=True)
@given(CONDITIONS)
def test_nothing_is_claimed_that_an_assignment_disproves(text: str) -> None:
    tree, _ = expression.read(text, SCOPE, Want.FLAG)
    if tree is None:  # such as a constant that is too large, with its own message
        return
    results = {tuple(row.values()): value(tree, row) for row in rows(tree)}
    if never(Truth(SETTING), tree):
        assert True not in results.values(), text
    if always(Truth(SETTING), tree):
        asks = reads_nulls(tree)
        assert all(r is True for key, r in results.items() if asks or None not in key), text


@settings(max_examples=600, deadline=None, derandomize=True)
@given(CONDITIONS)
def test_a_way_is_found_for_every_value_that_a_condition_takes(text: str) -> None:
    tree, _ = expression.read(text, SCOPE, Want.FLAG)
    if tree is None:
        return
    found = {value(tree, row) for row in rows(tree)}
    truth = Truth(SETTING)
    assert not found - {True, False, None}
    for result, ways in ((True, truth.true), (False, truth.false), (None, truth.null)):
        if result in found:
            assert possible(lambda ways=ways: ways(tree)), (text, result)  # type: ignore[misc]


@settings(max_examples=400, deadline=None, derandomize=True)
@given(NUMBERS)
def test_a_number_lies_between_its_ends(text: str) -> None:
    tree, _ = expression.read(text, SCOPE, Want.NUMBER)
    if tree is None:
        return
    span = ends(SETTING, tree)
    for row in rows(tree):
        number = value(tree, row)
        if number is not None:
            assert span.low is None or span.low <= number, (text, row)
            assert span.high is None or number <= span.high, (text, row)


def test_the_random_conditions_reach_both_claims() -> None:
    contradiction, _ = expression.read("amount > 2 and amount < 1", SCOPE, Want.FLAG)
    tautology, _ = expression.read("amount > 1 or amount <= 1", SCOPE, Want.FLAG)
    assert contradiction is not None
    assert tautology is not None
    assert never(Truth(SETTING), contradiction)
    assert always(Truth(SETTING), tautology)
    asked = Expr("is_true", tautology.type, (tautology,))
    assert not always(Truth(SETTING), asked)
