"""The SQL that is printed: names quoted, quotients cross-multiplied, days in the zone."""

from __future__ import annotations

from datetime import date

import duckdb
import pytest

from engine.language import sql
from engine.language.expression import Scope, Want, read
from engine.language.expression.tree import From, Name, Type
from engine.language.expression.words import FUNCTIONS
from tests.expression_machine import worked
from tests.expression_world import NAMES, SCOPE


def printed(text: str, want: Want = Want.FLAG, zone: str = "Asia/Shanghai") -> str:
    """The SQL of an expression."""
    tree, faults = read(text, SCOPE, want)
    assert tree is not None, faults
    return sql.show(tree, zone=zone)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("photo", '"photo"'),
        ("city = 'it''s'", "(\"city\" = 'it''s')"),
        ("city <> 'a' or photo", '(("city" <> \'a\') or "photo")'),
        ("not photo", '(not "photo")'),
        ("photo is not true", '(not ("photo" is true))'),
        ("city like '%a_'", "(\"city\" like '%a_')"),
        ("city in ('a', null)", "(\"city\" in ('a', null))"),
        ("birthday < '2026-01-31'", "(\"birthday\" < date '2026-01-31')"),
        ("at < '2026-01-31'", "(\"at\" < timestamptz '2026-01-30 16:00:00.000000+00')"),
        (
            "date(at) = today",
            '(cast(timezone(\'Asia/Shanghai\', "at") as date) = "today")',
        ),
        ("amount >= 50", '("amount" >= 5000)'),
        ("orders between 1 and 3", '(("orders" >= 1) and ("orders" <= 3))'),
        ("has('ships_first')", '"ships_first"'),
    ],
)
def test_a_condition_is_printed_with_every_name_quoted(text: str, expected: str) -> None:
    assert printed(text) == expected


def test_a_comparison_of_quotients_is_cross_multiplied() -> None:
    shown = printed("amount / orders > 20")
    assert "/" not in shown.replace("//", "")
    assert 'nullif(abs(cast("orders" as hugeint)), 0)' in shown


def test_a_wall_time_in_a_gap_is_the_first_instant_after_it() -> None:
    shown = printed("at < '2026-03-08 02:30'", zone="America/New_York")
    assert shown == "(\"at\" < timestamptz '2026-03-08 07:00:00.000000+00')"
    shown = printed("at < '2026-11-01 01:30'", zone="America/New_York")
    assert shown == "(\"at\" < timestamptz '2026-11-01 05:30:00.000000+00')"


def test_columns_may_stand_elsewhere() -> None:
    tree, _ = read("orders > 3", SCOPE, Want.FLAG)
    assert tree is not None
    orders = next(n for n in NAMES if n.name == "orders")
    shown = sql.show(tree, zone="UTC", columns={orders: 'm."n"'})
    assert shown == '(m."n" > 3)'


def test_a_part_of_a_wallet_is_a_column_of_its_own() -> None:
    pending = Name(From.PENDING, "points", Type.WHOLE)
    tree, _ = read("points_pending > 3", Scope({"points_pending": pending}), Want.FLAG)
    assert tree is not None
    assert sql.show(tree, zone="UTC") == '("points_pending" > 3)'


def test_a_number_without_a_constant_denominator_is_not_printed() -> None:
    with pytest.raises(ValueError, match="constant denominator"):
        printed("amount / orders", Want.NUMBER)


def test_a_name_with_a_quote_stays_one_name() -> None:
    assert sql.quoted('a"b') == '"a""b"'


@pytest.mark.parametrize("name", [n for n in FUNCTIONS if n != "has"])
def test_every_function_of_nulls_is_null_in_duckdb_too(name: str) -> None:
    text = f"{name}({', '.join(['null'] * FUNCTIONS[name].least)}) is null"
    assert worked(text, today=date(2026, 1, 1)) is True
    asked = f"select {printed(text)} from (select date '2026-01-01' as today)"
    assert duckdb.connect().execute(asked).fetchall() == [(True,)]
