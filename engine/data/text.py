"""Reads texts, and cells that hold several of them."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from engine.data import arrays
from engine.data.columns import TEXTS_MARK
from engine.data.faults import FINE, NOT_TEXT, Faults

SEPARATOR = ";"
LARGE = 2.0**63  # whole floats below it are written digit by digit: a card has sixteen


def read(column: pa.Array) -> tuple[pa.Array, Faults]:
    """A column as text: a whole number held as a float or decimal is that whole number."""
    fine = np.zeros(len(column), np.int8)
    kind = column.type
    if pa.types.is_large_string(kind):
        return column, fine
    if pa.types.is_decimal(kind) and kind.scale > 0:
        return _without_zeros(column.cast(pa.large_string())), fine
    if pa.types.is_floating(kind):
        return _from_float(column), fine
    if pa.types.is_integer(kind) or pa.types.is_boolean(kind) or pa.types.is_decimal(kind):
        return column.cast(pa.large_string()), fine
    if pa.types.is_date(kind):
        return column.cast(pa.date32()).cast(pa.large_string()), fine
    if pa.types.is_timestamp(kind):
        # Arrow would print an instant with its zone's letter, which needs a zone database.
        plain = column.cast(pa.timestamp("us", tz=kind.tz), safe=False).cast(pa.int64())
        return plain.cast(pa.timestamp("us")).cast(pa.large_string()), fine
    nothing = pa.nulls(len(column), pa.large_string())
    return nothing, np.full(len(column), NOT_TEXT, np.int8)


def _from_float(column: pa.Array) -> pa.Array:
    """`12346.0` as `12346`, others as their shortest decimal text."""
    whole = pc.and_(pc.equal(pc.trunc(column), column), pc.less(pc.abs(column), LARGE))
    zero = pa.scalar(0.0, column.type)
    numbers = pc.if_else(whole, column, zero).cast(pa.int64()).cast(pa.large_string())
    return pc.if_else(whole, numbers, column.cast(pa.large_string()))


def _without_zeros(texts: pa.Array) -> pa.Array:
    """Decimal texts without zeros at the end of their places."""
    return pc.utf8_rtrim(pc.utf8_rtrim(texts, "0"), ".")


def read_several(column: pa.Array) -> tuple[pa.Array, Faults]:
    """Cells of several texts, joined by TEXTS_MARK: a list, or text as `crab;cake` or in JSON."""
    kind = column.type
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        read_list = [_joined(v) for v in column.to_pylist()]
        return _checked(read_list)
    texts, fault = read(column)
    if fault.any():
        return texts, fault
    coded = pc.dictionary_encode(texts)
    known, wrong = _checked([_joined(_parts(t)) for t in coded.dictionary.to_pylist()])
    where = coded.indices
    taken = known.take(where)
    bad = pc.fill_null(pa.array(wrong).take(where), FINE)
    return taken, arrays.whole(bad).astype(np.int8)


def _parts(text: str) -> object:
    """The values of one cell; None where a JSON list is broken."""
    if text.lstrip().startswith("["):
        try:
            return json.loads(text)
        except ValueError:
            return None
    return [part.strip() for part in text.split(SEPARATOR)]


def _joined(values: object) -> str | None:
    """The values that are texts as one; None where something else is among them."""
    if not isinstance(values, list) or any(not isinstance(v, str) for v in values):
        return None
    if any(TEXTS_MARK in v for v in values):
        return None
    return TEXTS_MARK.join(v for v in values if v)


def _checked(texts: list[str | None]) -> tuple[pa.Array, Faults]:
    """The texts with a fault where there is none."""
    fault = np.array([FINE if t is not None else NOT_TEXT for t in texts], np.int8)
    return pa.array([t or "" for t in texts], pa.large_string()), fault
