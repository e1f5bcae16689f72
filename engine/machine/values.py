"""What the machine's whole numbers say, as plain Python values and as text."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from engine.data.columns import TEXTS_MARK, Texts
from engine.language.expression.tree import Name, Type

EPOCH = date(1970, 1, 1)
Said = str | int | bool | Fraction | Decimal | date | datetime | tuple[str, ...] | None


def said(name_type: Type, number: int, denominator: int, texts: Texts, zone: str) -> Said:
    """The value that a whole number over its denominator stands for."""
    match name_type:
        case Type.TEXT:
            return texts.values[number]
        case Type.TEXTS:
            return tuple(texts.values[number].split(TEXTS_MARK))
        case Type.FLAG:
            return number == 1
        case Type.DATE:
            return EPOCH + timedelta(number)
        case Type.TIME:
            return instant(number, zone)
        case _:
            return Fraction(number, denominator)


def instant(micros: int, zone: str) -> datetime:
    """Microseconds since 1970-01-01 UTC as local time."""
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)).astimezone(
        ZoneInfo(zone)
    )


def of_name(
    name: Name, number: int, null: bool, bottom: int, texts: Texts, zone: str
) -> Said:  # fmt: skip
    """The value of a name in the environment; `bottom` is the second slot of a ratio, else 1."""
    if null:
        return None
    return said(name.type, number, name.denominator * bottom, texts, zone)


def shown(value: Said) -> str:
    """A value as people write it: 29.50, gold, 2026-09-01, yes; an em dash where it is null."""
    match value:
        case None:
            return "—"
        case bool():
            return "yes" if value else "no"
        case Fraction():
            return decimal_text(value)
        case Decimal():
            return f"{value:f}"
        case datetime():
            return value.strftime("%Y-%m-%d %H:%M:%S").removesuffix(":00")
        case tuple():
            return "; ".join(value)
        case _:
            return str(value)


def money(value: Fraction, places: int) -> Fraction | Decimal:
    """A sum as people write it, 29.50; one with more places than the currency stays as it is."""
    whole = value * 10**places
    return Decimal(int(whole)).scaleb(-places) if whole.denominator == 1 else value


def decimal_text(value: Fraction) -> str:
    """A fraction as a decimal where it is one, else as n/d."""
    den, twos, fives = value.denominator, 0, 0
    while den % 2 == 0:
        den, twos = den // 2, twos + 1
    while den % 5 == 0:
        den, fives = den // 5, fives + 1
    if den != 1:
        return f"{value.numerator}/{value.denominator}"
    places = max(twos, fives)
    return f"{Decimal(value.numerator * 10**places // value.denominator).scaleb(-places):f}"
