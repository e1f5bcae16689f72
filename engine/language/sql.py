"""Prints a checked expression as DuckDB SQL that means the same, exactly.

Numbers stand in their columns as result files hold them: whole numbers of the smallest unit, so
that 19.99 is 1999 beside `Name.denominator` 100. Nothing is divided: a comparison of quotients is
cross-multiplied. Texts are VARCHAR, several texts VARCHAR[], days DATE, instants TIMESTAMPTZ.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from engine.language import sql_numbers as numbers
from engine.language.expression.amounts import constant, denominator, is_by_zero, places
from engine.language.expression.tree import TODAY, Expr, From, Name, Type, Value
from engine.language.sql_numbers import Number, case

_COMPARISONS = ("=", "<>", "<", "<=", ">", ">=")
_CHOICES = ("case", "coalesce", "least", "greatest", "nullif")
_ARITHMETIC = ("+", "-", "*", "/", "%", "neg", "abs", "round", "floor", "ceil")
_FLAGS = {"is_null": "is null", "is_true": "is true", "is_false": "is false"}
_DATES = ("year", "month", "day", "weekday", "date", "days_between", "days_since", "age")


def show(
    expr: Expr,
    *,
    zone: str,
    columns: Mapping[Name, str] | None = None,
    bottoms: Mapping[Name, str] | None = None,
) -> str:
    """The SQL of `expr`; a number comes as a whole number counted in `denominator(expr)`.

    `zone` is the program's. `columns` says in SQL where a name stands, if not in a column called
    so; `bottoms` where the count of an average stands, if not in one called `<name>_count`.
    """
    printer = _Printer(zone, columns or {}, bottoms or {})
    if not expr.type.is_number:
        return printer.value(expr)
    parts = denominator(expr)
    if parts is None:
        raise ValueError("a number without a constant denominator has no result")
    return numbers.scaled(printer.number(expr), parts)


def quoted(word: str) -> str:
    """A name in double quotes."""
    return '"' + word.replace('"', '""') + '"'


def text(value: str) -> str:
    """A text in single quotes."""
    return "'" + value.replace("'", "''") + "'"


@dataclass(frozen=True, slots=True)
class _Printer:
    zone: str
    columns: Mapping[Name, str]
    bottoms: Mapping[Name, str] = field(default_factory=dict)

    def name(self, name: Name) -> str:
        part = f"_{name.source}" if name.source in (From.ACTIVE, From.PENDING) else ""
        return self.columns.get(name, quoted(name.name + part))

    def number(self, expr: Expr) -> Number:
        """A node of a number's type, or null, as a whole number over a constant and a bottom."""
        fixed = constant(expr)
        if fixed is not None:
            return numbers.fixed(fixed)
        if expr.op == "const" or is_by_zero(expr):
            return numbers.NULL
        if isinstance(expr.value, Name):
            return self.loaded(expr.value)
        if expr.op in _CHOICES:
            return self.chosen(expr)
        if expr.op in _ARITHMETIC:
            return self.worked(expr, [self.number(a) for a in expr.args])
        return Number(f"cast({self.value(expr)} as hugeint)")

    def loaded(self, name: Name) -> Number:
        column = self.name(name)
        whole = Number(f"cast({column} as hugeint)", name.denominator, bare=column)
        if not name.ratio:
            return whole
        bottom = self.bottoms.get(name, quoted(f"{name.name}_count"))
        return numbers.over(whole, Number(f"cast({bottom} as hugeint)"))

    def worked(self, expr: Expr, args: list[Number]) -> Number:
        match expr.op:
            case "+" | "-" | "%":
                return numbers.combined(expr.op, *args)
            case "*":
                return numbers.times(*args)
            case "/":
                return numbers.over(args[0], args[1], constant(expr.args[1]))
            case "neg":
                return numbers.wrapped("-", args[0])
            case "abs":
                return numbers.wrapped("abs", args[0])
            case _:
                digits = int(constant(expr.args[1]) or 0) if len(args) == 2 else places(expr)
                return numbers.rounded(expr.op, args[0], digits)

    def chosen(self, expr: Expr) -> Number:
        if expr.op == "case":
            values = [self.number(a) for a in (*expr.args[1:-1:2], expr.args[-1])]
            found = values[-1]
            conditions = [self.value(c) for c in expr.args[:-1:2]]
            for flag, value in reversed(list(zip(conditions, values, strict=False))):
                found = numbers.select(flag, value, found)
            return found
        values = [self.number(a) for a in expr.args]
        if expr.op == "nullif":
            return numbers.select(numbers.compare("=", *values), numbers.NULL, values[0])
        found = values[0]
        for value in values[1:]:
            if expr.op == "coalesce":
                found = numbers.select(numbers.is_there(found), found, value)
            else:
                found = numbers.bound("<=" if expr.op == "least" else ">=", found, value)
        return found

    def value(self, expr: Expr) -> str:
        """A node of another type, in brackets where it needs them."""
        if expr.op == "const":
            return self.constant(expr.value)
        if isinstance(expr.value, Name):
            return self.name(expr.value)
        if expr.op in ("and", "or"):
            return "(" + f" {expr.op} ".join(self.value(a) for a in expr.args) + ")"
        if expr.op == "not":
            return f"(not {self.value(expr.args[0])})"
        if expr.op in _FLAGS:
            return self.flag(expr)
        if expr.op in _COMPARISONS:
            return self.compared(expr.op, *expr.args)
        if expr.op == "in":
            return self.among(expr)
        if expr.op == "between":
            first, low, high = expr.args
            return f"({self.compared('>=', first, low)} and {self.compared('<=', first, high)})"
        if expr.op in _CHOICES:
            return self.picked(expr)
        return self.called(expr)

    def constant(self, value: Value) -> str:
        if value is None or isinstance(value, bool):
            return "null" if value is None else str(value).lower()
        if isinstance(value, datetime):
            instant = value if value.tzinfo else _instant(value, ZoneInfo(self.zone))
            return f"timestamptz '{instant.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}+00'"
        return f"date '{value}'" if isinstance(value, date) else text(str(value))

    def flag(self, expr: Expr) -> str:
        inside = expr.args[0]
        if inside.type.is_number:
            return f"(not {numbers.is_there(self.number(inside))})"
        return f"({self.value(inside)} {_FLAGS[expr.op]})"

    def compared(self, mark: str, left: Expr, right: Expr) -> str:
        if left.type.is_number or right.type.is_number:
            return numbers.compare(mark, self.number(left), self.number(right))
        return f"({self.value(left)} {mark} {self.value(right)})"

    def among(self, expr: Expr) -> str:
        value, *listed = expr.args
        if value.type.is_number or any(e.type.is_number for e in listed):
            return "(" + " or ".join(self.compared("=", value, e) for e in listed) + ")"
        return f"({self.value(value)} in ({', '.join(self.value(e) for e in listed)}))"

    def picked(self, expr: Expr) -> str:
        values = [self.value(a) for a in expr.args]
        if expr.op != "case":
            return f"{expr.op}({', '.join(values)})"
        pairs = zip(values[:-1:2], values[1:-1:2], strict=True)
        return case([*pairs], values[-1])

    def called(self, expr: Expr) -> str:
        if expr.op in _DATES:
            return self.dated(expr, [self.day(a) for a in expr.args])
        kind = "timestamptz" if expr.op == "hour" else "varchar"
        values = [self.typed(a, kind) for a in expr.args]
        match expr.op:
            case "like" | "ilike":
                return f"({values[0]} {expr.op} {values[1]})"
            case "includes":
                likes = self.typed(expr.args[0], "varchar[]")
                known = f"list_contains({likes}, {values[1]})"
                return case([(f"{values[1]} is null", "null")], known)
            case "hour":
                return f"hour({self.local(values[0])})"
            case "is_birthday_month":
                return f"(month({self.day(expr.args[0])}) = month({self.name(TODAY)}))"
            case _:
                return f"{expr.op}({', '.join(values)})"

    def dated(self, expr: Expr, days: list[str]) -> str:
        today = self.name(TODAY)
        match expr.op:
            case "date":
                return days[0]
            case "weekday":
                return f"isodow({days[0]})"
            case "days_between":
                return f"date_diff('day', {days[0]}, {days[1]})"
            case "days_since":
                return f"date_diff('day', {days[0]}, {today})"
            case "age":
                years = f"(year({today}) - year({days[0]}))"
                reached = f"{days[0]} + to_years(cast({years} as integer)) <= {today}"
                return f"({years} - case when {reached} then 0 else 1 end)"
            case _:
                return f"{expr.op}({days[0]})"

    def typed(self, expr: Expr, kind: str) -> str:
        """The value; a null without a type gets one, which DuckDB's functions need."""
        value = self.value(expr)
        return f"cast({value} as {kind})" if expr.type is Type.NULL else value

    def local(self, instant: str) -> str:
        return f"timezone({text(self.zone)}, {instant})"

    def day(self, expr: Expr) -> str:
        """A day, or the local day of an instant."""
        value = self.typed(expr, "date")
        return f"cast({self.local(value)} as date)" if expr.type is Type.TIME else value


def _instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """The instant of a wall time: in an overlap the first, in a gap the end of the gap (S11)."""
    first = wall.replace(tzinfo=zone).astimezone(UTC)
    if first.astimezone(zone).replace(tzinfo=None) == wall:
        return first
    low, high = first - timedelta(days=1), first
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
        before = middle.astimezone(zone).utcoffset() == low.astimezone(zone).utcoffset()
        low, high = (middle, high) if before else (low, middle)
    return high.replace(microsecond=0)
