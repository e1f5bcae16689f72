"""What an expression of nested tuples gives: SQL's nulls, exact fractions, instants in a zone."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any

from dateutil.relativedelta import relativedelta  # type: ignore[import-untyped]

from tests.reading.values import exact, rounded

Names = Callable[[str], Any]  # what a name stands for; an instant in the zone of the program


def evaluate(tree: Any, names: Names) -> Any:
    """The value of an expression, as SQL has it; None is null."""
    if not isinstance(tree, tuple):
        return exact(names(tree) if isinstance(tree, str) else tree)
    name, *parts = tree
    if name in ("text", "has"):
        return parts[0] if name == "text" else names("has " + parts[0][1])
    if name == "case":
        return evaluate(next((x for test, x in parts[0] if evaluate(test, names)), parts[1]), names)
    values = [evaluate(part, names) for part in parts]
    values += [names("today")] * (name in OF_TODAY)
    return LOOSE[name](values) if name in LOOSE else strict(name, *values)


def strict(name: str, *values: Any) -> Any:
    """What an operator gives that is null as soon as one part is."""
    return None if None in values else exact(STRICT[name](*values))


def moment(value: Any) -> Any:
    """What a value is compared by: an instant without its zone, whose clocks go back."""
    return value.astimezone(UTC) if isinstance(value, datetime) else value


def day(value: date) -> date:
    """The day of an instant in its zone, or of a day."""
    return value.date() if isinstance(value, datetime) else value


def nearest(number: Fraction, places: Fraction = Fraction(0)) -> Fraction:
    """Half away from zero."""
    factor = Fraction(10) ** int(places)
    return rounded(number * factor, "nearest") / factor


def like(text: str, pattern: str) -> bool:
    """`%` stands for any text, `_` for any letter."""
    marks = {"%": ".*", "_": "."}
    form = "".join(marks.get(letter, re.escape(letter)) for letter in pattern)
    return bool(re.fullmatch(form, text, re.DOTALL))


def lower(text: str) -> str:
    """A letter for a letter: `ß` is the small form of `ẞ`."""
    return "".join("ß" if letter == "ẞ" else letter.lower() for letter in text)


def upper(text: str) -> str:
    return "".join("ẞ" if letter == "ß" else letter.upper() for letter in text)


def compared(how: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    return lambda a, b: how(moment(a), moment(b))


OF_TODAY = ("days_since", "age", "is_birthday_month")  # they look at the day of the event as well
COMPARED: dict[str, Callable[..., Any]] = {
    "=": operator.eq, "<>": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt,
    ">=": operator.ge,
}  # fmt: skip
STRICT: dict[str, Callable[..., Any]] = {  # null as soon as one part is null
    **{mark: compared(how) for mark, how in COMPARED.items()},
    "not": operator.not_, "+": operator.add, "-": operator.sub, "*": operator.mul,
    "/": lambda a, b: a / b if b else None, "neg": operator.neg, "abs": abs, "round": nearest,
    "%": lambda a, b: a - b * math.trunc(a / b) if b else None,
    "floor": math.floor, "ceil": math.ceil,
    "hour": lambda a: a.hour, "weekday": lambda a: a.isoweekday(), "date": day,
    "day": lambda a: a.day, "month": lambda a: a.month, "year": lambda a: a.year,
    "days_between": lambda a, b: (day(b) - day(a)).days,
    "days_since": lambda a, today: (today - day(a)).days,
    "is_birthday_month": lambda a, today: a.month == today.month,
    "age": lambda a, today: today.year - a.year - (today < day(a) + relativedelta(year=today.year)),
    "like": like, "ilike": lambda a, b: like(lower(a), lower(b)), "lower": lower, "upper": upper,
    "length": len, "starts_with": str.startswith, "ends_with": str.endswith,
    "contains": operator.contains, "includes": operator.contains,
}  # fmt: skip
LOOSE: dict[str, Callable[[list[Any]], Any]] = {  # nulls have their own meaning
    "or": lambda v: True if True in v else None if None in v else False,
    "and": lambda v: False if False in v else None if None in v else True,
    "is null": lambda v: v[0] is None, "is true": lambda v: v[0] is True,
    "is false": lambda v: v[0] is False,
    "coalesce": lambda v: next((x for x in v if x is not None), None),
    "nullif": lambda v: None if strict("=", *v) else v[0],
    "least": lambda v: min((x for x in v if x is not None), key=moment, default=None),
    "greatest": lambda v: max((x for x in v if x is not None), key=moment, default=None),
    "in": lambda v: LOOSE["or"]([strict("=", v[0], x) for x in v[1:]]),
    "between": lambda v: LOOSE["and"]([strict(">=", v[0], v[1]), strict("<=", v[0], v[2])]),
}  # fmt: skip
