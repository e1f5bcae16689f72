"""Works out a checked expression with Python's own exact values, to compare the machine with."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from engine.language.expression.tree import TODAY, Expr, Name
from tests.expression_world import Cell, Row


def value(expr: Expr, row: Row, zone: ZoneInfo) -> Cell:
    """The value of the expression for one row: None for null, numbers as fractions."""
    return _Oracle(row, zone).value(expr)


class _Oracle:
    def __init__(self, row: Row, zone: ZoneInfo) -> None:
        self.row = row
        self.zone = zone

    def value(self, expr: Expr) -> Cell:
        if expr.op == "const":
            return self.constant(expr)
        if isinstance(expr.value, Name):
            return self.named(expr.value)
        if expr.op in ("and", "or"):
            return self.logic(expr)
        if expr.op == "case":
            return self.case(expr)
        args = [self.value(a) for a in expr.args]
        if expr.op == "coalesce":
            return next((a for a in args if a is not None), None)
        if expr.op in ("least", "greatest"):
            known = [a for a in args if a is not None]
            best = min if expr.op == "least" else max
            return best(known, default=None)
        if expr.op == "in":
            return self.among(args)
        if expr.op == "between":
            return self.both([_over(args[0], args[1], ">="), _over(args[0], args[2], "<=")])
        if expr.op in ("is_null", "is_true", "is_false"):
            return {"is_null": args[0] is None, "is_true": args[0] is True}.get(
                expr.op, args[0] is False
            )
        if expr.op == "nullif":
            return None if _over(args[0], args[1], "=") is True else args[0]
        if None in args:
            return None
        return self.worked(expr.op, args)

    def constant(self, expr: Expr) -> Cell:
        known = expr.value
        if isinstance(known, datetime) and known.tzinfo is None:
            return self.instant(known)
        if isinstance(known, int) and not isinstance(known, bool):
            return Fraction(known)
        assert not isinstance(known, Name | int) or isinstance(known, bool)
        return known

    def instant(self, wall: datetime) -> datetime:
        """In an overlap the first, in a gap the first instant after it, a minute at a time."""
        utc = ZoneInfo("UTC")
        at = wall.replace(tzinfo=self.zone).astimezone(utc)
        if at.astimezone(self.zone).replace(tzinfo=None) == wall:
            return at
        at -= timedelta(hours=3)
        while at.astimezone(self.zone).replace(tzinfo=None) < wall:
            at += timedelta(minutes=1)
        return at

    def named(self, name: Name) -> Cell:
        cell = self.row[name]
        if not name.ratio or cell is None:
            return cell
        assert isinstance(cell, tuple)
        return Fraction(cell[0]) / int(cell[1]) if cell[1] else None

    def logic(self, expr: Expr) -> Cell:
        parts = [self.value(a) for a in expr.args]
        if expr.op == "and":
            return self.both(parts)
        turned = self.both([None if p is None else not p for p in parts])
        return None if turned is None else not turned

    def both(self, parts: list[Cell]) -> bool | None:
        if any(p is False for p in parts):
            return False
        return None if None in parts else True

    def case(self, expr: Expr) -> Cell:
        for condition, then in zip(expr.args[:-1:2], expr.args[1:-1:2], strict=True):
            if self.value(condition) is True:
                return self.value(then)
        return self.value(expr.args[-1])

    def among(self, args: list[Cell]) -> bool | None:
        found = [_over(args[0], a, "=") for a in args[1:]]
        if True in found:
            return True
        return None if None in found else False

    def worked(self, op: str, args: list[Cell]) -> Cell:
        """A function of values that are not null."""
        if op in ("=", "<>", "<", "<=", ">", ">="):
            return _over(args[0], args[1], op)
        if op == "not":
            return not args[0]
        if op in _TEXTS:
            return _TEXTS[op](*args)
        if op in _NUMBERS:
            return _NUMBERS[op](*args)
        days = [self.day(a) for a in args]
        match op:
            case "hour":
                assert isinstance(args[0], datetime)
                return Fraction(args[0].astimezone(self.zone).hour)
            case "date":
                return days[0]
            case "days_between":
                return Fraction((days[1] - days[0]).days)
            case "weekday":
                return Fraction(days[0].isoweekday())
            case "year" | "month" | "day":
                return Fraction(int(getattr(days[0], op)))
        today = self.row[TODAY]
        assert isinstance(today, date)
        if op == "days_since":
            return Fraction((today - days[0]).days)
        return days[0].month == today.month if op == "is_birthday_month" else _age(days[0], today)

    def day(self, cell: Cell) -> date:
        if isinstance(cell, datetime):
            return cell.astimezone(self.zone).date()
        assert isinstance(cell, date)
        return cell


def _over(a: Cell, b: Cell, mark: str) -> bool | None:
    if a is None or b is None:
        return None
    order = (a > b) - (a < b)  # type: ignore[operator]
    return {-1: "< <= <>", 0: "= <= >=", 1: "> >= <>"}[order].split().count(mark) > 0


def _age(birthday: date, today: date) -> Fraction:
    """Birthdays that have come; one of 29 February comes on the 28th in other years."""
    try:
        this_year = birthday.replace(year=today.year)
    except ValueError:
        this_year = date(today.year, 2, 28)
    return Fraction(today.year - birthday.year - (today < this_year))


def _like(text: str, pattern: str) -> bool:
    """By its definition, a letter at a time."""
    reached = {0}
    for letter in text:
        stays = {p for p in _open(reached, pattern) if p < len(pattern) and pattern[p] == "%"}
        goes = {p + 1 for p in _open(reached, pattern) if pattern[p : p + 1] in ("_", letter)}
        reached = stays | {p for p in goes if pattern[p - 1] != "%" or letter == "%"}
    return len(pattern) in _open(reached, pattern)


def _open(reached: set[int], pattern: str) -> set[int]:
    """The places that are also reached when each % stands for nothing."""
    found = set(reached)
    for place in sorted(reached):
        at = place
        while pattern[at : at + 1] == "%":
            at += 1
            found.add(at)
    return found


def _round(number: Fraction, places: Fraction = Fraction(0)) -> Fraction:
    """Half away from zero."""
    factor = Fraction(10) ** int(places)
    whole = math.floor(abs(number) * factor + Fraction(1, 2))
    return (whole if number >= 0 else -whole) / factor


def _fold(text: str) -> str:
    return "".join("ß" if c == "ẞ" else c.lower() for c in text)


_NUMBERS: dict[str, Callable[..., Cell]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b if b else None,
    "%": lambda a, b: a - b * math.trunc(a / b) if b else None,
    "neg": lambda a: -a,
    "abs": abs,
    "floor": lambda a: Fraction(math.floor(a)),
    "ceil": lambda a: Fraction(math.ceil(a)),
    "round": _round,
}
_TEXTS: dict[str, Callable[..., Cell]] = {
    "like": _like,
    "ilike": lambda a, b: _like(_fold(a), _fold(b)),
    "lower": _fold,
    "upper": lambda a: "".join("ẞ" if c == "ß" else c.upper() for c in a),
    "length": lambda a: Fraction(len(a)),
    "starts_with": lambda a, b: a.startswith(b),
    "ends_with": lambda a, b: a.endswith(b),
    "contains": lambda a, b: b in a,
    "includes": lambda a, b: b in a,
}
