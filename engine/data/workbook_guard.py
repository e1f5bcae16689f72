"""Refuses a workbook that would grow beyond bounds when it is opened."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from engine.data import unpacked
from engine.data.error import DataError

CELLS = 1 << 26  # from the first corner to the last one, empty ones between them counted
ROWS = 1 << 20  # of a sheet
PIECE = 1 << 22
OVERLAP = 64  # bytes that a reference may need
# A cell's reference as programs write it, and as they also may: letters, then digits.
USUAL = rb' r="'
LOOSE = rb"""\br\s*=\s*["']"""
SIGNS = (b"='", b" =", b"= ", b"=\n", b"\tr=", b"\nr=")  # of the latter
WIDE, LETTER = rb"([A-Za-z]{2,})[0-9]", rb"[B-Zb-z][0-9]"
DIGITS = (6, 5, 4, 3)  # of a row's number: the longest that are there decide
FAR = tuple(rb"[A-Za-z]*([0-9]{%d,})" % digits for digits in DIGITS)
PATTERNS = {
    start: [re.compile(start + rest) for rest in (WIDE, LETTER, *FAR)] for start in (USUAL, LOOSE)
}
TEXTS = "sharedStrings.xml"

DAMAGED = "This is not a workbook, or it is damaged."
EXPECTED = "Expected an .xlsx file without a password."


def check(path: Path, name: str) -> None:
    """Raises DataError where the parts of a workbook are too large, or its cells too far apart.

    What opens workbooks makes room for every cell between the first and the last one: two cells
    in opposite corners would take all memory.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            done, most = 0, unpacked.most(path.stat().st_size)
            for part in archive.infolist():
                done += _part(archive, part, name, most - done)
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError, EOFError, ValueError):
        raise DataError(name, DAMAGED, EXPECTED) from None


def _part(archive: zipfile.ZipFile, part: zipfile.ZipInfo, name: str, most: int) -> int:
    """The bytes that one part unpacks to, however many it says; raises DataError beyond `most`."""
    part.file_size = max(part.file_size, most + 1)
    size, tail, columns, rows = 0, b"", 1, 1
    with archive.open(part) as file:
        while piece := file.read(PIECE):
            size += len(piece)
            if size > most:
                raise unpacked.too_large(name)
            if part.filename.endswith(TEXTS):
                continue
            text = tail + piece
            more, further = _reach(text)
            columns, rows = max(columns, more), max(rows, further)
            _bound(columns, rows, name)
            tail = text[-OVERLAP:]
    return size


def _bound(columns: int, rows: int, name: str) -> None:
    """Raises DataError where the cells lie too far apart."""
    if rows > ROWS or columns * rows > CELLS:
        what = f"Its cells are spread over {columns} columns and {rows} rows."
        raise DataError(name, what, f"Expected at most {CELLS} cells; delete what is far off.")


def _reach(text: bytes) -> tuple[int, int]:
    """The last column and the last row that a cell in this text is in, or a little more."""
    wide, letter, *far = PATTERNS[LOOSE if any(sign in text for sign in SIGNS) else USUAL]
    letters = {found.upper() for found in wide.findall(text)}
    narrow = 26 if letter.search(text) else 1
    columns, rows = max(map(_number, letters), default=narrow), 99
    for digits, longest in zip(DIGITS, far, strict=True):
        found = set(longest.findall(text))
        if found:
            rows = max(10 ** (digits - 1), *(int(one.lstrip(b"0")[:10] or b"0") for one in found))
            break
    return columns, rows


def _number(letters: bytes) -> int:
    """The number of a column: A is 1, AA is 27."""
    number = 0
    for letter in letters[:8]:
        number = number * 26 + letter - 64
    return number
