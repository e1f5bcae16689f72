"""Workbooks that another program wrote are read, and what cannot be read is told by its cell."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from xml.sax.saxutils import escape

import openpyxl
import pytest

from engine.data import history, source, unpacked, values, whole, workbook
from engine.data.error import DataError
from engine.data.frame import Frame
from tests.data_program import events, program, reasons


def write(path: Path, *rows: Sequence[object]) -> Path:
    """A workbook with these rows in its first sheet."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append(list(row))
    book.save(path)
    return path


def read(path: Path, most: int = workbook.MOST) -> Frame:
    """The rows of a workbook."""
    return whole.one(workbook.read(path, path.name, None, most))


def columns(frame: Frame) -> dict[str, list[object]]:
    """The columns as plain values."""
    return {name: column.to_pylist() for name, column in frame.columns.items()}


def test_cells_are_what_they_are(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.xlsx",
        ["id", "when", "day", "amount", "gift", "hour", "mixed"],
        ["m1", datetime(2026, 1, 2, 3, 4, 5), date(2026, 1, 2), 19.99, True, time(10, 30), "A7"],
        ["m2", datetime(2026, 1, 3), date(2026, 1, 3), 20, False, None, 12346],
        ["m3", None, None, None, None, None, 0.5],
    )
    frame = read(path)
    assert columns(frame) == {
        "id": ["m1", "m2", "m3"],
        "when": [datetime(2026, 1, 2, 3, 4, 5), datetime(2026, 1, 3), None],
        "day": [date(2026, 1, 2), date(2026, 1, 3), None],
        "amount": [19.99, 20.0, None],
        "gift": [True, False, None],
        "hour": ["10:30:00", None, None],
        "mixed": ["A7", "12346", "0.5"],
    }
    assert frame.numerals["mixed"].tolist() == [False, True, True]


def test_a_workbook_is_a_history(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.xlsx",
        ["event_id", "member_id", "type", "at", "amount", "gift", "items"],
        [1, 12346, "order", datetime(2026, 1, 2, 20, 0), 0.1 + 0.2, True, 3],
        [2, "M7", "order", "2026-01-02T20:00:00Z", 19.99, 0, None],
        [3, "M7", "order", datetime(2026, 1, 3), "a lot", None, None],
    )
    shop = program()
    found = history.read(shop, None, str(path))
    assert events(found, shop) == [
        {"id": "1", "type": "order", "member": "12346", "at": "2026-01-02T12:00:00+00:00",
         "amount": 30, "gift": 1, "items": 3},
        {"id": "2", "type": "order", "member": "M7", "at": "2026-01-02T20:00:00+00:00",
         "amount": 1999, "gift": 0},
    ]  # fmt: skip
    assert reasons(found) == [(3, "amount", "not a number, written like -1234.56")]


def test_numbers_of_a_mapping_are_exact(tmp_path: Path) -> None:
    write(
        tmp_path / "a.xlsx",
        ["No", "Who", "Day", "Unit Price", "Pieces"],
        ["r1", "m1", date(2026, 1, 2), 0.1, 3],
        ["r1", "m1", date(2026, 1, 2), 0.7, 1],
    )
    shop = program(
        "data:\n  events: {file: a.xlsx, type: order, group by: No, columns: {event_id: No,"
        " member_id: Who, at: Day, amount: 'sum(\"Unit Price\" * Pieces)'}}\n"
    )
    found = events(history.read(shop, None, None, workspace=tmp_path), shop)
    assert [e["amount"] for e in found] == [100]


def test_empty_rows_count_but_are_none_and_parts_do_not_matter(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xlsx", [], ["a", "b"], [1, "x"], [], [None, "y"], [3, None])
    for most in (1, 2, 1000):
        frame = read(path, most)
        assert columns(frame) == {"a": [1.0, None, 3.0], "b": ["x", "y", None]}
        assert frame.rows.tolist() == [1, 3, 4]


def test_the_first_sheet_that_is_shown_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = openpyxl.Workbook()
    book.worksheets[0].append(["hidden"])
    for name in ("first", "second"):
        book.create_sheet().append([name])
    book.worksheets[0].sheet_state = "hidden"
    book.active = 1
    book.save(path)
    assert list(read(path).columns) == ["first"]


def test_a_merged_heading_is_told_by_the_cell_without_a_name(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in (["Sales of January", None, None], ["id", "at", "amount"], [1, 2, 3]):
        sheet.append(row)
    sheet.merge_cells("A1:C1")
    book.save(path)
    with pytest.raises(DataError) as caught:
        read(path)
    assert str(caught.value) == (
        "a.xlsx: The column of B1 has no name: the cell is empty, or merged with another."
        " Expected a name for each column in the first row."
    )


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([], "a.xlsx: The first sheet is empty."),
        ([["a", "a"], [1, 2]], "a.xlsx: The column `a` is there twice."),
    ],
)
def test_a_sheet_that_is_no_table_is_told(
    tmp_path: Path, rows: list[list[object]], said: str
) -> None:
    with pytest.raises(DataError) as caught:
        read(write(tmp_path / "a.xlsx", *rows))
    assert str(caught.value).startswith(said)


