"""Reads a table, or what a query gives, from a database: in batches, and never writing."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

import numpy as np
import pyarrow as pa
import sqlalchemy
from sqlalchemy import exc
from sqlalchemy.engine import URL, Connection, CursorResult, Engine

from engine.data import database_query, database_table, database_times, values
from engine.data.columns import Rejected
from engine.data.database_query import DatabaseError
from engine.data.frame import Frame, clip

BATCH = 200_000  # rows of a frame
SECONDS = 600  # that a batch may take
PATIENCE = 10  # seconds until a server must have answered
URLS = "Expected a URL such as postgresql://user:password@host/name or sqlite:///shop.db."
SQLITE, POSTGRES = "sqlite", "postgresql"


@dataclass(frozen=True, slots=True)
class Named:
    """A table or a query of the database that a variable of the environment names."""

    variable: str
    table: str | None
    query: str | None

    @property
    def name(self) -> str:
        """What messages and rejected rows call it by; it holds nothing of the URL."""
        what = self.table if self.query is None else database_query.called(self.query)
        return f"env:{self.variable}/{what}"


def read(
    named: Named,
    environment: Mapping[str, str] = os.environ,
    choice: database_table.Choice = tuple,
) -> Iterator[Frame]:
    """The rows in batches, a frame each, at least one; raises DatabaseError.

    The transaction is read-only, and of one instant. A table comes in order of its primary key
    where it has one, so that rows keep their numbers, with the columns of `choice`.
    """
    url = _url(named, environment)
    with _errors(named, url), closing(_Engine(url)) as opened, opened.engine.connect() as found:
        if url.get_backend_name() == POSTGRES:
            _settle(found)
        query, there = named.query or "", tuple[str, ...]()
        if named.table is not None:
            query, there = database_table.query(found, named.table, choice)
        result = _started(found, query)
        names = list(result.keys())
        _refuse_twice(named, names)
        done = 0
        while batch := result.fetchmany(BATCH):
            yield _frame(named.name, names, batch, done, there or tuple(names))
            done += len(batch)
        if not done:
            yield _frame(named.name, names, [], done, there or tuple(names))


def _started(connection: Connection, query: str) -> CursorResult[Any]:
    """The rows to come: a server sends them batch by batch, and takes one statement only."""
    driver = connection.connection.driver_connection
    if isinstance(driver, sqlite3.Connection):
        driver.set_authorizer(database_query.allow)
    streaming = connection.execution_options(yield_per=BATCH, no_parameters=True)
    result = streaming.exec_driver_sql(query.strip().rstrip(";"))
    if not result.returns_rows:
        raise DatabaseError("query", "This query gives no rows.", database_query.ONE_SELECT)
    return result


def _url(named: Named, environment: Mapping[str, str]) -> URL:
    """The URL that the variable holds; messages name the variable only."""
    said = environment.get(named.variable, "").strip()
    if not said:
        raise DatabaseError("from", f"The variable `{named.variable}` is not set.", URLS)
    try:
        url = sqlalchemy.make_url(said)
    except (exc.ArgumentError, ValueError):
        what = f"What the variable `{named.variable}` holds is no URL of a database."
        raise DatabaseError("from", what, URLS) from None
    if url.drivername.partition("+")[0] in ("postgres", POSTGRES):  # many still write the former
        url = url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() not in (SQLITE, POSTGRES):
        what = f"The database of `{named.variable}` is neither SQLite nor PostgreSQL."
        raise DatabaseError("from", what, URLS)
    return url


class _Engine:
    """SQLAlchemy's engine for one connection, closed with all it holds."""

    def __init__(self, url: URL) -> None:
        self.engine = _sqlite(url) if url.get_backend_name() == SQLITE else _postgres(url)

    def close(self) -> None:
        """Gives back the connection."""
        self.engine.dispose()


def _sqlite(url: URL) -> Engine:
    """A SQLite file that is opened for reading alone."""
    if not url.database or url.database == ":memory:":
        raise DatabaseError("from", "This URL names no file.", "Expected sqlite:///shop.db.")
    if not os.path.isfile(url.database):
        what = "The SQLite file of this URL is not there."
        raise DatabaseError("from", what, "Expected sqlite:///shop.db, or sqlite:////data/shop.db.")
    place = f"file:{quote(os.path.abspath(url.database))}?mode=ro"

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(place, uri=True)
        connection.text_factory = _text
        return connection

    return sqlalchemy.create_engine("sqlite://", creator=connect, poolclass=sqlalchemy.NullPool)


