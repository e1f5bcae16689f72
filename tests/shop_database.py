"""A small shop's database, once as a SQLite file and once on PostgreSQL."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from engine.data import database, whole
from engine.data.database import Named
from engine.data.database_query import DatabaseError
from engine.data.frame import Frame
from tests.postgres import Server

TABLE = "create table orders (id integer primary key, who text, paid_at text, total numeric, n int)"
ROWS = """insert into orders values
  (3, 'm1', '2026-01-04 10:00', 7, null), (1, 'm1', '2026-01-02 10:00', 19.99, 2),
  (2, 'm2', 'soon', 5, 1)"""
MAPPED = "columns: {event_id: id, member_id: who, at: paid_at, amount: total, items: n}"


@pytest.fixture
def shop_db(tmp_path: Path) -> Path:
    """A SQLite file with three orders."""
    path = tmp_path / "shop #1.db"
    with sqlite3.connect(path) as connection:
        connection.execute(TABLE)
        connection.execute(ROWS)
        connection.execute('create view "Paid Orders" as select * from orders where total > 6')
    connection.close()
    return path


@pytest.fixture
def shop_server(postgres: Server) -> Server:
    """The same on PostgreSQL, in types that a shop would use there."""
    postgres.run(
        "drop schema if exists public cascade",
        "create schema public",
        "create table orders (id int primary key, who text, paid_at timestamptz,"
        " total numeric(12, 2), gift boolean, tags text[], day date, more jsonb)",
        "insert into orders values (2, 'm2', '2026-01-03 10:00+00', 5, null, null, null, null),"
        " (1, 'm1', '2026-01-02 10:00+08', 19.99, true, '{a,b}', '2026-01-02', '{\"x\": 1}')",
        'create view "Paid Orders" as select * from orders where total > 6',
    )
    return postgres


def read(url: str, *, table: str | None = None, query: str | None = None) -> Frame:
    """The rows of a table or query."""
    return whole.one(database.read(Named("SHOP_DB", table, query), {"SHOP_DB": url}))


def refusal(url: str, *, table: str | None = None, query: str | None = None) -> str:
    """What is said of one that cannot be read, with its key."""
    with pytest.raises(DatabaseError) as caught:
        read(url, table=table, query=query)
    return f"{caught.value.key}: {caught.value.what} {caught.value.expected}".strip()


def sqlite(path: Path) -> str:
    """The URL of a SQLite file."""
    return f"sqlite:///{path}"
