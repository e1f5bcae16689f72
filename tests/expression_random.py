"""Writes random expressions that the language can say, each as text."""

from __future__ import annotations

import random
from collections.abc import Callable

from engine.language.expression.tree import Type
from tests.expression_world import NAMES, PRIVILEGES, TEXTS, TIERS

_NUMBERS = tuple(n.name for n in NAMES if n.type.is_number)
_TEXTS = tuple(n.name for n in NAMES if n.type is Type.TEXT and not n.values)
_FLAGS = tuple(n.name for n in NAMES if n.type is Type.FLAG)
_DATES = tuple(n.name for n in NAMES if n.type is Type.DATE)
_TIMES = tuple(n.name for n in NAMES if n.type is Type.TIME)
_CONSTANTS = (
    "0",
    "1",
    "2",
    "3",
    "7",
    "10",
    "0.5",
    "0.29",
    "19.99",
    "100",
    "1.5",
    "12",
    "365",
    "0.001",
)
_PIECES = (*TEXTS, "crab", "a", "s", "ea", "海", "蟹", "S", "oo")
_MARKS = ("=", "<>", "<", "<=", ">", ">=", "!=")


class Writer:
    """Each method writes an expression of its type, at most `depth` levels deep."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.some: dict[Type, Callable[[int], str]] = {
            Type.FLAG: self.flag,
            Type.DECIMAL: self.number,
            Type.TEXT: self.text,
            Type.DATE: self.date,
            Type.TIME: self.time,
        }

    def pick(self, *choices: str) -> str:
        return self.chance.choice(choices)

    def any(self, depth: int) -> tuple[Type, str]:
        type = self.chance.choice(tuple(self.some))
        return type, self.some[type](depth)

    def flag(self, depth: int) -> str:
        if depth <= 0:
            held = f"has('{self.pick(*PRIVILEGES)}')"
            tier = f"tier {self.pick('=', '<>')} '{self.pick(*TIERS)}'"
            return self.pick(*_FLAGS, *_FLAGS, held, tier, f"{self.pick(*_NUMBERS)} > 1")
        forms = (
            self.logic, self.compared, self.compared, self.ranged, self.listed, self.tested,
            self.matched, self.searched, self.chosen_flag,
        )  # fmt: skip
        return self.chance.choice(forms)(depth - 1)

    def logic(self, depth: int) -> str:
        parts = [f"({self.flag(depth)})" for _ in range(self.chance.choice((1, 2, 2, 3)))]
        if len(parts) == 1:
            return f"not {parts[0]}"
        return f" {self.pick('and', 'or')} ".join(parts)

    def compared(self, depth: int) -> str:
        type, left = self.any(depth)
        mark = self.pick(*(("=", "<>", "!=") if type is Type.FLAG else _MARKS))
        return f"({left}) {mark} ({self.some[type](depth)})"

    def ranged(self, depth: int) -> str:
        type = self.chance.choice((Type.DECIMAL, Type.TEXT, Type.DATE, Type.TIME))
        value, low, high = (self.some[type](depth) for _ in range(3))
        return f"({value}) {self.pick('', 'not ')}between ({low}) and ({high})"

    def listed(self, depth: int) -> str:
        type, value = self.any(depth)
        many = self.chance.choice((1, 2, 3, 5))
        plain = self.chance.random() < 0.6
        values = [self.some[type](0 if plain else depth - 1) for _ in range(many)]
        if type is Type.TEXT and plain:
            values = [self.quoted(self.pick(*_PIECES)) for _ in range(many)]
        if type is Type.DECIMAL and plain:
            values = [self.pick(*_CONSTANTS) for _ in range(many)]
            value = self.pick(value, *_NUMBERS)
        if self.chance.random() < 0.2:
            values.append("null")
        return f"({value}) {self.pick('', 'not ')}in ({', '.join(values)})"

    def tested(self, depth: int) -> str:
        what = self.pick(
            "is null", "is not null", "is true", "is not true", "is false", "is not false"
        )
        if "null" not in what:
            return f"({self.flag(depth)}) {what}"
        _, value = self.any(depth)
        return f"({self.pick(value, value, 'likes')}) {what}"

    def matched(self, depth: int) -> str:
        pieces = [self.pick("%", "_", *_PIECES) for _ in range(self.chance.randint(0, 3))]
        pattern = self.quoted("".join(pieces))
        return f"({self.text(depth)}) {self.pick('', 'not ')}{self.pick('like', 'ilike')} {pattern}"

    def searched(self, depth: int) -> str:
        other = self.pick(self.quoted(self.pick(*_PIECES)), self.text(depth))
        if self.chance.random() < 0.3:
            return f"includes(likes, {other})"
        if self.chance.random() < 0.25:
            return f"is_birthday_month({self.pick(self.date(depth), self.time(depth))})"
        function = self.pick("starts_with", "ends_with", "contains")
        return f"{function}({self.text(depth)}, {other})"

    def chosen_flag(self, depth: int) -> str:
        return self.chosen(self.flag, depth, ("case", "coalesce", "nullif"))

    def chosen(self, some: Callable[[int], str], depth: int, forms: tuple[str, ...]) -> str:
        """One of several values."""
        form = self.pick(*forms)
        if form == "case":
            count = self.chance.choice((1, 1, 2))
            whens = [f"when {self.flag(depth)} then {some(depth)}" for _ in range(count)]
            other = self.pick("", f" else {some(depth)}", " else null")
            return f"case {' '.join(whens)}{other} end"
        many = 2 if form == "nullif" else self.chance.choice((2, 2, 3))
        values = [some(depth) for _ in range(many)]
        if form != "nullif" and self.chance.random() < 0.2:
            values.append("null")
        return f"{form}({', '.join(values)})"

    def number(self, depth: int) -> str:
        if depth <= 0:
            return self.pick(*_NUMBERS, *_CONSTANTS)
        if self.chance.random() < 0.55:
            return self.arithmetic(depth - 1)
        if self.chance.random() < 0.3:
            choices = ("case", "coalesce", "nullif", "least", "greatest")
            return self.chosen(self.number, depth - 1, choices)
        return self.counted(depth - 1)

    def arithmetic(self, depth: int) -> str:
        form = self.pick("+", "-", "*", "/", "%", "neg", "abs", "round", "floor", "ceil")
        if form == "neg":
            return f"-({self.number(depth)})"
        if form == "round":
            return self.pick(
                f"round({self.number(depth)})",
                f"round({self.number(depth)}, {self.chance.choice((0, 1, 2, 3, -1, -2))})",
            )
        if form in ("abs", "floor", "ceil"):
            return f"{form}({self.number(depth)})"
        second = self.pick(self.number(depth), *_CONSTANTS) if form in "/%" else self.number(depth)
        return f"({self.number(depth)}) {form} ({second})"

    def counted(self, depth: int) -> str:
        """A whole number from a text, a day or an instant."""
        day = self.pick(self.date(depth), self.time(depth))
        return self.pick(
            f"length({self.text(depth)})",
            f"year({day})",
            f"month({day})",
            f"day({day})",
            f"weekday({day})",
            f"hour({self.time(depth)})",
            f"days_between({day}, {self.date(depth)})",
            f"days_since({day})",
            f"age({day})",
        )

    def text(self, depth: int) -> str:
        if depth <= 0:
            return self.pick(*_TEXTS, *_TEXTS, self.quoted(self.pick(*_PIECES)))
        if self.chance.random() < 0.5:
            return f"{self.pick('lower', 'upper')}({self.text(depth - 1)})"
        choices = ("case", "coalesce", "nullif", "least", "greatest")
        return self.chosen(self.text, depth - 1, choices)

    def date(self, depth: int) -> str:
        if depth <= 0:
            return self.pick(*_DATES)
        if self.chance.random() < 0.5:
            return f"date({self.pick(self.date(depth - 1), self.time(depth - 1))})"
        return self.beside(self.date, depth, ("'2024-02-29'", "'1999-12-31'", "'2026-03-08'"))

    def time(self, depth: int) -> str:
        if depth <= 0:
            return self.pick(*_TIMES)
        written = (
            "'2026-03-08 02:30'",
            "'2025-11-02 01:30'",
            "'2026-01-01'",
            "'2026-06-01T10:00:00Z'",
        )
        return self.beside(self.time, depth, written)

    def beside(self, some: Callable[[int], str], depth: int, written: tuple[str, ...]) -> str:
        """One of several days or instants, with some of them written out."""
        form = self.pick("coalesce", "least", "greatest", "nullif")
        return f"{form}({some(depth - 1)}, {self.pick(some(depth - 1), *written)})"

    def quoted(self, text: str) -> str:
        return "'" + text.replace("'", "''") + "'"
