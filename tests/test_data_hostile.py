"""Hostile files and mappings get a message: they reach nothing and take down nothing."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from pyarrow import parquet

from engine.data import history, sandbox
from engine.data.error import DataError
from tests.data_program import events, program

COLUMNS = "event_id: row, member_id: a, at: \"'2026-01-01'\""
FORBIDDEN = {
    "(select 1)": "A mapping may not hold a query inside.",
    "(select content from read_text('/etc/hostname'))": "A mapping may not hold a query inside.",
    "a in (select a from given)": "A mapping may not hold a query inside.",
    "exists(select 1)": "A mapping may not hold a query inside.",
    "1 from read_csv('/etc/hostname')": "This is more than an expression.",
    "a from given": "This is more than an expression.",
    "1; select 2": "This is more than an expression.",
    "1; attach 'other.db'": "This cannot be read as an expression",
    "1; install httpfs": "This cannot be read as an expression",
    "1); copy given to 'out.csv'; select (1": "This cannot be read as an expression",
    "a order by a": "This is more than an expression.",
    "distinct a": "This is more than an expression.",
    "a union select 1": "This is more than an expression.",
    "read_text('/etc/hostname')": "There is no function `read_text`.",
    "getenv('HOME')": "A mapping may not use `getenv`.",
    "current_setting('threads')": "A mapping may not use `current_setting`.",
    "current_date": "The file has no column `current_date`.",
    "now()": "A mapping may not use `now`.",
    "random()": "A mapping may not use `random`.",
    "uuid()": "A mapping may not use `uuid`.",
    "sleep_ms(100000)": "A mapping may not use `sleep_ms`.",
    "unnest([1, 2])": "A mapping may not use `unnest`.",
    "main.upper(a)": "A mapping may not use `upper`.",
    "sum(a) over ()": "A mapping may not hold a window function.",
    "*": "A mapping may not hold `*`.",
    "columns('a')": "A mapping may not hold `*`.",
    "$1": "A mapping may not hold a parameter.",
    "given.a": "The file has no column `given.a`.",
    "query('select 1')": "There is no function `query`.",
}


def refusal(tmp_path: Path, place: str, written: str) -> str:
    """What is said of an expression at a place of a mapping."""
    (tmp_path / "x.csv").write_text("a\n1\n")
    quoted = '"' + written + '"'
    row = {
        "where": f"type: login, where: {quoted}, columns: {{{COLUMNS}}}",
        "type": f"type: {quoted}, columns: {{{COLUMNS}}}",
        "column": f"type: order, columns: {{{COLUMNS}, category: {quoted}}}",
        "group by": f"type: login, group by: {quoted}, columns: {{{COLUMNS}}}",
    }[place]
    shop = program(f"data:\n  events:\n    - {{file: x.csv, {row}}}\n")
    with pytest.raises(DataError) as caught:
        history.read(shop, None, None, workspace=tmp_path)
    return str(caught.value)


@pytest.mark.parametrize("written", FORBIDDEN)
def test_a_mapping_holds_nothing_but_scalars_and_aggregates(tmp_path: Path, written: str) -> None:
    said = refusal(tmp_path, "column", written)
    assert said.startswith("rules/shop.yaml:13:")
    assert FORBIDDEN[written] in said


@pytest.mark.parametrize("place", ["where", "type", "column", "group by"])
def test_every_expression_of_a_mapping_is_checked(tmp_path: Path, place: str) -> None:
    said = refusal(tmp_path, place, "a in (select a from read_csv('/etc/hostname'))")
    assert said.startswith("rules/shop.yaml:13:")
    assert "A mapping may not hold a query inside." in said


@pytest.mark.parametrize(
    "query",
    [
        "select * from read_csv('/etc/hostname')",
        "select * from read_text('/proc/self/environ')",
        "select * from '/etc/hostname'",
        "select * from glob('/*')",
        "select * from read_csv('http://127.0.0.1:9/x.csv')",
        "attach '{folder}/x.db'",
        "copy (select 1) to '{folder}/x.csv'",
        "export database '{folder}/x'",
        "install httpfs",
        "install json from community",
        "load httpfs",
        "set enable_external_access = true",
        "set memory_limit = '100GB'",
        "reset lock_configuration",
        "pragma database_size; attach '{folder}/x.db'",
        "select * from secret",  # a variable of this test, not a table
    ],
)
def test_the_connection_reaches_nothing(tmp_path: Path, query: str) -> None:
    secret = "nobody's business"
    with sandbox.connect() as connection, pytest.raises(duckdb.Error):
        connection.execute(query.format(folder=tmp_path)).fetchall()
    assert secret
    assert list(tmp_path.iterdir()) == []


def test_no_connection_shows_its_progress_where_answers_are_written() -> None:
    asked = "select current_setting('enable_progress_bar')"
    code = (  # a program without a file is one that DuckDB shows its progress to
        "from engine.data import parquet_shelf, sandbox\n"
        "for place in (parquet_shelf, sandbox):\n"
        f"    print(*place.connect().execute({asked!r}).fetchone())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


@pytest.mark.parametrize(
    "expression",
    [
        *("repeat('a', 2000000000)", "range(2000000000)", "printf('%2000000000d', a)"),
        *("lpad('a', 2000000000, 'b')", "lpad('a', a * 2000000000, 'b')"),
        "replace(replace(replace('x', 'x', 'xxxxx'), 'x', 'xxxxx'), 'x', 'xxxxx')",
        "list_transform([1], i -> i)",
        "(" * 10_000,
        "-" * 3000 + "a",
        "a" + "+a" * 1900,
        "1" * 100_000,
    ],
)
def test_a_mapping_that_would_never_end_is_told(tmp_path: Path, expression: str) -> None:
    (tmp_path / "x.csv").write_text("a\n" + "1\n" * 10)
    row = f'{{file: x.csv, type: order, columns: {{{COLUMNS}, category: "{expression}"}}}}'
    shop = program(f"data:\n  events:\n    - {row}\n")
    start = time.process_time()
    with pytest.raises(DataError) as caught:
        history.read(shop, None, None, workspace=tmp_path)
    assert str(caught.value).startswith("rules/shop.yaml:13:")
    assert time.process_time() - start < 10


def test_texts_may_be_padded_and_cleaned(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("a,b\n7,¥ 1;000.50\n")
    clean = "replace(replace(replace(replace(b, '¥', ''), ' ', ''), ';', ''), '.5', '.2')"
    columns = COLUMNS.replace("a,", "\"lpad(a::text, 3, '0')\",")
    row = f'{{file: x.csv, type: order, columns: {{{columns}, amount: "{clean}"}}}}'
    shop = program(f"data:\n  events:\n    - {row}\n")
    got = events(history.read(shop, None, None, workspace=tmp_path), shop)
    assert [(e["member"], e["amount"]) for e in got] == [("007", 100_020)]


def test_a_file_outside_of_the_workspace_is_refused_where_rules_are_edited_by_others(
    tmp_path: Path,
) -> None:
    home = tmp_path / "home"
    (home / "folder").mkdir(parents=True)
    (tmp_path / "secret.csv").write_text("a\n1\n")
    (home / "link.csv").symlink_to(tmp_path / "secret.csv")
    (home / "folder" / "link.csv").symlink_to(tmp_path / "secret.csv")
    (home / "inside.csv").write_text("a\n1\n")
    names = [
        "../secret.csv",
        str(tmp_path / "secret.csv"),
        "link.csv",
        "folder",
        "x/../../secret.csv",
    ]
    for name in names:
        row = f"{{file: {name}, type: login, columns: {{{COLUMNS}}}}}"
        shop = program(f"data:\n  events:\n    - {row}\n")
        with pytest.raises(DataError, match="leaves the workspace"):
            history.read(shop, None, None, workspace=home, confined=True)
    row = f"{{file: inside.csv, type: login, columns: {{{COLUMNS}}}}}"
    shop = program(f"data:\n  events:\n    - {row}\n")
    assert len(history.read(shop, None, None, workspace=home, confined=True).events.ids) == 1


@pytest.mark.parametrize("name", ["e.csv", "e.jsonl", "e.parquet", "e.tsv"])
@pytest.mark.parametrize("size", [0, 1, 1000, 100_000])
def test_nonsense_is_a_message_or_set_aside(tmp_path: Path, name: str, size: int) -> None:
    (tmp_path / name).write_bytes(random.Random(size).randbytes(size))
    said = ""
    try:
        said = f"{name} {len(history.read(program(), None, tmp_path / name).events.ids)}"
    except DataError as error:
        said = str(error)
    assert name in said
    assert not said.endswith(" 1")


def test_a_header_alone_is_no_event(tmp_path: Path) -> None:
    (tmp_path / "e.csv").write_text("event_id,member_id,type,at\n")
    (tmp_path / "m.csv").write_text("member_id\n")
    got = history.read(program(), tmp_path / "m.csv", tmp_path / "e.csv")
    assert (len(got.events.ids), len(got.members.ids), got.rejected) == (0, 0, ())


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nowhere.csv", "There is no such file."),
        ("notes.txt", "This kind of file cannot be read."),
        ("empty", "The folder holds no file that can be read."),
        ("pipe.csv", "This is neither a file nor a folder."),
    ],
)
def test_what_is_no_file_is_told(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / "notes.txt").write_text("x")
    (tmp_path / "empty").mkdir()
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(DataError, match=said):
        history.read(program(), None, tmp_path / name)


def test_a_parquet_column_whose_name_is_no_text_is_told(tmp_path: Path) -> None:
    path = tmp_path / "e.parquet"
    parquet.write_table(pa.table({"event_id": ["e1"]}), path)
    path.write_bytes(path.read_bytes().replace(b"event_id", b"\xe5vent_id"))
    with pytest.raises(DataError, match="This is not a Parquet file, or it is damaged"):
        history.read(program(), None, path)


def test_what_is_no_path_is_told() -> None:
    with pytest.raises(DataError, match="neither a path nor a table: int"):
        history.read(program(), None, 7)
    with pytest.raises(DataError, match="No file is named"):
        history.read(program(), None, [])


def test_a_huge_cell_is_a_cell(tmp_path: Path) -> None:
    text = "event_id,member_id,type,at,category\no1,m1,order,2026-01-01," + "x" * 3_000_000 + "\n"
    (tmp_path / "e.csv").write_text(text)
    got = history.read(program(), None, tmp_path / "e.csv")
    assert len(events(got, program())[0]["category"]) == 3_000_000


def test_a_million_rows_with_some_broken_take_seconds(tmp_path: Path) -> None:
    count = 1_000_000
    lines = ["event_id,member_id,type,at,amount,category"]
    lines += [
        f"o{i},m{i % 9999},order,2026-01-{i % 28 + 1:02d} {i % 24:02d}:{i % 60:02d},{i % 977}.50,"
        for i in range(count)
    ]
    for place in range(1000, count, 100_000):  # ten rows
        lines[place] = lines[place].replace("order", '"order')
    for place in range(2000, count, 100_000):
        lines[place] = lines[place].replace(".50", ".5o")
    (tmp_path / "e.csv").write_text("\n".join(lines))
    start = time.process_time()
    got = history.read(program(), None, tmp_path / "e.csv")
    assert time.process_time() - start < 60
    assert len(got.events.ids) == count - 20
    assert [r.row for r in got.rejected] == sorted(
        [*range(1000, count, 100_000), *range(2000, count, 100_000)]
    )
