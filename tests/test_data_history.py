"""Members and events are the same whatever the files, and nothing is dropped without a count."""

from __future__ import annotations

import random
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from numpy.typing import NDArray
from pyarrow import parquet

from engine.data import history
from engine.data.columns import History
from engine.data.error import DataError
from engine.language.expression.tree import Type
from tests.data_program import events, instant, plain, program, reasons

SHOP = program()
HEADER = "event_id,member_id,type,at,amount,category,order,items\n"


def read(
    tmp_path: Path, rows: str, members: str | None = None, until: date | None = None
) -> History:
    """The history of rows of events, and of members where they are given."""
    (tmp_path / "events.csv").write_text(HEADER + rows)
    people = tmp_path / "members.csv"
    if members is not None:
        people.write_text(members)
    given = people if members is not None else None
    return history.read(SHOP, given, tmp_path / "events.csv", until)


def test_events_stand_in_order_of_instant_and_id(tmp_path: Path) -> None:
    got = read(
        tmp_path,
        "b,m1,login,2026-01-02 10:00,,,,\nB,m1,login,2026-01-02 10:00,,,,\n"
        "蟹,m1,login,2026-01-02 10:00,,,,\nz,m1,login,2026-01-01,,,,\n",
    )
    assert got.events.ids.to_pylist() == ["z", "B", "b", "蟹"]
    assert got.events.row.tolist() == [4, 2, 1, 3]


def test_a_naive_time_is_in_the_programs_zone(tmp_path: Path) -> None:
    got = read(tmp_path, "a,m1,login,2026-01-02 10:00,,,,\nb,m1,login,2026-01-02T10:00:00Z,,,,\n")
    assert [e["at"] for e in events(got, SHOP)] == [
        "2026-01-02T02:00:00+00:00",
        "2026-01-02T10:00:00+00:00",
    ]


def test_fields_are_typed_and_columns_that_a_type_does_not_declare_are_ignored(
    tmp_path: Path,
) -> None:
    got = read(
        tmp_path,
        "o1,m1,order,2026-01-01,19.99,crab,ignored,2\nr1,m1,refund,2026-01-02,9.99,no,o1,nonsense\n",
    )
    assert events(got, SHOP) == [
        {"id": "o1", "type": "order", "member": "m1", "at": "2025-12-31T16:00:00+00:00",
         "amount": 1999, "category": "crab", "items": 2},
        {"id": "r1", "type": "refund", "member": "m1", "at": "2026-01-01T16:00:00+00:00",
         "amount": 999, "order": "o1"},
    ]  # fmt: skip
    assert got.rejected == ()


def test_members_are_those_of_their_file_and_events_of_others_are_set_aside(tmp_path: Path) -> None:
    got = read(
        tmp_path,
        "a,m1,login,2026-01-01,,,,\nb,m3,login,2026-01-01,,,,\n",
        "member_id,city,birthday,likes,joined_at,referrer_id\n"
        "m2,上海,1990-02-28,crab;cake,2026-01-01,m1\nm1,,,,,m9\n",
    )
    assert got.members.ids.to_pylist() == ["m1", "m2"]
    assert reasons(got) == [(2, "member_id", "unknown member")]
    attributes = got.members.attributes
    assert plain(got, attributes["city"], Type.TEXT, 1) == "上海"
    assert plain(got, attributes["likes"], Type.TEXTS, 1) == ["crab", "cake"]
    assert attributes["birthday"].null.tolist() == [True, False]
    assert instant(int(got.members.joined_at.values[1])) == "2025-12-31T16:00:00+00:00"
    assert got.members.referrer.null.tolist() == [True, False]
    assert got.members.referrer.values[1] == 0


def test_without_members_the_members_are_those_that_events_name(tmp_path: Path) -> None:
    got = read(tmp_path, "a,m2,login,2026-01-01,,,,\nb,B,login,2026-01-01,,,,\n")
    assert got.members.ids.to_pylist() == ["B", "m2"]
    assert got.members.joined_at.null.all()


def test_rows_that_cannot_be_read_are_set_aside_with_row_column_and_reason(tmp_path: Path) -> None:
    got = read(
        tmp_path,
        ",m1,login,2026-01-01,,,,\na,,login,2026-01-01,,,,\nb,m1,,2026-01-01,,,,\n"
        "c,m1,nonsense,2026-01-01,,,,\nd,m1,login,,,,,\ne,m1,order,2026-01-01,x,,,\n"
        "f,m1,order,2026-01-01,1,,,1.5\ng,m1\nh,m1,login,2026-01-01,,,,\n",
    )
    assert reasons(got) == [
        (1, "event_id", "empty"),
        (2, "member_id", "empty"),
        (3, "type", "empty"),
        (4, "type", "unknown type"),
        (5, "at", "empty"),
        (6, "amount", "not a number, written like -1234.56"),
        (7, "items", "not a whole number"),
        (8, "", "it has 2 cells, the first line has 8"),
    ]
    assert got.rejected[5].text == "x"
    assert got.rejected[5].file.endswith("events.csv")
    assert got.events.ids.to_pylist() == ["h"]


