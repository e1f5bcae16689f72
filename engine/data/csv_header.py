"""Finds the columns of a CSV text in its first line, and what separates them."""

from __future__ import annotations

import csv
import io
import re

from engine.data.csv_records import Records
from engine.data.encoding import UTF8, Block
from engine.data.error import DataError
from engine.data.frame import clip

ZIP_MARK = b"PK\x03\x04"
PARQUET_MARK = b"PAR1"
AS_UTF8 = "Save it as CSV in UTF-8."
DELIMITERS = (",", ";", "\t", "|")  # the first of those that are as frequent
QUOTED = re.compile(rb'"[^"]*"?')
SAID = re.compile(rb"\s*\"?sep=([,;|\t])\"?\r?\n")  # how Excel is told what separates cells


def refuse(name: str, block: Block) -> None:
    """Raises DataError where a file that should be CSV is another kind of file."""
    if block.text.startswith((ZIP_MARK, PARQUET_MARK)):
        what = "This is a workbook, a Parquet file or an archive, not CSV."
        raise DataError(name, what, f"{AS_UTF8[:-1]}, or name it by its own ending.", 1)


def delimiter(text: bytes, usual: str) -> tuple[str, int]:
    """What separates the cells of the first line, and where the text itself begins.

    It is the most frequent of comma, semicolon, tab and bar outside of quotes; `usual` where
    there is none of them, and tabs wherever `usual` is a tab and there is one.
    """
    said = SAID.match(text)
    if said is not None:
        return said[1].decode(), said.end()
    line = QUOTED.sub(b"", text.lstrip(b"\r\n").split(b"\n", 1)[0])
    count = {mark: line.count(mark.encode()) for mark in DELIMITERS}
    if not any(count.values()) or (count[usual] and usual == "\t"):
        return usual, 0
    return max(DELIMITERS, key=lambda mark: count[mark]), 0


def columns(name: str, text: bytes, records: Records, mark: str, encoding: str) -> list[str]:
    """The columns' names: the cells of the first record."""
    if 0 in records.wrong:
        raise DataError(name, f"In the first line {records.wrong[0]}.", "", 1)
    line = text[records.start[0] : records.stop[0]]
    if b"\0" in line:
        raise DataError(name, "This is not text: it holds NUL bytes.", AS_UTF8, 1)
    try:
        said = line.decode("utf-8")
    except UnicodeDecodeError:
        kinds = "neither UTF-8 nor GB18030" if encoding == UTF8 else f"not {encoding}"
        raise DataError(name, f"The first line is {kinds}.", AS_UTF8, 1) from None
    names = next(csv.reader(io.StringIO(said, newline=""), delimiter=mark))
    return [n.strip() for n in names]


def refuse_twice(name: str, header: list[str], chosen: list[str]) -> None:
    """Raises DataError where a column that is used stands in the header more than once."""
    for column in chosen:
        if header.count(column) > 1:
            raise DataError(name, f"The column `{clip(column, 40)}` stands there twice.", "", 1)
