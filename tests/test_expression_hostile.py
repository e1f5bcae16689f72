"""No text makes the reader crash, run long, or reach anything but its own names."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.data.columns import Texts
from engine.language import sql
from engine.language.expression import LENGTH_MAX, Want, denominator, read
from engine.language.expression.words import FUNCTIONS, KEYWORDS, REFUSED_FUNCTIONS, REFUSED_WORDS
from engine.machine.lookup import Tables
from tests.expression_world import NAMES, SCOPE

PIECES = [
    *(n.name for n in NAMES),
    *FUNCTIONS,
    *KEYWORDS,
    *REFUSED_FUNCTIONS,
    *REFUSED_WORDS,
    *"()+-*/%=<>,.;:'\"`!&|#[]{}\\@$^~?",
    *(
        "<>",
        "<=",
        ">=",
        "--",
        "/*",
        "*/",
        "::",
        "'a'",
        "''",
        "1",
        "0.5",
        "1_0",
        "%_",
        "５",
        "（",
        "\x00",
    ),
    *("__import__", "os.system", "read_csv", "getenv", "pragma", "attach", "copy", "😀", "\u202e"),
]
WANTS = st.sampled_from(list(Want))
WORDS = st.lists(st.sampled_from(PIECES), max_size=30).map(" ".join)


def reads(text: str, want: Want) -> None:
    """Reads a text; its faults have places inside it, and what is accepted can be printed."""
    tree, faults = read(text, SCOPE, want)
    assert (tree is None) == bool(faults)
    for fault in faults:
        assert 0 <= fault.start < fault.stop
        assert fault.start <= len(text)
        assert fault.what.endswith(".")
    if tree is not None:
        assert all(name in NAMES or name.source == "privilege" for name in tree.names())
        if not tree.type.is_number or denominator(tree) is not None:
            assert sql.show(tree, zone="Asia/Shanghai")


@settings(max_examples=500, deadline=1_000, derandomize=True)
@given(st.text(max_size=200), WANTS)
@example("\ud800", Want.FLAG)
@example("'" * 9_999, Want.FLAG)
def test_any_text_is_read_or_refused(text: str, want: Want) -> None:
    reads(text, want)


@settings(max_examples=800, deadline=1_000, derandomize=True)
@given(WORDS, WANTS)
def test_any_row_of_words_and_marks_is_read_or_refused(text: str, want: Want) -> None:
    reads(text, want)


REPEATED = (
    *("(", ")", "'", "''", '"', "not ", "-", "- ", "a", "1", "1 + ", "1,", "/*", "/*/", "%", "。"),
    *("case when ", "photo or ", "photo and not ", "least(", "least(1,", "orders in (", "1%of "),
    *("a.a", "orders < orders / ", "case when photo then ", "x = 1 and ", "'a' like '%%%%' or "),
)


@pytest.mark.parametrize("piece", REPEATED)
def test_a_piece_repeated_to_the_full_length_is_read_in_a_second(piece: str) -> None:
    text = piece * (LENGTH_MAX // len(piece))
    started = time.process_time()
    for want in (Want.FLAG, Want.AMOUNT):
        reads(text, want)
        reads(f"{text}photo", want)
    assert time.process_time() - started < 4


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')",
        "read_text('/etc/passwd') = ''",
        "getenv('HOME') = ''",
        "city in (select * from 'members.csv')",
        "photo; drop table t",
        "city = 'a' union select 1",
        "(lambda: 1)()",
        "photo.__class__ is null",
        "pg_sleep(10) is null",
        "'x' || chr(0) = city",
    ],
)
def test_nothing_outside_is_reached(text: str) -> None:
    tree, faults = read(text, SCOPE, Want.FLAG)
    assert tree is None
    assert faults


def test_a_pattern_of_many_percent_signs_is_searched_quickly() -> None:
    texts = Texts()
    texts.code("a" * 5_000)
    tables = Tables(texts)
    tables.number("like", "%a" * 12 + "%b")
    started = time.process_time()
    tables.grown()
    assert time.process_time() - started < 2
