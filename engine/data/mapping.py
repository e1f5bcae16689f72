"""Makes members or events of somebody's own file, as the `data` section of the rules says."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from engine.data import arrays, events, mapping_plan, sandbox, source, whole
from engine.data.columns import Rejected
from engine.data.error import DataError
from engine.data.faults import NOT_WORKED_OUT, WORDS
from engine.data.frame import Frame, one_chunk
from engine.data.mapping_plan import ROW, Plan, error, worded
from engine.data.mapping_types import typed
from engine.data.sandbox import quoted
from engine.language.problem import Problem
from engine.language.program import DataFile, Place, Program

SECONDS = 600  # that one mapping may take
KEPT = "\x1frow"  # the row's number: no file's column is called so
WHERE = "where"

Longs = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Mapped:
    """What one mapping gives, and what it leaves."""

    frames: tuple[Frame, ...]
    unread: tuple[str, ...]
    outside: Mapping[str, Longs]  # file: rows that its `where` leaves out
    mixed: Mapping[str, Mapping[str, int]]


def read(data: DataFile, program: Program, workspace: Path, confined: bool) -> Mapped:
    """The rows of a mapping's file or files; raises DataError at the mapping's own place."""
    try:
        return _read(data, program, workspace, confined)
    except DataError as wrong:
        raise _with_line(wrong, program) from None


def _with_line(wrong: DataError, program: Program) -> DataError:
    """An error that stands in the rules with its file as the user named it, line and caret."""
    text = program.texts.get(wrong.file)
    if text is None:
        return wrong
    place = Place(wrong.file, wrong.line, wrong.column)
    _, *lines = Problem(place, "mapping", wrong.what).show(text).split("\n")
    file = f"{program.folder}/{wrong.file}" if program.folder else wrong.file
    return replace(wrong, file=file, shown="".join(f"\n{line}" for line in lines))


def _read(data: DataFile, program: Program, workspace: Path, confined: bool) -> Mapped:
    frames, outside, mixed = [], {}, {}
    given, unread = _given_rows(data, workspace, confined)
    for one in given:
        frame, outside[one.name], mixed[one.name] = _mapped(data, program, one)
        frames.append(frame)
    told = {name: columns for name, columns in mixed.items() if columns}
    return Mapped(tuple(frames), tuple(unread), outside, told)


def _given_rows(
    data: DataFile, workspace: Path, confined: bool
) -> tuple[Iterator[Frame], Sequence[str]]:
    """The rows of each file, or of the database, and the files that are left unread."""
    if data.file is None:
        return iter([_of_database(data, confined)]), ()
    path = workspace / data.file
    _confine(data, path, workspace, confined)
    if not path.exists():
        what = f"There is no file `{data.file}`."
        raise error(data, "file", what, "Expected a path from the folder above the rules.")
    sources, unread = source.files(path, data.file)
    for one in sources:
        if isinstance(one.what, Path):
            _confine(data, one.what, workspace, confined)
    return (_of_file(data, one) for one in sources), unread


def _of_file(data: DataFile, one: source.Source) -> Frame:
    """The rows of one file, with the columns that are used where these can be told."""
    columns = source.columns(one)
    return source.read(one, None if columns is None else _mentioned(data, columns))


def _mentioned(data: DataFile, columns: Sequence[str]) -> list[str]:
    """Of some columns those that the mapping may use: it holds their name somewhere."""
    said = [*data.columns.values(), data.where or "", data.group_by or "", data.type or ""]
    text = "\n".join(said).lower()
    return [c for c in columns if c.lower() in text or c.lower().replace('"', '""') in text]


def _of_database(data: DataFile, confined: bool) -> Frame:
    """The rows of a table or query.

    Who edits rules in a browser may name tables, not write queries: what they may read is then
    what the database lets the user of this URL read, and nothing is worked out there.
    """
    from engine.data import database, database_query  # SQLAlchemy loads slowly, and few need it

    if confined and data.query is not None:
        what = "A query may not be written where rules are edited in the browser."
        raise error(data, "query", what, "Expected a `table`; a view in the database is one.")
    named = database.Named(data.variable or "", data.table, data.query)
    try:
        return whole.one(database.read(named, choice=partial(_mentioned, data)))
    except database_query.DatabaseError as wrong:
        raise error(data, wrong.key, wrong.what, wrong.expected) from None


def _confine(data: DataFile, path: Path, workspace: Path, confined: bool) -> None:
    """Raises DataError where a path, its links followed, leaves the workspace and may not."""
    if confined and not path.resolve().is_relative_to(workspace.resolve()):
        what = f"`{data.file}` leaves the workspace."
        raise error(data, "file", what, "Expected a file inside the workspace.")


def _mapped(data: DataFile, program: Program, frame: Frame) -> tuple[Frame, Longs, dict[str, int]]:
    """One file's rows mapped, the rows left out, and how many groups held several values."""
    threads = 1 if data.group_by else sandbox.THREADS
    with sandbox.connect(threads=threads) as connection:
        guard = threading.Timer(SECONDS, connection.interrupt)
        guard.start()
        try:
            plan = mapping_plan.make(connection, data, program, frame)
            given = _given(plan, frame)
            connection.register("given", given)
            bad, outside = _filtered(connection, plan, frame, given)
            if plan.grouped:
                _in_order(connection, plan)
                got = _by_group(connection, plan, given)
                mapped = _frame(plan, program, frame, got, bad)
                return mapped, outside, _several(connection, plan)
            got, worse = _by_row(connection, plan, frame, given)
            return _frame(plan, program, frame, got, [*bad, *worse]), outside, {}
        finally:
            guard.cancel()


