"""Columns that are read many at a time, beside the same done one by one."""

from __future__ import annotations

from collections import Counter
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.data import cells, duplicates
from engine.data.faults import FINE, NOT_WHOLE, TOO_EXACT, TOO_LARGE
from engine.language.expression.tree import Type

PLACES = {Type.WHOLE: 0, Type.DECIMAL: 6, Type.MONEY: 2}
MOST = {Type.WHOLE: 10**18 - 1, Type.DECIMAL: 10**18 - 1, Type.MONEY: 10**13}
digits = st.one_of(
    st.integers(-(10**4), 10**4),
    st.integers(-(10**20), 10**20),
    st.sampled_from([2**63 - 1, -(2**63), 2**63, 10**13, 10**13 + 1, 10**15, 10**18, -(10**18)]),
)
texts = st.text(st.sampled_from("aé蟹\0 z"), min_size=1, max_size=40)


def plainly(value: Decimal | None, kind: Type, mapped: bool) -> tuple[int, int]:
    """The number times 10^places and what is wrong with it, by LANGUAGE 2 and RULINGS 1."""
    if value is None:
        return 0, FINE
    scaled = value.scaleb(PLACES[kind])
    whole = int(scaled.to_integral_value(ROUND_HALF_UP))
    if scaled != whole and not (mapped and kind is not Type.WHOLE):
        return 0, NOT_WHOLE if kind is Type.WHOLE else TOO_EXACT
    return (0, TOO_LARGE) if abs(whole) > MOST[kind] else (whole, FINE)


@settings(max_examples=400, derandomize=True, deadline=None)
@given(
    st.lists(st.one_of(st.none(), digits), min_size=1, max_size=8), st.integers(0, 9),
    st.sampled_from(list(PLACES)), st.booleans(), st.integers(0, 2),
)  # fmt: skip
def test_a_column_of_decimals_is_read_as_each_of_them(
    numbers: list[int | None], scale: int, kind: Type, mapped: bool, skip: int
) -> None:
    given_ = [None if n is None else Decimal(n).scaleb(-scale) for n in numbers]
    column = pa.array([Decimal(7).scaleb(-scale)] * skip + given_, pa.decimal128(38, scale))
    got = cells.read(column.slice(skip), kind, cells.How(2, "UTC", "UTC", mapped))
    wanted = [plainly(value, kind, mapped) for value in given_]
    assert got.values is not None
    assert got.fault.tolist() == [fault for _, fault in wanted]
    read = [0 if fault else int(v) for v, fault in zip(got.values, got.fault, strict=True)]
    assert read == [value for value, _ in wanted]
    assert got.null.tolist() == [value is None for value in given_]


@settings(max_examples=300, derandomize=True, deadline=None)
@given(st.lists(texts, max_size=60), st.integers(0, 3))
def test_ids_that_come_twice_are_found_whatever_their_length(ids: list[str], skip: int) -> None:
    column = pa.array(["before"] * skip + ids, pa.large_string()).slice(skip)
    said = np.zeros(len(ids), np.int64)
    settled = duplicates.settle(column, said, lambda rows: [], lambda row: "")
    times = Counter(ids)
    first = {text: ids.index(text) for text in times}
    if max(times.values(), default=1) == 1:
        assert settled is None
        return
    assert settled is not None
    assert settled.kept.tolist() == [first[text] == n for n, text in enumerate(ids)]
    assert not settled.other.any()


def test_ids_that_only_end_differently_have_hashes_of_their_own() -> None:
    ids = [f"{'order' * (n % 9)}{n}" for n in range(100_000)]
    assert len(np.unique(duplicates.hashed(pa.array(ids, pa.large_string())))) == len(ids)
