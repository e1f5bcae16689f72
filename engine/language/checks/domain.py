"""Sets of values that a name or a term may have: spans of numbers, a few values, all but a few."""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import product
from math import ceil, floor
from typing import NamedTuple, TypeAlias

Number: TypeAlias = int | Fraction  # whole ones as int, which is quicker by far
Test: TypeAlias = tuple[str, str, bool]  # `starts_with`, `crab`, whether it holds


class Span(NamedTuple):
    """Numbers from `low` to `high`, None for no end; an open end is not in it itself."""

    low: Number | None = None
    high: Number | None = None
    low_open: bool = False
    high_open: bool = False


class Numbers(NamedTuple):
    """Numbers of some spans; where `whole`, whole ones alone."""

    spans: tuple[Span, ...] = (Span(),)
    whole: bool = False


class Few(NamedTuple):
    """One of these values."""

    values: frozenset[object]


class AllBut(NamedTuple):
    """Any text but these, which passes the tests."""

    values: frozenset[object] = frozenset()
    tests: frozenset[Test] = frozenset()


Values: TypeAlias = Numbers | Few | AllBut


class Domain(NamedTuple):
    """What a term may be: null or not, and which values; None for no value at all."""

    null: bool
    values: Values | None


def compared(op: str, with_: Number, slack: int = 0) -> Numbers:
    """The numbers for which `x op with_` holds; all bounds are let out by `slack`."""
    low, high = with_ - slack, with_ + slack
    is_open = slack == 0
    if op == "=":
        return Numbers((Span(low, high),))
    if op == "<>":
        return Numbers(
            (Span(None, low, False, True), Span(high, None, True)) if is_open else (Span(),)
        )
    if op in ("<", "<="):
        return Numbers((Span(None, high, False, op == "<" and is_open),))
    return Numbers((Span(low, None, op == ">" and is_open),))


def meet(left: Domain, right: Domain) -> Domain | None:
    """What is in both; None where nothing is."""
    values = None
    if left.values is not None and right.values is not None:
        values = both(left.values, right.values)
    null = left.null and right.null
    return Domain(null, values) if null or values is not None else None


def both(left: Values, right: Values) -> Values | None:
    """The values that are in both; None where none is."""
    if isinstance(left, Few) or isinstance(right, Few):
        few, other = (left, right) if isinstance(left, Few) else (right, left)
        assert isinstance(few, Few)
        kept = frozenset(v for v in few.values if _holds(other, v))
        return Few(kept) if kept else None
    if isinstance(left, Numbers) and isinstance(right, Numbers):
        return _spans(left, right)
    if isinstance(left, AllBut) and isinstance(right, AllBut):
        tests = left.tests | right.tests
        if any((op, text, not holds) in tests for op, text, holds in tests):
            return None
        return AllBut(left.values | right.values, tests)
    return left  # of two kinds, which does not happen: say nothing


def _holds(values: Values, value: object) -> bool:
    """Whether a value is in it, as far as that is known."""
    if isinstance(values, Few):
        return value in values.values
    if isinstance(values, AllBut):
        return value not in values.values and all(_passes(value, t) for t in values.tests)
    if not isinstance(value, int | Fraction):
        return True
    point = Numbers((Span(value, value),))
    return _spans(values, point) is not None


def _passes(value: object, test: Test) -> bool:
    """False only where it is certain that the text does not pass."""
    op, text, holds = test
    if not isinstance(value, str):
        return True
    if op == "lower":
        return not re.search("[A-Z]", value)
    if op == "upper":
        return not re.search("[a-z]", value)
    if op == "ilike" and not (value.isascii() and text.isascii()):
        return True
    found = {
        "starts_with": value.startswith(text),
        "ends_with": value.endswith(text),
        "contains": text in value,
        "<": value < text,
        "<=": value <= text,
        ">": value > text,
        ">=": value >= text,
        "like": op == "like" and _like(value, text),
        "ilike": op == "ilike" and _like(value.lower(), text.lower()),
    }
    return found[op] == holds


def _like(value: str, pattern: str) -> bool:
    signs = {"%": ".*", "_": "."}
    expression = "".join(signs.get(c) or re.escape(c) for c in pattern)
    return re.fullmatch(expression, value, re.DOTALL) is not None


def _spans(left: Numbers, right: Numbers) -> Numbers | None:
    whole = left.whole or right.whole
    found = [_span(a, b, whole) for a, b in product(left.spans, right.spans)]
    kept = tuple(span for span in found if span is not None)
    return Numbers(kept, whole) if kept else None


def _span(left: Span, right: Span, whole: bool) -> Span | None:
    low, low_open = left.low, left.low_open
    if low is None or (right.low is not None and right.low >= low):
        is_open = right.low_open or (low_open and right.low == low)
        low, low_open = right.low, is_open
    high, high_open = left.high, left.high_open
    if high is None or (right.high is not None and right.high <= high):
        is_open = right.high_open or (high_open and right.high == high)
        high, high_open = right.high, is_open
    if whole and low is not None:
        low, low_open = floor(low) + 1 if low_open else ceil(low), False
    if whole and high is not None:
        high, high_open = ceil(high) - 1 if high_open else floor(high), False
    if low is None or high is None:
        return Span(low, high, low_open, high_open)
    is_empty = low > high or (low == high and (low_open or high_open))
    return None if is_empty else Span(low, high, low_open, high_open)


def divided(value: Number, by: Number) -> Number:
    """The quotient, a whole one as an int."""
    return plain(value if by == 1 else Fraction(value) / by)


def plain(value: Number) -> Number:
    """The same number, a whole one as an int."""
    return int(value) if value.denominator == 1 else value
