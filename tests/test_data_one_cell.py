"""A value that comes alone is read as a file's cell is, whichever way it takes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from random import Random
from typing import Any

import pyarrow as pa
import pytest

from engine.data import cells, history, one_cell
from engine.data.error import DataError
from engine.data.one_cell import Said, UnreadableError
from engine.data.one_event import Reader
from engine.data.zone import Zone
from engine.language.expression.tree import Type
from engine.language.program import Program
from engine.machine import zone
from tests.random_worlds import program

HOME = "Europe/Berlin"
HOW = cells.How(2, HOME, HOME)
PLACE = Zone(*zone.of(HOME))
TEXTS = (
    "2026-01-31T18:30:00.285000+00:00", "2026-03-29 02:30:00", "2026-10-25T02:30", "1899-12-31",
    "2999-12-31T23:59:59Z", "2300-01-01 00:00", "2026-02-30", "2026-01-31 18:30:00+08:00",
    "2026-01-31T18:30:00.2+0100", "2026-01-31T24:00:00", "1234.56", "-0.005", "true", "1",
    "crab;cake", '["a","b"]', "", "１２", "12345678901234567890", "李娜", "a\ud800",
)  # fmt: skip
VALUES = (
    1, 0, -5, 10**18, 10**13, 10**11, 10**11 + 1, 10**30, 1.005, 0.115, -2.675, 1e20, float("nan"),
    float("inf"), 0.1 + 0.2, Decimal("1.10"), Decimal("1.105"), Decimal("1e3"), Decimal("NaN"),
    Decimal("1.000000000000000000000000000000000000001"), True, False, date(2026, 1, 31),
    datetime(2026, 1, 31, 18, 30), datetime(2026, 3, 29, 2, 30), datetime(2500, 1, 1),
    datetime(2026, 1, 31, 18, 30, tzinfo=UTC), ["a", "b"], {"a": 1}, [1], b"x",
    datetime(2026, 1, 31, 18, 30, tzinfo=timezone(timedelta(hours=8))),
)  # fmt: skip
TYPES = [kind for kind in Type if kind is not Type.NULL]


def said(read: one_cell.Read, value: object) -> tuple[str, Said]:
    try:
        return "", read(value)
    except UnreadableError as wrong:
        return wrong.reason, None


def by_column(kind: Type) -> one_cell.Read:
    return lambda value: one_cell.slowly(value, kind, HOW)


def mangled(rng: Random, text: str) -> str:
    letters = list(text)
    for _ in range(rng.randint(0, 3)):
        at = rng.randrange(len(letters) + 1)
        letters[at : at + rng.randint(0, 1)] = rng.choice("0123456789-+:.TZ ;eW１")
    return "".join(letters)


@pytest.mark.parametrize("count", [300, pytest.param(100_000, marks=pytest.mark.soak)])
def test_the_short_way_gives_what_a_column_gives(count: int) -> None:
    rng = Random(7)
    found = [*VALUES, *TEXTS, *(mangled(rng, rng.choice(TEXTS)) for _ in range(count))]
    found += [round(rng.uniform(-1e4, 1e4), rng.randint(0, 8)) for _ in range(count // 10)]
    for kind in TYPES:
        short, columns = one_cell.reader(kind, HOW, PLACE), by_column(kind)
        for value in found:
            ours, other = said(short, value), said(columns, value)
            assert ours == other, (kind, value)
            assert type(ours[1]) is type(other[1]), (kind, value)


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (Type.MONEY, "19.99", 1999),
        (Type.MONEY, 19.99, 1999),
        (Type.MONEY, Decimal("19.99"), 1999),
        (Type.MONEY, 20, 2000),
        (Type.MONEY, 0.005, 1),  # a float is rounded half away from zero
        (Type.DECIMAL, "0.25", 250_000),
        (Type.FLAG, True, 1),
        (Type.FLAG, "false", 0),
        (Type.DATE, "1970-01-02", 1),
        (Type.TIME, "1970-01-01T01:00:00", 0),  # an hour ahead in winter
        (Type.TIME, datetime(1970, 1, 1, tzinfo=UTC), 0),
        (Type.TEXTS, ["crab", "cake"], "crab\x1fcake"),
        (Type.TEXT, 12346.0, "12346"),
        (Type.MONEY, float("nan"), None),
    ],
)
def test_values_of_python_are_read(kind: Type, value: object, expected: Said) -> None:
    assert one_cell.reader(kind, HOW, PLACE)(value) == expected


RULES = """
program: {name: T, timezone: Europe/Berlin, money: EUR}
events: {order: {amount: money, pieces: whole, gift: flag, due: date, sent: time, tags: texts}}
"""
FINE = {"event_id": "e1", "member_id": "m1", "type": "order", "at": "2026-01-31 18:30:00"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"event_id": ""}, {"event_id": None}, {"member_id": ""}, {"type": "oder"}, {"type": None},
        {"at": "yesterday"}, {"at": None}, {"at": "1850-01-01"}, {"amount": "12,50"},
        {"amount": "1.005"}, {"amount": "99999999999999"}, {"pieces": "1.5"}, {"gift": "perhaps"},
        {"due": "31.01.2026"}, {"sent": "18:30"}, {"tags": '["a", 1]'},
    ],
    ids=str,
)  # fmt: skip
def test_what_is_wrong_is_said_in_the_words_of_the_readers(wrong: Mapping[str, Any]) -> None:
    made = program(RULES)
    row = {**FINE, **wrong}
    reader = Reader(made, PLACE)
    with pytest.raises(DataError) as raised:
        reader.read(row)
    (other,) = rejected(made, row)
    assert raised.value.what == f"`{other.column}`: {other.reason}."


def rejected(made: Program, row: Mapping[str, Any]) -> Any:
    table = pa.table({name: pa.array([value], pa.string()) for name, value in row.items()})
    return history.read(made, None, table).rejected


def test_a_column_that_is_missing_is_named() -> None:
    reader = Reader(program(RULES), PLACE)
    row = {name: value for name, value in FINE.items() if name != "at"}
    with pytest.raises(DataError, match=r"event e1: There is no column `at`\."):
        reader.read(row)


def test_columns_that_no_type_has_are_left_alone() -> None:
    reader = Reader(program(RULES), PLACE)
    assert reader.read({**FINE, "colour": "red"}) == reader.read(FINE)
