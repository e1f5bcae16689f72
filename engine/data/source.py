"""Finds what the user named: files, folders of files, tables in memory."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.data import arrow_table, csv_file, jsonl_file
from engine.data.error import DataError
from engine.data.frame import Frame

CSV, TABS, PARQUET = ".csv", ".tsv", ".parquet"
JSON_LINES = (".jsonl", ".ndjson")
ENDINGS = (CSV, TABS, *JSON_LINES, PARQUET)
EXPECTED = "Expected a file that ends in .csv, .tsv, .jsonl, .ndjson or .parquet."

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


def files(path: Path, name: str) -> tuple[list[Source], list[str]]:
    """The file at `path`, called `name`, or the files of the folder there and those unread."""
    if not path.exists():
        raise DataError(name, "There is no such file.", "Expected a file or a folder.")
    if path.is_file():
        if path.suffix.lower() not in ENDINGS:
            raise DataError(name, "This kind of file cannot be read.", EXPECTED)
        return [Source(name, path)], []
    if not path.is_dir():
        raise DataError(name, "This is neither a file nor a folder.", EXPECTED)
    found, unread = [], []
    for one in sorted(path.iterdir(), key=lambda p: p.name):
        inside = f"{name.rstrip('/')}/{one.name}"
        if one.is_file() and one.suffix.lower() in ENDINGS:
            found.append(Source(inside, one))
        elif not one.name.startswith((".", "_")):
            unread.append(inside)
    if not found:
        raise DataError(name, "The folder holds no file that can be read.", EXPECTED)
    return found, unread


def read(source: Source, wanted: Iterable[str] | None) -> Frame:
    """The rows of a source; only the columns `wanted`, or all where it is None."""
    path = source.what
    if not isinstance(path, Path):
        return arrow_table.read_table(path, source.name, wanted)
    ending = path.suffix.lower()
    if ending == PARQUET:
        return arrow_table.read_file(path, source.name, wanted)
    try:
        text = path.read_bytes()
    except OSError:
        said = "The file cannot be opened."
        raise DataError(source.name, said, "Expected a file that may be read.") from None
    if ending in JSON_LINES:
        return jsonl_file.read(source.name, text, wanted)
    delimiter = "\t" if ending == TABS else ","
    return csv_file.read(source.name, text, wanted, delimiter)
