"""Tables and queries of databases become a history, batch by batch."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

import pytest

from engine.data import database, history, whole
from engine.data.database import Named
from tests.data_program import events, program, reasons
from tests.postgres import Server
from tests.shop_database import MAPPED, read, sqlite


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


def test_a_url_may_name_the_server_as_other_programs_do(shop_server: Server) -> None:
    for kind in ("postgres", "postgresql+psycopg2", "postgresql+asyncpg"):
        url = shop_server.url().replace("postgresql", kind, 1)
        assert len(read(url, table="orders").rows) == 2


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


def test_a_time_that_no_calendar_has_costs_its_row_alone(
    shop_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop_server.run(
        "insert into orders (id, who, paid_at) values (3, 'm1', 'infinity'),"
        " (4, 'm1', '0044-03-15 BC'), (5, 'm1', '2026-01-05 00:00+00')"
    )
    monkeypatch.setenv("SHOP_DB", shop_server.url())
    shop = program(
        "data:\n  events: {from: env:SHOP_DB, table: orders, type: order,"
        " columns: {event_id: id, member_id: who, at: paid_at}}\n"
    )
    found = history.read(shop, None, None)
    assert [(e["id"], e["at"]) for e in events(found, shop)] == [
        ("1", "2026-01-02T02:00:00+00:00"),
        ("2", "2026-01-03T10:00:00+00:00"),
        ("5", "2026-01-05T00:00:00+00:00"),
    ]
    assert [(r.row, r.column, r.text) for r in found.rejected] == [
        (3, "at", "infinity"),
        (4, "at", "0044-03-15 00:00:00+00 BC"),
    ]


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


def test_queries_have_names_of_their_own_so_that_their_rows_have_too() -> None:
    one, other = (Named("DB", None, q) for q in ("select 1 as a", "select 2 as a"))
    assert one.name != other.name
    assert one.name == Named("DB", None, "select  1\n as a").name
    assert one.name.startswith("env:DB/query-")