def test_a_header_alone_is_a_sheet_without_rows(tmp_path: Path) -> None:
    frame = read(write(tmp_path / "a.xlsx", ["a", "b"]))
    assert (list(frame.columns), len(frame.rows)) == (["a", "b"], 0)


def test_two_thousand_columns_are_read(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xlsx", [f"c{i}" for i in range(2000)], list(range(2000)))
    assert read(path).columns["c1999"].to_pylist() == [1999.0]


@pytest.mark.parametrize("raw", [b"", b"no workbook", b"PK\x03\x04 and then nothing"])
def test_what_is_no_workbook_is_told(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "a.xlsx").write_bytes(raw)
    with pytest.raises(DataError, match="This is not a workbook, or it is damaged"):
        read(tmp_path / "a.xlsx")


def test_a_workbook_that_is_cut_anywhere_is_told(tmp_path: Path) -> None:
    raw = write(tmp_path / "a.xlsx", ["a"], *[[i] for i in range(50)]).read_bytes()
    for end in range(1, len(raw) - 1, 97):
        (tmp_path / "b.xlsx").write_bytes(raw[:end])
        with pytest.raises(DataError):
            read(tmp_path / "b.xlsx")


def replaced(path: Path, part: str, text: str | bytes) -> Path:
    """The workbook with one of its parts replaced."""
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    parts[part] = text.encode() if isinstance(text, str) else text
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in parts.items():
            new.writestr(name, content)
    return path


SHEET = "xl/worksheets/sheet1.xml"
FAR = [
    '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>',
    "<row r='1'><c r='A1'><v>1</v></c></row><row r='999999'><c r = 'zz999999'><v>2</v></c></row>",
    '<row r="1"><c r="A1"><v>1</v></c></row><row r="9999999"><c r="B9999999"><v>2</v></c></row>',
]


@pytest.mark.parametrize("cells", FAR)
def test_cells_that_lie_too_far_apart_are_refused(tmp_path: Path, cells: str) -> None:
    space = escape("http://schemas.openxmlformats.org/spreadsheetml/2006/main")
    text = f'<worksheet xmlns="{space}"><sheetData>{cells}</sheetData></worksheet>'
    path = replaced(write(tmp_path / "a.xlsx", ["a"]), SHEET, text)
    with pytest.raises(DataError, match="Its cells are spread over"):
        read(path)


def test_a_workbook_that_grows_beyond_bounds_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpacked, "FREE", 1 << 20)  # so that the test need not be as large
    path = replaced(write(tmp_path / "a.xlsx", ["a"]), SHEET, b" " * (8 << 20))
    assert path.stat().st_size * unpacked.TIMES < 8 << 20
    with pytest.raises(DataError, match="unpacks to more than 200 times its size"):
        read(path)


def test_other_workbooks_and_archives_are_told_what_to_do(tmp_path: Path) -> None:
    for ending, hint in ((".xls", "Save it as .xlsx"), (".zip", "Unpack it")):
        path = tmp_path / f"a{ending}"
        path.write_bytes(b"x")
        with pytest.raises(DataError, match=hint):
            source.find(str(path), "events")


def test_what_excel_leaves_beside_an_open_workbook_is_no_file(tmp_path: Path) -> None:
    write(tmp_path / "a.xlsx", ["a"])
    (tmp_path / "~$a.xlsx").write_bytes(b"owner")
    found, unread = source.find(str(tmp_path), "events")
    assert ([Path(one.name).name for one in found], unread) == (["a.xlsx"], ())


def test_values_of_several_kinds_become_text_as_a_file_would_have_it() -> None:
    given: list[object] = [
        True, 7, 1e20, 1e-7, Decimal("2.50"), datetime(2026, 1, 2, 3), date(2026, 1, 2),
        timedelta(hours=1), ["a"], None, "x",
    ]  # fmt: skip
    made, numbers = values.column(given)
    assert made.to_pylist() == [
        "true", "7", "100000000000000000000", "0.0000001", "2.50", "2026-01-02 03:00:00",
        "2026-01-02", "1:00:00", '["a"]', None, "x",
    ]  # fmt: skip
    assert numbers is not None
    assert numbers.tolist() == [False, True, True, True, True, *[False] * 6]
