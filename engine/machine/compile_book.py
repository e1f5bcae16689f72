"""Gathers the shared records of a program while it is compiled: steps, terms, expressions."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, TypeVar

import numpy as np

from engine.language.expression import denominator
from engine.language.expression.tree import Expr, From, Source
from engine.language.program import Dated, Duration, Period, Program
from engine.machine import compile_ready, zone
from engine.machine.bytecode import Assembler
from engine.machine.calendar import EVER, LONG_AGO, UNITS
from engine.machine.tables import ASKED, COLUMN, CONSTANT, FIELD, Records

T = TypeVar("T")
Range = tuple[int, int]


class Book:
    """Records by table, in the order in which they were added; positions by name."""

    def __init__(self, program: Program, assembler: Assembler) -> None:
        self.program = program
        self.assembler = assembler
        self.positions: dict[str, dict[str, int]] = {
            "types": _positions(program.events),
            "wallets": _positions(program.wallets),
            "facts": _positions(program.facts),
            "attributes": _positions(program.attributes),
            "privileges": _positions(program.privileges),
            "rewards": _positions(program.rewards),
            "progress": _positions(
                {f"{rule.id}_progress": None for rule in program.rules if rule.progress is not None}
            ),
            "codes": {it.code: n for n, it in enumerate(program.rewards.values()) if it.code},
        }
        names = "steps terms gives awards limits budgets prizes of tests looks listed"
        names += " tasks parts needed starts"
        self.rows: dict[str, list[tuple[int, ...]]] = {name: [] for name in names.split()}
        self.trees: list[Expr] = []  # by the number of the expression
        self.columns: dict[tuple[int, int], int] = {}  # an expression, where another holds or -1
        self.fields: dict[object, int] = {}  # columns of events by the names that read them
        self.begun = [name for name in assembler.layout.slots if name.source is From.START]
        self._expressions: dict[Expr, int] = {}
        self._terms: dict[Duration, int] = {}

    def expression(self, source: Source | None) -> int:
        """The number of an expression, one for equal ones; -1 for none."""
        if source is None:
            return -1
        return self.tree(source.tree)

    def tree(self, tree: Expr) -> int:
        """The number of a tree."""
        bare = _bare(tree)
        if bare not in self._expressions:
            self._expressions[bare] = self.assembler.add(compile_ready.local(tree))
            self.trees.append(tree)
        return self._expressions[bare]

    def steps(self, dated: Dated[T] | None, number: Callable[[T], tuple[int, ...]]) -> Range:
        """Adds a dated value; `number` gives a step's number, denominator, and what follows."""
        start = len(self.rows["steps"])
        for day, value in dated.steps if dated is not None else ():
            begin = LONG_AGO if day is None else zone.days(day)
            self.rows["steps"].append((begin, *(*number(value), 0, 0)[:4], 0))
        return start, len(self.rows["steps"])

    def amounts(self, dated: Dated[Source]) -> Range:
        """Adds a dated expression with its denominator."""
        return self.steps(dated, self._amount)

    def column(self, number: int, where: int = -1) -> int:
        """The column of Ready for what an expression comes to where another one holds."""
        return self.columns.setdefault((number, where), len(self.columns))

    def _amount(self, source: Source) -> tuple[int, int, int, int]:
        """An amount's expression, its denominator, and how its value is come by."""
        tree, parts = source.tree, den(source.tree)
        number = self.expression(source)
        value = tree.value
        if tree.op == "const" and isinstance(value, int | Fraction):
            counted = Fraction(value) * parts
            if counted.denominator == 1 and abs(counted) < 2**62:
                return number, parts, CONSTANT, max(int(counted), 0)
        return number, parts, *self.taken(tree)

    def taken(self, tree: Expr) -> tuple[int, int]:
        """How the value of an expression is come by at an event, and where it stands."""
        if tree.op == "name" and tree.value in self.fields:
            return FIELD, self.fields[tree.value]
        if compile_ready.is_ready(tree):
            return COLUMN, self.column(self.tree(tree))
        return ASKED, 0

    def numbers(self, dated: Dated[Fraction] | None, scale: int = 1) -> Range:
        """Adds a dated number in whole parts of `scale`, rounded up."""
        return self.steps(dated, lambda value: (math.ceil(value * scale), 1))

    def terms(self, dated: Dated[Duration | None] | Dated[Duration] | None) -> Range:
        """Adds a dated length of time; no length is a term of -1."""
        either: Dated[Any] | None = dated
        return self.steps(either, lambda value: (self.term(value), 1))

    def term(self, duration: Duration | None) -> int:
        """The position of a length of time; -1 for none."""
        if duration is None:
            return -1
        if duration not in self._terms:
            self._terms[duration] = len(self._terms)
            without = -1
            if duration.without is not None:
                without = self.positions["types"][duration.without]
            end = UNITS[duration.to_end] if duration.to_end else 0
            self.rows["terms"].append((duration.count, UNITS[duration.unit], end, without))
        return self._terms[duration]

    def scale(self, wallet: str) -> int:
        """How many of its smallest parts one unit of a wallet has."""
        return int(10 ** self.program.wallets[wallet].decimals)


def period(it: Period) -> tuple[int, int]:
    """The unit and the rolling days of a period."""
    if it.days is not None:
        return UNITS["day"], it.days
    return (EVER if it.unit is None else UNITS[it.unit]), 0


def records(kind: np.dtype[Any], rows: list[tuple[int, ...]]) -> Records:
    """Rows as an array of records."""
    return np.array(rows, dtype=kind)


def den(tree: Expr) -> int:
    """The denominator of an expression's whole numbers."""
    return (denominator(tree) or 1) if tree.type.is_number else 1


def _positions(names: Mapping[str, object]) -> dict[str, int]:
    return {name: position for position, name in enumerate(names)}


def _bare(tree: Expr) -> Expr:
    """The tree without its places, so that equal expressions are one."""
    return Expr(tree.op, tree.type, tuple(map(_bare, tree.args)), tree.value)
