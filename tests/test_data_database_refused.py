"""A database is only read, and what cannot be read is told without anything of the URL."""

from __future__ import annotations

import sys
from pathlib import Path

import psycopg
import pytest

from engine.data import history, mapping
from engine.data.database import Named
from engine.data.error import DataError
from tests.data_program import program
from tests.postgres import Server
from tests.shop_database import MAPPED, refusal, sqlite

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
        "a strange driver": f"oracle+nothing://u:{SECRET}@localhost/x",
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


def test_a_column_that_is_not_used_need_not_be_shown(
    shop_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop_server.run(
        "drop role if exists clerk",
        f"create role clerk login password '{SECRET}'",
        "grant usage on schema public to clerk",
        "grant select (id, who, paid_at) on orders to clerk",
    )
    monkeypatch.setenv("SHOP_DB", shop_server.url(user="clerk", password=SECRET))

    def read(more: str) -> int:
        used = f"columns: {{event_id: id, member_id: who, at: paid_at{more}}}"
        shop = program(
            f"data:\n  events: {{from: env:SHOP_DB, table: orders, type: order, {used}}}\n"
        )
        return len(history.read(shop, None, None).events.at)

    assert read("") == 2
    with pytest.raises(DataError, match="This user of the database may not read it"):
        read(", amount: total")
    with pytest.raises(DataError, match="Did you mean `total`"):
        read(", items: tot")


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
