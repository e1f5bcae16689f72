"""How the types mix, what they are called, and what is advised where they do not fit."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime

from engine.language.expression.tree import Expr, Type
from engine.language.expression.words import Kind

NAMES = {
    Type.TEXT: "a text",
    Type.TEXTS: "several texts",
    Type.WHOLE: "a number",
    Type.DECIMAL: "a number",
    Type.MONEY: "a number",
    Type.FLAG: "true or false",
    Type.DATE: "a day",
    Type.TIME: "an instant",
    Type.NULL: "null",
}
_NUMBERS = (Type.WHOLE, Type.DECIMAL, Type.MONEY)
TAKEN: dict[Kind, tuple[Type, ...]] = {
    "number": _NUMBERS,
    "text": (Type.TEXT,),
    "texts": (Type.TEXTS,),
    "day": (Type.DATE, Type.TIME),
    "time": (Type.TIME,),
}
TAKEN_NAMES: dict[Kind, str] = {
    "texts": "a name of type texts",
    "day": "a day or an instant",
    "time": "an instant",
}
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"([ T][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})?)?"
)


def mix(left: Type, right: Type) -> bool:
    """Whether the two may stand on both sides of a comparison."""
    return left is right or (left.is_number and right.is_number) or Type.NULL in (left, right)


def common(types: Sequence[Type]) -> Type:
    """The type of a value that is one of several that mix; null where all are."""
    known = [t for t in types if t is not Type.NULL]
    for wide in (Type.MONEY, Type.DECIMAL):
        if wide in known:
            return wide
    return known[0] if known else Type.NULL


def of_arithmetic(op: str, types: Sequence[Type]) -> Type:
    """Money times a number is money, money by money a number, and whole by whole may be none."""
    is_money = [t is Type.MONEY for t in types]
    if op in ("*", "/") and all(is_money):
        return Type.DECIMAL
    if op == "/":
        return Type.MONEY if is_money[0] else Type.DECIMAL
    found = common(types)
    return Type.WHOLE if found is Type.NULL else found


def of_function(name: str, types: Sequence[Type]) -> Type:
    """The type that a function without one of its own gives."""
    if name == "round":
        return Type.MONEY if types[0] is Type.MONEY else Type.DECIMAL
    if name == "nullif":
        return types[0]
    found = common(types)
    return Type.WHOLE if name == "abs" and found is Type.NULL else found


def read_day(text: str, wanted: Type) -> date | datetime | None:
    """The day or instant a text says in ISO 8601, strictly; None when it says none."""
    try:
        if wanted is Type.DATE:
            return date.fromisoformat(text) if _DAY.fullmatch(text) else None
        return datetime.fromisoformat(text) if _TIME.fullmatch(text) else None
    except ValueError:
        return None


def compare_advice(shown: str, type: Type) -> str:
    """How to make a condition of a value that is none."""
    if type.is_number:
        return f"Write {shown} > 0 or another comparison."
    if type is Type.TEXTS:
        return f"Write includes({shown}, 'crab')."
    return f"Write {shown} = ... or another comparison."


def arithmetic_advice(arg: Expr) -> str:
    """What to do with something that is no number, where one is needed."""
    if arg.type in (Type.DATE, Type.TIME):
        return "Days are counted by days_between(a, b) and days_since(a)."
    if arg.type is Type.FLAG:
        return "Write case when a then 1 else 0 end."
    if arg.op == "const" and _is_number(str(arg.value)):
        return f"Write {arg.value} without quotes."
    return "A number was expected."


def text_advice(shown: str, type: Type) -> str:
    """What to do with something that is no text, where one is needed."""
    if type is Type.TEXTS:
        return f"Write includes({shown}, 'crab')."
    return "A text was expected."


def mismatch_advice(left: Expr, right: Expr, shown: Callable[[Expr], str]) -> str:
    """How to bring two values of different types together."""
    both = {left.type, right.type}
    if Type.TEXTS in both:
        several = left if left.type is Type.TEXTS else right
        return f"Write includes({shown(several)}, 'crab')."
    if both == {Type.DATE, Type.TIME}:
        return f"Write date({shown(left if left.type is Type.TIME else right)})."
    text = left if left.type is Type.TEXT else right
    other = right if text is left else left
    if text.op == "const" and other.type.is_number and _is_number(str(text.value)):
        return f"Write {text.value} without quotes."
    if text.type is Type.TEXT and other.op == "const" and other.type.is_number:
        return f"Write '{shown(other)}' in quotes."
    if Type.FLAG in both:
        flag = left if left.type is Type.FLAG else right
        return f"Write {shown(flag)} or not {shown(flag)}."
    return f"Compare {shown(left)} with {NAMES[left.type]}."


def counted(least: int, most: int | None) -> str:
    """`1 value`, `1 or 2 values`, `2 or more values`."""
    if most is None:
        return f"{least} or more values"
    if least == most:
        return f"{least} value{'' if least == 1 else 's'}"
    return f"{least} or {most} values"


def are(count: int) -> str:
    """`is 1`, `are 3`."""
    return f"is {count}" if count == 1 else f"are {count}"


def _is_number(text: str) -> bool:
    return re.fullmatch(r"-?[0-9]{1,18}(\.[0-9]{1,9})?", text) is not None
