"""A member is found in files of every kind, and what others say of his events is not missed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from pyarrow import csv, parquet

from engine import explain
from engine.data import parquet_shelf
from engine.data.error import DataError
from engine.data.source import Given
from tests.random_worlds import program
from tests.test_explain_own import same

SHOP = program("""\
program: {name: Shop, timezone: Europe/Paris, money: EUR}
events:
  order: {amount: money, note: text}
  refund: {reverses: order, amount: money}
wallets: {points: {pending: 1 day, expires: 1 month}}
rewards: {cup: {item: cup, cost: {points: 10}}}
earn:
  purchase: {when: order, give: {points: amount}}
""")
TEXT = """\
event_id,member_id,type,at,amount,note,order,reward,grant
1,17,order,2026-03-01 10:00,20.00,crab,,,
2,18,order,2026-03-02 10:00,30.00,,,,
3,17,redeem,2026-03-04 10:00,,,,cup,
4,17,use,2026-03-05 10:00,,,,,3/cup/1
5,17,refund,2026-03-06 10:00,5.00,,1,,
6,18,redeem,2026-03-07 10:00,,,,cup,
7,18,order,2026-03-08 10:00,40.00,,,,
"""
Change = Callable[[pa.Table], pa.Table]


def rows(text: str = TEXT) -> pa.Table:
    """Rows as texts, times as instants."""
    names = text.split("\n", 1)[0].split(",")
    options = csv.ConvertOptions(
        column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=True, null_values=[""]
    )
    table = csv.read_csv(pa.BufferReader(text.encode()), convert_options=options)
    return put(table, "at", pc.strptime(table["at"], "%Y-%m-%d %H:%M", "us"))


def put(table: pa.Table, name: str, column: pa.ChunkedArray) -> pa.Table:
    """The table with a column in the place of another."""
    return table.set_column(table.column_names.index(name), name, column)


def cast(kind: pa.DataType, *names: str) -> Change:
    """Some columns as another kind."""

    def change(table: pa.Table) -> pa.Table:
        for name in names:
            table = put(table, name, table[name].cast(kind))
        return table

    return change


UTC = pa.timestamp("ms", "UTC")
# What DuckDB looks for, and what is read from the beginning to the end.
FOUND: dict[str, Change] = {
    "texts": lambda table: table,
    "large texts": cast(pa.large_string(), "event_id", "member_id", "note"),
    "dictionaries": cast(pa.dictionary(pa.int32(), pa.string()), "event_id", "member_id", "type"),
    "whole numbers": cast(pa.int64(), "event_id", "member_id", "order"),
    "milliseconds of UTC": cast(UTC, "at"),
    "seconds": cast(pa.timestamp("s"), "at"),
    "days": cast(pa.date32(), "at"),
    "decimals": cast(pa.decimal128(9, 2), "amount"),
    "nothing": lambda table: put(table, "note", pa.chunked_array([pa.nulls(len(table))])),
}
READ: dict[str, Change] = {
    "times as texts": cast(pa.string(), "at"),
    "nanoseconds": cast(pa.timestamp("ns"), "at"),
    "bytes": cast(pa.binary(), "member_id"),
    "floats": cast(pa.float64(), "member_id"),
    "names that differ in case": lambda table: table.append_column("AT", table["note"]),
}


def written(table: pa.Table, folder: Path, name: str = "events.parquet") -> Path:
    """The rows as a Parquet file of many small groups."""
    parquet.write_table(table, folder / name, row_group_size=2)
    return folder / name


def found(path: Path) -> bool:
    """Whether DuckDB looks for rows in a file."""
    wanted = frozenset(rows().column_names)
    ids = ("event_id", "member_id")
    with parquet_shelf.connect() as connection:
        return parquet_shelf.make(connection, path, "f", wanted, ids, SHOP) is not None


@pytest.mark.parametrize("kind", [*FOUND, *READ])
def test_a_parquet_file_of_any_kind_is_explained(kind: str, tmp_path: Path) -> None:
    path = written({**FOUND, **READ}[kind](rows()), tmp_path)
    assert found(path) == (kind in FOUND)
    own = same(SHOP, None, path, "17")
    assert [event.event_id for event in own.events] == ["1", "3", "4", "5"]
    # 20 for the order, 10 spent on the cup, and the quarter of 20 that was refunded.
    assert (own.person["points"], own.until) == (5, date(2026, 3, 8))
    same(SHOP, None, path, "17", "5")
    same(SHOP, None, path, "18", None, date(2026, 3, 3))
    assert "There is no member 1." in same(SHOP, None, path, "1")


def test_a_name_that_means_several_files_elsewhere_is_one_file_here(tmp_path: Path) -> None:
    written(rows().slice(0, 2), tmp_path, "e1.parquet")
    path = written(rows(), tmp_path, "e[1].parquet")
    assert not found(path)
    assert same(SHOP, None, path, "17").person["points"] == 5


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_a_text_file_is_explained(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"events.{ending}"
    lines = [",".join(f'"{k}":"{v}"' for k, v in row.items() if v) for row in texts()]
    body = "".join(f"{{{line}}}\n" for line in lines)
    path.write_text(TEXT if ending == "csv" else body, encoding="utf-8")
    assert same(SHOP, None, path, "17").person["points"] == 5


def texts() -> list[dict[str, str]]:
    """The rows as they are written."""
    names, *lines = (line.split(",") for line in TEXT.splitlines())
    return [dict(zip(names, line, strict=True)) for line in lines]


def test_batches_that_come_once_are_explained() -> None:
    reader = rows().to_reader()
    assert explain.member(SHOP, None, reader, "17").person["points"] == 5


def both(text: str, folder: Path) -> list[Given]:
    """Rows as a file and as a table."""
    table = rows(TEXT + text)
    return [written(table, folder), table]


def test_an_event_that_somebody_else_had_earlier_is_his(tmp_path: Path) -> None:
    for events in both("1,18,order,2026-02-01 10:00,99.00,,,,\n", tmp_path):
        own = same(SHOP, None, events, "17")
        # Then the refund is of somebody else's order.
        assert [event.event_id for event in own.events] == ["3", "4"]


def test_a_grant_of_somebody_else_is_looked_up_in_everything(tmp_path: Path) -> None:
    for events in both("8,17,use,2026-03-08 09:00,,,,,6/cup/1\n", tmp_path):
        own = same(SHOP, None, events, "17")
        assert own.events[-1].event_id == "8"


def test_the_last_day_is_that_of_an_event_that_counts(tmp_path: Path) -> None:
    late = "".join(f"x{n},19,nonsense,2026-04-{n % 28 + 1:02} 10:00,,,,,\n" for n in range(200))
    again = "2,18,order,2026-03-20 10:00,30.00,,,,\n"  # the earlier one counts
    for events in both(late + again, tmp_path):
        assert same(SHOP, None, events, "17").until == date(2026, 3, 8)


def test_members_are_those_of_their_file(tmp_path: Path) -> None:
    members = tmp_path / "members.parquet"
    parquet.write_table(pa.table({"member_id": ["17", "19"]}), members)
    for events in both("", tmp_path):
        assert same(SHOP, members, events, "17").until == date(2026, 3, 6)
        assert "There is no member 18." in same(SHOP, members, events, "18")
        assert same(SHOP, members, events, "19").events == ()
    parquet.write_table(pa.table({"member_id": ["20"]}), members)
    assert "There is no member 17." in same(SHOP, members, written(rows(), tmp_path), "17")


def test_a_column_that_is_missing_is_told(tmp_path: Path) -> None:
    path = written(rows().drop_columns(["at"]), tmp_path)
    with pytest.raises(DataError, match="There is no column `at`"):
        explain.member(SHOP, None, path, "17")
