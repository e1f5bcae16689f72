"""Numbers are exact, are rounded as said, are null by zero, and are never wrapped."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest

from engine.language.expression import Want, denominator, read
from engine.machine import wide
from tests.expression_machine import TOO_LARGE, worked
from tests.expression_world import SCOPE

LARGEST = 2**127 - 1
EDGES = (0, 1, 2, 2**31, 2**32 - 1, 2**32, 2**63 - 1, 2**63, 2**64 - 1, 2**64, 2**126, LARGEST)


def halves(value: int) -> tuple[int, int]:
    """A whole number of 128 bits as its two halves."""
    low = value & (2**64 - 1)
    return value >> 64, low - 2**64 if low >= 2**63 else low


def joined(hi: int, lo: int) -> int:
    """The whole number of two halves."""
    return (int(hi) << 64) + (int(lo) & (2**64 - 1))


def pairs() -> list[tuple[int, int]]:
    """All edges with all edges, and 3,000 random pairs of every length."""
    edges = [*EDGES, *(-e for e in EDGES), -(2**127)]
    chance = random.Random(1)
    some = [tuple(_random(chance) for _ in range(2)) for _ in range(3_000)]
    return [(a, b) for a in edges for b in edges] + [(a, b) for a, b in some]


def _random(chance: random.Random) -> int:
    return chance.getrandbits(chance.randint(1, 127)) * chance.choice((1, -1))


def test_sums_and_products_of_128_bits_are_exact_or_say_that_they_are_too_large() -> None:
    for a, b in pairs():
        for function, exact in ((wide.add, a + b), (wide.subtract, a - b), (wide.multiply, a * b)):
            hi, lo, large = function(*halves(a), *halves(b))
            assert large == (not -(2**127) <= exact <= LARGEST), (function, a, b)
            assert large or joined(hi, lo) == exact, (function, a, b)


def test_numbers_of_128_bits_are_in_order() -> None:
    for a, b in pairs():
        assert wide.compare(*halves(a), *halves(b)) == (a > b) - (a < b)


def test_quotients_of_128_bits_round_each_way() -> None:
    for a, b in pairs():
        if abs(a) > LARGEST or not 0 < b <= LARGEST:
            continue
        whole, rest = divmod(abs(a), b)
        sign = -1 if a < 0 else 1
        exact = {
            wide.NEAREST: sign * (whole + (2 * rest >= b)),
            wide.DOWN: sign * whole,
            wide.UP: sign * (whole + (rest > 0)),
            wide.FLOOR: a // b,
            wide.CEIL: -(-a // b),
        }
        for mode, expected in exact.items():
            hi, lo, large = wide.divide(*halves(a), *halves(b), mode)
            assert (joined(hi, lo), large) == (expected, False), (a, b, mode)
        assert joined(*wide.remainder(*halves(a), *halves(b))) == sign * rest


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("amount", 100),
        ("orders", 1),
        ("weight", 1_000_000),
        ("points", 10),
        ("amount * 0.29", 10_000),
        ("amount / 3", 300),
        ("amount / 0.5", 50),
        ("amount / 4 * 4", 400),
        ("amount * (1 / 3)", 300),
        ("7 / 2", 2),
        ("amount + weight", 1_000_000),
        ("amount % 7", 100),
        ("case when photo then amount / 7 else orders / 3 end", 2_100),
        ("case when photo then orders end", 1),
        ("least(amount, orders / 3)", 300),
        ("coalesce(amount / 3, 0)", 300),
        ("nullif(amount, 0.001)", 100),
        ("round(amount / orders, 2)", 100),
        ("round(amount, -2)", 1),
        ("floor(amount / orders)", 1),
        ("round(avg_order, 3)", 1_000),
        ("abs(-amount)", 100),
        ("length(city)", 1),
        ("amount * 0", 100),
        ("amount / 0", 1),
    ],
)
def test_an_amount_has_one_constant_denominator(text: str, parts: int) -> None:
    tree, faults = read(text, SCOPE, Want.AMOUNT)
    assert tree is not None, faults
    assert denominator(tree) == parts


def test_a_quotient_in_a_condition_has_none() -> None:
    tree, _ = read("amount / orders", SCOPE, Want.NUMBER)
    assert tree is not None
    assert denominator(tree) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("7 / 2", Fraction(7, 2)),
        ("amount * 0.29", Fraction("5.7971")),
        ("amount / 3", Fraction(1999, 300)),
        ("amount / 3 * 3", Fraction("19.99")),
        ("orders / 0", None),
        ("orders % 0", None),
        ("-7 % 3", Fraction(-1)),
        ("7 % -3", Fraction(1)),
        ("round(2.5)", Fraction(3)),
        ("round(-2.5)", Fraction(-3)),
        ("round(amount, 1)", Fraction(20)),
        ("round(1250, -2)", Fraction(1300)),
        ("floor(-0.5)", Fraction(-1)),
        ("ceil(-0.5)", Fraction(0)),
        ("floor(orders / -2)", Fraction(-2)),
        ("round(avg_order, 2)", Fraction("33.33")),
        ("least(orders, null, 2)", Fraction(2)),
        ("greatest(null, orders)", Fraction(3)),
        ("coalesce(null, orders)", Fraction(3)),
        ("coalesce(orders / 0, 5)", Fraction(5)),
        ("nullif(orders, 3)", None),
        ("case when photo then 1 end", None),
    ],
)
def test_arithmetic_is_exact(text: str, value: Fraction | None) -> None:
    cells = {"amount": Fraction("19.99"), "orders": Fraction(3), "avg_order": (Fraction(100), 3)}
    assert worked(text, Want.AMOUNT, **cells) == value  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("amount * 0.29 = 5.7971", True),
        ("amount / orders = 19.99 / 3", True),
        ("amount / orders * orders = amount", True),
        ("orders / 3 = 1", True),
        ("avg_order > 33.33", True),
        ("avg_order < 33.34", True),
        ("avg_order * 3 = 100", True),
        ("avg_order in (1, 2, 100 / 3)", True),
        ("1 / orders < 1 / -orders", False),
        ("orders / 0 > 1", None),
        ("orders / 0 is null", True),
        ("points in (1, null)", None),
        ("orders in (1, null)", None),
        ("orders in (3, null)", True),
        ("orders not in (1, 2, 4, null)", None),
        ("orders = null", None),
        ("null and orders = 4", False),
        ("null or orders = 3", True),
        ("not null", None),
    ],
)
def test_a_condition_compares_exactly(text: str, value: bool | None) -> None:
    cells = {"amount": Fraction("19.99"), "orders": Fraction(3), "avg_order": (Fraction(100), 3)}
    assert worked(text, **cells) is value  # type: ignore[arg-type]


def test_an_average_of_nothing_is_null() -> None:
    assert worked("avg_order is null", avg_order=(Fraction(0), 0)) is True


def test_what_leaves_128_bits_makes_the_row_too_large_and_wraps_nowhere() -> None:
    most = Fraction(2**63 - 1)
    assert worked("orders * orders > 0", orders=most) is True
    assert worked("orders * orders * orders > 0", orders=most) == TOO_LARGE
    assert worked("-orders * orders * orders < 0", orders=most) == TOO_LARGE
    assert worked("photo or orders * orders * orders > 0", orders=most, photo=True) == TOO_LARGE
    assert worked("orders * orders * orders > 0", orders=None) is None


def test_amounts_up_to_ten_to_the_thirteen_minor_units_are_worked_out() -> None:
    most = Fraction(10**13, 100)
    text = "round(amount * price * 1.123456789 / 7, 2)"
    exact = most * most * Fraction("1.123456789") / 7
    assert worked(text, Want.AMOUNT, amount=most, price=most) == round_cents(exact)


def round_cents(value: Fraction) -> Fraction:
    """Half away from zero, of a value above it."""
    return Fraction((value * 200 + 1) // 2, 100)
