"""JSON Lines are read whatever they hold, and every line that is broken is set aside."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.data import encoding, jsonl_file, whole
from engine.data.frame import Frame


def read(text: str | bytes, wanted: list[str] | None = None) -> Frame:
    """The text as a frame."""
    raw = text.encode() if isinstance(text, str) else text
    return whole.one(jsonl_file.read("x.jsonl", encoding.read("x.jsonl", [raw]), wanted))


def values(frame: Frame, column: str) -> list[object]:
    """A column as plain values."""
    found: list[object] = frame.columns[column].to_pylist()
    return found


def test_values_are_texts_and_numbers_are_known_as_such() -> None:
    frame = read('{"a":"1","b":2}\n{"a":null,"b":1.50}\n{"b":true}\n')
    assert values(frame, "a") == ["1", None, None]
    assert values(frame, "b") == ["2", "1.5", "true"]
    assert frame.numerals["b"].tolist() == [True, True, False]
    assert frame.numerals["a"].tolist() == [False, False, False]


def test_whole_numbers_with_a_point_or_a_power_are_whole() -> None:
    frame = read('{"a":12346.0}\n{"a":1e3}\n{"a":1E-7}\n{"a":1e999999}\n')
    assert values(frame, "a") == ["12346", "1000", "0.0000001", "1e999999"]


def test_lines_that_are_no_object_are_set_aside_with_their_number() -> None:
    frame = read(b'{"a":1}\n\nnonsense\n[1]\n{"a":\n{"a":"\xff"}\n{"a":"\x00"}\n{"a":2}\n')
    assert values(frame, "a") == ["1", "2"]
    assert frame.rows.tolist() == [1, 7]
    assert [(b.row, b.reason) for b in frame.broken] == [
        (2, "it is not an object in JSON"),
        (3, "it is not an object in JSON"),
        (4, "it is not an object in JSON"),
        (5, "it is not UTF-8 text"),
        (6, "it holds a NUL byte"),
    ]


def test_lists_are_their_own_text() -> None:
    assert values(read('{"a":["x","y"]}'), "a") == ['["x","y"]']


def test_a_key_that_no_line_has_is_no_column() -> None:
    assert list(read('{"a":1}', ["a", "b"]).columns) == ["a"]


def test_no_lines_are_no_rows() -> None:
    assert len(read("", ["a"]).rows) == 0
    assert len(read("\n\n").rows) == 0


@settings(derandomize=True, max_examples=50, deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=8), min_size=1))
def test_texts_come_back_as_they_were(texts: list[str]) -> None:
    lines = "\n".join(json.dumps({"a": t}, ensure_ascii=len(t) % 2 == 0) for t in texts)
    frame = read(lines)
    assert values(frame, "a") == texts
