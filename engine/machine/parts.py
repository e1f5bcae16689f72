"""Takes a condition apart: each part between `and`, with the value it had and what it saw."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from engine.data.columns import Texts
from engine.language.expression import denominator
from engine.language.expression.tree import Expr, Name, Source, Type
from engine.machine import values
from engine.machine.bytecode import Assembler, Layout
from engine.machine.compiled import Compiled
from engine.machine.evaluate import row


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a condition: its text, whether it held (None: null), and the values it saw.

    `missing` is how much a number lacks to the bound it did not reach, where that can be said.
    """

    text: str
    held: bool | None
    saw: tuple[tuple[str, values.Said], ...]
    missing: Fraction | Decimal | None = None


def split(tree: Expr) -> Iterator[Expr]:
    """The parts that must all hold, in order."""
    if tree.op == "and":
        for arg in tree.args:
            yield from split(arg)
    else:
        yield tree


class Reader:
    """Reads parts of conditions over environments of a program; compiles each of them once."""

    def __init__(self, compiled: Compiled, texts: Texts) -> None:
        self.compiled = compiled
        self.texts = texts
        self.layout: Layout = compiled.assembler.layout
        self.assembler = Assembler(self.layout, compiled.zone, texts)
        self._numbers: dict[int, int] = {}
        self._kept: list[Expr] = []  # an id is a tree's own only as long as the tree lives
        self._code: Any = None
        self._known = -1  # texts that the code is built over

    def parts(self, source: Source, env: Any, null: Any) -> tuple[Part, ...]:
        """Each part of a condition with what it came to."""
        trees = list(split(source.tree))
        numbers = [self._number(tree) for tree in trees]
        found, code = [], self._built()
        for tree, number in zip(trees, numbers, strict=True):
            _, low, how = row(code, number, env, null)
            held = None if how == 1 else (low == 1 and how == 0)
            text = source.text[tree.start : tree.stop] or source.text
            missing = None if held else self._missing(tree, env, null)
            found.append(Part(text, held, self.saw(tree, env, null), missing))
        return tuple(found)

    def _missing(self, tree: Expr, env: Any, null: Any) -> Fraction | Decimal | None:
        """How much more a comparison needed: 29.50 for `amount >= 100` at 70.50."""
        if tree.op not in (">", ">=", "<", "<="):
            return None
        left, right = (self.number(arg, env, null) for arg in tree.args)
        if left is None or right is None:
            return None
        lacks = abs(right - left)
        is_money = Type.MONEY in (arg.type for arg in tree.args)
        return values.money(lacks, self.compiled.program.money_decimals) if is_money else lacks

    def number(self, tree: Expr, env: Any, null: Any) -> Fraction | None:
        """The exact value of a number, or None where it is null or has no fixed denominator."""
        parts = denominator(tree) if tree.type.is_number else None
        if parts is None:
            return None
        number = self._number(tree)
        high, low, how = row(self._built(), number, env, null)
        return None if how != 0 else Fraction((int(high) << 64) | (int(low) % 2**64), parts)

    def _built(self) -> Any:
        """The code of all parts over the texts there are now."""
        if self._code is None or self._known < len(self.texts.values):
            self._code = self.assembler.build()
            self._known = len(self.texts.values)
        return self._code

    def _number(self, tree: Expr) -> int:
        if id(tree) not in self._numbers:
            self._numbers[id(tree)] = self.assembler.add(tree)
            self._kept.append(tree)
            self._code = None
        return self._numbers[id(tree)]

    def saw(self, tree: Expr, env: Any, null: Any) -> tuple[tuple[str, values.Said], ...]:
        """The names a tree reads, with their values, in the order in which they stand."""
        names = dict.fromkeys(e.value for e in tree.walk() if isinstance(e.value, Name))
        return tuple((name.shown, self.value(name, env, null)) for name in names)

    def value(self, name: Name, env: Any, null: Any) -> values.Said:
        """What a name stands for in an environment."""
        slot = self.layout.slots[name]
        bottom = self.layout.bottoms.get(name)
        found = values.of_name(
            name, int(env[slot]), bool(null[slot]), int(env[bottom]) if bottom is not None else 1,
            self.texts, self.compiled.program.zone,
        )  # fmt: skip
        if name.type is Type.MONEY and isinstance(found, Fraction):
            return values.money(found, self.compiled.program.money_decimals)
        return found
