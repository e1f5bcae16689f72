"""The range of a number: between which ends a term always lies."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from itertools import product
from math import ceil, floor

from engine.language.checks.domain import Number, Numbers, Span, plain
from engine.language.checks.setting import Setting
from engine.language.expression.amounts import constant
from engine.language.expression.tree import Expr, From, Name, Type
from engine.language.program import Fact

_PARTS = {
    "year": (1, 9999), "month": (1, 12), "day": (1, 31), "weekday": (1, 7), "hour": (0, 23),
    "length": (0, None),
}  # fmt: skip


def hull(setting: Setting, term: Expr) -> Numbers:
    """A span in which the term lies whenever it is not null."""
    whole = term.type in (Type.WHOLE, Type.DATE)
    return Numbers((ends(setting, term),), whole)


def ends(setting: Setting, term: Expr) -> Span:
    """The least and the greatest that a term may be."""
    fixed = constant(term)
    if fixed is not None:
        return Span(plain(fixed), plain(fixed))
    if isinstance(term.value, Name):
        return _of_name(setting, term.value)
    if term.op in _PARTS:
        low, high = _PARTS[term.op]
        return _span(low, high)
    if term.op in ("days_since", "days_between"):
        return _days(setting, term)
    if term.op in ("+", "-", "*", "/", "%", "neg"):
        return _arithmetic(term.op, [ends(setting, a) for a in term.args])
    if term.op in ("least", "greatest"):
        return _extreme(setting, term)
    if term.op in ("coalesce", "case", "nullif"):
        return _one_of(ends(setting, a) for a in _choices(term))
    if term.op in ("abs", "floor", "ceil", "round"):
        return _rounded(term, ends(setting, term.args[0]))
    return Span()


def _of_name(setting: Setting, name: Name) -> Span:
    fact = setting.program.facts.get(name.name) if name.source == From.FACT else None
    if fact is None:
        return _span(0, None) if name.source == From.PROGRESS else Span()
    if fact.reward is not None:
        return _span(0, None)
    if fact.kind == "streak" and fact.starts_over:
        return _span(1 if setting.takes_in(fact) else 0, fact.starts_over)
    if fact.kind in ("count", "distinct", "streak", "median gap"):
        is_in = setting.takes_in(fact) and fact.kind in ("count", "streak")
        return _span(1 if is_in else 0, fact.of_last if fact.kind != "median gap" else None)
    if fact.value is None or fact.kind == "sum":
        return Span()
    return ends(replace(setting, events=(fact.event,), start=None, end=None), fact.value.tree)


def _days(setting: Setting, term: Expr) -> Span:
    """Days since something a fact keeps the time of; none where that is this very event."""
    to_now = term.op == "days_since" or (
        isinstance(term.args[1].value, Name) and term.args[1].value.source in (From.AT, From.TODAY)
    )
    name = term.args[0].value
    if not to_now or not isinstance(name, Name) or name.source != From.FACT:
        return Span()
    fact = setting.program.facts.get(name.name)
    if fact is None or fact.value is not None or fact.kind not in ("last", "first", "previous"):
        return Span()
    return _span(0, 0 if fact.kind == "last" and _is_this(setting, fact) else None)


def _is_this(setting: Setting, fact: Fact) -> bool:
    return setting.takes_in(fact)


def _arithmetic(op: str, spans: list[Span]) -> Span:
    left, right = spans[0], spans[-1]
    if op == "neg":
        return Span(_neg(left.high), _neg(left.low))
    if op == "+":
        return Span(_add(left.low, right.low), _add(left.high, right.high))
    if op == "-":
        return Span(_add(left.low, _neg(right.high)), _add(left.high, _neg(right.low)))
    if op == "%":
        return _remainder(left, right)
    if op == "/":
        if right.low is None or right.low != right.high or right.low == 0:
            return Span()
        right = Span(Fraction(1) / right.low, Fraction(1) / right.low)
    if None in (left.low, left.high, right.low, right.high):
        return _times(left, right)
    found = [
        a * b
        for a, b in product((left.low, left.high), (right.low, right.high))
        if a is not None and b is not None
    ]
    return Span(min(found), max(found))


def _times(left: Span, right: Span) -> Span:
    """A product where an end is missing: known for constants, and for what is never below zero."""
    for one, other in ((left, right), (right, left)):
        if one.low is not None and one.low == one.high:
            by = one.low
            low = None if other.low is None else other.low * by
            high = None if other.high is None else other.high * by
            return _span(0, 0) if by == 0 else Span(low, high) if by > 0 else Span(high, low)
    both = left.low is not None and left.low >= 0 and right.low is not None and right.low >= 0
    return (
        Span(left.low * right.low)
        if both and left.low is not None and right.low is not None
        else Span()
    )


def _remainder(left: Span, right: Span) -> Span:
    if right.low is None or right.low != right.high or right.low == 0:
        return Span()
    most: Number = max(right.low, -right.low)
    low: Number = 0 if left.low is not None and left.low >= 0 else -most
    high: Number = 0 if left.high is not None and left.high <= 0 else most
    return Span(low, high, low < 0, high > 0)


def _extreme(setting: Setting, term: Expr) -> Span:
    """Nulls are left out, so only constants are sure to be among what is compared."""
    spans = [ends(setting, a) for a in term.args]
    sure = [s for a, s in zip(term.args, spans, strict=True) if constant(a) is not None]
    some = _one_of(spans)
    if term.op == "least":
        tops = [s.high for s in sure if s.high is not None]
        return some._replace(high=min(tops)) if tops else some
    bottoms = [s.low for s in sure if s.low is not None]
    return some._replace(low=max(bottoms)) if bottoms else some


def _choices(term: Expr) -> tuple[Expr, ...]:
    if term.op == "case":
        found = (*term.args[1:-1:2], term.args[-1])
    else:
        found = term.args[:1] if term.op == "nullif" else term.args
    return tuple(a for a in found if not (a.op == "const" and a.value is None))


def _one_of(spans: Iterable[Span]) -> Span:
    found = list(spans)
    lows, highs = [s.low for s in found], [s.high for s in found]
    low = None if None in lows or not lows else min(e for e in lows if e is not None)
    high = None if None in highs or not highs else max(e for e in highs if e is not None)
    return Span(low, high)


def _rounded(term: Expr, span: Span) -> Span:
    if term.op == "abs":
        known: list[Number] = [max(e, -e) for e in (span.low, span.high) if e is not None]
        low = span.low if span.low is not None and span.low >= 0 else Fraction(0)
        return Span(low, max(known) if len(known) == 2 else None)
    if term.op == "round":
        places = constant(term.args[1]) if len(term.args) > 1 else Fraction(0)
        half = Fraction(10) ** -int(places or 0)
        return Span(_add(span.low, -half), _add(span.high, half))
    down = floor if term.op == "floor" else ceil
    return _span(*(None if e is None else down(e) for e in (span.low, span.high)))


def _span(low: int | None, high: int | None) -> Span:
    return Span(low, high)


def _add(left: Number | None, right: Number | None) -> Number | None:
    return None if left is None or right is None else left + right


def _neg(end: Number | None) -> Number | None:
    return None if end is None else -end
