"""The terms of conditions: what makes two of them the same, and what each may be at most."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import NamedTuple, TypeAlias

from engine.language.checks.domain import (
    AllBut,
    Few,
    Number,
    Numbers,
    Span,
    Values,
    divided,
    plain,
)
from engine.language.checks.ranges import hull
from engine.language.checks.setting import Setting
from engine.language.expression.tree import Expr, From, Name, Type

Key: TypeAlias = Hashable

SLACK = 7200  # seconds by which wall time and instants may differ where clocks change
_DAYS_MAX = 400


class Linear(NamedTuple):
    """A sum of terms with factors, and a constant."""

    factors: dict[Key, tuple[Number, Expr]]
    rest: Number


def key(term: Expr) -> Key:
    """The same for two terms that always have the same value."""
    if term.op == "const":
        value = term.value
        return ("const", isinstance(value, bool), value)
    if isinstance(term.value, Name):
        return ("name", term.value.source, term.value.name)
    if term.op == "date" and _is(term.args[0], From.AT, From.TODAY):
        return ("name", From.TODAY, "today")
    if term.op == "days_between" and _is(term.args[1], From.AT, From.TODAY):
        return ("days_since", key(term.args[0]))
    return (term.op, *(key(a) for a in term.args))


def linear(term: Expr) -> Linear | None:
    """Arithmetic with constants as a sum; None for what has no order."""
    if not (term.type.is_number or term.type in (Type.DATE, Type.TIME)):
        return None
    fixed = number(term.value) if term.op == "const" else None
    if fixed is not None:
        return Linear({}, fixed)
    if term.op in ("+", "-", "neg", "*", "/"):
        found = _arithmetic(term)
        if found is not None:
            return found
    return Linear({key(term): (1, term)}, 0)


def less(left: Linear, right: Linear, by: Number = 1) -> Linear:
    """The left one minus the right one times `by`."""
    if not right.factors:
        return Linear(left.factors, left.rest - right.rest * by)
    factors = dict(left.factors)
    for k, (factor, term) in right.factors.items():
        total = factors.get(k, (0, term))[0] - factor * by
        factors[k] = (total, term)
    kept = {k: f for k, f in factors.items() if f[0] != 0}
    return Linear(kept, left.rest - right.rest * by)


def number(value: object) -> Number | None:
    """A constant as a number: a day by its ordinal, an instant by its seconds of wall time."""
    if isinstance(value, bool) or (isinstance(value, datetime) and value.tzinfo):
        return None
    if isinstance(value, int | Fraction):
        return plain(value)
    if isinstance(value, datetime):
        return Fraction((value - datetime(1, 1, 1)) // timedelta(microseconds=1), 10**6) + 86400
    return value.toordinal() if isinstance(value, date) else None


def may_be_null(setting: Setting, term: Expr) -> bool:
    """False only for names that always have a value."""
    name = term.value
    if not isinstance(name, Name):
        return True
    if name.source in (From.FIELD, From.ATTRIBUTE):
        return True
    fact = setting.program.facts.get(name.name) if name.source == From.FACT else None
    if fact is None:
        return False
    if fact.kind in ("count", "sum"):
        return False
    return not (fact.kind in ("last", "first") and fact.value is None and setting.takes_in(fact))


def values(setting: Setting, term: Expr) -> Values:
    """What a term may be, where it is not null, before anything is asked of it."""
    name = term.value
    if isinstance(name, Name) and name.values:
        return Few(frozenset(name.values))
    if isinstance(name, Name) and name.source == From.PRIVILEGE:
        given = setting.granted is None or name.name in setting.granted
        return Few(frozenset((True, False) if given else (False,)))
    if term.type == Type.FLAG:
        return Few(frozenset((True, False)))
    if term.type in (Type.TEXT, Type.TEXTS, Type.NULL):
        tests = frozenset({(term.op, "", True)} if term.op in ("lower", "upper") else ())
        return AllBut(tests=tests)
    if setting.start or setting.end:
        found = _in_window(setting, term)
        if found is not None:
            return found
    return hull(setting, term)


def _in_window(setting: Setting, term: Expr) -> Values | None:
    """What the instant, its day, and parts of them may be between `from` and `until`."""
    first, last = setting.start, setting.end
    low = None if first is None else first.toordinal()
    high = None if last is None else last.toordinal()
    if key(term) == ("name", From.TODAY, "today"):
        return Numbers((Span(low, high),), whole=True)
    if _is(term, From.AT):
        begin = None if low is None else low * 86400 - SLACK
        end = None if high is None else (high + 1) * 86400 + SLACK
        return Numbers((Span(begin, end),))
    if term.op not in ("year", "month", "day", "weekday") or not _is_day(term.args[0]):
        return None
    if first is None or last is None or (last - first).days > _DAYS_MAX:
        if term.op != "year":
            return None
        earliest, latest = (d.year if d else None for d in (first, last))
        return Numbers((Span(earliest, latest),), whole=True)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return Few(frozenset(_part(term.op, day) for day in days))


def _part(op: str, day: date) -> int:
    return {"year": day.year, "month": day.month, "day": day.day}.get(op, day.isoweekday())


def _is_day(term: Expr) -> bool:
    return _is(term, From.AT) or key(term) == ("name", From.TODAY, "today")


def _is(term: Expr, *sources: From) -> bool:
    return isinstance(term.value, Name) and term.value.source in sources


def _arithmetic(term: Expr) -> Linear | None:
    parts = [linear(a) for a in term.args]
    if parts[0] is None or parts[-1] is None:
        return None
    left, right = parts[0], parts[-1]
    zero = Linear({}, 0)
    if term.op == "neg":
        return less(zero, left)
    if term.op in ("+", "-"):
        return less(left, right, 1 if term.op == "-" else -1)
    if term.op == "*" and not left.factors:
        left, right = right, left
    if right.factors or (term.op == "/" and right.rest == 0):
        return None
    by = right.rest if term.op == "*" else divided(1, right.rest)
    return less(zero, left, -by)
