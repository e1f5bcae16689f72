"""Conditions of sqllogictest's files keep the rows that the files say."""

from __future__ import annotations

import os
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from engine.data.columns import Texts
from engine.language.expression import Scope, Want, read
from engine.language.expression.tree import Expr, From, Name, Type
from engine.machine import evaluate, zone
from engine.machine.bytecode import Assembler, Layout
from tests.expression_files import Query, Statement, clauses, is_answer, records

_TYPES = {"INTEGER": Type.WHOLE, "FLOAT": Type.DECIMAL, "TEXT": Type.TEXT}


def test_a_sample_of_the_queries_keeps_the_rows_that_the_files_say(
    project: Path, tell: Callable[[str], None]
) -> None:
    counts, said = played(project, every=6)
    tell(said)
    assert counts["ran"] > 1_500
    assert counts["wrong"] == 0


@pytest.mark.soak
def test_every_query_keeps_the_rows_that_the_files_say(
    project: Path, tell: Callable[[str], None]
) -> None:
    counts, said = played(project, every=1)
    tell(said)
    assert counts["ran"] > 9_000
    assert counts["wrong"] == 0


def played(project: Path, *, every: int) -> tuple[Counter[str], str]:
    """Plays the files, each `every`-th query of them; counts and says what ran and what not."""
    folder = Path(os.environ.get("PERKBOOK_REAL_DATA", project.parent / "shared" / "data"))
    files = sorted((folder / "sql_predicates").glob("*.test"))
    if not files:
        pytest.skip(f"the sqllogictest files are missing: {folder / 'sql_predicates'}")
    counts, said = Counter[str](), list[str]()
    for path in files:
        of_file: Counter[str] = Counter()
        play(path, every, of_file)
        reasons = ", ".join(
            f"{c} {r}" for r, c in of_file.most_common() if r not in ("ran", "wrong")
        )
        said.append(f"{path.name}: {of_file['ran']} ran, {of_file['wrong']} wrong; {reasons}")
        counts.update(of_file)
    whole = f"in all: {counts['ran']} ran, {counts['wrong']} wrong, {counts.total()} queries"
    return counts, "\n".join((*said, whole))


def play(path: Path, every: int, counts: Counter[str]) -> None:
    """Runs the statements in SQLite, and the queries with our own condition in place of theirs."""
    with sqlite3.connect(":memory:") as database:
        waiting: list[Query] = []
        for number, record in enumerate(records(path)):
            if isinstance(record, Query):
                waiting += [record] if number % every == 0 else []
                continue
            answer(database, waiting, counts)
            waiting = []
            run(database, record)
        answer(database, waiting, counts)


def run(database: sqlite3.Connection, statement: Statement) -> None:
    try:
        database.execute(statement.sql)
    except sqlite3.DatabaseError:
        return  # `statement error` is among them; the tables then stay as they are


def answer(database: sqlite3.Connection, queries: Sequence[Query], counts: Counter[str]) -> None:
    """Compares the queries that the language can say with what the file says."""
    tables: dict[str, list[tuple[Query, tuple[str, str, str, str], Expr]]] = {}
    for query in queries:
        parts = clauses(query.sql)
        if parts is None:
            counts["without a condition on one table"] += 1
            continue
        tree, faults = read(parts[2], scope_of(database, parts[1]), Want.FLAG)
        if tree is None:
            counts[f"not in the language: {faults[0].what}"[:90]] += 1
        else:
            tables.setdefault(parts[1], []).append((query, parts, tree))
    for table, asked in tables.items():
        kept = filtered(database, table, [tree for _, _, tree in asked])
        for (query, (head, _, _, tail), _), ids in zip(asked, kept, strict=True):
            listed = ", ".join(map(str, ids))
            rows = database.execute(f"{head} from {table} where rowid in ({listed}) {tail}")
            right = is_answer(query, rows.fetchall())
            counts["ran" if right else "wrong"] += 1
            assert right, f"line {query.line}: {query.sql}"


def scope_of(database: sqlite3.Connection, table: str) -> Scope:
    """The columns of a table as fields of the language."""
    columns = database.execute(f"pragma table_info({table})").fetchall() if table.isalnum() else []
    names = [Name(From.FIELD, column[1], _TYPES[column[2]]) for column in columns]
    return Scope({name.name: name for name in names})


def filtered(
    database: sqlite3.Connection, table: str, trees: Sequence[Expr]
) -> Iterator[list[int]]:
    """For each condition the ids of the rows that it keeps, worked out as a block."""
    names = list(scope_of(database, table).names.values())
    layout, texts = Layout.of(names), Texts()
    listed = ", ".join(["rowid", *(n.name for n in names)])
    rows = database.execute(f"select {listed} from {table} order by rowid").fetchall()
    env = np.zeros((layout.size, len(rows)), dtype=np.int64)
    null = np.zeros((layout.size, len(rows)), dtype=np.bool_)
    for at, row in enumerate(rows):
        for name, cell in zip(names, row[1:], strict=True):
            null[layout.slots[name], at] = cell is None
            env[layout.slots[name], at] = 0 if cell is None else stored(name, cell, texts)
    assembler = Assembler(layout, zone.of("UTC"), texts)
    numbers = [assembler.add(tree) for tree in trees]
    code = assembler.build()
    hi, lo = np.zeros((2, len(rows)), dtype=np.int64)
    state = np.zeros(len(rows), dtype=np.int8)
    for number in numbers:
        evaluate.block(code, number, env, null, 0, len(rows), hi, lo, state)
        yield [r[0] for r, s, v in zip(rows, state, lo, strict=True) if s == evaluate.VALUE and v]


def stored(name: Name, cell: object, texts: Texts) -> int:
    """A cell as the machine holds it; a float is the decimal that it is written as."""
    if name.type is Type.TEXT:
        return texts.code(str(cell))
    whole = Fraction(repr(cell)) * name.denominator
    assert whole.denominator == 1, f"{cell} has more places than a decimal keeps"
    return int(whole)
