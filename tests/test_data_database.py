"""Tables and queries of databases become a history, whose reading changes and tells nothing."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Sequence
from pathlib import Path

import psycopg
import pytest

from engine.data import database, history, mapping, whole
from engine.data.database import Named
from engine.data.database_query import DatabaseError
from engine.data.error import DataError
from engine.data.frame import Frame
from tests.data_program import events, program, reasons
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


def test_a_table_is_a_history_and_names_its_rows(
    shop_db: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_DB", sqlite(shop_db))
    shop = program(
        f"data:\n  events: {{from: env:SHOP_DB, table: orders, type: order, {MAPPED}}}\n"
    )
    found = history.read(shop, None, None)
    assert events(found, shop) == [
        {"id": "1", "type": "order", "member": "m1", "at": "2026-01-02T02:00:00+00:00",
         "amount": 1999, "items": 2},
        {"id": "3", "type": "order", "member": "m1", "at": "2026-01-04T02:00:00+00:00",
         "amount": 700},
    ]  # fmt: skip
    assert found.files == ("env:SHOP_DB/orders",)
    assert [(r.file, r.row, r.column, r.text) for r in found.rejected] == [
        ("env:SHOP_DB/orders", 2, "at", "soon")
    ]


def test_members_and_several_kinds_of_events_come_from_one_database(
    shop_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop_server.run(
        "create table people (id text primary key, town text, born date)",
        "insert into people values ('m1', 'Suzhou', '1990-02-28'), ('m2', null, null)",
    )
    monkeypatch.setenv("SHOP_DB", shop_server.url())
    shop = program("""
data:
  members: {from: env:SHOP_DB, table: people, columns: {member_id: id, city: town, birthday: born}}
  events:
    - {from: env:SHOP_DB, table: orders, type: "case when total > 6 then 'order' else 'login' end",
       columns: {event_id: id, member_id: who, at: paid_at, amount: total, gift: gift, tags: tags}}
    - from: env:SHOP_DB
      query: select id, who, paid_at + interval '1 day' as at from orders where id % 2 = 1
      type: refund
      columns: {event_id: "'r' || id", member_id: who, at: at, order: id}
""")
    found = history.read(shop, None, None)
    assert reasons(found) == []
    assert events(found, shop) == [
        {"id": "1", "type": "order", "member": "m1", "at": "2026-01-02T02:00:00+00:00",
         "amount": 1999, "gift": 1, "tags": ["a", "b"]},
        {"id": "r1", "type": "refund", "member": "m1", "at": "2026-01-03T02:00:00+00:00",
         "order": "1"},
        {"id": "2", "type": "login", "member": "m2", "at": "2026-01-03T10:00:00+00:00"},
    ]  # fmt: skip
    assert found.members.ids.to_pylist() == ["m1", "m2"]


def test_a_table_comes_in_order_of_its_key_and_a_view_is_one(
    shop_db: Path, shop_server: Server
) -> None:
    for url, first in ((sqlite(shop_db), [1, 2, 3]), (shop_server.url(), [1, 2])):
        assert read(url, table="orders").columns["id"].to_pylist() == first
        assert read(url, table="Paid Orders").columns["id"].to_pylist()[0] in (1, 3)


def test_schemas_and_quotes_in_names_are_taken_as_they_are(shop_server: Server) -> None:
    shop_server.run(
        'create schema if not exists "My Shop"',
        'create table if not exists "My Shop"."Big ""Orders""" ("Order Id" int)',
    )
    frame = read(shop_server.url(), table='My Shop.Big "Orders"')
    assert (list(frame.columns), len(frame.rows)) == (["Order Id"], 0)


