"""Texts compare by code point, match patterns letter by letter, and change one letter for one."""

from __future__ import annotations

import pytest

from engine.data.columns import Texts
from engine.language.expression import Want, read
from engine.machine import evaluate, lookup, zone
from engine.machine.bytecode import Assembler
from tests.expression_machine import worked
from tests.expression_world import HAS, LAYOUT, NAMES, SCOPE, columns


@pytest.mark.parametrize(
    ("text", "city", "value"),
    [
        ("city like 'S%e'", "Straße", True),
        ("city like 'Stra_e'", "Straße", True),
        ("city like 'Stra__e'", "Straße", False),
        ("city like 's%'", "Straße", False),
        ("city ilike 's%'", "Straße", True),
        ("city ilike 'STRAẞE'", "Straße", True),
        ("city ilike 'STRASSE'", "Straße", False),
        ("city like '_'", "😀", True),
        ("city like '%'", "", True),
        ("city like ''", "", True),
        ("city like '_'", "", False),
        ("city like '%a%b%'", "a\nb", True),
        ("city like '50%'", "50% off", True),
        ("city like '.*'", "abc", False),
        ("city = ''", "", True),
        ("length(city) = 3", "大闸蟹", True),
        ("length(city) = 1", "😀", True),
        ("upper(city) = 'STRAẞE'", "Straße", True),
        ("lower(city) = 'σοφοσ'", "ΣΟΦΟΣ", True),
        ("lower(upper(city)) = city", "ﬁg", True),
        ("city < 'a'", "Z", True),
        ("city > 'z'", "é", True),
        ("city > '\uffff'", "😀", True),
        ("greatest(city, 'b') = 'b'", "a", True),
        ("starts_with(city, '大')", "大闸蟹", True),
        ("ends_with(city, '')", "大闸蟹", True),
        ("contains(city, '闸蟹')", "大闸蟹", True),
        ("contains(city, city)", "大闸蟹", True),
        ("starts_with(city, lower(city))", "Aa", False),
        ("ends_with(lower(city), lower(city))", "Aa", True),
        ("contains('abc', city)", "bc", True),
        ("city in ('a', 'b', 'c', 'Bern')", "Bern", True),
        ("city not in ('a', 'b', 'c')", "Bern", True),
        ("city = 'it''s'", "it's", True),
    ],
)
def test_texts_are_compared_letter_by_letter(text: str, city: str, value: bool) -> None:
    assert worked(text, city=city) is value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("includes(likes, 'crab')", True),
        ("includes(likes, 'cra')", False),
        ("includes(likes, '')", False),
        ("includes(likes, city)", True),
        ("includes(likes, category)", None),
        ("includes(likes, null)", None),
        ("likes is null", False),
    ],
)
def test_several_texts_include_whole_texts_only(text: str, value: bool | None) -> None:
    assert worked(text, likes=("crab", "crab cake"), city="crab cake") is value


def test_no_texts_at_all_include_nothing() -> None:
    assert worked("includes(likes, '')", likes=()) is False
    assert worked("includes(likes, city)", likes=(), city="") is False


@pytest.mark.parametrize("text", ["city like '%'", "lower(city) = 'a'", "contains(city, city)"])
def test_a_text_that_is_null_gives_null(text: str) -> None:
    assert worked(text) is None


def test_the_tables_grow_with_the_texts() -> None:
    texts = Texts()
    assembler = Assembler(LAYOUT, zone.of("UTC"), texts)
    tree, _ = read("city like '%蟹' or lower(city) > 'm'", SCOPE, Want.FLAG)
    assert tree is not None
    number = assembler.add(tree)
    code = assembler.build()
    for city, expected in (("大闸蟹", 1), ("Apple", 0), ("ZOO", 1)):
        row = {n: city if n.name == "city" else None for n in (*NAMES, *HAS)}
        cells = columns([row], texts)
        env, null = cells.env[:, 0].copy(), cells.null[:, 0].copy()
        # Before the tables know the text, its row is set aside rather than read wrongly.
        assert evaluate.row(code, number, env, null)[2] == evaluate.TOO_LARGE
        code = assembler.build()
        assert evaluate.row(code, number, env, null) == (0, expected, evaluate.VALUE)


def test_what_lower_gives_is_a_text_with_a_table_of_its_own() -> None:
    texts = Texts()
    tables = lookup.Tables(texts)
    texts.code("ABC")
    small, length = tables.number("lower"), tables.number("length")
    grown = tables.grown()
    assert texts.values == ["ABC", "abc"]
    assert grown[small].tolist() == [1, 1]
    assert grown[length].tolist() == [3, 3]
