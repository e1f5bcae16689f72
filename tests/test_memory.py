"""A replay's memory is bounded: it grows with members, hardly with events."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from pyarrow import parquet

from benchmarks import workload

GIB = 1 << 30
SCRIPT = """
import json, sys, tracemalloc
from pathlib import Path
import pyarrow
from benchmarks import measure, ours
from engine.data import history
from engine.machine import streamed
members, events, out = (Path(name) for name in sys.argv[1:4])
program = ours.program(12)
ours.warm()
streamed.THREADS = 1  # what two threads hold at once is chance
if sys.argv[5] == "traced":
    tracemalloc.start()
found = history.files(program, members, events)
streamed.run(program, found, None, out, int(sys.argv[4]))
held = pyarrow.default_memory_pool().max_memory()
held += tracemalloc.get_traced_memory()[1] if sys.argv[5] == "traced" else 0
print(json.dumps({"process": measure.peak_bytes(), "arrays": held}))
"""


def peak(
    folder: Path, project: Path, *, members: int, events: int, size: int, traced: bool = False
) -> dict[str, int]:
    """The most bytes that a replay held, in partitions of `size` events, one file for each."""
    place = folder / f"{events}"
    place.mkdir()
    parquet.write_table(workload.member_table(members, 1), folder / "members.parquet")
    table = workload.event_table(members, events, 1)
    for first in range(0, events, size):
        parquet.write_table(table.slice(first, size), place / f"{first:08}.parquet")
    named = [str(folder / "members.parquet"), str(place), str(folder / "out"), str(size)]
    command = [sys.executable, "-c", SCRIPT, *named, "traced" if traced else ""]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True)
    assert not done.returncode, done.stderr
    found: dict[str, int] = json.loads(done.stdout)
    return found


def test_twice_as_many_events_make_hardly_larger_arrays(tmp_path: Path, project: Path) -> None:
    most, half = (
        peak(tmp_path, project, members=10_000, events=events, size=20_000, traced=True)["arrays"]
        for events in (400_000, 200_000)
    )
    assert most < 1.10 * half, (most, half)


@pytest.mark.soak
def test_ten_million_events_take_less_than_two_gibibytes(
    tmp_path: Path, project: Path, tell: Callable[[str], None]
) -> None:
    most, half = (
        peak(tmp_path, project, members=1_000_000, events=events, size=200_000)["process"]
        for events in (10_000_000, 5_000_000)
    )
    tell(f"{most / GIB:.2f} GiB, with half the events {half / GIB:.2f}")
    assert most < 2 * GIB
    assert most < 1.10 * half, (most, half)
