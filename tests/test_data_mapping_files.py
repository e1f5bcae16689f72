"""Files as shops really have them become a history by a mapping, several beside one another."""

from __future__ import annotations

import gzip
from datetime import datetime
from pathlib import Path

import openpyxl
import pyarrow as pa
from pyarrow import parquet

from engine.data import history
from engine.data.columns import History
from tests.data_program import events, program, reasons


def read(tmp_path: Path, data: str) -> History:
    """The history of a section `data` over the files of a folder."""
    return history.read(program(f"data:\n{data}"), None, None, workspace=tmp_path)


def test_what_chinese_excel_writes_is_mapped(tmp_path: Path) -> None:
    rows = ["订单号;会员 号;时间;实付 金额", "A1;007;2026-01-02 20:00:00;19.90", "A2;;2026-01-03;1"]
    (tmp_path / "订单.csv").write_bytes("\r\n".join(rows).encode("gb18030"))
    got = read(
        tmp_path,
        "  events:\n    - file: 订单.csv\n      type: order\n      columns:\n"
        "        {event_id: 订单号, member_id: 会员 号, at: 时间, amount: '\"实付 金额\" * 2'}\n",
    )
    assert events(got, program()) == [
        {"id": "A1", "type": "order", "member": "007", "at": "2026-01-02T12:00:00+00:00",
         "amount": 3980},
    ]  # fmt: skip
    assert reasons(got) == [(2, "member_id", "empty")]


def test_several_sources_give_events_of_one_type(tmp_path: Path) -> None:
    (tmp_path / "till.csv").write_text(
        '"Receipt No","Card","When","Order Total"\nr1,m1,2026-01-02 10:00,5\n'
    )
    (tmp_path / "web.jsonl.gz").write_bytes(gzip.compress(
        b'{"id": "w1", "user": {"x": 1}, "who": "m1", "ts": "2026-01-02T01:00:00Z", "sum": 7.25}\n'
    ))  # fmt: skip
    table = pa.table({"k": [1], "m": ["m2"], "t": [datetime(2026, 1, 2, 1)], "a": [3.5]})
    parquet.write_table(table, tmp_path / "old.parquet")
    book = openpyxl.Workbook()
    for row in (["No", "Who", "Day", "Paid In"], ["x1", "m2", datetime(2026, 1, 5, 9), 1.25]):
        book.worksheets[0].append(row)
    book.save(tmp_path / "fair.xlsx")
    got = read(tmp_path, """
  events:
    - file: till.csv
      type: order
      columns: {event_id: Receipt No, member_id: Card, at: When, amount: '"Order Total" + 1'}
    - file: web.jsonl.gz
      type: order
      columns: {event_id: id, member_id: who, at: ts, amount: sum}
    - file: old.parquet
      type: order
      zone: UTC
      columns: {event_id: "'o' || k", member_id: m, at: t, amount: a, items: row}
    - file: fair.xlsx
      type: order
      zone: Europe/London
      columns: {event_id: No, member_id: Who, at: Day, amount: Paid In}
""")  # fmt: skip
    assert [(e["id"], e["at"], e["amount"]) for e in events(got, program())] == [
        ("o1", "2026-01-02T01:00:00+00:00", 350),
        ("w1", "2026-01-02T01:00:00+00:00", 725),
        ("r1", "2026-01-02T02:00:00+00:00", 600),
        ("x1", "2026-01-05T09:00:00+00:00", 125),
    ]
    assert got.files == ("till.csv", "web.jsonl.gz", "old.parquet", "fair.xlsx")


def test_members_of_several_files_are_one_list(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("No,Home Town\nm1,Suzhou\nm2,\n")
    (tmp_path / "b.tsv").write_text("id\ttown\nm3\tWuxi\n")
    (tmp_path / "e.csv").write_text("who\nm3\nm4\n")
    got = read(tmp_path, """
  members:
    - {file: a.csv, columns: {member_id: No, city: Home Town}}
    - {file: b.tsv, columns: {member_id: id, city: town}}
  events: {file: e.csv, type: login, columns: {event_id: row, member_id: who, at: "'2026-01-01'"}}
""")  # fmt: skip
    assert got.members.ids.to_pylist() == ["m1", "m2", "m3"]
    assert [(r.file, r.row, r.reason) for r in got.rejected] == [("e.csv", 2, "unknown member")]


def test_a_table_of_two_thousand_columns_is_mapped(tmp_path: Path) -> None:
    names = [f"c {i}" for i in range(2000)]
    (tmp_path / "x.csv").write_text("\n".join([",".join(names), ",".join(map(str, range(2000)))]))
    got = read(tmp_path, """
  events: {file: x.csv, type: order, columns: {event_id: row, member_id: c 7, at: "'2026-01-01'",
    amount: '"c 1998" + "c 1999"'}}
""")  # fmt: skip
    assert [e["amount"] for e in events(got, program())] == [399_700]


def test_every_row_that_a_mapping_cannot_use_is_told_with_its_number(tmp_path: Path) -> None:
    lines = [
        "id,who,at,n",
        "1,m1,2026-01-01,5",
        '2,m1,"2026',
        "3,m1,2026-01-01,x",
        "4,m1,2026-01-01",
    ]
    (tmp_path / "x.csv").write_text("\n".join([*lines, "5,m1,2026-01-01,7", "6,m1,2026"]))
    got = read(tmp_path, """
  events: {file: x.csv, type: order, columns: {event_id: id, member_id: who, at: at, amount: n}}
""")  # fmt: skip
    assert [e["id"] for e in events(got, program())] == ["1", "5"]
    assert reasons(got) == [
        (2, "", "a quote that is opened is never closed"),
        (3, "amount", "not a number, written like -1234.56"),
        (4, "", "it has 3 cells, the first line has 4"),
        (6, "", "it has 3 cells, the first line has 4"),
    ]


def test_columns_that_a_mapping_does_not_use_may_be_as_they_like(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text('id,note,note,Who "x",,row\n1,a,b,m1,c,9\n')
    got = read(tmp_path, '''
  events: {file: x.csv, type: order, columns: {event_id: ID, member_id: '"who ""X"""',
    at: "'2026-01-01'", items: row}}
''')  # fmt: skip
    assert [(e["id"], e["member"], e["items"]) for e in events(got, program())] == [("1", "m1", 9)]
