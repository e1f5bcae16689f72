"""Whatever is written into a rules file, it is read or refused with messages, without a crash."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.language import rules
from engine.language.text.decode import decode

TEXT = (Path(__file__).resolve().parent / "language_example.yaml").read_text(encoding="utf-8")
PIECES = (
    *"{}[]:,'\"#&*!|>%@`-?\t\n \\=<>()0：，", "- ", ": ", " #", "{}", "[]", "[a, b]", "{a: b}",
    "null", "~", "yes", "<<", "12 days", "2026-01-01", "x1.5", "5%", "9" * 30, "\u2028", "\ufeff",
    "\x00", "\ud800", "蟹", "🦀", "---", "\n...\n", "points", "order.amount",
)  # fmt: skip
EDITS = st.lists(
    st.tuples(
        st.integers(0, len(TEXT)), st.integers(0, 30), st.sampled_from(PIECES) | st.text(max_size=8)
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(EDITS)
def test_edited_rules_are_read_or_refused_with_messages(edits: list[tuple[int, int, str]]) -> None:
    text = TEXT
    for start, length, piece in edits:
        text = text[:start] + piece + text[start + length :]
    reading = rules.read_texts({"rules.yaml": text})
    errors = [p for p in reading.problems if p.severity == "error"]
    assert (reading.program is None) == bool(errors)
    for problem in reading.problems:
        assert problem.place.line >= 1
        assert problem.place.column >= 1
        assert problem.what.rstrip().endswith((".", "?"))
        first = problem.show(reading.texts["rules.yaml"]).splitlines()[0]
        assert first.startswith(f"rules.yaml:{problem.place.line}:{problem.place.column}: ")


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.text() | st.text(alphabet="{}[]:,-'\"#&*!|>% \nab1"))
def test_any_text_is_read_or_refused_with_messages(text: str) -> None:
    assert rules.read_texts({"rules.yaml": text}).problems


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_with_messages(data: bytes) -> None:
    text, fault = decode(data)
    assert fault is None or fault.what.endswith(".")
    assert rules.read_texts({"rules.yaml": text}).problems
