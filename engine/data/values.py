"""Makes a column of values that come one by one: cells of a workbook, rows of a database."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Context, Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from engine.data import text

EXACT = 2**53  # up to here every whole number is a float
DIGITS = 38  # of a decimal
PRECISE = Context(prec=2000)  # more digits than a database keeps
USUAL = 6  # places after the point
NUMBERS = (int, float, Decimal)
TEXT = pa.large_string()

Made = tuple[pa.Array, NDArray[np.bool_] | None]


def column(values: Sequence[object]) -> Made:
    """The values as a column of one kind, and where one was a number if others were text.

    Numbers stay numbers where all are; instants are naive or UTC where all are. Values of
    several kinds become text: numbers plain, instants in ISO 8601, lists as JSON.
    """
    kinds = {type(value) for value in values if value is not None}
    try:
        made = _typed(values, kinds)
    except (pa.ArrowException, OverflowError, ValueError):
        made = None
    if made is not None:
        return made, None
    numbers = np.array([type(value) in NUMBERS for value in values], np.bool_)
    return pa.array([written(value) for value in values], TEXT), numbers


def _typed(values: Sequence[object], kinds: set[type]) -> pa.Array | None:
    """A column of values that are of one kind; None where they are not."""
    if not kinds or kinds == {str}:
        return pa.array(values, TEXT)
    if kinds == {bool}:
        return pa.array(values, pa.bool_())
    if kinds == {int}:
        return pa.array(values, pa.int64())
    if kinds <= {int, float}:
        small = all(type(v) is not int or -EXACT <= v <= EXACT for v in values)
        return pa.array(values, pa.float64()) if small else None
    if kinds <= {int, Decimal}:
        return _decimals(values)
    if kinds == {date}:
        return pa.array(values, pa.date32())
    if kinds <= {date, datetime}:
        return _instants(values)
    if kinds == {list} and all(type(part) is str for v in values for part in _parts(v)):
        return pa.array(values, pa.large_list(TEXT))
    return None


def _parts(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _decimals(values: Sequence[object]) -> pa.Array | None:
    """Exact decimals of one number of places."""
    given = [v if v is None or isinstance(v, Decimal) else Decimal(str(v)) for v in values]
    exact = [v for v in given if v is not None]
    if not all(v.is_finite() for v in exact):
        return None
    places = _places(exact)
    if places > USUAL:  # databases divide to twenty places, most of which are zeros
        given = [None if v is None else v.normalize(PRECISE) for v in given]
        places = _places([v for v in given if v is not None])
    if places > DIGITS:
        return None
    return pa.array(given, pa.decimal128(DIGITS, places))


def _places(given: Sequence[Decimal]) -> int:
    """The most digits that any of them has after the point."""
    return max(max(0, -int(v.as_tuple().exponent)) for v in given)


def _instants(values: Sequence[object]) -> pa.Array | None:
    """Instants that all are naive or all are not; a day among them is its beginning."""
    given = [
        datetime(v.year, v.month, v.day) if type(v) is date else v
        for v in values
    ]  # fmt: skip
    naive = {v.tzinfo is None for v in given if isinstance(v, datetime)}
    if len(naive) > 1:
        return None
    return pa.array(given, pa.timestamp("us", tz=None if True in naive else "UTC"))


def written(value: object) -> str | None:
    """A value as text, as a file would have it."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        value = Decimal(int(value)) if value.is_integer() else Decimal(repr(value))
    if isinstance(value, Decimal):
        if value.is_nan():
            return None
        return format(value, "f") if -DIGITS <= value.adjusted() <= DIGITS else str(value)
    if isinstance(value, datetime):
        return value.isoformat(" ")
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode("utf-8", "replace")
    return str(value)


def together(parts: Sequence[pa.Array]) -> Made:
    """Parts of one column as one, and where one was a number if others were text."""
    filled = [p.type for p in parts if p.null_count < len(p)] or [p.type for p in parts[:1]]
    kinds = list(dict.fromkeys(filled))
    kind = _common(kinds)
    if kind is not None:
        try:
            return pa.concat_arrays([_cast(p, kind) for p in parts]), None
        except pa.ArrowException:
            pass
    numbers = [np.full(len(p), _is_number(p.type)) for p in parts]
    texts = [_cast(p, TEXT) if p.null_count == len(p) else text.read(p)[0] for p in parts]
    return pa.concat_arrays(texts), np.concatenate(numbers)


def _cast(part: pa.Array, kind: pa.DataType) -> pa.Array:
    """A part in another kind; empty ones fit any."""
    if part.null_count == len(part):
        return pa.nulls(len(part), kind)
    if pa.types.is_floating(kind) and pa.types.is_integer(part.type):
        large = pc.max(pc.abs(pc.cast(part, pa.float64(), safe=False))).as_py()
        if large > EXACT:
            raise pa.ArrowInvalid
    return part.cast(kind)


def _common(kinds: list[pa.DataType]) -> pa.DataType | None:
    """The kind that holds all of `kinds` exactly; None where only text does."""
    if len(kinds) == 1:
        return kinds[0]
    if all(pa.types.is_integer(k) or pa.types.is_floating(k) for k in kinds):
        floating = any(pa.types.is_floating(k) for k in kinds)
        return pa.float64() if floating else pa.int64()
    if all(pa.types.is_integer(k) or pa.types.is_decimal(k) for k in kinds):
        return pa.decimal128(DIGITS, max(k.scale for k in kinds if pa.types.is_decimal(k)))
    naive = all(pa.types.is_date(k) or (pa.types.is_timestamp(k) and not k.tz) for k in kinds)
    return pa.timestamp("us") if naive else None


def _is_number(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    )