def test_a_row_that_is_repeated_counts_once(tmp_path: Path) -> None:
    row = "o1,m1,order,2026-01-01,19.99,crab,,\n"
    again = "o1,m1,order,2025-12-31T16:00:00Z,19.990,crab,,\n"
    got = read(tmp_path, row + row + again)
    assert (len(got.events.ids), got.duplicates, got.rejected) == (1, 2, ())


def test_of_rows_that_differ_the_earliest_counts_then_the_smallest_text(tmp_path: Path) -> None:
    got = read(
        tmp_path,
        "o1,m1,order,2026-01-02,1.00,,,\no1,m1,order,2026-01-01,3.00,b,,\n"
        "o1,m1,order,2026-01-01,2.00,c,,\no1,m1,order,2026-01-02,1.00,,,\n",
    )
    # At the same instant {"amount":200,...} comes before {"amount":300,...}.
    assert [e["amount"] for e in events(got, SHOP)] == [200]
    said = "another row with this event_id says something else"
    assert reasons(got) == [(1, "event_id", said), (2, "event_id", said)]
    assert got.duplicates == 1


def test_members_that_are_repeated_count_once_and_the_earliest_joining_counts(
    tmp_path: Path,
) -> None:
    got = read(
        tmp_path,
        "",
        "member_id,joined_at,city\nm1,2026-01-02,a\nm1,2026-01-01,b\nm1,,c\nm1,2026-01-01,b\n",
    )
    assert plain(got, got.members.attributes["city"], Type.TEXT, 0) == "b"
    assert got.duplicates == 1
    assert [row for row, _, _ in reasons(got)] == [1, 3]


def test_events_after_until_are_left_out_and_counted(tmp_path: Path) -> None:
    got = read(
        tmp_path,
        "a,m1,login,2026-01-02 23:59:59.999999,,,,\nb,m2,login,2026-01-03 00:00,,,,\n",
        until=date(2026, 1, 2),
    )
    assert (got.events.ids.to_pylist(), got.later) == (["a"], 1)
    assert got.members.ids.to_pylist() == ["m1"]


@pytest.mark.parametrize("column", ["event_id", "member_id", "type", "at"])
def test_a_column_that_is_missing_is_one_problem(tmp_path: Path, column: str) -> None:
    names = [n for n in ("event_id", "member_id", "type", "at") if n != column]
    (tmp_path / "e.csv").write_text(",".join(names) + "\n" + "x,x,x\n" * 1000)
    with pytest.raises(DataError) as caught:
        history.read(SHOP, None, tmp_path / "e.csv")
    assert f"e.csv:1:1: There is no column `{column}`." in str(caught.value)
    assert f"`{names[0]}`" in str(caught.value)


def test_nothing_said_is_told() -> None:
    with pytest.raises(DataError, match="No events are named"):
        history.read(SHOP, None, None)


def same(one: History, other: History) -> bool:
    """True where two histories are the same but for where their rows stand."""
    if one.members.ids != other.members.ids or one.events.ids != other.events.ids:
        return False
    pairs: list[tuple[NDArray[np.generic], NDArray[np.generic]]] = [
        (one.events.member, other.events.member),
        (one.events.at, other.events.at),
        (one.events.type, other.events.type),
    ]
    for key, column in one.events.fields.items():
        pairs.append((column.values, other.events.fields[key].values))
        pairs.append((column.null, other.events.fields[key].null))
    return one.texts == other.texts and all(np.array_equal(a, b) for a, b in pairs)


