"""End to end, Parquet to the files of LANGUAGE 4, beside DuckDB's copies and the loop by hand."""

from __future__ import annotations

import statistics
from pathlib import Path
from typing import Any

from benchmarks import measure, workload
from benchmarks.measure import Figure

STAGE = "end to end"
OF_COPIES, OF_BY_HAND = 3, 0.6
COST, MEMORY_GIB, GROWTH = 1.5, 2, 0.10


def run(folder: Path, sizes: tuple[tuple[int, int], ...], times: int) -> list[Figure]:
    """The figures of this stage; `sizes` are members and events, the larger last."""
    figures: list[Figure] = []
    costs, peak = [], 0
    for members, events in sizes:
        files = workload.make(folder, members=members, events=events)
        place = folder / f"out-{events}"
        found = _one(files, place, times)
        costs.append(found["ours"]["seconds"] / events)
        peak = found["ours"]["peak"]
        figures += _told(files, place, found, events)
    over = measure.at_most(costs[-1] / costs[0], COST)
    what = f"cost of an event, {sizes[-1][1]:,} / {sizes[0][1]:,}"
    figures.append(Figure(STAGE, what, **over))
    return [*figures, *_memory(folder, *sizes[-1], peak)]


def _one(files: workload.Files, place: Path, times: int) -> dict[str, dict[str, Any]]:
    """Each in turn, so many times: the medians."""
    place.mkdir(parents=True, exist_ok=True)
    read = {"members": files.members, "events": files.events}
    found: dict[str, list[dict[str, Any]]] = {}
    for _ in range(times):
        for name, case, said in (
            ("ours", "ours", {**read, "out": place / "ours"}),
            ("hand", "by_hand", {**read, "out": place / "hand"}),
            ("events", "copy", {"source": files.events, "out": place / "events.parquet"}),
            (
                "ledger",
                "copy",
                {"source": place / "ours" / "ledger.parquet", "out": place / "copy.parquet"},
            ),
        ):
            found.setdefault(name, []).append(measure.apart(case, **said))
    return {name: _median(all_) for name, all_ in found.items()}


def _median(all_: list[dict[str, Any]]) -> dict[str, Any]:
    taken = statistics.median(one["seconds"] for one in all_)
    return {**all_[0], "seconds": taken, "peak": max(one["peak"] for one in all_)}


def _told(
    files: workload.Files, place: Path, found: dict[str, dict[str, Any]], events: int
) -> list[Figure]:  # fmt: skip
    mine, hand = found["ours"]["seconds"], found["hand"]["seconds"]
    copies = found["events"]["seconds"] + found["ledger"]["seconds"]
    ledgers = {"one": place / "ours" / "ledger.parquet", "other": place / "hand" / "ledger.parquet"}
    same = measure.apart("same", **ledgers)["differ"] == 0
    memory = f"{found['ours']['peak'] / 2**30:.2f} GiB"
    return [
        Figure(STAGE, f"Perkbook, {events:,} rows", mine, events, value=memory),
        Figure(STAGE, f"by hand, {events:,} rows", hand, events, equal=same),
        Figure(STAGE, "DuckDB copies the events", found["events"]["seconds"], events),
        Figure(STAGE, "DuckDB copies the ledger", found["ledger"]["seconds"], events),
        Figure(STAGE, "Perkbook / both copies", **measure.at_most(mine / copies, OF_COPIES)),
        Figure(STAGE, "Perkbook / by hand", **measure.at_least(hand / mine, OF_BY_HAND)),
    ]


def _memory(folder: Path, members: int, events: int, peak: int) -> list[Figure]:
    """The most memory, and how it grew from half the events on, with as many members."""
    files = workload.make(folder, members=members, events=events // 2)
    said = {"members": files.members, "events": files.events, "out": folder / "out-half"}
    half = measure.apart("ours", **said)["peak"]
    gib = measure.at_most(peak / 2**30, MEMORY_GIB, "GiB")
    growth = measure.at_most(100 * (peak / half - 1), 100 * GROWTH, "%")
    return [
        Figure("memory", f"the most, {events:,} rows, {members:,} members", **gib),
        Figure("memory", f"more than at {events // 2:,} rows", **growth),
    ]
