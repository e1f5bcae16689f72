"""Cells become exact values of their declared types, or are refused with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.data import cells
from engine.data.faults import WORDS
from engine.language.expression.tree import Type

SHANGHAI = cells.How(2, "Asia/Shanghai", "Asia/Shanghai")
NEW_YORK = cells.How(2, "America/New_York", "America/New_York")


def read(
    values: Sequence[object],
    kind: Type,
    how: cells.How = SHANGHAI,
    type_: pa.DataType | None = None,
) -> list[object]:
    """Each cell as its value, None, or the words of its fault."""
    column = pa.array(values, type_)
    if pa.types.is_string(column.type):
        column = column.cast(pa.large_string())
    got = cells.read(column, kind, how)
    found: list[object] = []
    for i in range(len(column)):
        if got.fault[i]:
            found.append(WORDS[got.fault[i]])
        elif got.null[i]:
            found.append(None)
        else:
            found.append(got.texts[i].as_py() if got.values is None else int(got.values[i]))
    return found


NOT_NUMBER = "not a number, written like -1234.56"
TOO_EXACT = "more places after the point than can be kept"


def test_money_in_text_is_minor_units() -> None:
    assert read(["19.99", "-0.5", "7", "0.10"], Type.MONEY) == [1999, -50, 700, 10]


def test_money_in_text_with_more_places_than_the_currency_is_refused() -> None:
    assert read(["19.999", "0.001"], Type.MONEY) == [TOO_EXACT, TOO_EXACT]


def test_zeros_at_the_end_are_no_places() -> None:
    assert read(["19.990", "5.000"], Type.MONEY) == [1999, 500]


@pytest.mark.parametrize(
    "text",
    ["1,000", "1e3", " 1", "1 ", "+1", ".5", "5.", "0x10", "１２", "NaN", "--1", "1_000", "¥5"],
)
def test_numbers_in_text_are_read_without_guessing(text: str) -> None:
    assert read([text], Type.MONEY) == [NOT_NUMBER]


def test_a_binary_float_is_rounded_half_away_from_zero_as_its_shortest_text_says() -> None:
    # 1.005 and 2.675 are stored a little below; their text is what the writer meant.
    given_ = [1.005, -1.005, 2.675, 0.1 + 0.2, 19.99, 1e-9]
    assert read(given_, Type.MONEY) == [101, -101, 268, 30, 1999, 0]


def test_a_narrow_float_is_read_as_its_own_shortest_text() -> None:
    assert read([1.005, 19.99], Type.MONEY, type_=pa.float32()) == [101, 1999]


@settings(derandomize=True, max_examples=300, deadline=None)
@given(st.lists(st.floats(-1e9, 1e9), min_size=1))
def test_floats_agree_with_decimal(values: list[float]) -> None:
    cent = Decimal("0.01")
    expected = [int(Decimal(repr(v)).quantize(cent, ROUND_HALF_UP) * 100) for v in values]
    assert read(list(values), Type.MONEY, type_=pa.float64()) == expected


@settings(derandomize=True, max_examples=300, deadline=None)
@given(st.lists(st.decimals(-(10**8), 10**8, places=2), min_size=1))
def test_texts_agree_with_decimal(values: list[Decimal]) -> None:
    expected = [int(v * 100) for v in values]
    assert read([f"{v:f}" for v in values], Type.MONEY) == expected


def test_money_is_bounded_by_ten_to_the_thirteen() -> None:
    most = ["100000000000.00", "100000000000.01", "-100000000000.01", "9" * 40]
    assert read(most, Type.MONEY) == [10**13, "too large", "too large", "too large"]
    assert read([1e11, 2e11, float("inf")], Type.MONEY) == [10**13, "too large", "too large"]
    assert read([10**11, 10**17, -(2**63)], Type.MONEY) == [10**13, "too large", "too large"]


def test_the_currency_without_minor_units_has_no_places() -> None:
    yen = cells.How(0, "Asia/Tokyo", "Asia/Tokyo")
    assert read(["100", "100.5"], Type.MONEY, yen) == [100, "not a whole number"]


def test_a_decimal_keeps_six_places() -> None:
    assert read(["0.123456", "-2", "0.1234567"], Type.DECIMAL) == [123456, -2_000_000, TOO_EXACT]
    assert read([0.1234565], Type.DECIMAL) == [123457]


def test_decimals_of_a_file_are_exact() -> None:
    exact = [Decimal("0.000000001"), Decimal("1.250000000")]
    assert read(list(exact), Type.DECIMAL) == [TOO_EXACT, 1_250_000]
    assert read([Decimal("19.99"), Decimal("0.10")], Type.MONEY) == [1999, 10]


def test_a_whole_number_may_be_held_as_a_float_and_must_be_whole() -> None:
    assert read([12.0, 1.5, float("nan")], Type.WHOLE) == [12, "not a whole number", None]
    assert read(["12", "1.5", "x"], Type.WHOLE) == [12, "not a whole number", NOT_NUMBER]
    assert read(["999999999999999999", "1000000000000000000"], Type.WHOLE) == [
        999999999999999999, "too large",
    ]  # fmt: skip


def test_a_whole_number_held_as_a_float_is_that_number_as_an_id() -> None:
    assert read([12346.0, 1.5, None], Type.TEXT) == ["12346", "1.5", None]
    assert read([6222021234567890.0, 0.5], Type.TEXT) == ["6222021234567890", "0.5"]
    assert read([Decimal("12346.00")], Type.TEXT) == ["12346"]
    assert read([100.0, 1000.0], Type.TEXT) == ["100", "1000"]
    assert read(["12346.0"], Type.TEXT) == ["12346.0"]


def test_flags_are_true_false_one_and_zero() -> None:
    wrong = "neither true, false, 1 nor 0"
    assert read(["true", "false", "1", "0", "True", "yes"], Type.FLAG) == [1, 0, 1, 0, wrong, wrong]
    assert read([1, 0, 2], Type.FLAG) == [1, 0, wrong]
    assert read([True, None, False], Type.FLAG) == [1, None, 0]


def test_days_are_written_as_iso_says_and_exist() -> None:
    wrong = "not a date, written like 2026-01-31"
    days = ["1970-01-02", "2024-02-29", "2026-02-29", "2026-2-1", "31.12.2025", "2026-13-01"]
    assert read(days, Type.DATE) == [1, 19782, wrong, wrong, wrong, wrong]


def test_a_timestamp_is_a_day_only_at_midnight() -> None:
    times = [datetime(1970, 1, 2), datetime(1970, 1, 2, 1)]
    assert read(times, Type.DATE)[0] == 1
    assert read(times, Type.DATE)[1] == "not a date, written like 2026-01-31"


def test_instants_are_kept_to_the_microsecond() -> None:
    micro = 1_767_225_600_000_000  # 2026-01-01T00:00:00Z
    texts = ["2026-01-01T00:00:00Z", "2026-01-01T08:00:00.1234567+08:00", "2026-01-01 08:00"]
    assert read(texts, Type.TIME) == [micro, micro + 123456, micro]
    assert read(["2026-01-01", "2025-12-31T18:30-05:30", "2026-01-01 02+02"], Type.TIME) == [
        micro - 8 * 3_600_000_000, micro, "not a time, written like 2026-01-31 18:30:00 or "
        "2026-01-31T18:30:00+08:00",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        *("2026-01-01 24:00", "2026-02-30 10:00", "10:00", "2026-01-01 10:61", "01/02/2026"),
        *("now", "2026-01-01 10:00 +08:00", "20260101", "2026-01-01T10:00:00,5"),
    ],
)
def test_other_times_are_refused(text: str) -> None:
    assert str(read([text], Type.TIME)[0]).startswith("not a time, written like")


def test_times_far_away_are_refused() -> None:
    far = "not a time from 1900 to 2999"
    assert read(["1899-12-31", "9999-12-31 10:00"], Type.TIME) == [far, far]


def test_a_time_in_a_gap_is_the_first_instant_after_it_and_an_overlap_takes_the_first() -> None:
    # New York: on 8 March 2026 02:00 becomes 03:00; on 1 November 02:00 becomes 01:00.
    gap = datetime(2026, 3, 8, 7, tzinfo=UTC)
    first = datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    got = read(["2026-03-08 02:30", "2026-03-08 03:00", "2026-11-01 01:30"], Type.TIME, NEW_YORK)
    assert got == [micros(gap), micros(gap), micros(first)]


def micros(at: datetime) -> int:
    """An instant as the columns hold it."""
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


@settings(derandomize=True, max_examples=100, deadline=None)
@given(
    st.sampled_from(["Asia/Shanghai", "America/New_York", "Europe/London", "Australia/Lord_Howe",
                     "America/Sao_Paulo", "Africa/Casablanca", "Pacific/Apia"]),
    st.lists(st.datetimes(datetime(1930, 1, 1), datetime(2037, 1, 1)), min_size=1, max_size=20),
)  # fmt: skip
def test_local_times_agree_with_the_zone(name: str, local: list[datetime]) -> None:
    zone = ZoneInfo(name)
    expected = []
    for one in local:
        instant = one.replace(tzinfo=zone).astimezone(UTC)
        if instant.astimezone(zone).replace(tzinfo=None) != one:  # in a gap
            low = instant - timedelta(days=2)
            while instant - low > timedelta(microseconds=1):  # the instant of the change
                middle = low + (instant - low) / 2
                before = middle.astimezone(zone).replace(tzinfo=None) < one
                low, instant = (middle, instant) if before else (low, middle)
        expected.append(micros(instant))
    how = cells.How(2, name, name)
    assert read(list(local), Type.TIME, how, pa.timestamp("us")) == expected


def test_several_texts_stand_in_one_cell() -> None:
    mark = "\x1f"
    texts = ["crab; cake", '["a","b"]', "x", "[1]", "[", ""]
    assert read(texts, Type.TEXTS) == [
        f"crab{mark}cake", f"a{mark}b", "x", "not a text", "not a text", "",
    ]  # fmt: skip
    assert read([["a", "b"], [], None], Type.TEXTS) == [f"a{mark}b", "", None]


def test_what_is_no_text_at_all_is_refused() -> None:
    assert read([{"a": 1}], Type.TEXT) == ["not a text"]
    assert read([["a"]], Type.MONEY) == [NOT_NUMBER]
