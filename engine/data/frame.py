"""One file's rows as Arrow columns, before anything is known of what they mean."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from engine.data.columns import Rejected
from engine.data.error import DataError

SHOWN = 200  # characters of a broken text that a message repeats


@dataclass(frozen=True, slots=True)
class Frame:
    """The rows of one file that have the right shape, and those that do not.

    Columns are Arrow arrays of one chunk: text for CSV and JSON Lines (null where empty), the
    file's own types for Parquet, tables and the results of mappings.
    """

    name: str
    rows: NDArray[np.int64]  # the number of each row, from 1
    columns: Mapping[str, pa.Array]
    broken: tuple[Rejected, ...] = ()
    numerals: Mapping[str, NDArray[np.bool_]] = field(default_factory=dict)  # JSON: not in quotes
    nested: Mapping[str, NDArray[np.bool_]] = field(default_factory=dict)  # JSON: lists, objects
    mapped: bool = False  # the result of a mapping: amounts are rounded, never too exact
    zone: str | None = None  # in which naive times are read; None: the program's
    lines: bool = False  # a text file, so that messages can name its first line
    there: tuple[str, ...] = ()  # every column of the file, where not all were asked for

    def need(self, names: Iterable[str]) -> None:
        """Raises DataError for the first of `names` that is no column here."""
        for name in names:
            if name not in self.columns:
                raise DataError(
                    self.name, *missing(name, self.there or self.columns), int(self.lines)
                )


def picked(frame: Frame, where: NDArray[np.bool_]) -> Frame:
    """Some rows of a frame; what is broken stays out."""
    return replace(
        frame,
        rows=frame.rows[where],
        columns={name: column.filter(pa.array(where)) for name, column in frame.columns.items()},
        broken=(),
        numerals={name: mask[where] for name, mask in frame.numerals.items()},
        nested={name: mask[where] for name, mask in frame.nested.items()},
    )


def missing(name: str, columns: Iterable[str]) -> tuple[str, str]:
    """What is wrong and what was expected where the column `name` is not among `columns`."""
    there = list(columns)
    near = difflib.get_close_matches(name, there, 1)
    hint = f" Did you mean `{near[0]}`?" if near else ""
    listed = ", ".join(f"`{clip(c, 40)}`" for c in there[:20]) or "none"
    return f"There is no column `{name}`.{hint}", f"Its columns are: {listed}."


def clip(text: str, limit: int = SHOWN) -> str:
    """`text`, cut to a length that fits a message."""
    return text if len(text) <= limit else text[:limit] + "…"


def one_chunk(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    """The column as one array, dictionaries opened and texts with 64-bit offsets."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
        column = column.cast(kind)
    if pa.types.is_string(kind) or pa.types.is_string_view(kind):
        column = column.cast(pa.large_string())
    elif pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        column = _as_text(column)
    elif pa.types.is_float16(kind):
        column = column.cast(pa.float32())
    if isinstance(column, pa.ChunkedArray):
        chunks = column.chunks
        column = chunks[0] if len(chunks) == 1 else pa.concat_arrays(chunks) if chunks else None
        column = pa.array([], kind) if column is None else column
    return column


def _as_text(column: pa.ChunkedArray | pa.Array) -> pa.ChunkedArray | pa.Array:
    """Bytes as text, as some tools write it; as they are where they are not UTF-8."""
    try:
        return column.cast(pa.large_string())
    except pa.ArrowInvalid:
        return column
