"""Finds the constant denominator of an amount, and what keeps it from having one."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction

from engine.language.expression.tree import Expr, Fault, Name

AMOUNT_MAX = 10**9
CONDITION_MAX = 10**18
CONSTANT_MAX = 10**36

_SUMS = ("+", "-", "%", "least", "greatest", "coalesce")


def denominator(expr: Expr) -> int | None:
    """The constant that every value of this number is counted in; None: only known at run time.

    `amount * 0.29` with money of two places is counted in 10,000ths. A value that is no number
    has 1.
    """
    if not expr.type.is_number:
        return 1
    fixed = constant(expr)
    if fixed is not None:
        return fixed.denominator
    if isinstance(expr.value, Name):
        return None if expr.value.ratio else expr.value.denominator
    parts = [denominator(a) for a in parts_of_value(expr)]
    if any(p is None for p in parts):
        return None
    known = [p for p in parts if p is not None]
    if expr.op == "*":
        return math.prod(known)
    if expr.op == "/":
        return _quotient(expr, known[0])
    if expr.op in ("round", "floor", "ceil"):
        return int(10 ** places(expr))
    return math.lcm(*known)


def parts_of_value(expr: Expr) -> tuple[Expr, ...]:
    """Those arguments whose denominators make up that of the whole."""
    if expr.op in _SUMS or expr.op in ("*", "neg", "abs"):
        return expr.args
    if expr.op in ("/", "nullif"):
        return expr.args[:1]
    if expr.op == "case":
        return (*expr.args[1:-1:2], expr.args[-1])
    return ()


def places(expr: Expr) -> int:
    """How many decimal places `round(x, n)` leaves; 0 for `floor` and `ceil`."""
    if expr.op == "round" and len(expr.args) == 2:
        return max(0, int(constant(expr.args[1]) or 0))
    return 0


def constant(expr: Expr) -> Fraction | None:
    """The value of arithmetic over constants alone; None for everything else, null too."""
    if expr.op == "const":
        known = isinstance(expr.value, int | Fraction) and not isinstance(expr.value, bool)
        return Fraction(expr.value) if known else None  # type: ignore[arg-type]
    if expr.op not in ("+", "-", "*", "/", "%", "neg"):
        return None
    values = [constant(a) for a in expr.args]
    if any(v is None for v in values):
        return None
    return _worked(expr.op, [v for v in values if v is not None])


def is_by_zero(expr: Expr) -> bool:
    """Whether it divides by a constant 0, which is null."""
    return expr.op in ("/", "%") and constant(expr.args[1]) == 0


def _worked(op: str, values: list[Fraction]) -> Fraction | None:
    if op == "neg":
        return -values[0]
    left, right = values
    if op in "/%" and right == 0:
        return None
    if op == "%":
        return left - right * math.trunc(left / right)
    return {
        "+": left + right,
        "-": left - right,
        "*": left * right,
        "/": left / right if right else Fraction(0),
    }[op]


def _quotient(expr: Expr, known: int) -> int | None:
    """`x / (p / q)` counts x times q in as many parts times p, shortened."""
    divisor = constant(expr.args[1])
    if divisor is None:
        return None
    if divisor == 0:
        return 1
    return (Fraction(divisor.denominator, abs(divisor.numerator) * known)).denominator


def faults_of_size(expr: Expr) -> Iterator[Fault]:
    """Constants and denominators beyond what the machine counts with."""
    for node in expr.walk():
        if not node.type.is_number:
            continue
        fixed = constant(node)
        if fixed is not None and max(abs(fixed.numerator), fixed.denominator) > CONSTANT_MAX:
            yield Fault(
                node.start, node.stop, "This constant is too large.", "Write a smaller one."
            )
            return
        parts = denominator(node) if fixed is None else fixed.denominator
        if parts is not None and parts > CONDITION_MAX:
            said = (
                "This has more decimal places than can be counted with.",
                "Write round(x, 2) round a part of it.",
            )
            yield Fault(node.start, node.stop, *said)
            return


def faults_of_amount(expr: Expr) -> Iterator[Fault]:
    """What keeps a number from being an amount with one constant denominator up to 10^9."""
    if denominator(expr) is None:
        yield from _open_divisors(expr)
    elif (denominator(expr) or 0) > AMOUNT_MAX:
        said = (
            "This amount has more than 9 decimal places.",
            "Write round(x, 2) round it or a part of it.",
        )
        yield Fault(expr.start, expr.stop, *said)


def _open_divisors(expr: Expr) -> Iterator[Fault]:
    if isinstance(expr.value, Name):
        if expr.value.ratio:
            said = (
                f"{expr.value.name} is an average, which no fixed number of decimal places holds.",
                f"Write round({expr.value.name}, 2).",
            )
            yield Fault(expr.start, expr.stop, *said)
        return
    if expr.op == "/" and constant(expr.args[1]) is None:
        divisor = expr.args[1]
        said = (
            "An amount is divided by something that is not a constant.",
            "Divide by a number, or write round(a / b, 2).",
        )
        yield Fault(divisor.start, divisor.stop, *said)
    for part in parts_of_value(expr):
        if denominator(part) is None:
            yield from _open_divisors(part)
