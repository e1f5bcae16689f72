"""Prints exact arithmetic as SQL: a whole number over a constant and, once divided, a bottom."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Number:
    """`sql / (parts * bottom)`, the bottom above 0. It is null where either is null."""

    sql: str
    parts: int = 1
    bottom: str | None = None
    known: int | None = None  # the value of `sql`, where that is a constant
    bare: str | None = None  # `sql` without the wider type, enough where nothing is multiplied


NULL = Number("cast(null as hugeint)")


def fixed(value: Fraction) -> Number:
    """A constant."""
    return Number(_whole(value.numerator), value.denominator, known=value.numerator)


def scaled(number: Number, parts: int) -> str:
    """The whole number over `parts`, a multiple of the number's own."""
    factor = parts // number.parts
    if number.known is not None:
        return _whole(number.known * factor)
    return number.sql if factor == 1 else f"({number.sql} * {_whole(factor)})"


def compare(mark: str, left: Number, right: Number) -> str:
    """A comparison, cross-multiplied."""
    a, b, bottom = _aligned(left, right)
    if bottom is None:
        parts = math.lcm(left.parts, right.parts)
        a, b = _bare(left, parts) or a, _bare(right, parts) or b
    return f"({a} {mark} {b})"


def combined(mark: str, left: Number, right: Number) -> Number:
    """Sum, difference or rest; a rest by zero is null."""
    a, b, bottom = _aligned(left, right)
    second = f"nullif({b}, 0)" if mark == "%" else b
    return Number(f"({a} {mark} {second})", math.lcm(left.parts, right.parts), bottom)


def times(left: Number, right: Number) -> Number:
    """The product."""
    bottom = _both(left.bottom, right.bottom)
    return Number(f"({left.sql} * {right.sql})", left.parts * right.parts, bottom)


def over(left: Number, right: Number, divisor: Fraction | None = None) -> Number:
    """The quotient: its top has the sign, its bottom is null by zero."""
    if divisor is not None:
        parts = left.parts * abs(divisor.numerator)
        shared = math.gcd(parts, divisor.denominator)
        factor = divisor.denominator // shared * (1 if divisor > 0 else -1)
        return Number(f"({left.sql} * {_whole(factor)})", parts // shared, left.bottom)
    top = f"({left.sql} * {_whole(right.parts)})"
    if right.bottom is not None:
        top = f"({top} * {right.bottom})"
    bottom = right.sql if left.bottom is None else f"({right.sql} * {left.bottom})"
    signed = f"({top} * sign({bottom}))"
    return Number(signed, left.parts, f"nullif(abs({bottom}), 0)")


def wrapped(function: str, number: Number) -> Number:
    """The number with another sign (`-`) or none (`abs`)."""
    return Number(f"{function}({number.sql})", number.parts, number.bottom)


def rounded(function: str, number: Number, places: int) -> Number:
    """`round` (half away from zero), `floor` or `ceil` to decimal places, also below 0."""
    top_factor, down = 10 ** max(places, 0), number.parts * 10 ** max(-places, 0)
    shared = math.gcd(top_factor, down)
    top = scaled(Number(number.sql, 1, None, number.known), top_factor // shared)
    bottom = _both(_whole(down // shared), number.bottom) or "1"
    if function == "round":
        half = f"((abs({top}) * 2 + {bottom}) // ({bottom} * 2))"
        return _moved(f"({half} * sign({top}))", places)
    sign = "-" if function == "ceil" else ""
    inner = f"{sign}({top})"
    rest = f"((({inner} % {bottom}) + {bottom}) % {bottom})"
    return _moved(f"{sign}(({inner} - {rest}) // {bottom})", places)


def select(flag: str, then: Number, other: Number) -> Number:
    """`then` where the flag is true, else `other`."""
    parts = math.lcm(then.parts, other.parts)
    sql = case([(flag, scaled(then, parts))], scaled(other, parts))
    if then.bottom is None and other.bottom is None:
        return Number(sql, parts)
    return Number(sql, parts, case([(flag, then.bottom or "1")], other.bottom or "1"))


def bound(mark: str, left: Number, right: Number) -> Number:
    """The one that stands to the other as `mark` says; nulls are left out."""
    gone = f"(not {is_there(right)})"
    return select(f"({compare(mark, left, right)} is true or {gone})", left, right)


def is_there(number: Number) -> str:
    """Whether it is not null."""
    if number.bottom is None:
        return f"({number.sql} is not null)"
    return f"({number.sql} is not null and {number.bottom} is not null)"


def case(pairs: Sequence[tuple[str, str]], other: str) -> str:
    """`case when ... then ... else ... end`."""
    return "case " + " ".join(f"when {a} then {b}" for a, b in pairs) + f" else {other} end"


def _aligned(left: Number, right: Number) -> tuple[str, str, str | None]:
    parts = math.lcm(left.parts, right.parts)
    a, b = scaled(left, parts), scaled(right, parts)
    if right.bottom is not None:
        a = f"({a} * {right.bottom})"
    if left.bottom is not None:
        b = f"({b} * {left.bottom})"
    return a, b, _both(left.bottom, right.bottom)


def _bare(number: Number, parts: int) -> str | None:
    """How it may stand beside `mark` alone, for a reader's sake."""
    if number.known is not None:
        return str(number.known * (parts // number.parts))
    return number.bare if number.parts == parts else None


def _both(left: str | None, right: str | None) -> str | None:
    if left is None or right is None:
        return left or right
    return f"({left} * {right})"


def _moved(sql: str, places: int) -> Number:
    if places >= 0:
        return Number(sql, 10**places)
    return Number(f"({sql} * {_whole(10**-places)})")


def _whole(value: int) -> str:
    """A constant of 128 bits, so that products do not leave the smaller types."""
    return f"cast({value} as hugeint)"
