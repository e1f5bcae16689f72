"""CSV is read whatever it holds, and every row that is broken is set aside with its number."""

from __future__ import annotations

import csv
import io
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.data import csv_file, encoding, whole
from engine.data.error import DataError
from engine.data.frame import Frame


def read(text: str | bytes, delimiter: str = ",") -> Frame:
    """The text as a frame."""
    raw = text.encode() if isinstance(text, str) else text
    return whole.one(csv_file.read("x.csv", encoding.read("x.csv", [raw]), None, delimiter))


def rows(frame: Frame) -> list[tuple[object, ...]]:
    """The rows as plain values."""
    return list(zip(*(c.to_pylist() for c in frame.columns.values()), strict=True))


def broken(frame: Frame) -> list[tuple[int, str]]:
    """Row and reason of what was set aside."""
    return [(b.row, b.reason) for b in frame.broken]


def test_cells_are_text_and_empty_ones_are_null() -> None:
    frame = read('a,b\n1,x\n,""\n"q""q"," "\n')
    assert rows(frame) == [("1", "x"), (None, None), ('q"q', " ")]
    assert frame.rows.tolist() == [1, 2, 3]


def test_a_row_with_too_few_or_too_many_cells_is_set_aside_with_its_number() -> None:
    frame = read("a,b,c\n1,2,3\n1,2\n1,2,3,4\n4,5,6\n")
    assert rows(frame) == [("1", "2", "3"), ("4", "5", "6")]
    assert frame.rows.tolist() == [1, 4]
    assert broken(frame) == [
        (2, "it has 2 cells, the first line has 3"),
        (3, "it has 4 cells, the first line has 3"),
    ]


def test_a_quote_without_an_end_costs_its_own_line_and_no_other() -> None:
    frame = read('a,b\n1,"open\n2,x\n3,"fine"\n4,"also\nfine"\n5,"open')
    assert rows(frame) == [("2", "x"), ("3", "fine"), ("4", "also\nfine")]
    assert [row for row, _ in broken(frame)] == [1, 5]
    assert all("quote" in reason for _, reason in broken(frame))


def test_text_after_a_closing_quote_is_told() -> None:
    frame = read('a,b\n"x"y,1\nz,2\n')
    assert broken(frame) == [(1, "there is text after a closing quote")]
    assert rows(frame) == [("z", "2")]


def test_a_quote_inside_a_cell_is_a_quote() -> None:
    assert rows(read('a,b\n5" pipe,1\n')) == [('5" pipe', "1")]


def test_bad_utf_8_and_nul_bytes_cost_their_row() -> None:
    frame = read(b"a,b\n1,2\n\xff,2\n1,\x00\n3,\xe8\x9f\xb9\n")
    assert rows(frame) == [("1", "2"), ("3", "蟹")]
    assert broken(frame) == [(2, "it is not UTF-8 text"), (3, "it holds a NUL byte")]


def test_a_mark_at_the_beginning_and_any_end_of_line_are_taken() -> None:
    assert rows(read(b"\xef\xbb\xbfa,b\r\n1,2\r\n\r\n3,4")) == [("1", "2"), ("3", "4")]
    assert rows(read("a,b\r1,2\r3,4\r")) == [("1", "2"), ("3", "4")]
    assert broken(read("a,b\n1,x\ry\n2,z\n")) == [
        (1, "there is a carriage return in the middle of the row")
    ]


def test_tabs_separate_where_they_are_asked_for() -> None:
    assert rows(read("a\tb\n1\t2,5\n", "\t")) == [("1", "2,5")]


def test_chinese_columns_are_columns() -> None:
    assert list(read("会员号,金额\n1,2\n").columns) == ["会员号", "金额"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "x.csv:1:1: The file is empty."),
        (b"\xef\xbb\xbf\n \n", "x.csv:1:1: The file is empty."),
        (b"caf\xe9,b\n1,2\n", "x.csv:1:1: The first line is neither UTF-8 nor GB18030."),
        (b"PK\x03\x04rest", "x.csv:1:1: This is a workbook, a Parquet file or an archive"),
        (b"PAR1rest", "x.csv:1:1: This is a workbook, a Parquet file or an archive, not CSV."),
        (b"a,a\n1,2\n", "x.csv:1:1: The column `a` stands there twice."),
        (b'"a,b\n1,2\n', "x.csv:1:1: In the first line"),
        (b"\x00\x01\x02", "x.csv:1:1: This is not text: it holds NUL bytes."),
    ],
)
def test_a_file_that_is_no_csv_is_told_at_its_first_line(text: bytes, said: str) -> None:
    with pytest.raises(DataError) as caught:
        read(text)
    assert str(caught.value).startswith(said)


CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6)


@settings(derandomize=True, max_examples=300, deadline=None)
@given(st.lists(st.tuples(CELL, CELL, CELL), max_size=8), st.sampled_from(["\n", "\r\n"]))
def test_what_another_writer_wrote_is_read(table: list[tuple[str, str, str]], end: str) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator=end)
    writer.writerows([("a", "b", "c"), *table])
    frame = read(out.getvalue())
    assert rows(frame) == [tuple(cell or None for cell in row) for row in table]
    assert frame.broken == ()


@settings(derandomize=True, max_examples=500, deadline=None)
@given(st.text(alphabet='a,"\n\r\0é', max_size=60))
def test_nothing_is_lost_and_nothing_crashes(text: str) -> None:
    frame = read("x,y\n" + text)
    numbers = sorted([*frame.rows.tolist(), *(b.row for b in frame.broken)])
    assert numbers == list(range(1, len(numbers) + 1))
    assert all(len(row) == 2 for row in rows(frame))


def test_quotes_without_an_end_on_every_line_take_no_long_time() -> None:
    start = time.process_time()
    frame = read("a,b\n" + '1,"x\n' * 50_000)
    assert len(frame.broken) == 50_000
    frame = read("a,b\n" + '1,"' + '""\n' * 200_000)
    assert len(frame.broken) + len(frame.rows) > 0
    assert time.process_time() - start < 20
