"""Reads sqllogictest files: statements, queries, and what each query must return.

The format is described by sqlite.org/sqllogictest. Records for other databases than SQLite are
left out.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement that changes tables."""

    sql: str


@dataclass(frozen=True, slots=True)
class Query:
    """A query: its line in the file, the types of its columns, how rows are sorted, the answer."""

    line: int
    types: str
    sort: str
    sql: str
    answer: tuple[str, ...]


def records(path: Path) -> Iterator[Statement | Query]:
    """The records of a file in order."""
    lines = path.read_text(encoding="utf-8").splitlines()
    at = 0
    while at < len(lines):
        stop = at
        while stop < len(lines) and lines[stop].strip():
            stop += 1
        made = _record(lines[at:stop], at + 1)
        if made is not None:
            yield made
        at = stop + 1


def _record(block: Sequence[str], line: int) -> Statement | Query | None:
    lines = [text for text in block if not text.startswith("#")]
    while lines and lines[0].startswith(("onlyif", "skipif")):
        wants, engine = lines[0].split()[:2]
        if (wants == "onlyif") != (engine == "sqlite"):
            return None
        lines = lines[1:]
    if not lines or lines[0].split()[0] not in ("statement", "query"):
        return None
    words = lines[0].split()
    if words[0] == "statement":
        return Statement("\n".join(lines[1:]))
    rule = lines.index("----") if "----" in lines else len(lines)
    sort = words[2] if len(words) > 2 else "nosort"
    sql = "\n".join(lines[1:rule])
    return Query(line, words[1], sort, sql, tuple(lines[rule + 1 :]))


def clauses(sql: str) -> tuple[str, str, str, str] | None:
    """What stands before `from`, the table, the condition, and the rest; None for other queries."""
    places = list(_outside(sql))
    marks = dict(reversed(places))
    if "from" not in marks or "where" not in marks or marks["where"] < marks["from"]:
        return None
    after = [start for word, start in places if word in ("order", "group", "limit", "union")]
    stop = min((a for a in after if a > marks["where"]), default=len(sql))
    table = sql[marks["from"] + 4 : marks["where"]].strip()
    return sql[: marks["from"]], table, sql[marks["where"] + 5 : stop].strip(), sql[stop:]


def _outside(sql: str) -> Iterator[tuple[str, int]]:
    """The words that stand in no bracket and no text."""
    depth = 0
    for found in re.finditer(r"'(?:[^']|'')*'|[()]|\w+", sql):
        depth += (found.group() == "(") - (found.group() == ")")
        if depth == 0 and found.group()[0].isalpha():
            yield found.group().lower(), found.start()


def is_answer(query: Query, rows: Sequence[Sequence[object]]) -> bool:
    """Whether the rows are what the file says, as values or as their hash."""
    shown = [[_shown(t, cell) for t, cell in zip(query.types, row, strict=True)] for row in rows]
    if query.sort == "rowsort":
        shown.sort()
    values = [cell for row in shown for cell in row]
    if query.sort == "valuesort":
        values.sort()
    hashed = re.fullmatch(r"(\d+) values hashing to ([0-9a-f]{32})", " ".join(query.answer))
    if hashed is None:
        return values == list(query.answer)
    digest = hashlib.md5("".join(f"{v}\n" for v in values).encode(), usedforsecurity=False)
    return len(values) == int(hashed.group(1)) and digest.hexdigest() == hashed.group(2)


def _shown(type: str, cell: object) -> str:
    """A value as the files print it: whole, with three places, or as text."""
    if cell is None:
        return "NULL"
    if type == "I":
        return str(int(str(cell).partition(".")[0]))
    return f"{float(str(cell)):.3f}" if type == "R" else str(cell) or "(empty)"
