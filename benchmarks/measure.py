"""Measuring: seconds taken in turn, processes of their own for memory, figures and their table."""

from __future__ import annotations

import gc
import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PERKBOOK = (sys.executable, "-c", "from engine.cli import main; main()")


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table; `value` is measured against `bound`, met or not; None: no bound."""

    stage: str
    what: str
    seconds: float | None = None
    events: int | None = None
    value: str = ""
    bound: str = ""
    met: bool | None = None
    equal: bool | None = None  # whether its result is that of the others
    missing: str = ""  # why there is no figure

    @property
    def rate(self) -> float | None:
        """Events per second."""
        return self.events / self.seconds if self.events and self.seconds else None


def seconds(run: Callable[[], object]) -> float:
    """How long one run takes, without the collector of garbage in between."""
    gc.collect()
    gc.disable()
    try:
        start = time.perf_counter()
        run()
        return time.perf_counter() - start
    finally:
        gc.enable()


def in_turn(runs: Mapping[str, Callable[[], object]], times: int) -> dict[str, float]:
    """The median seconds of each, after one run that does not count; one after the other, so
    that a busy machine is busy for all of them."""
    for run in runs.values():
        run()
    taken: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(times):
        for name, run in runs.items():
            taken[name].append(seconds(run))
    return {name: statistics.median(all_) for name, all_ in taken.items()}


def apart(case: str, **said: Any) -> dict[str, Any]:
    """What a case of `benchmarks.cases` tells, run in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.cases", case, json.dumps(said, default=str)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{case}: {done.stderr.strip()}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def peak_bytes() -> int:
    """The most memory that this process has had.

    Linux hands `ru_maxrss` on from the process that started this one, so it is asked for its own.
    """
    status = Path("/proc/self/status")
    if status.exists():
        return 1024 * int(status.read_text().split("VmHWM:")[1].split()[0])
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def at_most(value: float, bound: float, unit: str = "x") -> dict[str, Any]:
    """The fields of a figure that is to stay at or below a bound."""
    return {"value": f"{value:.2f} {unit}", "bound": f"<= {bound:g} {unit}", "met": value <= bound}


def at_least(value: float, bound: float, unit: str = "x") -> dict[str, Any]:
    """The fields of a figure that is to reach a bound."""
    return {"value": f"{value:.2f} {unit}", "bound": f">= {bound:g} {unit}", "met": value >= bound}


def table(figures: Sequence[Figure]) -> str:
    """The figures as a table of Markdown."""
    head = ("stage", "what", "seconds", "events/s", "value", "bound", "met", "equal")
    lines = [head, tuple("---" for _ in head)]
    for it in figures:
        taken = f"{it.seconds:.4g}" if it.seconds is not None else it.missing
        rate = f"{it.rate:,.0f}" if it.rate else ""
        met, equal = ({None: "", True: "yes", False: "NO"}[x] for x in (it.met, it.equal))
        lines.append((it.stage, it.what, taken, rate, it.value, it.bound, met, equal))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def as_json(figures: Sequence[Figure]) -> list[dict[str, Any]]:
    """The figures as JSON has them."""
    return [asdict(it) for it in figures]
