"""Real files that nobody here made: where they lie, and a workspace over them, run as a user would.

What a test expects is asked of the files themselves, by DuckDB, without any part of the engine.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.shell import perkbook, write

PROJECT = Path(__file__).resolve().parent.parent
REAL = Path(os.environ.get("PERKBOOK_REAL_DATA", PROJECT.parent / "shared" / "data"))
TABLES = ("ledger", "members", "grants", "refused")


def place(file: str) -> Path:
    """Where a real file lies; the test is skipped where it does not."""
    if not (REAL / file).exists():
        pytest.skip(f"{file} is missing: say where it lies with PERKBOOK_REAL_DATA")
    return (REAL / file).resolve()


def workspace(
    folder: Path, rules: str, files: Mapping[str, str], texts: Mapping[str, str] | None = None
) -> Path:
    """A workspace in `folder`: rules of the project, real files by their names in it, and texts."""
    links = {name: place(file) for name, file in files.items()}
    shutil.copytree(PROJECT / "tests" / rules / "rules", folder / "rules")
    for name, file in links.items():
        (folder / name).symlink_to(file)
    return write(folder, texts or {})


class Replayed:
    """What `perkbook replay rules` left, with its tables beside views of the files named."""

    def __init__(self, folder: Path, zone: str, views: Mapping[str, str] | None = None) -> None:
        done = perkbook("replay", "rules", "--out", "out", folder=folder)
        assert done.returncode == 0, done.stdout + done.stderr
        self.folder, self.said = folder, done.stdout
        self.summary: dict[str, Any] = json.loads((folder / "out" / "summary.json").read_text())
        self._connection = duckdb.connect()
        self.do(f"set TimeZone = '{zone}'")
        tables = {name: f"out/{name}.parquet" for name in TABLES} | dict(views or {})
        for name, file in tables.items():
            self.do(f"create view {name} as select * from read_parquet('{folder / file}')")

    def do(self, query: str) -> None:
        """Runs a query for what it makes."""
        self._connection.execute(query)

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        return self._connection.execute(query).fetchall()

    def one(self, query: str) -> Any:
        """The only value of a query."""
        return self.ask(query)[0][0]