def _text(raw: bytes) -> str | bytes:
    """Text of SQLite, which promises no encoding; bytes where it is none."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw


def _postgres(url: URL) -> Engine:
    """A PostgreSQL server, which must answer soon."""
    waiting = {"connect_timeout": str(PATIENCE), "application_name": "perkbook"}
    return sqlalchemy.create_engine(
        url.update_query_dict({k: v for k, v in waiting.items() if k not in url.query}),
        poolclass=sqlalchemy.NullPool,
    )


def _settle(connection: Connection) -> None:
    """Makes the transaction one that reads, at one instant, in UTC, in the same order always."""
    connection.exec_driver_sql("set transaction isolation level repeatable read, read only")
    connection.exec_driver_sql(f"set local statement_timeout = '{SECONDS}s'")
    connection.exec_driver_sql("set local time zone 'UTC'")
    connection.exec_driver_sql("set local synchronize_seqscans = off")
    database_times.keep(connection.connection.driver_connection)


def _refuse_twice(named: Named, names: Sequence[str]) -> None:
    """Raises DatabaseError where two columns have one name."""
    for name in names:
        if names.count(name) > 1:
            what = f"Two columns are called `{clip(name, 40)}`."
            expected = "Expected each name once; `as` gives another."
            raise DatabaseError("table" if named.query is None else "query", what, expected)


def _frame(
    name: str,
    names: list[str],
    batch: Sequence[Sequence[object]],
    done: int,
    there: tuple[str, ...],
) -> Frame:
    """Some rows, after `done` others; those that hold bytes that are no text are broken."""
    cells = list(zip(*batch, strict=True)) if batch else [() for _ in names]
    rows = np.arange(done + 1, done + len(batch) + 1, dtype=np.int64)
    columns, numerals = {}, {}
    broken: dict[int, Rejected] = {}
    for column, held in zip(names, cells, strict=True):
        texts = _texts(held)
        for position, raw in _no_texts(texts) if texts is not held else ():
            shown = clip(raw[:1000].decode("utf-8", "replace"))
            told = Rejected(name, int(rows[position]), column, "it is not UTF-8 text", shown)
            broken.setdefault(position, told)
        columns[column], numbers = values.column(texts)
        if numbers is not None:
            numerals[column] = numbers
    return _without(Frame(name, rows, columns, (), numerals, there=there), broken)


def _texts(held: Sequence[object]) -> Sequence[object]:
    """A column whose bytes are texts; bytes stay where they are none."""
    if not {bytes, memoryview} & set(map(type, held)):
        return held
    return [_text(bytes(v)) if isinstance(v, bytes | memoryview) else v for v in held]


def _no_texts(held: Sequence[object]) -> list[tuple[int, bytes]]:
    """Where bytes are left, and which."""
    return [(position, v) for position, v in enumerate(held) if isinstance(v, bytes)]


def _without(frame: Frame, broken: dict[int, Rejected]) -> Frame:
    """The frame without its rows that are broken."""
    if not broken:
        return frame
    fine = np.ones(len(frame.rows), np.bool_)
    fine[list(broken)] = False
    return replace(
        frame,
        rows=frame.rows[fine],
        columns={name: column.filter(pa.array(fine)) for name, column in frame.columns.items()},
        numerals={name: mask[fine] for name, mask in frame.numerals.items()},
        broken=tuple(broken[position] for position in sorted(broken)),
    )


@contextmanager
def _errors(named: Named, url: URL) -> Iterator[None]:
    """Says what went wrong in words, without anything of the URL."""
    try:
        yield
    except ModuleNotFoundError:
        what = "What reads PostgreSQL is not installed."
        raise DatabaseError("from", what, "Install `perkbook[postgres]`.") from None
    except (exc.SQLAlchemyError, sqlite3.Error, ValueError, OverflowError) as failed:
        key = "table" if named.query is None else "query"
        raise database_query.worded(key, failed, url) from None
