"""Chance as S23 has it: the published numbers, the occurrence of a draw, exact shares."""

from __future__ import annotations

from fractions import Fraction
from hashlib import sha256

import pytest

from engine.machine import chance


@pytest.mark.parametrize(
    ("unit", "told"), [("m0001", "0.82023700"), ("m0002", "0.60773717"), ("李娜", "0.68882729")]
)
def test_s23_chance_gives_the_published_numbers(unit: str, told: str) -> None:
    assert f"{chance.drawn('9f2c', unit) / 2**64:.8f}" == told


def test_s23_the_occurrence_of_a_draw_is_its_event() -> None:
    first = sha256("9f2c\x1f李娜\x1fe1".encode()).digest()[:8]
    assert Fraction(chance.drawn("9f2c", "李娜", "e1"), 2**64) == Fraction(
        int.from_bytes(first, "big"), 2**64
    )


def test_s23_a_share_is_compared_exactly() -> None:
    third, half = Fraction(1, 3), Fraction(1, 2)
    assert chance.bounds([half, half]) == (2**63, 2**64)
    (bound,) = chance.bounds([third])
    assert Fraction(bound - 1, 2**64) < third < Fraction(bound, 2**64)
    assert chance.bounds([Fraction(0), Fraction(1)]) == (0, 2**64)