def test_the_order_of_rows_and_the_number_and_kind_of_files_do_not_matter(tmp_path: Path) -> None:
    chance = random.Random(7)
    rows = []
    for i in range(500):
        at = f"2026-01-{chance.randint(1, 28):02d} {chance.randint(0, 23):02d}:00"
        rows.append({"event_id": f"o{chance.randint(0, 400)}", "member_id": f"m{i % 40}",
                     "type": "order", "at": at, "amount": f"{chance.randint(0, 9999) / 100:.2f}",
                     "category": chance.choice(["crab", "蟹", None])})  # fmt: skip
    first = history.read(SHOP, None, pd.DataFrame(rows))
    chance.shuffle(rows)
    frame = pd.DataFrame(rows)
    parts = tmp_path / "parts"
    parts.mkdir()
    frame[:100].to_csv(parts / "a.csv", index=False)
    frame[100:200].to_json(parts / "b.jsonl", orient="records", lines=True, force_ascii=False)
    frame[200:300].assign(at=pd.to_datetime(frame[200:300]["at"])).to_parquet(parts / "c.parquet")
    frame[300:].to_csv(parts / "d.tsv", sep="\t", index=False)
    (parts / "notes.txt").write_text("not an event")
    second = history.read(SHOP, None, parts)
    assert same(first, second)
    assert first.duplicates == second.duplicates
    assert len(first.rejected) == len(second.rejected) > 50
    assert [Path(u).name for u in second.unread] == ["notes.txt"]
    assert [Path(f).name for f in second.files] == ["a.csv", "b.jsonl", "c.parquet", "d.tsv"]


def test_frames_and_arrow_tables_are_taken_where_a_file_is() -> None:
    table = pa.table({
        "event_id": [1, 2], "member_id": [12346.0, 12346.0], "type": ["order", "login"],
        "at": [datetime(2026, 1, 1), datetime(2026, 1, 2)], "amount": [19.99, None],
        "tags": [["a", "b"], None], "gift": [True, None],
    })  # fmt: skip
    got = history.read(SHOP, pd.DataFrame({"member_id": [12346]}), table)
    assert events(got, SHOP) == [
        {"id": "1", "type": "order", "member": "12346", "at": "2025-12-31T16:00:00+00:00",
         "amount": 1999, "tags": ["a", "b"], "gift": 1},
        {"id": "2", "type": "login", "member": "12346", "at": "2026-01-01T16:00:00+00:00"},
    ]  # fmt: skip
    assert got.files == ("members table", "events table")


def test_several_paths_are_taken(tmp_path: Path) -> None:
    for name in ("x", "y"):
        (tmp_path / f"{name}.csv").write_text(HEADER + f"{name},m1,login,2026-01-01,,,,\n")
    got = history.read(SHOP, None, [tmp_path / "y.csv", str(tmp_path / "x.csv")])
    assert got.events.ids.to_pylist() == ["x", "y"]
    assert got.events.file.tolist() == [1, 0]


def test_instants_of_a_parquet_file_may_carry_a_zone(tmp_path: Path) -> None:
    at = pa.array([0], pa.timestamp("ns", tz="America/New_York"))
    table = pa.table({"event_id": ["a"], "member_id": ["m"], "type": ["login"], "at": at})
    parquet.write_table(table, tmp_path / "e.parquet")
    got = history.read(SHOP, None, tmp_path / "e.parquet")
    assert events(got, SHOP)[0]["at"] == "1970-01-01T00:00:00+00:00"


def test_bytes_that_are_text_are_text_and_instants_beyond_the_calendar_are_told(
    tmp_path: Path,
) -> None:
    table = pa.table({
        "event_id": [b"a", b"b"], "member_id": ["m", "m"], "type": ["login", "login"],
        "at": pa.array([0, 2**48], pa.timestamp("s")),
    })  # fmt: skip
    parquet.write_table(table, tmp_path / "e.parquet")
    got = history.read(SHOP, None, tmp_path / "e.parquet")
    assert got.events.ids.to_pylist() == ["a"]
    assert reasons(got) == [(2, "at", "not a time from 1900 to 2999")]


def test_lists_and_objects_of_json_are_no_texts(tmp_path: Path) -> None:
    start = '{"member_id":"m","type":"order","at":"2026-01-01","event_id":'
    lines = [start + '["a"]}', start + '"b","category":{"x":1}}', start + '"c","tags":["x"]}']
    (tmp_path / "e.jsonl").write_text("\n".join(lines))
    got = history.read(SHOP, None, tmp_path / "e.jsonl")
    assert reasons(got) == [(1, "event_id", "not a text"), (2, "category", "not a text")]
    assert events(got, SHOP)[0]["tags"] == ["x"]


def test_a_missing_column_is_told_with_the_columns_that_there_are(tmp_path: Path) -> None:
    (tmp_path / "e.csv").write_text("Event_ID,member_id,type,at,other\n")
    with pytest.raises(DataError) as caught:
        history.read(SHOP, None, tmp_path / "e.csv")
    assert "Did you mean `Event_ID`?" in str(caught.value)
    assert "`other`" in str(caught.value)
