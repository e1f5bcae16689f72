"""Packed files are unpacked within bounds, and sources come in parts that make one whole."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from engine.data import arrow_table, history, kept, source, unpacked, whole
from engine.data.error import DataError
from engine.data.frame import Frame
from tests.data_program import events, program

ROWS = "event_id,member_id,type,at,amount\n1,m1,order,2026-01-02,5\n2,m1,order,2026-01-03,7\n"
LINES = '{"event_id":3,"member_id":"m1","type":"order","at":"2026-01-04","amount":1}\n'


def packed(path: Path, raw: bytes) -> Path:
    """A gzip file with these bytes in it."""
    path.write_bytes(gzip.compress(raw))
    return path


def amounts(given: str | list[str]) -> list[int]:
    """The amounts of the orders that files hold."""
    shop = program()
    return [e["amount"] for e in events(history.read(shop, None, given), shop)]


def test_packed_files_are_read_as_those_that_are_not(tmp_path: Path) -> None:
    packed(tmp_path / "a.csv.gz", ROWS.encode("gb18030"))
    packed(tmp_path / "b.tsv.gz", ROWS.replace(",", "\t").replace("\n1", "\n9").encode("utf-16"))
    packed(tmp_path / "c.jsonl.gz", LINES.encode())
    assert amounts(str(tmp_path / "a.csv.gz")) == [500, 700]
    assert amounts(str(tmp_path / "c.jsonl.gz")) == [100]
    assert amounts(str(tmp_path)) == [500, 500, 700, 100]


def test_a_file_is_packed_where_its_bytes_say_so_whatever_its_name(tmp_path: Path) -> None:
    packed(tmp_path / "a.csv", ROWS.encode())
    (tmp_path / "b.csv.gz").write_text(ROWS)
    assert amounts(str(tmp_path / "a.csv")) == [500, 700]
    assert amounts(str(tmp_path / "b.csv.gz")) == [500, 700]


def test_two_packed_parts_in_one_file_are_both_read(tmp_path: Path) -> None:
    both = gzip.compress(ROWS.encode()) + gzip.compress(b"3,m1,order,2026-01-05,9\n")
    (tmp_path / "a.csv.gz").write_bytes(both)
    assert amounts(str(tmp_path / "a.csv.gz")) == [500, 700, 900]


def test_a_packed_file_that_ends_too_early_or_is_damaged_is_refused(tmp_path: Path) -> None:
    raw = gzip.compress(ROWS.encode() * 100)
    path = tmp_path / "a.csv.gz"
    for wrong in (raw[: len(raw) // 2], raw[:-4], raw[:40] + b"\0\0\0\0" + raw[44:]):
        path.write_bytes(wrong)
        with pytest.raises(DataError, match="This gzip file is damaged, or it ends too early"):
            amounts(str(path))


def test_a_packed_file_that_grows_beyond_bounds_is_refused(tmp_path: Path) -> None:
    zeros = gzip.compress(b"\0" * (1 << 20))
    (tmp_path / "zeros.csv.gz").write_bytes(zeros * 400)
    (tmp_path / "rows.csv.gz").write_bytes(gzip.compress(b"a,b\n" * (1 << 18)) * 300)
    with pytest.raises(DataError, match="unpacks to more than 200 times its size"):
        amounts(str(tmp_path / "zeros.csv.gz"))
    with pytest.raises(DataError, match="unpacks to more than 200 times its size"):
        for _ in unpacked.blocks(tmp_path / "rows.csv.gz", "rows.csv.gz"):
            pass


def test_a_name_that_does_not_say_what_is_packed_is_told(tmp_path: Path) -> None:
    for name in ("a.gz", "a.parquet.gz", "a.xlsx.gz"):
        packed(tmp_path / name, ROWS.encode())
        with pytest.raises(DataError, match="What is packed in this file cannot be told"):
            source.find(str(tmp_path / name), "events")


def test_packed_files_are_kept_with_a_state(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.csv.gz", ROWS.encode())
    kept.keep(tmp_path / "state", None, [str(path)])
    _, found = kept.joined(tmp_path / "state", None, None)
    assert found is not None
    assert amounts(found) == [500, 700]


def parts(frames: list[Frame]) -> list[list[int]]:
    """The numbers of the rows of each part."""
    return [frame.rows.tolist() for frame in frames]


def test_parquet_and_tables_come_in_parts_whose_rows_are_numbered_through(tmp_path: Path) -> None:
    table = pa.table({"a": list(range(7)), "b": [str(i) for i in range(7)]})
    parquet.write_table(table, tmp_path / "a.parquet", row_group_size=2)
    found = list(arrow_table.read_file(tmp_path / "a.parquet", "a", None, most=3))
    assert [row for part in parts(found) for row in part] == list(range(1, 8))
    assert max(len(frame.rows) for frame in found) <= 3
    assert whole.one(found).columns["a"].to_pylist() == list(range(7))
    for given in (table, table.to_pandas()):
        found = list(arrow_table.read_table(given, "t", ["b"], most=3))
        assert parts(found) == [[1, 2, 3], [4, 5, 6], [7]]
        assert whole.one(found).columns["b"].to_pylist() == [str(i) for i in range(7)]


def test_a_source_without_rows_has_one_part_with_its_columns(tmp_path: Path) -> None:
    table = pa.table({"a": pa.array([], pa.int64())})
    parquet.write_table(table, tmp_path / "a.parquet")
    (tmp_path / "a.csv").write_text("a\n")
    (tmp_path / "a.jsonl").write_text("")
    for one in (tmp_path / "a.parquet", tmp_path / "a.csv", tmp_path / "a.jsonl"):
        found = list(source.frames(source.Source(one.name, one), None))
        assert parts(found) == [[]]
    assert parts(list(arrow_table.read_table(pd.DataFrame({"a": []}), "t", None))) == [[]]


def test_parts_of_several_kinds_become_what_holds_them_all() -> None:
    def frame(values: pa.Array, start: int) -> Frame:
        return Frame("x", np.arange(start, start + len(values), dtype=np.int64), {"a": values})

    whole_, float_ = pa.array([1, 2]), pa.array([0.5])
    text, nothing = pa.array(["x"], pa.large_string()), pa.nulls(2, pa.large_string())
    decimals = [pa.array([one]).cast(pa.decimal128(38, s)) for one, s in ((3, 2), (4, 0))]
    assert whole.one([frame(whole_, 1), frame(nothing, 3)]).columns["a"].type == pa.int64()
    assert whole.one([frame(whole_, 1), frame(float_, 3)]).columns["a"].to_pylist() == [1, 2, 0.5]
    assert whole.one([frame(d, i) for i, d in enumerate(decimals)]).columns["a"].type.scale == 2
    mixed = whole.one([frame(whole_, 1), frame(text, 3)])
    assert mixed.columns["a"].to_pylist() == ["1", "2", "x"]
    assert mixed.numerals["a"].tolist() == [True, True, False]
