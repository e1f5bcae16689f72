"""English words: numbers, money, dates, durations, nouns and how they are listed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from fractions import Fraction
from typing import TypeVar

from engine.language.expression.tree import Expr, Type
from engine.language.program import Dated, Duration, Program
from engine.language.sentences import shape
from engine.language.sentences.words import EVENTS, MONEYS

T = TypeVar("T")

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
NUMBERS = {
    "=": "{0}", "<>": "not {0}", "<": "less than {0}", "<=": "{0} or less", ">": "more than {0}",
    ">=": "{0} or more",
}  # fmt: skip
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def constant(program: Program, value: object, type_: Type | None = None) -> str:
    """A constant as people write it; beside money, a number is money."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | Fraction):
        return money(program, value) if type_ == Type.MONEY else shape.number(value)
    if isinstance(value, datetime):
        return f"{day(value)} {shape.clock(value)}".strip()
    return day(value) if isinstance(value, date) else f"“{value}”"


def money(program: Program, value: Fraction | int) -> str:
    """A sum of money with its currency: `50 yuan`."""
    return f"{shape.number(value)} {currency(program, one=value == 1)}"


def currency(program: Program, *, one: bool) -> str:
    """The word for the program's money."""
    names = MONEYS.get(program.money, (program.money, program.money, ""))
    return names[0] if one else names[1]


def day(value: date) -> str:
    """A date in words: `1 September 2026`."""
    return f"{value.day} {MONTHS[value.month - 1]} {value.year}"


def listed(words: list[str], word: str = "and") -> str:
    """`a, b and c`."""
    mark = f"{word} " if word.startswith(",") else f" {word} "
    return mark.join([", ".join(words[:-1])] * (len(words) > 1) + words[-1:])


def event(name: str) -> str:
    """An event type's noun; one of several words is quoted."""
    if name in EVENTS:
        return EVENTS[name][0]
    return name if "_" not in name else f"“{spaced(name)}” event"


def several(noun: str) -> str:
    """The noun's plural."""
    if noun == EVENTS["use"][0]:
        return "uses of a coupon"
    if noun.endswith("y") and noun[-2:-1] not in tuple("aeiou"):
        return noun[:-1] + "ies"
    return noun + ("es" if noun.endswith(("s", "x", "ch", "sh")) else "s")


def a(noun: str) -> str:
    """The noun with its article."""
    is_vowel = noun.lstrip("“")[:1] in tuple("aeio") or noun == "hour"
    return f"an {noun}" if is_vowel else f"a {noun}"


def spaced(name: str) -> str:
    """An id as words."""
    return name.replace("_", " ")


def holders(tiers: tuple[str, ...]) -> str:
    """Those who hold one of the tiers: `silver or gold members`."""
    if "member" in tiers:
        return f"members on the tier {listed([f'“{spaced(t)}”' for t in tiers], 'or')}"
    return f"{listed([spaced(t) for t in tiers], 'or')} members"


def duration(lasts: Duration) -> str:
    """`1 year`, `30 days`."""
    return f"{lasts.count:,} {lasts.unit}{'s' * (lasts.count != 1)}"


def ordinal(number: int) -> str:
    """`first`, `second`, `third`, `4th`."""
    if number <= 3:
        return ("first", "second", "third")[number - 1]
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number:,}{'th' if number % 100 in (11, 12, 13) else ending}"


def of_amount(program: Program, test: Expr) -> str:
    """A comparison of the amount as what an event is of: `of 50 yuan or more`."""
    numbers = [Fraction(a.value) for a in test.args[1:] if isinstance(a.value, int | Fraction)]
    if test.op == "between":
        return f"of {shape.number(numbers[0])} to {money(program, numbers[1])}"
    words = {**NUMBERS, "=": "exactly {0}", "<=": "up to {0}"}
    return "of " + words[test.op].format(money(program, numbers[0]))


def on_time(test: Expr) -> str:
    """A condition on the time as when an event falls: `on a Saturday or Sunday`."""
    if test.op == "is_birthday_month":
        return "in the member's birthday month"
    numbers = [a.value for a in test.args[1:] if isinstance(a.value, int)]
    kind = test.args[0].op
    if kind == "hour":
        return f"between {numbers[0]}:00 and {numbers[1]}:59"
    if kind == "day":
        return f"on day {listed([str(n) for n in numbers], 'or')} of the month"
    names = [(WEEKDAYS if kind == "weekday" else MONTHS)[n - 1] for n in numbers]
    if test.op == "between":
        return f"from {names[0]} to {names[1]}"
    return f"{'on a' if kind == 'weekday' else 'in'} {listed(names, 'or')}"


def unit(name: str, amount: Fraction | int) -> str:
    """A wallet's unit: one of `points` is a `point`."""
    one = amount == 1 and name.endswith("s") and not name.endswith("ss")
    return name[:-1] if one else name


def dated(value: Dated[T], say: Callable[[T], str]) -> str:
    """A value per starting date, with the days from which each holds."""

    def one(start: date | None, held: T) -> str:
        text = say(held)
        return text + (f"{',' * (', ' in text)} from {day(start)}" if start else "")

    return listed([one(start, held) for start, held in value.steps])


def sentence(said: list[str]) -> str:
    """The parts as one sentence."""
    text = "; ".join(said)
    return f"{text[:1].upper()}{text[1:]}."
