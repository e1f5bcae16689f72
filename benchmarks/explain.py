"""Explains one member of many: the command from its start to its end, and its memory."""

from __future__ import annotations

import statistics
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from benchmarks import measure, programs, workload
from benchmarks.measure import Figure

STAGE = "explain"
SECONDS = 2
USUAL, BUSY = "the usual member", "the busiest member"


def run(folder: Path, sizes: tuple[tuple[int, int], ...], times: int) -> list[Figure]:
    """The figures of this stage: CSV at the first of `sizes`, which are members and events, and
    Parquet at the last."""
    rules = folder / "rules"
    rules.mkdir(parents=True, exist_ok=True)
    (rules / "twelve.yaml").write_text(programs.text(12), encoding="utf-8")
    small, large = (workload.make(folder, members=m, events=e) for m, e in (sizes[0], sizes[-1]))
    found = []
    for what, member in members(large.events).items():
        told = _median(rules, large, member, times)
        # Thousands of events make a hundred thousand lines: there is no bound for so long a story.
        bound = measure.at_most(told["seconds"], SECONDS, "s") if what == USUAL else {}
        rows = f"{sizes[-1][1]:,} rows of Parquet"
        found.append(Figure(STAGE, f"{what}, {rows}", told["seconds"], **bound))
        found.append(Figure(STAGE, f"{what}, memory", value=f"{told['peak'] / 2**30:.2f} GiB"))
    as_csv = _as_csv(small)
    told = _median(rules, as_csv, members(small.events)[USUAL], times)
    found.append(Figure(STAGE, f"{USUAL}, {sizes[0][1]:,} rows of CSV", told["seconds"]))
    return found


def members(events: Path) -> dict[str, str]:
    """A member with as many events as half of them have at most, and the one with the most."""
    counted = pq.read_table(events, columns=["member_id"])["member_id"].value_counts()
    order = pc.sort_indices(counted, sort_keys=[("counts", "ascending"), ("values", "ascending")])
    names = counted.field("values")
    middle, last = order[len(order) // 2].as_py(), order[-1].as_py()
    return {USUAL: names[middle].as_py(), BUSY: names[last].as_py()}


def _median(rules: Path, files: workload.Files, member: str, times: int) -> dict[str, Any]:
    """The median seconds of the command, and the most memory of it."""
    said = {"rules": rules, "members": files.members, "events": files.events, "member": member}
    every = [measure.apart("explain", **said) for _ in range(times)]
    taken = statistics.median(one["seconds"] for one in every)
    return {"seconds": taken, "peak": max(one["command"] for one in every)}


def _as_csv(files: workload.Files) -> workload.Files:
    """The same as CSV."""
    found = workload.Files(*(it.with_suffix(".csv") for it in (files.members, files.events)))
    for source, target in ((files.members, found.members), (files.events, found.events)):
        if not target.exists():
            pa_csv.write_csv(pq.read_table(source), target)
    return found
