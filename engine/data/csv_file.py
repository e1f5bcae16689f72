"""Reads CSV: every cell as text, every broken row set aside with its number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import csv as arrow_csv

from engine.data import csv_header
from engine.data.columns import Rejected
from engine.data.csv_records import Records, split
from engine.data.encoding import UTF8, Block
from engine.data.error import DataError
from engine.data.frame import Frame, clip, one_chunk

END = Block(b"", UTF8)


def read(
    name: str, blocks: Iterable[Block], wanted: Iterable[str] | None, usual: str = ","
) -> Iterator[Frame]:
    """The rows of the CSV file `name`, a frame for each block, at least one.

    Only the columns `wanted`, or all where it is None. What separates cells is found in the
    first line; `usual` where that says nothing. Rows are the same however the text is cut.
    """
    header: list[str] = []
    chosen: list[str] = []
    mark, encoding, rest, done = "", UTF8, b"", 0
    for block in chain(blocks, (END,)):
        last, text, first = block is END, rest + block.text, 0
        encoding = encoding if last else block.encoding
        if not mark:
            if not text.strip():
                continue
            csv_header.refuse(name, block)
            mark, begin = csv_header.delimiter(text, usual)
            text = text[begin:]
        records, rest = split(text, mark, last)
        if not header and len(records.start):
            header, first = csv_header.columns(name, text, records, mark, encoding), 1
            chosen = [h for h in dict.fromkeys(header) if wanted is None or h in frozenset(wanted)]
            csv_header.refuse_twice(name, header, chosen)
        if first or len(records.start):
            part = _Part(name, text, records, header, first, done, encoding)
            yield _frame(part, chosen, mark)
            done += len(records.start) - first
    if not header:
        raise DataError(name, "The file is empty.", "Expected a first line with the columns.", 1)


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a file: whole records, the first `first` of which is the header."""

    name: str
    text: bytes
    records: Records
    header: list[str]
    first: int
    done: int  # rows before it
    encoding: str


def _frame(part: _Part, chosen: list[str], mark: str) -> Frame:
    """The rows of a part."""
    broken = _broken(part)
    whole = np.ones(len(part.records.start), dtype=np.bool_)
    whole[: part.first] = False
    whole[list(broken)] = False
    body = _cut(part.text, part.records, whole)
    columns = _cells(body, part, chosen, mark)
    rows = np.flatnonzero(whole) + _number(part, 0)
    there = tuple(filter(None, part.header))
    return Frame(part.name, rows, columns, tuple(broken.values()), lines=True, there=there)


def _number(part: _Part, position: int) -> int:
    """The number of the row at a position."""
    return part.done + position - part.first + 1


def _broken(part: _Part) -> dict[int, Rejected]:
    """The records that cannot be read, by their position, in order."""
    text, records = part.text, part.records
    reasons = dict(records.wrong)
    cells = len(part.header)
    for position in np.flatnonzero(records.cells != cells).tolist():
        count = int(records.cells[position])
        word = "cell" if count == 1 else "cells"
        reasons.setdefault(position, f"it has {count} {word}, the first line has {cells}")
    for position in _unreadable(text, records):
        reasons[position] = f"it is not {part.encoding} text"
    for position in _with_nul(text, records):
        reasons[position] = "it holds a NUL byte"
    found = {}
    for position in sorted(p for p in reasons if p >= part.first):
        line = text[records.start[position] : records.stop[position]][:1000]
        shown = clip(line.decode("utf-8", "replace"))
        row = _number(part, position)
        found[position] = Rejected(part.name, row, "", reasons[position], shown)
    return found


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


def _cells(body: bytes, part: _Part, chosen: list[str], mark: str) -> dict[str, pa.Array]:
    """The columns `chosen` of the body as text, null where a cell is empty."""
    if not body or not chosen:
        return {c: pa.nulls(0, pa.large_string()) for c in chosen}
    used = set(chosen)
    names = [c if c in used else f"\0{i}" for i, c in enumerate(part.header)]
    longest = int((part.records.stop - part.records.start).max(initial=0))
    table = arrow_csv.read_csv(
        pa.BufferReader(body),
        read_options=arrow_csv.ReadOptions(
            column_names=names, block_size=max(1 << 22, 2 * longest + 2)
        ),
        parse_options=arrow_csv.ParseOptions(
            delimiter=mark, newlines_in_values=b'"' in body, ignore_empty_lines=True
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
