"""One event at a time: from a mapping to its entries, in one process, again and again."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from benchmarks import measure, ours, workload
from benchmarks.measure import Figure

STAGE = "one event"
MEDIAN, TIMES_MEDIAN = 20, 5  # microseconds; the 99th of a hundred
MOST = 100_000  # events that are taken
WARM = 1_000  # of which so many do not count

Row = Mapping[str, Any]


def run(files: workload.Files, times: int) -> list[Figure]:
    """The figures of this stage: the median of several runs' medians, and of their 99ths."""
    rows = _rows(files)
    members = pq.read_table(files.members)
    middle, slow = [], []
    for _ in range(times):
        taken = _taken(ours.one_by_one(ours.program(12), members), rows)
        middle.append(float(np.percentile(taken, 50)))
        slow.append(float(np.percentile(taken, 99)))
    median, worst = statistics.median(middle), statistics.median(slow)
    bounds = (
        ("from a mapping to its entries, median", median, MEDIAN),
        ("the same, 99 of 100", worst, TIMES_MEDIAN * MEDIAN),
    )
    return [
        Figure(STAGE, what, value / 1e6, **measure.at_most(value, bound, "us"))
        for what, value, bound in bounds
    ]


def _rows(files: workload.Files) -> list[Row]:
    """The first events as a service gets them: ids, times and names as texts, amounts as floats."""
    table = pq.read_table(files.events).sort_by([("at", "ascending"), ("event_id", "ascending")])
    return [
        {**row, "at": row["at"].isoformat(), "amount": row["amount"] and float(row["amount"])}
        for row in table.slice(0, MOST).to_pylist()
    ]


def _taken(take: Callable[[Row], object], rows: Sequence[Row]) -> list[float]:
    """How long each event took, in microseconds; the collector of garbage runs as it does."""
    gc.collect()
    found, clock = [], time.perf_counter_ns
    for row in rows:
        start = clock()
        take(row)
        found.append((clock() - start) / 1000)
    return found[min(WARM, len(rows) // 2) :]