def _given(plan: Plan, frame: Frame) -> pa.Table:
    """The columns that the mapping reads, typed, with the rows' numbers."""
    numbers = pa.array(frame.rows, pa.int64())
    columns = {c: typed(frame.columns[c]) if c in frame.columns else numbers for c in plan.used}
    return pa.table({**columns, KEPT: numbers})


def _filtered(
    connection: duckdb.DuckDBPyConnection, plan: Plan, frame: Frame, given: pa.Table
) -> tuple[list[Rejected], Longs]:
    """Leaves in `chosen` the rows that `where` takes; those it cannot be worked out for; the rest.

    `try` gives null where an expression fails: `try(x is null)` is null only then.
    """
    where = plan.where
    query = (
        f'select "{KEPT}" as row, try(({where}) is null) is null as bad,'
        f" try(({where}) is true) as taken from given order by 1"
    )
    got = _run(connection, plan, WHERE, query, given)
    row = arrays.whole(one_chunk(got.column("row")))
    failed, chosen = (arrays.flags(one_chunk(got.column(c))) for c in ("bad", "taken"))
    connection.register("chosen", given.filter(pa.array(chosen & ~failed)))
    rejected = [_rejected(frame, int(r), WHERE) for r in row[failed].tolist()]
    return rejected, row[~chosen & ~failed]


def _rejected(frame: Frame, row: int, column: str) -> Rejected:
    """A row for which an expression cannot be worked out."""
    return Rejected(frame.name, row, column, WORDS[NOT_WORKED_OUT], "")


def _run(
    connection: duckdb.DuckDBPyConnection, plan: Plan, key: str, query: str, given: pa.Table
) -> pa.Table:
    """The rows of a query; an error of it stands at the place of `key`."""
    try:
        return connection.sql(query).to_arrow_table()
    except duckdb.Error as failed:
        kinds = {f.name: f.type for f in given.schema if f.name != KEPT}
        raise worded(plan, key, failed, kinds) from None


def _in_order(connection: duckdb.DuckDBPyConnection, plan: Plan) -> None:
    """Puts the chosen rows in an order of their own contents.

    Sums of floats, and what is first or last, then come out the same whatever the order of rows
    in the file: one thread takes them one after the other.
    """
    keys = ", ".join(quoted(c) for c in (*plan.used, KEPT))
    ordered = connection.sql(f"select * from chosen order by {keys}").to_arrow_table()
    connection.register("chosen", ordered)


