"""Measures Perkbook beside its peers and says which bounds are met: one command for all of it."""

from __future__ import annotations

import argparse
import json
import platform
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks import end_to_end, explain, in_memory, many_rules, measure, single, warm, workload
from benchmarks.measure import ROOT, Figure

MEMBERS, EVENTS = 100_000, 1_000_000
LARGE = 10  # times as many, for what is said of ten million
STAGES = ("in-memory", "many-rules", "one-event", "warm", "end-to-end", "explain")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the stages that are asked for; 1 where results differ, or a bound is not met."""
    said = _parser().parse_args(arguments)
    figures = run(said.only, scale=said.scale, times=said.times, folder=said.folder)
    where = f"Python {platform.python_version()}, {platform.machine()}"
    sys.stdout.write(f"Scale {said.scale:g}, {where}\n\n{measure.table(figures)}\n")
    if said.json:
        told = json.dumps(measure.as_json(figures), indent=2, ensure_ascii=False)
        said.json.write_text(f"{told}\n", encoding="utf-8")
    differ = any(it.equal is False for it in figures)
    missed = any(it.met is False for it in figures) and said.scale >= 1
    return 1 if differ or missed else 0


def run(only: Sequence[str], *, scale: float, times: int, folder: Path) -> list[Figure]:
    """The figures of some stages at a scale; below 1 bounds are shown, and say little."""
    members, events = max(int(MEMBERS * scale), 10), max(int(EVENTS * scale), 100)
    files = workload.make(folder, members=members, events=events)
    sizes = ((members, events), (LARGE * members, LARGE * events))
    stages: dict[str, Callable[[], list[Figure]]] = {
        "in-memory": lambda: in_memory.run(files, times),
        "many-rules": lambda: many_rules.run(files, times),
        "one-event": lambda: single.run(files, times),
        "warm": lambda: warm.run(files, times, cold=scale >= 1),
        "end-to-end": lambda: end_to_end.run(folder, sizes, min(times, 3)),
        "explain": lambda: explain.run(folder, sizes, times),
    }
    figures = []
    for name in only or STAGES:
        sys.stderr.write(f"{name} ...\n")
        figures += stages[name]()
    return figures


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="share of the full size")
    parser.add_argument("--only", action="append", choices=STAGES, help="may be said again")
    parser.add_argument("--times", type=int, default=5, help="runs of which the median counts")
    parser.add_argument("--json", type=Path, help="a file for the figures")
    parser.add_argument("--folder", type=Path, default=ROOT / "out" / "benchmarks",
                        help="where data and results go")  # fmt: skip
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
