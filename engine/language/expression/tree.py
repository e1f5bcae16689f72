"""The checked expression: one kind of node, typed, with its place in the text it was read from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from fractions import Fraction


class Type(StrEnum):
    """What a value is. `whole`, `decimal` and `money` are numbers and mix freely."""

    TEXT = "text"
    TEXTS = "texts"
    WHOLE = "whole"
    DECIMAL = "decimal"
    MONEY = "money"
    FLAG = "flag"
    DATE = "date"
    TIME = "time"
    NULL = "null"

    @property
    def is_number(self) -> bool:
        """True for the three types that arithmetic takes."""
        return self in (Type.WHOLE, Type.DECIMAL, Type.MONEY)


class From(StrEnum):
    """Where a name's value comes from."""

    FIELD = "field"  # of the event
    ATTRIBUTE = "attribute"  # of the member
    START = "start"  # `start.x`: a field of the event that started a run of a task
    FACT = "fact"
    PROGRESS = "progress"  # `<task>_progress`
    WALLET = "wallet"  # active and pending
    ACTIVE = "active"  # `<wallet>_active`
    PENDING = "pending"  # `<wallet>_pending`
    TIER = "tier"
    AT = "at"  # the event's instant
    TODAY = "today"  # its day in the program's zone
    PRIVILEGE = "privilege"  # inside has('...'): flag
    FRIENDS = "friends"  # how many members he has brought


@dataclass(frozen=True, slots=True)
class Name:
    """A name that a condition may use, and what is known of it."""

    source: From
    name: str
    type: Type
    ratio: bool = False  # an average: numerator and denominator are known only when it is asked for
    values: tuple[str, ...] | None = None  # all texts it can hold, where that is known (tier)
    scale: int | None = None  # parts of one unit that are counted; None: by its type
    of_referrer: bool = False  # it is known of who brought the member; null where nobody did

    @property
    def shown(self) -> str:
        """As people write it: `referrer.tier`."""
        return f"referrer.{self.name}" if self.of_referrer else self.name

    @property
    def denominator(self) -> int:
        """What its whole number is counted in: 100 when 1999 stands for 19.99.

        Where `scale` is left out a whole is 1, a decimal 10^6 and money 100. Of a ratio it is
        that of the numerator.
        """
        if self.scale is not None:
            return self.scale
        return {Type.DECIMAL: 10**6, Type.MONEY: 100}.get(self.type, 1)


AT = Name(From.AT, "at", Type.TIME)
TODAY = Name(From.TODAY, "today", Type.DATE)


Value = str | int | bool | Fraction | date | datetime | Name | None


@dataclass(frozen=True, slots=True)
class Expr:
    """One node: an operator or function over arguments, a constant, or a name.

    `op` is `const`, `name`, an operator (`and or not = <> < <= > >= + - * / % neg in between like
    ilike is_null is_true is_false case`) or a function's name. `value` is the constant's value
    (numbers as int or Fraction) or the `Name`. `case` holds condition, value, ..., and last the
    value of `else` (a null constant where it is left out). `in` holds the value, then the list.
    `and` and `or` hold two or more. A text beside a day or an instant has become a `date` or a
    `datetime`; a `datetime` without a zone is wall time in the program's zone. `has('x')` is a
    `name`. `days_since`, `age` and `is_birthday_month` read `TODAY` without holding it.
    Negated forms (`not in`, `is not null`) are `not` round the plain one.
    `start` and `stop` are offsets in the expression's own text.
    """

    op: str
    type: Type
    args: tuple[Expr, ...] = ()
    value: Value = None
    start: int = 0
    stop: int = 0

    def walk(self) -> Iterator[Expr]:
        """This node and all below it, outermost first."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting += node.args[::-1]

    def names(self) -> frozenset[Name]:
        """Every name it reads."""
        return frozenset(e.value for e in self.walk() if isinstance(e.value, Name))


@dataclass(frozen=True, slots=True)
class Source:
    """An expression as written, with its checked tree."""

    text: str
    tree: Expr


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with an expression, at offsets of its own text."""

    start: int
    stop: int
    what: str
    expected: str = ""
