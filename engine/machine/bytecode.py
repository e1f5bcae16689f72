"""Compiles checked expressions into the steps of one table for a whole program."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.data.columns import Texts
from engine.language.expression.amounts import denominator
from engine.language.expression.tree import Expr, Name
from engine.machine import bytecode_numbers as numbers
from engine.machine import bytecode_steps as step
from engine.machine import lookup
from engine.machine.bytecode_compile import Compiler
from engine.machine.bytecode_steps import Code, own
from engine.machine.bytecode_writer import Writer
from engine.machine.zone import Zone

__all__ = ["Assembler", "Code", "Layout", "own"]


@dataclass(frozen=True, slots=True)
class Layout:
    """Where each name stands in the environment.

    A slot holds whole numbers as `engine.data.columns.Column` does, a number times the name's
    `denominator`. A ratio (an average) has its count in a second slot, `bottoms`.
    """

    slots: Mapping[Name, int]
    bottoms: Mapping[Name, int]
    size: int

    @classmethod
    def of(cls, names: Iterable[Name]) -> Layout:
        """Slots in the order of the names, a ratio's count right behind it."""
        slots: dict[Name, int] = {}
        bottoms: dict[Name, int] = {}
        size = 0
        for name in names:
            if name in slots:
                continue
            slots[name] = size
            size += 1
            if name.ratio:
                bottoms[name] = size
                size += 1
        return cls(slots, bottoms, size)


class Assembler:
    """Gathers the expressions of a program; `build` gives their code.

    The layout must hold every name that they read, and `TODAY` for `days_since`, `age` and
    `is_birthday_month`. Texts may be added later: `build` again then, before rows that hold them.
    """

    def __init__(self, layout: Layout, zone: Zone, texts: Texts) -> None:
        self.layout = layout
        self.zone = zone
        self.texts = texts
        self.tables = lookup.Tables(texts)
        self.pool: list[int] = []
        self.has_pairs = False
        self._writers: list[Writer] = []
        self._results: list[int] = []

    def add(self, expr: Expr) -> int:
        """The number of the expression. A number's result is counted in `denominator(expr)`."""
        writer = Writer(self._writers[-1].registers if self._writers else 0)
        compiler = Compiler(writer, self.layout.slots, self.layout.bottoms, self.zone, self.tables)
        compiler.pool = self.pool
        if expr.type.is_number:
            number = compiler.number(expr)
            parts = denominator(expr)
            if parts is None or number.bottom is not None:
                raise ValueError("a number without a constant denominator has no result")
            assert parts % number.parts == 0, (expr, parts, number)
            self._results.append(numbers.scaled(writer, number, parts))
        else:
            self._results.append(compiler.value(expr))
        self._writers.append(writer)
        self.has_pairs = self.has_pairs or any(s[0] == step.PAIR for s in writer.steps)
        return len(self._writers) - 1

    @property
    def most_registers(self) -> int:
        """The most that one expression uses."""
        return max((w.registers - w.base for w in self._writers), default=0)

    def build(self) -> Code:
        """The code of everything added so far, over the texts there are now."""
        tables = self.tables.grown()
        data, starts = self._data()
        steps = [s for w in self._writers for s in self._placed(w)]
        registers = np.zeros((3, self._writers[-1].registers if self._writers else 0), np.int64)
        spans = np.zeros((len(self._writers), step.SPAN), dtype=np.int64)
        at = 0
        for row, writer, result, start in zip(
            spans, self._writers, self._results, starts, strict=True
        ):
            stop = start + 4 * len(writer.constants)
            above = writer.registers
            row[:] = at, at + len(writer.steps), writer.base, above, result, start, stop
            at += len(writer.steps)
            for register, *values in data[start:stop].reshape(-1, 4):
                registers[:, register] = values
        table = np.array(steps, dtype=np.int64).reshape(-1, 5)
        return Code(table, spans, registers, tables, data)

    def _placed(self, writer: Writer) -> Iterator[tuple[int, int, int, int, int]]:
        """The steps, with where their lists stand in `data`."""
        before = step.HEAD + 4 * sum(len(w.constants) for w in self._writers)
        for operation, target, a, b, c in writer.steps:
            moved = before if operation == step.AMONG else 0
            yield operation, target, a, b + moved, c + moved

    def _data(self) -> tuple[NDArray[np.int64], list[int]]:
        """The data of the code, and where the constants of each expression begin in it."""
        constants = [[_constant(v, r) for v, r in w.constants.items()] for w in self._writers]
        starts = [step.HEAD + 4 * sum(map(len, constants[:i])) for i in range(len(constants))]
        begins, points = lookup.points(self.texts.values if self.has_pairs else [])
        flat = [v for part in constants for row in part for v in row]
        parts = [
            np.array([*flat, *self.pool], dtype=np.int64),
            self.zone.changes,
            self.zone.offsets,
            begins,
            points.astype(np.int64),
        ]
        head = step.HEAD + np.cumsum([len(p) for p in parts])
        return np.concatenate([head, *parts]), starts


def _constant(value: int | None, register: int) -> tuple[int, int, int, int]:
    if value is None:
        return register, 0, 0, 1
    low = value & (2**64 - 1)
    return register, value >> 64, low - 2**64 if low >= 2**63 else low, 0