def test_values_keep_what_they_are(shop_server: Server) -> None:
    frame = read(shop_server.url(), table="orders")
    said = {name: (str(c.type), c.to_pylist()[0]) for name, c in frame.columns.items()}
    assert str(said.pop("paid_at")[0]) == "timestamp[us, tz=UTC]"
    assert str(said["total"][1]) == "19.99"
    assert said["gift"] == ("bool", True)
    assert said["tags"][1] == ["a", "b"]
    assert said["more"] == ("large_string", '{"x": 1}')
    query = "select 1 / 3.0 as third, '%' || ':x' as text, 7 % 4 as rest, 'x' like 'x%' as yes"
    found = {n: c.to_pylist()[0] for n, c in read(shop_server.url(), query=query).columns.items()}
    assert str(found.pop("third")).startswith("0.3333333333333333")
    assert found == {"text": "%:x", "rest": 3, "yes": True}


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_rows_come_in_batches_and_are_numbered_through(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BATCH", 100)
    numbers = "select n from numbers order by n"
    if kind == "sqlite":
        with sqlite3.connect(tmp_path / "x.db") as connection:
            connection.execute("create table numbers (n integer)")
            connection.executemany("insert into numbers values (?)", [(i,) for i in range(1, 251)])
        connection.close()
        url = sqlite(tmp_path / "x.db")
    else:
        server: Server = request.getfixturevalue("postgres")
        url, numbers = server.url(), "select n from generate_series(1, 250) as numbers (n)"
    frames = list(database.read(Named("SHOP_DB", None, numbers), {"SHOP_DB": url}))
    assert [len(frame.rows) for frame in frames] == [100, 100, 50]
    assert whole.one(frames).rows.tolist() == list(range(1, 251))
    assert whole.one(frames).columns["n"].to_pylist() == list(range(1, 251))


def test_columns_of_sqlite_may_hold_anything(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    with sqlite3.connect(path) as connection:
        connection.execute("create table t (a, b)")
        rows: Sequence[tuple[object, object]] = [
            (1, b"m1"), ("x", "m2"), (2.5, b"\xff\xfe"), (None, None), (10**18, "m3"),
        ]  # fmt: skip
        connection.executemany("insert into t values (?, ?)", rows)
        connection.execute("insert into t values (7, cast(x'ff41' as text))")
    connection.close()
    frame = read(sqlite(path), table="t")
    assert frame.columns["a"].to_pylist() == ["1", "x", None, "1000000000000000000"]
    assert frame.columns["b"].to_pylist() == ["m1", "m2", None, "m3"]
    assert frame.rows.tolist() == [1, 2, 4, 5]
    assert [(b.row, b.column, b.reason) for b in frame.broken] == [
        (3, "b", "it is not UTF-8 text"), (6, "b", "it is not UTF-8 text"),
    ]  # fmt: skip


WRITES = [
    "delete from orders",
    "select 1; delete from orders",
    "select 1; commit; delete from orders",
    "with gone as (delete from orders returning *) select * from gone",
    "drop table orders",
    "create table other (a int)",
    "insert into orders (id) values (9) returning id",
]


@pytest.mark.parametrize("query", WRITES)
def test_a_query_that_writes_is_refused_and_writes_nothing(
    query: str, shop_db: Path, shop_server: Server
) -> None:
    before = shop_db.read_bytes()
    assert refusal(sqlite(shop_db), query=query).startswith("query: ")
    assert shop_db.read_bytes() == before
    assert refusal(shop_server.url(), query=query).startswith("query: ")
    with psycopg.connect(shop_server.url()) as connection:
        tables = connection.execute("select count(*) from pg_tables where schemaname = 'public'")
        assert tables.fetchone() == (1,)
        assert connection.execute("select count(*) from orders").fetchone() == (2,)


def test_functions_that_write_are_refused(shop_db: Path, shop_server: Server) -> None:
    shop_server.run("create sequence if not exists ids")
    for query in ("select nextval('ids')", "select set_config('transaction_read_only','off',true)"):
        assert refusal(shop_server.url(), query=query).startswith("query: ")
    assert refusal(sqlite(shop_db), query="select load_extension('x')") == (
        "query: A query may only read. Expected one SELECT."
    )
    for query in ("attach 'other.db' as o", "pragma journal_mode = wal", "vacuum into 'x.db'"):
        assert refusal(sqlite(shop_db), query=query) == (
            "query: A query may only read. Expected one SELECT."
        )


def test_what_is_not_there_is_told_in_words(
    shop_db: Path, shop_server: Server, tmp_path: Path
) -> None:
    for url in (sqlite(shop_db), shop_server.url()):
        assert refusal(url, table="ordres") == (
            "table: There is no table `ordres`. Did you mean `orders`?"
            " The tables are: `Paid Orders`, `orders`."
        )
        assert "nope" in refusal(url, query="select nope from orders")
        assert refusal(url, query="select 1 as a, 2 as a").startswith("query: Two columns")
    (tmp_path / "no.db").write_bytes(b"this is no database, whatever its name says" * 100)
    assert refusal(sqlite(tmp_path / "no.db"), table="t") == (
        "from: This is no SQLite file, or it is damaged."
    )
    assert refusal("sqlite:///nowhere.db", table="t").startswith("from: The SQLite file of this")
    assert refusal("sqlite://", table="t").startswith("from: This URL names no file.")


SECRET = "s3cr3t-word"


def test_no_message_tells_anything_of_the_url(shop_server: Server) -> None:
    good = shop_server.url()
    said = {
        "wrong password": shop_server.url(password=SECRET),
        "no such user": shop_server.url(user="nobody", password=SECRET),
        "no such database": shop_server.url("nope"),
        "nobody listens": f"postgresql://u:{SECRET}@127.0.0.1:1/x",
        "no such host": f"postgres://u:{SECRET}@nowhere.invalid/x",
        "another database": f"mysql://u:{SECRET}@localhost/x",
        "no URL": SECRET,
        "a strange driver": f"postgresql+nothing://u:{SECRET}@localhost/x",
        "a bad port": f"postgresql://u:{SECRET}@localhost:port/x",
    }
    for what, url in said.items():
        told = refusal(url, table="orders")
        assert told.startswith("from: "), what
        for secret in (SECRET, shop_server.password, "nowhere.invalid", "127.0.0.1", "nobody"):
            assert secret not in told, what
    assert "user or password" in refusal(said["wrong password"], table="orders")
    assert "no such database" in refusal(said["no such database"], table="orders")
    assert "cannot be opened" in refusal(said["nobody listens"], table="orders")
    told = refusal(good, query=f"select '{shop_server.password}'::int")
    assert shop_server.password not in told
    assert shop_server.password not in repr(Named("SHOP_DB", "orders", None))


def test_a_user_who_may_not_read_is_told(shop_server: Server) -> None:
    shop_server.run(
        "drop role if exists visitor", f"create role visitor login password '{SECRET}'",
        "grant usage on schema public to visitor",
    )  # fmt: skip
    url = shop_server.url(user="visitor", password=SECRET)
    assert refusal(url, table="orders") == "table: This user of the database may not read it."


def test_a_missing_driver_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    assert refusal("postgresql://u:p@localhost/x", table="t") == (
        "from: What reads PostgreSQL is not installed. Install `perkbook[postgres]`."
    )


def told(data: str, tmp_path: Path, *, confined: bool = False) -> str:
    """What is said of a mapping that cannot be read."""
    shop = program(f"data:\n  events: {{{data}, type: order, {MAPPED}}}\n")
    with pytest.raises(DataError) as caught:
        mapping.read(shop.data[0], shop, tmp_path, confined)
    return str(caught.value).splitlines()[0]


def test_messages_stand_at_the_place_in_the_rules(
    shop_db: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SHOP_DB", raising=False)
    assert told("from: env:SHOP_DB, table: orders", tmp_path) == (
        "rules/shop.yaml:12:18: The variable `SHOP_DB` is not set. Expected a URL such as"
        " postgresql://user:password@host/name or sqlite:///shop.db."
    )
    monkeypatch.setenv("SHOP_DB", sqlite(shop_db))
    assert told("from: env:SHOP_DB, table: ordres", tmp_path).startswith(
        "rules/shop.yaml:12:38: There is no table `ordres`. Did you mean `orders`?"
    )
    assert told("from: env:SHOP_DB, query: select 1 as id", tmp_path).startswith(
        "rules/shop.yaml:12:"
    )


def test_a_query_is_refused_where_rules_are_edited_in_the_browser(
    shop_db: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_DB", sqlite(shop_db))
    assert told("from: env:SHOP_DB, query: select * from orders", tmp_path, confined=True) == (
        "rules/shop.yaml:12:38: A query may not be written where rules are edited in the browser."
        " Expected a `table`; a view in the database is one."
    )
    shop = program(
        f"data:\n  events: {{from: env:SHOP_DB, table: orders, type: order, {MAPPED}}}\n"
    )
    assert len(mapping.read(shop.data[0], shop, tmp_path, True).frames[0].rows) == 3


def test_queries_have_names_of_their_own_so_that_their_rows_have_too() -> None:
    one, other = (Named("DB", None, q) for q in ("select 1 as a", "select 2 as a"))
    assert one.name != other.name
    assert one.name == Named("DB", None, "select  1\n as a").name
    assert one.name.startswith("env:DB/query-")
