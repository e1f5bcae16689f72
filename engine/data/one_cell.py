"""Reads one value at a time as a declared type, to the same number or words as a file's cell.

Values as they mostly come take a short way; all others go through the readers of columns.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

import numpy as np

from engine.data import cells, number, values
from engine.data.columns import DECIMAL_PLACES
from engine.data.faults import NOT_TEXT, WORDS
from engine.data.frame import one_chunk
from engine.data.instant import FIRST
from engine.data.zone import DAY, SECOND, Zone
from engine.language.expression.tree import Type

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NAIVE_EPOCH = datetime(1970, 1, 1)
UTC_TAILS, SEPARATORS = ("", "Z", "+00:00"), ("--T::", "-- ::")
FIRST_DAY = EPOCH.toordinal()
MICROSECOND = timedelta(microseconds=1)
# Before it a zone's changes are known from a machine's table, which ends in 2200.
LATEST = (datetime(2199, 12, 1, tzinfo=UTC) - EPOCH) // MICROSECOND
MINUTE, HOUR = 60 * SECOND, 3600 * SECOND
DIGITS = 18
NEAR_HALF = 2 * number.NEAR

# A whole number as `Column` has it, a text, or nothing.
Said = int | str | None
Read = Callable[[object], Said]

_PLAIN = re.compile(r"(-?)([0-9]+)(?:\.([0-9]+))?").fullmatch
_WRITTEN = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]+))?)?"
    r"(?:(Z)|([+-])([0-9]{2})(?::?([0-9]{2}))?)?)?"
).fullmatch


@dataclass(eq=False)  # not frozen: Python notes on an exception where it has been
class UnreadableError(Exception):
    """A value that cannot be read, with the words of `faults`."""

    reason: str


def reader(type_: Type, how: cells.How, zone: Zone) -> Read:
    """What reads values of a type. It raises UnreadableError; None is a value that is not there.

    `zone` is the one that `how` names, from 1900 to 2200.
    """

    def slow(value: object) -> Said:
        return slowly(value, type_, how)

    match type_:
        case Type.TEXT:
            return _texts(slow)
        case Type.TEXTS:
            return _several(slow)
        case Type.WHOLE:
            return _numbers(number.WHOLE, slow)
        case Type.DECIMAL:
            return _numbers(number.Kind(DECIMAL_PLACES, number.MOST, True), slow)
        case Type.MONEY:
            return _numbers(number.Kind(how.money_decimals, number.MONEY_MOST, True), slow)
        case Type.DATE:
            return _dates(slow)
        case Type.TIME:
            return _times(zone, slow)
        case _:
            return _flags(slow)


def slowly(value: object, type_: Type, how: cells.How) -> Said:
    """The value by way of a column that holds it alone."""
    try:
        column, numerals = values.column([value])
    except UnicodeEncodeError:  # half of a pair, which no file can hold
        raise UnreadableError(WORDS[NOT_TEXT]) from None
    nested = np.array([isinstance(value, list | dict)]) if type_ is Type.TEXT else None
    got = cells.read(one_chunk(column), type_, replace(how, numerals=numerals, nested=nested))
    if got.fault[0]:
        raise UnreadableError(WORDS[got.fault[0]])
    if got.null[0]:
        return None
    return str(got.texts[0].as_py()) if got.values is None else int(got.values[0])


def _texts(slow: Read) -> Read:
    def read(value: object) -> Said:
        if type(value) is str and (value.isascii() or is_whole(value)):
            return value
        return slow(value)

    return read


def is_whole(text: str) -> bool:
    """Whether a text can be written: halves of a pair cannot."""
    try:
        return len(text.encode()) > 0
    except UnicodeEncodeError:
        return False


def _several(slow: Read) -> Read:
    @lru_cache(4096)
    def known(value: str) -> Said:
        return slow(value)

    def read(value: object) -> Said:
        return known(value) if type(value) is str else slow(value)

    return read


def _numbers(kind: number.Kind, slow: Read) -> Read:
    part: int = 10**kind.places
    most = kind.most // part

    def read(value: object) -> Said:
        if type(value) is int and -most <= value <= most:
            return value * part
        if type(value) is float and -most <= value <= most:
            scaled = value * part
            away = abs(scaled - math.floor(scaled) - 0.5)
            if abs(scaled) < number.EXACT and (
                away > NEAR_HALF if kind.rounds else scaled == math.floor(scaled)
            ):
                return round(scaled)
        elif type(value) is Decimal and value.is_finite():
            top, bottom = value.as_integer_ratio()
            if top * part % bottom == 0 and abs(top) <= most * bottom:
                return top * part // bottom
        elif type(value) is str:
            found = _number(value, kind.places)
            if found is not None and -kind.most <= found <= kind.most:
                return found
        return slow(value)

    return read


def _number(text: str, places: int) -> int | None:
    """A number that is written with at most so many places, times 10^places; else None."""
    found = _PLAIN(text)
    if found is None:
        return None
    sign, whole, part = found[1], found[2].lstrip("0"), (found[3] or "").rstrip("0")
    if len(part) > places or len(whole) + places > DIGITS:
        return None
    number = int(f"{whole}{part.ljust(places, '0')}" or "0")
    return -number if sign else number


def _flags(slow: Read) -> Read:
    def read(value: object) -> Said:
        if type(value) is str and value in cells.FLAGS:
            return cells.FLAGS[value]
        return int(value) if type(value) is bool else slow(value)

    return read


def _dates(slow: Read) -> Read:
    def read(value: object) -> Said:
        if type(value) is str:
            found = _WRITTEN(value)
            day = _day(value) if found is not None and found[2] is None else None
            return slow(value) if day is None else day
        return value.toordinal() - FIRST_DAY if type(value) is date else slow(value)

    return read


@lru_cache(4096)
def _day(written: str) -> int | None:
    """Days since 1970-01-01 of a date as it is written; None where there is no such day."""
    try:
        return date.fromisoformat(written).toordinal() - FIRST_DAY
    except ValueError:
        return None


def _times(zone: Zone, slow: Read) -> Read:
    placed = _placed(zone)

    def read(value: object) -> Said:
        micros, naive = None, False
        if type(value) is str:
            end = 26 if value[19:20] == "." and value[20:26].isdecimal() else 19
            tail = value[end:]
            if tail in UTC_TAILS and value[4:17:3] in SEPARATORS:
                micros, naive = _iso(value[:end]), not tail
            if micros is None:
                micros, naive = _written(value)
        elif type(value) is datetime:
            naive = value.tzinfo is None
            micros = _micros(value - (NAIVE_EPOCH if naive else EPOCH))
        if micros is None or not FIRST <= micros <= LATEST:
            return slow(value)
        return placed(micros) if naive else micros

    return read


def _iso(text: str) -> int | None:
    """The microseconds of `2026-01-31T18:30:00`, with six places of a second or none."""
    try:
        return _micros(datetime.fromisoformat(text) - NAIVE_EPOCH)
    except ValueError:
        return None


def _micros(since: timedelta) -> int:
    return since.days * DAY + since.seconds * SECOND + since.microseconds


def _written(text: str) -> tuple[int | None, bool]:
    """The microseconds of a time as it is written, and whether it says no offset."""
    found = _WRITTEN(text)
    if found is None:
        return None, False
    written, hour, minute, second, part, utc, sign, ahead, past = found.groups()
    day = _day(written)
    if day is None:
        return None, False
    micros = day * DAY
    if hour is None:
        return micros, True
    hours, minutes, seconds = int(hour), int(minute), int(second or 0)
    if hours > 23 or minutes > 59 or seconds > 59:
        return None, False
    micros += hours * HOUR + minutes * MINUTE + seconds * SECOND
    micros += int(part[:6].ljust(6, "0")) if part else 0
    if sign is None:
        return micros, utc is None
    away = int(ahead) * HOUR + int(past or 0) * MINUTE
    inside = int(ahead) <= 23 and int(past or 0) <= 59
    # What the readers of columns hold to be too early or late is so by the clock it says.
    if not inside or not FIRST + DAY <= micros <= LATEST - DAY:
        return None, False
    return micros + (away if sign == "-" else -away), False


def _placed(zone: Zone) -> Callable[[int], int]:
    """What finds the instant of a local time, as `Zone.instants` does for many."""
    changes, offsets = zone.change.tolist(), zone.offset.tolist()
    begins = (zone.change + zone.offset[:-1]).tolist()

    def placed(local: int) -> int:
        place = bisect_right(begins, local)
        at: int = local - offsets[place]
        return max(at, changes[place - 1]) if place else at

    return placed
