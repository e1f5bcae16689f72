"""Warm: an edited rule over a million events, and the commands on what is shipped."""

from __future__ import annotations

import os
import statistics
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import measure, ours, workload
from benchmarks.measure import PERKBOOK, ROOT, Figure

STAGE = "warm"
EDITED, CHECK, SAMPLE, COLD = 2, 1, 3, 60  # seconds


def run(files: workload.Files, times: int, *, cold: bool) -> list[Figure]:
    """The figures of this stage; `cold` compiles the machine anew, which takes a minute."""
    return [*_edited(files, times), *_commands(times), *([_compiled()] if cold else [])]


def _edited(files: workload.Files, times: int) -> list[Figure]:
    """A rule is edited: the rules are read anew and everything is replayed, in one process."""
    history = ours.read(ours.program(12), files.members, files.events)
    events = len(history.events.at)
    edits = iter(range(1, 1_000))

    def edit() -> Any:
        return ours.program(12, f"  extra: {{when: order, give: {{points: {next(edits)}}}}}\n")

    def from_files() -> None:
        with tempfile.TemporaryDirectory() as folder:
            ours.from_files(edit(), files.members, files.events, Path(folder))

    runs: dict[str, Callable[[], object]] = {
        "events in memory, to tables": lambda: ours.ledger(edit(), history),
        "from files to files": from_files,
    }
    taken = measure.in_turn(runs, times)
    return [
        Figure(STAGE, f"an edited rule, {name}", t, events, **measure.at_most(t, EDITED, "s"))
        for name, t in taken.items()
    ]


def _commands(times: int) -> list[Figure]:
    with tempfile.TemporaryDirectory() as out:
        commands = {
            "check of the starter program": (("check", "rules"), CHECK),
            "replay of the sample": (
                (
                    "replay", "rules", "--members", "sample_data/members.csv", "--events",
                    "sample_data/events.csv", "--out", out,
                ),
                SAMPLE,
            ),
        }  # fmt: skip
        figures = []
        for what, (arguments, bound) in commands.items():
            taken = statistics.median(_command(arguments) for _ in range(times))
            figures.append(Figure(STAGE, what, taken, **measure.at_most(taken, bound, "s")))
    return figures


def _command(arguments: tuple[str, ...], **more: str) -> float:
    environment = {**os.environ, **more}

    def once() -> None:
        done = subprocess.run(
            [*PERKBOOK, *arguments], cwd=ROOT, env=environment, check=True, capture_output=True
        )
        if not done.stdout:
            raise RuntimeError(f"{arguments[0]} said nothing")

    return measure.seconds(once)


def _compiled() -> Figure:
    """The machine's cold compile, into a folder of its own."""
    with tempfile.TemporaryDirectory() as empty:
        taken = _command(("prepare",), NUMBA_CACHE_DIR=empty)
        if not any(Path(empty).rglob("*.nbc")):
            raise RuntimeError("nothing was compiled")
    return Figure(STAGE, "cold compile", taken, **measure.at_most(taken, COLD, "s"))
