"""Texts are read in whatever encoding they are, and however they are cut into blocks."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.data import csv_file, encoding, jsonl_file, whole
from engine.data.error import DataError
from engine.data.frame import Frame

TABLE = "会员号,姓名,金额\nm1,王丽,12.50\nm2,喆宝🙂,8\n"


def read(raw: bytes, size: int = 1 << 24, usual: str = ",") -> Frame:
    """The CSV text as a frame, given `size` bytes at a time."""
    blocks = [raw[at : at + size] for at in range(0, len(raw), size)]
    return whole.one(csv_file.read("x.csv", encoding.read("x.csv", blocks), None, usual))


def rows(frame: Frame) -> list[tuple[object, ...]]:
    """The rows as plain values."""
    return list(zip(*(c.to_pylist() for c in frame.columns.values()), strict=True))


def broken(frame: Frame) -> list[tuple[int, str]]:
    """Row and reason of what was set aside."""
    return [(b.row, b.reason) for b in frame.broken]


@pytest.mark.parametrize(
    "kind", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030"]
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_text_is_the_same_in_every_encoding(kind: str, end: str) -> None:
    frame = read(TABLE.replace("\n", end).encode(kind))
    assert list(frame.columns) == ["会员号", "姓名", "金额"]
    assert rows(frame) == [("m1", "王丽", "12.50"), ("m2", "喆宝🙂", "8")]
    assert frame.broken == ()


@pytest.mark.parametrize("kind", ["utf-8-sig", "utf-16", "utf-16-le", "gb18030"])
def test_an_encoding_is_found_in_the_smallest_blocks(kind: str) -> None:
    assert list(read(TABLE.encode(kind), size=1).columns) == ["会员号", "姓名", "金额"]


def test_utf_16_without_a_mark_may_be_nearly_all_chinese() -> None:
    text = "会员号,姓名\n" + "".join(f"{i},王丽喆宝金额会员号姓名\n" for i in range(50))
    for kind in ("utf-16-le", "utf-16-be"):
        assert len(read(text.encode(kind)).rows) == 50


def test_gb18030_that_is_cut_within_a_letter_costs_that_row() -> None:
    frame = read(TABLE.encode("gb18030")[:-1] + "，王".encode("gb18030")[:-1])
    assert rows(frame) == [("m1", "王丽", "12.50")]
    assert broken(frame) == [(2, "it is not GB18030 text")]


def test_utf_16_that_is_cut_within_a_letter_costs_that_row() -> None:
    frame = read("a,b\n1,2\n3,王".encode("utf-16-le")[:-1])
    assert rows(frame) == [("1", "2")]
    assert broken(frame) == [(2, "it is not UTF-16 text")]


def test_half_a_letter_of_utf_16_costs_its_row() -> None:
    frame = read("a,b\n1,\ud83d\n3,4\n".encode("utf-16", "surrogatepass"))
    assert rows(frame) == [("3", "4")]
    assert broken(frame) == [(1, "it is not UTF-16 text")]


def test_bytes_that_are_no_text_cost_their_rows_in_utf_8_and_in_gb18030() -> None:
    for kind, name in (("utf-8", "UTF-8"), ("gb18030", "GB18030")):
        lines = [f"m{i},王丽{i}".encode(kind) for i in range(20)]
        lines[6] = b"m6,\xff"
        frame = read(b"\n".join([b"id,name", *lines]))
        assert len(frame.rows) == 19
        assert broken(frame) == [(7, f"it is not {name} text")]


def test_latin_letters_with_accents_are_not_taken_for_chinese() -> None:
    frame = read("id,name\n1,Müller\n2,Smith\n3,Élodie\n".encode("latin-1"))
    assert rows(frame) == [("2", "Smith")]
    assert broken(frame) == [(1, "it is not UTF-8 text"), (3, "it is not UTF-8 text")]


@pytest.mark.parametrize("mark", [";", "\t", "|", ","])
def test_the_first_line_says_what_separates_cells(mark: str) -> None:
    text = f'"a,b;c|d"{mark}amount{mark}at\n1{mark}"2{mark}5"{mark}3,4\n'
    if mark == ",":
        text = text.replace("3,4", "3")
    frame = read(text.encode())
    assert list(frame.columns) == ["a,b;c|d", "amount", "at"]
    assert rows(frame)[0][:2] == ("1", f"2{mark}5")


def test_what_separates_cells_does_not_change_below_the_first_line() -> None:
    frame = read(b"a;b\n1;2,5\n1,2,3,4;5\n1,2\n")
    assert rows(frame) == [("1", "2,5"), ("1,2,3,4", "5")]
    assert broken(frame) == [(3, "it has 1 cell, the first line has 2")]


def test_excel_may_say_what_separates_cells() -> None:
    assert rows(read(b"sep=|\r\na,x|b\r\n1|2\r\n")) == [("1", "2")]


def test_tabs_come_first_where_the_name_of_the_file_says_so() -> None:
    assert list(read(b"a,b,c\td\n1\t2\n", usual="\t").columns) == ["a,b,c", "d"]
    assert list(read(b"a,b\n1,2\n", usual="\t").columns) == ["a", "b"]


def test_a_header_alone_is_a_file_without_rows() -> None:
    for raw in (b"a,b", b"a,b\n", b"\xef\xbb\xbfa,b\r\n\r\n"):
        frame = read(raw)
        assert (list(frame.columns), rows(frame), frame.broken) == (["a", "b"], [], ())


def test_a_last_line_that_is_cut_is_set_aside() -> None:
    frame = read(b"a,b,c\n1,2,3\n4,5")
    assert broken(frame) == [(2, "it has 2 cells, the first line has 3")]
    assert broken(read(b'a,b\n1,2\n4,"fi')) == [(2, "a quote that is opened is never closed")]


def test_two_thousand_columns_are_read() -> None:
    names = [f"c{i}" for i in range(2000)]
    lines = [",".join(names), *(",".join(str(i + j) for i in range(2000)) for j in range(100))]
    frame = read("\n".join(lines).encode())
    assert len(frame.columns) == 2000
    assert frame.columns["c1999"].to_pylist()[:2] == ["1999", "2000"]


def test_a_line_without_an_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoding, "LONGEST", 100)
    with pytest.raises(DataError, match="There is no end of line within"):
        read(b"a,b\n" + b"x" * 200, 50)


CELL = st.text(st.sampled_from('ab,;"\n\r é王🙂'), max_size=5)


@settings(derandomize=True, max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(CELL, CELL), max_size=8),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    st.integers(1, 40),
)
def test_where_blocks_end_changes_nothing(
    table: list[tuple[str, str]], kind: str, size: int
) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows([("x", "y"), *table])
    raw = out.getvalue().encode(kind)
    frame = read(raw, size)
    assert rows(frame) == [tuple(cell or None for cell in row) for row in table]
    assert frame.rows.tolist() == list(range(1, len(table) + 1))


@settings(derandomize=True, max_examples=300, deadline=None)
@given(st.text(alphabet='a,"\n\r\0é', max_size=60), st.integers(1, 30))
def test_broken_rows_are_the_same_however_the_text_is_cut(text: str, size: int) -> None:
    raw = ("x,y\n" + text + "\n").encode()
    once, cut = read(raw), read(raw, size)
    assert rows(cut) == rows(once)
    assert cut.rows.tolist() == once.rows.tolist()
    assert cut.broken == once.broken


@settings(derandomize=True, max_examples=200, deadline=None)
@given(st.binary(max_size=80), st.sampled_from([b"", b"a,b\n", b"\xff\xfea\0,\0b\0\n\0"]))
def test_no_bytes_crash_a_reader(tail: bytes, head: bytes) -> None:
    for reader in (csv_file.read, jsonl_file.read):
        try:
            found = list(reader("x", encoding.read("x", [head + tail]), None))
        except DataError:
            continue
        assert found


def test_json_lines_are_the_same_however_they_are_cut() -> None:
    lines = [f'{{"a":{i},"b":"王{i}"}}' for i in range(30)]
    lines[7], lines[20] = "nonsense", '{"a":1,"later":2}'
    raw = "\n".join(lines).encode("gb18030")
    for size in (7, 64, 10_000):
        blocks = [raw[at : at + size] for at in range(0, len(raw), size)]
        frame = whole.one(jsonl_file.read("x", encoding.read("x", blocks), None))
        assert [b.row for b in frame.broken] == [8]
        assert frame.rows.tolist() == [i for i in range(1, 31) if i != 8]
        assert frame.columns["b"].to_pylist()[:2] == ["王0", "王1"]
        assert frame.columns["later"].to_pylist().count("2") == 1
        assert frame.numerals["a"].sum() == 29
