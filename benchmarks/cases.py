"""Cases that run in a process of their own, so that the memory seen is theirs alone."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import measure

FEW = 5_000_000  # entries that are compared one by one


def ours(members: str, events: str, out: str, rules: int = 12) -> dict[str, Any]:
    """Perkbook from files to files."""
    from benchmarks import ours as perkbook

    program = perkbook.program(rules)
    perkbook.warm()
    start = time.perf_counter()
    count = perkbook.from_files(program, Path(members), Path(events), Path(out))
    return {"seconds": time.perf_counter() - start, "events": count}


def by_hand(members: str, events: str, out: str) -> dict[str, Any]:
    """The loop written by hand between Perkbook's reader and its writer of files."""
    from benchmarks import by_hand_files

    by_hand_files.warm()
    start = time.perf_counter()
    count = by_hand_files.run(Path(members), Path(events), Path(out))
    return {"seconds": time.perf_counter() - start, "events": count}


def copy(source: str, out: str) -> dict[str, Any]:
    """DuckDB copies a Parquet file as it is."""
    import duckdb

    with duckdb.connect() as database:
        start = time.perf_counter()
        database.execute(f"copy (from read_parquet('{source}')) to '{out}' (format parquet)")
        return {"seconds": time.perf_counter() - start}


def same(one: str, other: str) -> dict[str, Any]:
    """How many entries of two ledgers differ; of very many, how many sums by member and wallet."""
    import duckdb

    with duckdb.connect() as database:
        counted = database.execute(f"select count(*) from read_parquet('{one}')").fetchone()
        few = counted is not None and counted[0] <= FEW
        every = "select * exclude (rules) from read_parquet('{}')"
        total = "select member_id, wallet, sum(amount) from read_parquet('{}') group by all"
        left, right = ((every if few else total).format(file) for file in (one, other))
        odd = f"(({left}) except all ({right})) union all (({right}) except all ({left}))"
        found = database.execute(f"select count(*) from ({odd})").fetchone()
    return {"differ": found[0] if found else -1}


def explain(rules: str, members: str, events: str, member: str) -> dict[str, Any]:
    """The command `explain`, from its start to its end; `command` is its most memory."""
    files = ("--members", members, "--events", events)
    command = [*measure.PERKBOOK, "explain", rules, *files, "--member", member]
    start = time.perf_counter()
    subprocess.run(command, cwd=measure.ROOT, check=True, capture_output=True)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return {"seconds": seconds, "command": peak if sys.platform == "darwin" else 1024 * peak}


CASES: dict[str, Callable[..., dict[str, Any]]] = {
    "ours": ours, "by_hand": by_hand, "copy": copy, "same": same, "explain": explain,
}  # fmt: skip

if __name__ == "__main__":
    # A case that needs more than the machine has fails alone, and takes nobody with it.
    most = int(0.8 * os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    said = json.loads(sys.argv[2])
    if "out" in said and Path(said["out"]).is_dir():
        shutil.rmtree(said["out"])
    told = CASES[sys.argv[1]](**said)
    sys.stdout.write(f"{json.dumps({**told, 'peak': measure.peak_bytes()})}\n")
