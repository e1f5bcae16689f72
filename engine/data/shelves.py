"""Makes a shelf of every file, table and mapping of members or events."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import duckdb

from engine.data import events, parquet_shelf, parts, people, source
from engine.data.parts import Files
from engine.data.scanned_shelf import ScannedShelf
from engine.data.shelf import Shelf
from engine.data.source import Source
from engine.language.program import Program

IDS = {"members": (people.ID,), "events": (events.ID, events.MEMBER)}  # that are looked for


def of(
    program: Program, files: Files, given: source.Given | None, kind: str,
    connection: duckdb.DuckDBPyConnection | None,
) -> list[Shelf]:  # fmt: skip
    """The shelves of files in their order, none of which has given a row.

    Where `given` is None they are mappings. Without a connection DuckDB is not asked.
    """
    if given is None:
        return [ScannedShelf(partial(tuple, (frame,)), program) for _, frame in files.frames]
    found, _ = source.find(given, kind)
    return [_of_source(one, program, kind, connection) for one in found]


def _of_source(
    one: Source, program: Program, kind: str, connection: duckdb.DuckDBPyConnection | None
) -> Shelf:
    """The shelf of a file or a table."""
    columns, path = parts.wanted(program, kind), one.what
    if connection is not None and isinstance(path, Path) and source.ending(path) == source.PARQUET:
        made = parquet_shelf.make(connection, path, one.name, columns, IDS[kind], program)
        if made is not None:
            return made
    return ScannedShelf(partial(parts.of_one, one, columns), program)
