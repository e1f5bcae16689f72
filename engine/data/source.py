"""Finds what the user named, and reads it: files, folders of files, tables, databases."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.data import arrow_table, csv_file, encoding, jsonl_file, unpacked, whole, workbook
from engine.data.error import DataError
from engine.data.frame import Frame

CSV, TABS, PARQUET = ".csv", ".tsv", ".parquet"
JSON_LINES = (".jsonl", ".ndjson")
WORKBOOKS = (".xlsx", ".xlsm")
PACKED = ".gz"
ROW, UNPACKS = 64, 5  # bytes of a row of text, and how many times a packed text grows, about
OPEN = "~$"  # so begins what Excel leaves beside a workbook while it is open
TEXTS = (CSV, TABS, *JSON_LINES)
ENDINGS = (*TEXTS, *(e + PACKED for e in TEXTS), PARQUET, *WORKBOOKS)
EXPECTED = (
    "Expected a file that ends in .csv, .tsv, .jsonl or .ndjson (also with .gz after it),"
    " .parquet or .xlsx."
)
INSTEAD = {
    ".xls": "This is a workbook of Excel 2003 and before. Save it as .xlsx.",
    ".xlsb": "Workbooks in this form cannot be read. Save it as .xlsx.",
    ".ods": "Workbooks in this form cannot be read. Save it as .xlsx.",
    ".zip": "Archives cannot be read. Unpack it and name the file or folder inside.",
    ".gz": "What is packed in this file cannot be told. End its name in .csv.gz or .jsonl.gz.",
}

Named = str | os.PathLike[str] | arrow_table.Table
Given = Named | Sequence[Named]


@dataclass(frozen=True, slots=True)
class Source:
    """A file or a table, and the name that messages call it by."""

    name: str
    what: Path | arrow_table.Table


def find(given: Given, kind: str) -> tuple[tuple[Source, ...], tuple[str, ...]]:
    """The files and tables that `given` names, and the files of folders that are left unread.

    `kind` (members, events) names tables. Folders give their files by name in code-point order.
    """
    several = isinstance(given, Sequence) and not isinstance(given, str)
    named: list[Named] = list(given) if several else [given]  # type: ignore[arg-type]
    found: list[Source] = []
    unread: list[str] = []
    for position, one in enumerate(named):
        if arrow_table.is_table(one):
            number = f" {position + 1}" if len(named) > 1 else ""
            found.append(Source(f"{kind} table{number}", one))
        elif isinstance(one, str | os.PathLike):
            path = Path(one)
            more, left = files(path, path.as_posix())
            found.extend(more)
            unread.extend(left)
        else:
            what = f"This is neither a path nor a table: {type(one).__name__}."
            raise DataError(kind, what, "Expected paths, pandas frames or Arrow tables.")
    if not found:
        raise DataError(kind, "No file is named.", "Expected a file, a folder or a table.")
    return tuple(found), tuple(unread)


def lasting(given: Given | None) -> Given | None:
    """The same, so that it can be read more than once: batches that come once become a table."""
    if isinstance(given, Sequence) and not isinstance(given, str):
        return [arrow_table.lasting(one) for one in given]
    return given if given is None else arrow_table.lasting(given)


def files(path: Path, name: str) -> tuple[list[Source], list[str]]:
    """The file at `path`, called `name`, or the files of the folder there and those unread."""
    if not path.exists():
        raise DataError(name, "There is no such file.", "Expected a file or a folder.")
    if path.is_file():
        if not ending(path):
            what, _, expected = INSTEAD.get(path.suffix.lower(), "").partition(". ")
            what = f"{what}." if what else "This kind of file cannot be read."
            raise DataError(name, what, expected or EXPECTED)
        return [Source(name, path)], []
    if not path.is_dir():
        raise DataError(name, "This is neither a file nor a folder.", EXPECTED)
    found, unread = [], []
    for one in sorted(path.iterdir(), key=lambda p: p.name):
        inside = f"{name.rstrip('/')}/{one.name}"
        if one.name.startswith(OPEN):
            continue
        if one.is_file() and ending(one):
            found.append(Source(inside, one))
        elif not one.name.startswith((".", "_")):
            unread.append(inside)
    if not found:
        raise DataError(name, "The folder holds no file that can be read.", EXPECTED)
    return found, unread


def ending(path: Path) -> str:
    """The ending that says how a file is read, such as `.csv.gz`; empty where none does."""
    name = path.name.lower()
    return max((e for e in ENDINGS if name.endswith(e)), key=len, default="")


def columns(source: Source) -> tuple[str, ...] | None:
    """The columns that a source has; None where only reading all of it would tell."""
    path = source.what
    if isinstance(path, Path) and ending(path).removesuffix(PACKED) in (*JSON_LINES, *WORKBOOKS):
        return None
    return next(frames(source, ())).there


def rows_about(source: Source) -> int:
    """How many rows a source may hold: told by a Parquet file or a table, else by its bytes."""
    path = source.what
    if not isinstance(path, Path):
        return len(path) if hasattr(path, "__len__") else 0
    kind = ending(path)
    if kind == PARQUET:
        return arrow_table.rows_of_file(path)
    return path.stat().st_size * (UNPACKS if kind.endswith(PACKED) else 1) // ROW


def read(source: Source, wanted: Iterable[str] | None) -> Frame:
    """All rows of a source; only the columns `wanted`, or all where it is None."""
    return whole.one(frames(source, wanted))


def frames(source: Source, wanted: Iterable[str] | None) -> Iterator[Frame]:
    """The rows of a source in parts, at least one; only the columns `wanted`, or all for None.

    Rows are numbered through all parts. A column's kind may differ from part to part where it
    is found by its values, as in workbooks.
    """
    path = source.what
    if not isinstance(path, Path):
        return arrow_table.read_table(path, source.name, wanted)
    kind = ending(path).removesuffix(PACKED)
    if kind == PARQUET:
        return arrow_table.read_file(path, source.name, wanted)
    if kind in WORKBOOKS:
        return workbook.read(path, source.name, wanted)
    blocks = encoding.read(source.name, unpacked.blocks(path, source.name))
    if kind in JSON_LINES:
        return jsonl_file.read(source.name, blocks, wanted)
    return csv_file.read(source.name, blocks, wanted, "\t" if kind == TABS else ",")
