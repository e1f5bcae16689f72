"""Reads CSV: every cell as text, every broken row set aside with its number."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import csv as arrow_csv

from engine.data.columns import Rejected
from engine.data.csv_records import Records, split
from engine.data.error import DataError
from engine.data.frame import Frame, clip, one_chunk

UTF8_MARK = b"\xef\xbb\xbf"
ZIP_MARK = b"PK\x03\x04"
AS_UTF8 = "Save it as CSV in UTF-8."


def read(name: str, text: bytes, wanted: Iterable[str] | None, delimiter: str = ",") -> Frame:
    """The CSV `text` of the file `name`; only the columns `wanted`, or all where it is None."""
    text = _decoded(name, text)
    records = split(text, delimiter)
    header, first = _header(name, text, records, delimiter)
    broken = _broken(name, text, records, len(header), first)
    whole = np.ones(len(records.start), dtype=np.bool_)
    whole[:first] = False
    whole[[b.row + first - 1 for b in broken]] = False
    chosen = [h for h in dict.fromkeys(header) if wanted is None or h in set(wanted)]
    _refuse_twice(name, header, chosen)
    body = _cut(text, records, whole)
    columns = _cells(body, header, chosen, delimiter, records)
    rows = np.flatnonzero(whole) - first + 1
    return Frame(name, rows, columns, broken, lines=True, there=tuple(filter(None, header)))


def _decoded(name: str, text: bytes) -> bytes:
    """The text without its mark and with newlines, refused where it is no UTF-8 text at all."""
    if text.startswith(UTF8_MARK):
        text = text[len(UTF8_MARK) :]
    if text.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise DataError(name, "This text is UTF-16.", AS_UTF8, 1)
    if text.startswith(ZIP_MARK):
        raise DataError(name, "This is a workbook or an archive, not CSV.", AS_UTF8, 1)
    if not text.strip():
        raise DataError(name, "The file is empty.", "Expected a first line with the columns.", 1)
    if b"\n" not in text and b"\r" in text:
        text = text.replace(b"\r", b"\n")
    return text


def _header(name: str, text: bytes, records: Records, delimiter: str) -> tuple[list[str], int]:
    """The columns' names, and the position of the first row of data."""
    if 0 in records.wrong:
        raise DataError(name, f"In the first line {records.wrong[0]}.", "", 1)
    line = text[records.start[0] : records.stop[0]]
    try:
        said = line.decode("utf-8")
    except UnicodeDecodeError:
        raise DataError(name, "The first line is not UTF-8.", AS_UTF8, 1) from None
    if "\0" in said:
        raise DataError(name, "This is not text: it holds NUL bytes.", AS_UTF8, 1)
    names = next(csv.reader(io.StringIO(said, newline=""), delimiter=delimiter))
    for other, word in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")):
        if len(names) == 1 and said.count(other) >= 2:
            what = f"The columns are separated by {word}."
            raise DataError(name, what, "Expected commas (or tabs in a file that ends in .tsv).", 1)
    return [n.strip() for n in names], 1


def _refuse_twice(name: str, header: list[str], chosen: list[str]) -> None:
    """Raises DataError where a column that is used stands in the header more than once."""
    for column in chosen:
        if header.count(column) > 1:
            raise DataError(name, f"The column `{clip(column, 40)}` stands there twice.", "", 1)


def _broken(
    name: str, text: bytes, records: Records, cells: int, first: int
) -> tuple[Rejected, ...]:
    """The records from `first` on that cannot be read, in order."""
    reasons = dict(records.wrong)
    for position in np.flatnonzero(records.cells != cells).tolist():
        count = int(records.cells[position])
        word = "cell" if count == 1 else "cells"
        reasons.setdefault(position, f"it has {count} {word}, the first line has {cells}")
    for position in _unreadable(text, records):
        reasons[position] = "it is not UTF-8 text"
    for position in _with_nul(text, records):
        reasons[position] = "it holds a NUL byte"
    found = []
    for position in sorted(p for p in reasons if p >= first):
        line = text[records.start[position] : records.stop[position]][:1000]
        shown = clip(line.decode("utf-8", "replace"))
        found.append(Rejected(name, position - first + 1, "", reasons[position], shown))
    return tuple(found)


def _unreadable(text: bytes, records: Records) -> list[int]:
    """The positions of records that are not UTF-8."""
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        return []
    found = []
    for position, (start, stop) in enumerate(zip(records.start, records.stop, strict=True)):
        try:
            text[start:stop].decode("utf-8")
        except UnicodeDecodeError:
            found.append(position)
    return found


def _with_nul(text: bytes, records: Records) -> list[int]:
    """The positions of records that hold a NUL byte."""
    if b"\0" not in text:
        return []
    nuls = np.flatnonzero(np.frombuffer(text, dtype=np.uint8) == 0)
    inside = np.searchsorted(nuls, records.stop) > np.searchsorted(nuls, records.start)
    positions: list[int] = np.flatnonzero(inside).tolist()
    return positions


def _cut(text: bytes, records: Records, whole: NDArray[np.bool_]) -> bytes:
    """The text of the records that are `whole` alone, each with its end of line."""
    if not whole.any():
        return b""
    edge = np.flatnonzero(np.diff(np.concatenate(([False], whole, [False])).astype(np.int8)))
    parts = []
    for begin, end in zip(edge[::2].tolist(), edge[1::2].tolist(), strict=True):
        parts.append(text[records.start[begin] : records.stop[end - 1]])
    return b"\n".join(parts) + b"\n"


def _cells(
    body: bytes, header: list[str], chosen: list[str], delimiter: str, records: Records
) -> dict[str, pa.Array]:
    """The columns `chosen` of the body as text, null where a cell is empty."""
    if not body or not chosen:
        return {c: pa.nulls(0, pa.large_string()) for c in chosen}
    names = [c if header.index(c) == i else f"\0{i}" for i, c in enumerate(header)]
    longest = int((records.stop - records.start).max(initial=0))
    table = arrow_csv.read_csv(
        pa.BufferReader(body),
        read_options=arrow_csv.ReadOptions(
            column_names=names, block_size=max(1 << 22, 2 * longest + 2)
        ),
        parse_options=arrow_csv.ParseOptions(
            delimiter=delimiter, newlines_in_values=b'"' in body, ignore_empty_lines=True
        ),
        convert_options=arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(chosen, pa.large_string()),
            include_columns=chosen,
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
            check_utf8=False,
        ),
    )
    return {c: one_chunk(table.column(c)) for c in chosen}
