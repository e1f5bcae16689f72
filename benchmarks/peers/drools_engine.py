"""The rules on Drools: its own rule model and a loop in Java, on jars of the `optapy` wheel."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.by_hand_state import last_days
from benchmarks.prepared import Columns
from benchmarks.rows import ENTRY, NOTE, Records

NAME = "Drools"
HERE = Path(__file__).resolve().parent / "drools"
WARM_RUNS = 12


def run(columns: Columns, runs: int) -> tuple[list[float], Records, Records]:
    """Seconds of each run after the warm ones, entries and notes. Raises ImportError."""
    jars = _jars()
    for command in ("java", "javac"):
        if shutil.which(command) is None:
            raise ImportError(f"no {command}")
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        classes = os.pathsep.join([folder, str(jars / "*")])
        sources = [str(s) for s in sorted(HERE.rglob("*.java"))]
        subprocess.run(["javac", "-nowarn", "-cp", classes, "-d", folder, *sources], check=True)
        _write(columns, place / "columns")
        arguments = [place / "columns", place / "entries", WARM_RUNS, runs]
        done = subprocess.run(
            ["java", "-Xmx4g", "-cp", classes, "benchmarks.Drools", *map(str, arguments)],
            capture_output=True, text=True,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(done.stderr)
        seconds = [int(line) / 1e9 for line in done.stdout.split() if line.isdigit()]
        return seconds, *_read(place / "entries")


def _jars() -> Path:
    found = importlib.util.find_spec("optapy")
    if found is None or not found.submodule_search_locations:
        raise ImportError("no optapy, whose wheel carries the jars")
    jars = Path(found.submodule_search_locations[0]) / "jars"
    if not any(jars.glob("drools-core*.jar")):
        raise ImportError("no jars in optapy")
    return jars


def _write(columns: Columns, file: Path) -> None:
    days = np.arange(columns.days[0], columns.days[1] + 1).astype("datetime64[D]")
    months = days.astype("datetime64[M]").astype(np.int64)
    sizes = [len(columns.member), len(columns.home), len(days), *columns.days]
    parts = (
        sizes, columns.member, columns.type, columns.day, columns.reward, columns.target,
        columns.keep, columns.amount, columns.home, last_days(columns), months,
    )  # fmt: skip
    np.concatenate([np.asarray(part, np.int64) for part in parts]).tofile(file)


def _read(file: Path) -> tuple[Records, Records]:
    """The entries and notes that the Java program left."""
    numbers = np.fromfile(file, np.int64)
    count, noted = numbers[:2]
    rows = numbers[4 : 4 + 8 * count].reshape(-1, 8)
    notes = numbers[4 + 8 * count :].reshape(-1, 3)
    assert len(notes) == noted
    entries, noticed = np.empty(len(rows), ENTRY), np.empty(len(notes), NOTE)
    for place, name in enumerate(ENTRY.names or ()):
        entries[name] = rows[:, place]
    for place, name in enumerate(NOTE.names or ()):
        noticed[name] = notes[:, place]
    return entries, noticed
