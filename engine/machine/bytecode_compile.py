"""Walks one checked expression and emits the steps that work it out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from fractions import Fraction

from engine.language.expression.amounts import constant, is_by_zero, places
from engine.language.expression.tree import TODAY, Expr, Name, Type, Value
from engine.machine import bytecode_numbers as numbers
from engine.machine import bytecode_steps as step
from engine.machine import lookup, wide, zone
from engine.machine.bytecode_numbers import Number
from engine.machine.bytecode_writer import Writer

_HOLDS = {"<": 1, "=": 2, "<=": 3, ">": 4, "<>": 5, ">=": 6}
_FLAGS = {"is_null": step.IS_NULL, "is_true": step.IS_TRUE, "is_false": step.IS_FALSE}
_SUMS = {"+": step.ADD, "-": step.SUBTRACT, "%": step.REMAINDER}
_PARTS = {
    "year": step.YEAR,
    "month": step.MONTH,
    "day": step.DAY_OF_MONTH,
    "weekday": step.WEEKDAY,
}
_PAIRS = {
    "contains": step.CONTAINS,
    "starts_with": step.STARTS,
    "ends_with": step.ENDS,
    "includes": step.INCLUDES,
}
_DAYS = ("date", "hour", "days_between", "days_since", "age", "is_birthday_month", *_PARTS)
_MODES = {"round": wide.NEAREST, "floor": wide.FLOOR, "ceil": wide.CEIL}
_LIST_MIN = 3  # shorter lists are compared one by one


class Compiler:
    """Emits into a writer. `number` and `value` give where a node's value will stand."""

    def __init__(
        self,
        writer: Writer,
        slots: Mapping[Name, int],
        bottoms: Mapping[Name, int],
        local: zone.Zone,
        tables: lookup.Tables,
    ) -> None:
        self.writer = writer
        self.slots = slots
        self.bottoms = bottoms
        self.zone = local
        self.tables = tables
        self.pool: list[int] = []

    def number(self, expr: Expr) -> Number:
        """The number that a node of a number's type, or null, gives."""
        fixed = constant(expr)
        if fixed is not None:
            return numbers.constant(self.writer, fixed)
        if expr.op == "const" or is_by_zero(expr):
            return numbers.null(self.writer)
        if isinstance(expr.value, Name):
            return self.loaded(expr.value)
        if expr.op in ("case", "coalesce", "least", "greatest", "nullif"):
            return self.chosen(expr, [self.number(a) for a in self.values_of(expr)])
        if expr.op in _SUMS or expr.op in ("*", "/", "neg", "abs", *_MODES):
            return self.worked(expr, [self.number(a) for a in expr.args])
        return Number(self.value(expr), narrow=True)

    def loaded(self, name: Name) -> Number:
        top = self.writer.load(self.slots[name])
        if not name.ratio:
            return Number(top, name.denominator, narrow=True)
        bottom = self.writer.load(self.bottoms[name])
        register = numbers.ratio(self.writer, top, bottom)
        return Number(register, name.denominator, register + 1)

    def worked(self, expr: Expr, args: list[Number]) -> Number:
        match expr.op:
            case "+" | "-" | "%":
                return numbers.combined(self.writer, _SUMS[expr.op], *args)
            case "*":
                return numbers.times(self.writer, *args)
            case "/":
                return numbers.over(self.writer, *args)
            case "neg":
                return numbers.sign_changed(self.writer, step.NEGATE, args[0])
            case "abs":
                return numbers.sign_changed(self.writer, step.ABSOLUTE, args[0])
            case _:
                digits = int(constant(expr.args[1]) or 0) if len(args) == 2 else places(expr)
                return numbers.rounded(self.writer, args[0], digits, _MODES[expr.op])

    def values_of(self, expr: Expr) -> Sequence[Expr]:
        """The arguments among which one is chosen."""
        return (*expr.args[1:-1:2], expr.args[-1]) if expr.op == "case" else expr.args

    def chosen(self, expr: Expr, values: list[Number]) -> Number:
        """`case coalesce least greatest nullif` over numbers."""
        if expr.op == "nullif":
            equal = numbers.compare(self.writer, values[0], values[1], step.EQUAL)
            return numbers.select(self.writer, equal, numbers.null(self.writer), values[0])
        if expr.op in ("least", "greatest"):
            found = values[0]
            for value in values[1:]:
                holds = numbers.compare(self.writer, found, value, _bound(expr.op))
                first = self.is_first(holds, value.register)
                found = numbers.select(self.writer, first, found, value)
            return found
        found = values[-1]
        for flag, value in reversed(list(zip(self.flags_of(expr, values), values, strict=False))):
            found = numbers.select(self.writer, flag, value, found)
        return found

    def flags_of(self, expr: Expr, values: Sequence[Number]) -> list[int]:
        """What makes each value of `case` or `coalesce` but the last the one."""
        if expr.op == "case":
            return [self.value(c) for c in expr.args[:-1:2]]
        return [self.is_there(v.register) for v in values[:-1]]

    def is_there(self, register: int) -> int:
        return self.writer.emit(step.NOT, self.writer.emit(step.IS_NULL, register))

    def is_first(self, holds: int, second: int) -> int:
        """Whether the first of two is the least (or greatest): it is, or the second is null."""
        true = self.writer.emit(step.IS_TRUE, holds)
        return self.writer.emit(step.OR, true, self.writer.emit(step.IS_NULL, second))

    def value(self, expr: Expr) -> int:
        """The register with a flag, text, day, instant, or whole number of a day's function."""
        if expr.type.is_number and expr.op not in _DAYS and expr.op != "length":
            return self.number(expr).register
        if expr.op == "const":
            fixed = self.constant(expr.value)
            return self.writer.null() if fixed is None else self.writer.constant(fixed)
        if isinstance(expr.value, Name):
            return self.writer.load(self.slots[expr.value])
        if expr.op in ("and", "or", "not") or expr.op in _FLAGS:
            return self.flag(expr)
        if expr.op in _HOLDS:
            return self.compared(expr.args[0], expr.args[1], _HOLDS[expr.op])
        if expr.op == "in":
            return self.among(expr)
        if expr.op == "between":
            value, low, high = expr.args
            both = self.compared(value, low, _HOLDS[">="]), self.compared(value, high, _HOLDS["<="])
            return self.writer.emit(step.AND, *both)
        if expr.op in ("case", "coalesce", "least", "greatest", "nullif"):
            return self.picked(expr)
        return self.dated(expr) if expr.op in _DAYS else self.written(expr)

    def constant(self, value: Value) -> int | None:
        """The whole number that stands for a constant; None for null."""
        if isinstance(value, datetime):
            return zone.micros(value, self.zone)
        if isinstance(value, date):
            return zone.days(value)
        if isinstance(value, str):
            return self.tables.texts.code(value)
        return int(value) if isinstance(value, bool) else None

    def flag(self, expr: Expr) -> int:
        parts = [self.value(a) for a in expr.args]
        if expr.op == "not":
            return self.writer.emit(step.NOT, parts[0])
        if expr.op in _FLAGS:
            return self.writer.emit(_FLAGS[expr.op], parts[0])
        found = parts[0]
        for part in parts[1:]:
            found = self.writer.emit(step.AND if expr.op == "and" else step.OR, found, part)
        return found

    def compared(self, left: Expr, right: Expr, holds: int) -> int:
        """A flag: numbers exactly, texts by code point, all else by its whole number."""
        if left.type.is_number or right.type.is_number:
            return numbers.compare(self.writer, self.number(left), self.number(right), holds)
        a, b = self.value(left), self.value(right)
        if Type.TEXT in (left.type, right.type) and holds not in (_HOLDS["="], _HOLDS["<>"]):
            a, b = self.rank(a), self.rank(b)
        return self.writer.emit(step.COMPARE, a, b, holds)

    def rank(self, text: int) -> int:
        return self.writer.emit(step.LOOKUP, text, self.tables.number(*lookup.RANK))

    def among(self, expr: Expr) -> int:
        """`x in (...)`: constants of 64 bits by a search, everything else one by one."""
        value, *listed = expr.args
        fixed = [e for e in listed if self.whole_of(value, e) is not None]
        if len(fixed) < _LIST_MIN:
            fixed = []
        rest = [e for e in listed if e not in fixed]
        found = [self.compared(value, e, step.EQUAL) for e in rest]
        if fixed:
            register = self.value(value)
            start = len(self.pool)
            self.pool += sorted({self.whole_of(value, e) or 0 for e in fixed})
            found.append(self.writer.emit(step.AMONG, register, start, len(self.pool)))
        flag = found[0]
        for other in found[1:]:
            flag = self.writer.emit(step.OR, flag, other)
        return flag

    def whole_of(self, value: Expr, listed: Expr) -> int | None:
        """A listed constant as the whole number that `value`'s register would hold."""
        if value.type.is_number:
            fixed = constant(listed)
            if not isinstance(value.value, Name) or value.value.ratio or fixed is None:
                return None
            beside: Fraction = fixed * value.value.denominator
            return int(beside) if beside.denominator == 1 and abs(beside) < 2**63 else None
        return self.constant(listed.value) if listed.op == "const" else None

    def picked(self, expr: Expr) -> int:
        """`case coalesce least greatest nullif` over anything but numbers."""
        values = [self.value(a) for a in self.values_of(expr)]
        if expr.op == "nullif":
            equal = self.compared(expr.args[0], expr.args[1], step.EQUAL)
            return self.writer.emit(step.NULL_IF, values[0], equal)
        if expr.op in ("least", "greatest"):
            return self.least(expr, values)
        if expr.op == "case":
            flags = [self.value(c) for c in expr.args[:-1:2]]
        else:
            flags = [self.is_there(v) for v in values[:-1]]
        found = values[-1]
        for flag, value in reversed(list(zip(flags, values, strict=False))):
            found = self.writer.emit(step.SELECT, flag, value, found)
        return found

    def least(self, expr: Expr, values: list[int]) -> int:
        ranked = expr.type is Type.TEXT
        found = values[0]
        for value in values[1:]:
            a, b = (self.rank(found), self.rank(value)) if ranked else (found, value)
            holds = self.writer.emit(step.COMPARE, a, b, _bound(expr.op))
            found = self.writer.emit(step.SELECT, self.is_first(holds, value), found, value)
        return found

    def written(self, expr: Expr) -> int:
        """A function of texts: a table where all but one are constants."""
        first, *others = expr.args
        second = others[0] if others else None
        if second is None or (second.op == "const" and second.value is not None):
            argument = "" if second is None else str(second.value)
            table = self.tables.number(expr.op, argument)
            return self.writer.emit(step.LOOKUP, self.value(first), table)
        pair = self.value(first), self.value(second)
        return self.writer.emit(step.PAIR, *pair, _PAIRS[expr.op])

    def dated(self, expr: Expr) -> int:
        """A function of days and instants, these in the program's zone."""
        if expr.op == "hour":
            return self.writer.emit(step.HOUR, self.value(expr.args[0]))
        days = [self.day(a) for a in expr.args]
        if expr.op == "date":
            return days[0]
        if expr.op in _PARTS:
            return self.writer.emit(step.PART, days[0], _PARTS[expr.op])
        if expr.op == "days_between":
            return self.writer.emit(step.SUBTRACT, days[1], days[0])
        today = self.writer.load(self.slots[TODAY])
        if expr.op == "days_since":
            return self.writer.emit(step.SUBTRACT, today, days[0])
        if expr.op == "age":
            return self.writer.emit(step.AGE, days[0], today)
        months = [self.writer.emit(step.PART, d, step.MONTH) for d in (days[0], today)]
        return self.writer.emit(step.COMPARE, months[0], months[1], step.EQUAL)

    def day(self, expr: Expr) -> int:
        register = self.value(expr)
        return self.writer.emit(step.DAY, register) if expr.type is Type.TIME else register


def _bound(op: str) -> int:
    """How the first of two must stand to the second to be taken."""
    return _HOLDS["<="] if op == "least" else _HOLDS[">="]
