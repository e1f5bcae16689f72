"""The order of the ledger's rows, beside a plain sort of the same rows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from engine.machine import ledger, ledger_order
from engine.machine.state import ROW
from tests import random_worlds

AT = [-50, 0, 0, 7, 10, 10, 10, 25, 31]  # instants of events; days begin at multiples of ten
FAR = st.sampled_from([0, 1, 2, 3, 2**40])

caused = st.tuples(st.integers(0, len(AT) - 1), st.just(0), st.integers(0, 3), FAR)
timed = st.tuples(st.just(-1), st.integers(-3, 4), st.sampled_from([0, 1, 2**40]), FAR)


def plain(rows: list[tuple[int, int, int, int]]) -> list[int]:
    """By instant, timers first, event or for timers member, position (LANGUAGE 4)."""

    def key(n: int) -> tuple[int, bool, int, int]:
        event, day, member, position = rows[n]
        instant = AT[event] if event >= 0 else day * 10
        return (instant, event >= 0, event if event >= 0 else member, position)

    return sorted(range(len(rows)), key=key)


def begin(days: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Days begin at multiples of ten."""
    starts, places = np.unique(days * 10, return_inverse=True)
    return starts, places


def order(rows: list[tuple[int, int, int, int]]) -> list[int]:
    records = np.zeros(len(rows), ROW)
    for n, (event, day, member, position) in enumerate(rows):
        for name, value in zip(
            ("event", "day", "member", "position"), (event, day, member, position), strict=True
        ):
            records[name][n] = min(value, np.iinfo(ROW[name]).max)
    found = ledger_order.of(records, np.array(AT), begin)
    return list(range(len(rows))) if found is None else [int(n) for n in found]


@settings(max_examples=400, derandomize=True, deadline=None)
@given(st.lists(st.one_of(caused, timed), max_size=30, unique_by=lambda r: (r[0], r[1], r[2:])))
def test_rows_in_any_order_come_into_the_order_of_a_plain_sort(
    rows: list[tuple[int, int, int, int]],
) -> None:
    assert order(rows) == plain(rows)


@settings(max_examples=200, derandomize=True, deadline=None)
@given(st.lists(st.integers(0, len(AT) - 1), min_size=1, max_size=30), st.randoms())
def test_entries_that_are_numbered_without_a_gap_find_their_places(
    events: list[int], chance: object
) -> None:
    seen = [0] * len(AT)
    rows = []
    for event in events:
        rows.append((event, 0, 0, seen[event]))
        seen[event] += 1
    chance.shuffle(rows)  # type: ignore[attr-defined]
    assert order(rows) == plain(rows)


def test_rows_that_stand_in_order_are_left_where_they_are() -> None:
    rows = np.zeros(4, ROW)
    rows["event"], rows["position"] = [0, 0, 3, 8], [0, 1, 0, 0]
    assert ledger_order.of(rows, np.array(AT), begin) is None


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_the_ledger_is_the_same_in_parts_of_any_size(size: int, tmp_path: Path) -> None:
    outcome = random_worlds.outcome(3)
    parts = list(outcome.entries.parts(size))
    assert [len(part) for part in parts[:-1]] == [size] * (len(parts) - 1)
    whole = pa.concat_tables([part.cast(ledger.SCHEMA) for part in parts])
    assert whole.equals(outcome.ledger)
    outcome.write(tmp_path)
    written = parquet.read_table(tmp_path / "ledger.parquet")
    assert written.cast(ledger.SCHEMA).equals(outcome.ledger)


def test_sums_beyond_what_a_float_holds_are_exact() -> None:
    outcome = random_worlds.outcome(3)
    rows = np.repeat(outcome.entries.rows[:1], 3)
    rows["wallet"], rows["kind"], rows["amount"] = 0, 0, [2**62, 2**62, 1]
    sums = replace(outcome.entries, rows=rows, order=None).sums()
    wallet = next(iter(outcome.entries.compiled.program.wallets))
    assert sums[wallet, "earn"] == 2**63 + 1