def _by_group(
    connection: duckdb.DuckDBPyConnection, plan: Plan, given: pa.Table
) -> dict[str, pa.Array]:
    """Our columns and the first row's number of every group."""
    listed = ", ".join(f"{sql} as {quoted(name)}" for name, sql in plan.sql.items())
    tail = f"from chosen group by {', '.join(plan.groups)}"
    query = f"select {listed}, min({quoted(KEPT)}) as {quoted(KEPT)} {tail} order by {quoted(KEPT)}"
    try:
        got = connection.sql(query).to_arrow_table()
    except duckdb.Error:
        _run(connection, plan, "group by", f"select 1 {tail}", given)
        for name, sql in plan.sql.items():
            _run(connection, plan, name, f"select {sql} {tail}", given)
        raise
    return {name: one_chunk(got.column(name)) for name in got.column_names}


def _by_row(
    connection: duckdb.DuckDBPyConnection, plan: Plan, frame: Frame, given: pa.Table
) -> tuple[dict[str, pa.Array], list[Rejected]]:
    """Our columns of every row, and the rows for which one cannot be worked out."""
    worked = {n: s for n, s in plan.sql.items() if plan.columns[n].single is None}
    listed = "".join(f", {sql} as {quoted(n)}" for n, sql in worked.items())
    tail = f"from chosen order by {quoted(KEPT)}"
    rejected: list[Rejected] = []
    chosen = connection.sql("select * from chosen").to_arrow_table()
    try:
        got = connection.sql(f"select {quoted(KEPT)}{listed} {tail}").to_arrow_table()
    except duckdb.Error:
        for name, sql in worked.items():
            query = f"select {quoted(KEPT)} {tail.replace('chosen', _failing(sql))}"
            failed = _run(connection, plan, name, query, given).column(0).to_pylist()
            rejected += [_rejected(frame, row, name) for row in failed]
        failing = pa.array([r.row for r in rejected], pa.int64())
        fine = pc.invert(pc.is_in(chosen.column(KEPT), value_set=failing))
        connection.register("chosen", chosen.filter(fine))
        got = _run(connection, plan, "", f"select {quoted(KEPT)}{listed} {tail}", given)
    columns = {name: one_chunk(got.column(name)) for name in got.column_names}
    position = pa.array(np.searchsorted(frame.rows, arrays.whole(columns[KEPT])))
    for name, one in plan.columns.items():
        if one.single is not None:
            whole = frame.columns.get(one.single, pa.array(frame.rows, pa.int64()))
            columns[name] = whole.take(position)
    return columns, rejected


def _failing(sql: str) -> str:
    """The chosen rows for which an expression fails."""
    return f"(select * from chosen where try(({sql}) is null) is null)"


def _several(connection: duckdb.DuckDBPyConnection, plan: Plan) -> dict[str, int]:
    """For each bare column of the file: the groups that held several values of it."""
    keys = {k.single for k in plan.keys}
    bare = sorted({c for one in plan.columns.values() for c in one.bare} - keys - {ROW})
    if not bare:
        return {}
    inner = ", ".join(f"count(distinct {quoted(c)}) > 1 as {quoted(c)}" for c in bare)
    outer = ", ".join(f"count(*) filter (where {quoted(c)}) as {quoted(c)}" for c in bare)
    groups = ", ".join(plan.groups)
    query = f"select {outer} from (select {inner} from chosen group by {groups})"
    counts = connection.sql(query).to_arrow_table().to_pylist()[0].values()
    return {c: int(n) for c, n in zip(bare, counts, strict=True) if n}


def _frame(
    plan: Plan, program: Program, frame: Frame, got: dict[str, pa.Array], bad: list[Rejected]
) -> Frame:
    """What the mapping gives, as a frame."""
    rows = got.pop(KEPT)
    numbers = arrays.whole(rows)
    identity = plan.columns.get(events.ID)
    if identity is not None and identity.single == ROW and ROW not in frame.columns:
        named = [f"{frame.name}:{row}" for row in numbers.tolist()]
        got[events.ID] = pa.array(named, pa.large_string())
    if plan.data.type is not None and plan.data.type in program.events:
        got[events.TYPE] = pa.repeat(pa.scalar(plan.data.type, pa.large_string()), len(rows))
    broken = (*frame.broken, *bad)
    return Frame(frame.name, numbers, got, broken, mapped=True, zone=plan.data.zone)
