"""Reads numbers exactly: whole ones, decimals of six places, and money in minor units."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from engine.data import arrays
from engine.data.columns import DECIMAL_PLACES
from engine.data.faults import FINE, NOT_NUMBER, NOT_WHOLE, TOO_EXACT, TOO_LARGE, Faults

MONEY_MOST = 10**13  # minor units
MOST = 10**18 - 1
EXACT = 2.0**53  # up to here every whole number is a float
PATTERN = r"^(?P<sign>-?)(?P<whole>[0-9]+)(?:\.(?P<part>[0-9]+))?$"
PARTS = ("sign", "whole", "part")
NEAR = 0.01  # a float this near to a half is rounded by its own text

Longs = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Kind:
    """How a number is kept: its places, the largest, and whether floats are rounded to it."""

    places: int
    most: int
    rounds: bool


WHOLE = Kind(0, MOST, False)
DECIMAL = Kind(DECIMAL_PLACES, MOST, True)


def read(
    column: pa.Array, kind: Kind, mapped: bool, numerals: NDArray[np.bool_] | None
) -> tuple[Longs, Faults]:
    """The numbers of a column times 10^places, and what is wrong with each.

    Text must be plain (`-1234.56`) and have no more places than are kept, unless it is the
    result of a mapping or a JSON number; those, and binary floats, are rounded half away from
    zero, a float exactly as its shortest decimal text says.
    """
    if pa.types.is_integer(column.type):
        return _from_whole(column, kind)
    if pa.types.is_floating(column.type):
        if column.type.bit_width < 64:  # its own shortest text, not that of the double nearby
            column = column.cast(_text()).cast(pa.float64())
        return _from_float(arrays.floats(column), kind)
    if pa.types.is_decimal128(column.type):
        found = _from_decimal(column, kind, mapped and kind.rounds)
        if found is not None:
            return found
    if pa.types.is_decimal(column.type):
        written = [None if v is None else format(v, "f") for v in _unusual(column)]
        column = pa.array(written, pa.large_string()) if written else column.cast(_text())
    if not pa.types.is_large_string(column.type):
        return np.zeros(len(column), np.int64), np.full(len(column), NOT_NUMBER, np.int8)
    may_round = np.full(len(column), mapped) if numerals is None else numerals | mapped
    return _from_text(column, kind, may_round & kind.rounds)


def _from_decimal(column: pa.Array, kind: Kind, may_round: bool) -> tuple[Longs, Faults] | None:
    """Decimals of which 64 bits hold each; None where they do not."""
    words = np.frombuffer(column.buffers()[1] or b"", np.int64)
    words = words[2 * column.offset : 2 * (column.offset + len(column))].reshape(-1, 2)
    number, above = words[:, 0], words[:, 1]
    if column.null_count:
        null = arrays.nulls(column)
        number, above = np.where(null, 0, number), np.where(null, 0, above)
    places = kind.places - column.type.scale
    if abs(places) > 18 or (number >> 63 != above).any() or (number == -(2**63)).any():
        return None
    fault = np.zeros(len(column), np.int8)
    if places < 0:
        part = 10**-places
        size = np.abs(number)
        left = size % part
        if left.any() and not may_round:
            fault[left != 0] = NOT_WHOLE if not kind.places else TOO_EXACT
        size = size // part + (left >= part - left)
        number, places = np.where(number < 0, -size, size), 0
    most = kind.most // 10**places
    large = (number > most) | (number < -most)
    if large.any():
        fault[(fault == FINE) & large] = TOO_LARGE
        number = np.where(large, 0, number)
    return number * 10**places, fault


def _text() -> pa.DataType:
    return pa.large_string()


def _unusual(column: pa.Array) -> list[Decimal | None]:
    """The values of a decimal column where Arrow would write some of them with an exponent."""
    if column.type.scale <= 6:
        return []
    values: list[Decimal | None] = column.to_pylist()
    return values


def _from_whole(column: pa.Array, kind: Kind) -> tuple[Longs, Faults]:
    """Whole numbers of any width."""
    most = kind.most // 10**kind.places
    limit = pa.scalar(most, column.type) if column.type.bit_width == 64 else None
    large = np.zeros(len(column), np.bool_)
    if limit is not None:
        large = arrays.flags(pc.greater(column, limit))
        if pa.types.is_signed_integer(column.type):
            large |= arrays.flags(pc.less(column, pa.scalar(-most, column.type)))
        column = pc.if_else(pa.array(large), pa.scalar(0, column.type), column)
    values = arrays.whole(column)
    large |= np.abs(values) > most
    scaled = np.where(large, 0, values) * 10**kind.places
    return scaled, np.where(large, TOO_LARGE, FINE).astype(np.int8)


def _from_float(values: NDArray[np.float64], kind: Kind) -> tuple[Longs, Faults]:
    """Binary floats; only those that lie near a half, or are huge, are looked at one by one."""
    fault = np.zeros(len(values), np.int8)
    large = ~(np.abs(values) <= kind.most / 10**kind.places)
    fault[large] = TOO_LARGE
    scaled = np.where(large, 0.0, values) * 10**kind.places
    rounded = np.rint(scaled)
    if not kind.rounds:
        fault[(rounded != scaled) & ~large] = NOT_WHOLE
    numbers = rounded.astype(np.int64)
    apart = np.abs(np.abs(scaled - np.trunc(scaled)) - 0.5) < NEAR
    careful = np.flatnonzero(~large & ((apart & kind.rounds) | (np.abs(scaled) > EXACT)))
    for position in careful.tolist():
        exact = Decimal(repr(float(values[position]))).scaleb(kind.places)
        number = int(exact.to_integral_value(ROUND_HALF_UP))
        if abs(number) > kind.most:
            fault[position], number = TOO_LARGE, 0
        numbers[position] = number
    return numbers, fault


def _from_text(column: pa.Array, kind: Kind, may_round: NDArray[np.bool_]) -> tuple[Longs, Faults]:
    """Plain decimal texts, digit by digit."""
    found = pc.extract_regex(column, PATTERN)
    fault = np.where(arrays.flags(pc.is_null(found)), NOT_NUMBER, FINE).astype(np.int8)
    sign, whole, part = (pc.fill_null(pc.struct_field(found, n), "") for n in PARTS)
    whole, part = pc.utf8_ltrim(whole, "0"), pc.utf8_rtrim(part, "0")
    exact = arrays.whole(pc.utf8_length(part)) <= kind.places
    fault[(fault == FINE) & ~exact & ~may_round] = NOT_WHOLE if not kind.places else TOO_EXACT
    large = arrays.whole(pc.utf8_length(whole)) + kind.places > 18
    fault[(fault == FINE) & large] = TOO_LARGE
    digits = whole
    if kind.places:
        kept = pc.utf8_rpad(pc.utf8_slice_codeunits(part, 0, kind.places), kind.places, "0")
        digits = pc.binary_join_element_wise(whole, kept, pa.scalar("", whole.type))
    digits = pc.if_else(pa.array(large), "0", pc.utf8_lpad(digits, 1, "0"))
    numbers = arrays.whole(digits.cast(pa.int64()))
    if (~exact).any():
        after = pc.utf8_slice_codeunits(part, kind.places, kind.places + 1)
        numbers = numbers + arrays.flags(pc.greater_equal(after, "5"))
    beyond = (fault == FINE) & (numbers > kind.most)
    fault[beyond] = TOO_LARGE
    negative = arrays.flags(pc.equal(sign, "-"))
    return np.where(negative, -numbers, numbers), fault
