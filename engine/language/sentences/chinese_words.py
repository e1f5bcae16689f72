"""Chinese words: numbers, money, dates, durations, nouns and how they are listed."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from fractions import Fraction
from typing import TypeVar

from engine.language.expression.tree import Expr, Type
from engine.language.program import Dated, Duration, Program
from engine.language.sentences import shape
from engine.language.sentences.words import EVENTS, MONEYS, NAMES, TIERS, WALLETS

T = TypeVar("T")

NUMBERS = {
    "=": "为{0}", "<>": "不为{0}", "<": "低于{0}", "<=": "不超过{0}", ">": "超过{0}",
    ">=": "达到{0}",
}  # fmt: skip
WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
UNITS = {
    "second": "秒", "minute": "分钟", "hour": "小时", "day": "天", "week": "周", "month": "个月",
    "quarter": "个季度", "year": "年",
}  # fmt: skip
_HAN = "\u3400-\u9fff"
_APART = re.compile(rf"(?<=[{_HAN}])(?=[0-9A-Za-z])|(?<=[0-9A-Za-z%])(?=[{_HAN}])")
_QUOTED = re.compile("(“[^”]*”)")


def constant(program: Program, value: object, type_: Type | None = None) -> str:
    """A constant as people write it; beside money, a number is money."""
    if value is None:
        return "空值"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, int | Fraction):
        return money(program, value) if type_ == Type.MONEY else shape.number(value)
    if isinstance(value, datetime):
        return f"{day(value)} {shape.clock(value)}".strip()
    return day(value) if isinstance(value, date) else f"“{value}”"


def money(program: Program, value: Fraction | int) -> str:
    """A sum of money with its currency: `50元`."""
    return shape.number(value) + currency(program)


def currency(program: Program) -> str:
    """The word for the program's money."""
    return MONEYS[program.money][2] if program.money in MONEYS else program.money


def day(value: date) -> str:
    """A date: `2026年9月1日`."""
    return f"{value.year}年{value.month}月{value.day}日"


def listed(words: list[str], word: str = "和") -> str:
    """`甲、乙和丙`."""
    return word.join(["、".join(words[:-1])] * (len(words) > 1) + words[-1:])


def event(name: str) -> str:
    """An event type's noun."""
    return EVENTS[name][2] if name in EVENTS else named(name)


def each(name: str) -> str:
    """How its events are counted: `笔`, `次`."""
    return EVENTS[name][1] if name in EVENTS else "次"


def wallet(name: str) -> str:
    """A wallet's noun."""
    return WALLETS.get(name) or named(name)


def tier(name: str) -> str:
    """The tier's own word."""
    return TIERS.get(name) or named(name)


def holders(name: str) -> str:
    """Those who hold the tier: `金卡会员`."""
    return tier(name) if tier(name).endswith("会员") else f"{tier(name)}会员"


def named(name: str) -> str:
    """A name: its word, itself when it is Chinese, else in quotes."""
    if name in NAMES:
        return NAMES[name]
    return name if re.fullmatch(f"[{_HAN}]+", name) else f"“{name}”"


def duration(lasts: Duration) -> str:
    """`1年`, `30天`."""
    return f"{lasts.count:,}{UNITS[lasts.unit]}"


def dated(value: Dated[T], say: Callable[[T], str], mark: str = "、") -> str:
    """A value per starting date, with the days from which each holds."""
    return mark.join((f"自{day(s)}起" if s else "") + say(held) for s, held in value.steps)


def sentence(said: list[str]) -> str:
    """The parts as one sentence, with spaces between Chinese and digits or letters."""
    pieces = _QUOTED.split("；".join(said) + "。")
    return "".join(p if p.startswith("“") else _APART.sub(" ", p) for p in pieces)


def of_amount(program: Program, test: Expr) -> str:
    """A comparison of the amount as what an event is of: `满50元`."""
    numbers = [Fraction(a.value) for a in test.args[1:] if isinstance(a.value, int | Fraction)]
    if test.op == "between":
        return f"{shape.number(numbers[0])}至{money(program, numbers[1])}"
    words = {**NUMBERS, "=": "恰为{0}", ">=": "满{0}"}
    return words[test.op].format(money(program, numbers[0]))


def on_times(tests: tuple[Expr, ...]) -> str:
    """Conditions on the time as when an event falls: `每逢周六或周日，`."""
    birthday = any(t.op == "is_birthday_month" for t in tests)
    order = {"month": 0, "day": 1, "weekday": 2, "hour": 3}
    others = sorted((t for t in tests if t.args[0].op in order), key=lambda t: order[t.args[0].op])
    said = "".join(_time(t) for t in others)
    if others:
        said = ("每月" if others[0].args[0].op == "day" else "每逢") + said
    return ("生日当月" if birthday else "") + said + ("，" if tests else "")


def _time(test: Expr) -> str:
    numbers = [a.value for a in test.args[1:] if isinstance(a.value, int)]
    kind = test.args[0].op
    if kind == "hour":
        return f"{numbers[0]}:00至{numbers[1]}:59"
    unit = {"month": "月", "day": "日"}.get(kind, "")
    names = [f"{n}{unit}" if unit else WEEKDAYS[n - 1] for n in numbers]
    return "至".join(names) if test.op == "between" else listed(names, "或")
