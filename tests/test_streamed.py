"""A replay of a large history, partition by partition, writes what a replay in memory writes."""

from __future__ import annotations

import errno
import json
import subprocess
import sys
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import csv, parquet

from engine.data import history, source
from engine.data.error import DataError
from engine.language.program import Program
from engine.machine import replay, streamed
from tests import random_worlds
from tests.generator import yaml_text
from tests.random_worlds import world

SEEDS = random_worlds.seeds(30, 1300)
PROGRAM = """
program: {name: Tea, timezone: Asia/Shanghai, money: CNY}
events:
  order: {amount: money}
  refund: {reverses: order, amount: money}
wallets: {points: {expires: 12 months}}
rewards: {tea: {coupon: 5.00, cost: {points: 10}}}
earn: {purchase: {when: order, give: {points: amount}}}
"""
CROSSING = {"budget", "over budget", "stock", "to", "referral", "friend_orders", "friend_spend"}
APART = 64  # partitions, so that hardly two of a few members share one
NAMES = ("ann", "bob", "cat", "dan", "eve", "fay")


def apart(
    program: Program, members: source.Given | None, events: source.Given, folder: Path, *,
    partitions: int = APART, until: date | None = None,
) -> None:  # fmt: skip
    """Writes the files of a replay in so many partitions, however few events there are."""
    found = history.files(program, members, events)
    streamed.run(program, found, until, folder, partition=max(1, found[1].about // partitions))


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def rows(*said: str) -> pa.Table:
    """Events: `id member type at [amount] [order] [reward] [grant]`, `-` where there is nothing."""
    names = ("event_id", "member_id", "type", "at", "amount", "order", "reward", "grant")
    cells = [[None if cell == "-" else cell for cell in line.split()] for line in said]
    columns = [[(line + [None] * 8)[n] for line in cells] for n in range(8)]
    return pa.table([pa.array(column, pa.string()) for column in columns], names)


def both(
    tmp_path: Path, events: source.Given, members: source.Given | None = None, **said: Any
) -> Path:
    """Where the files of both ways lie, which are the same."""
    program = random_worlds.program(PROGRAM)
    replay.run(program, members, events, **said).write(tmp_path / "whole")
    apart(program, members, events, tmp_path / "apart", **said)
    assert contents(tmp_path / "apart") == contents(tmp_path / "whole")
    return tmp_path / "apart"


def rejected(folder: Path) -> list[tuple[int, str, str, str]]:
    table = csv.read_csv(folder / "rejected.csv").to_pylist()
    return [(row["row"], row["column"], row["reason"], row["text"]) for row in table]


def alone(plain: Any) -> Any:
    """A random program without what ties members to one another."""
    if isinstance(plain, dict):
        return {key: alone(value) for key, value in plain.items() if key not in CROSSING}
    return [alone(value) for value in plain] if isinstance(plain, list) else plain


def muddled(events: pa.Table, rng: Random) -> pa.Table:
    """The events with some said to be another's, so that ids and what they name cross members."""
    names = events["member_id"].to_pylist()
    moved = [rng.choice(names) if rng.random() < 0.06 else name for name in names]
    place = events.schema.get_field_index("member_id")
    return events.set_column(place, "member_id", pa.array(moved, pa.string()))


@SEEDS
def test_partitions_on_disk_write_the_same_files(seeds: range, tmp_path: Path) -> None:
    for seed in seeds:
        made, rng = world(seed), Random(seed)
        program = random_worlds.program(yaml_text.written(alone(made.plain)))
        assert streamed.can(program)
        events = made.events if seed % 2 else muddled(made.events, rng)
        cut = rng.randrange(len(events))
        files = [events.slice(0, cut), events.slice(cut)]
        replay.run(program, made.members, files).write(tmp_path / "whole")
        partitions = rng.choice((1, 2, 3, APART))
        apart(program, made.members, files, tmp_path / "apart", partitions=partitions)
        assert contents(tmp_path / "apart") == contents(tmp_path / "whole"), seed


def test_an_id_that_two_members_say_is_of_the_earlier_one(tmp_path: Path) -> None:
    said = [f"e{n} {name} order 2026-01-0{n + 1}T10:00:00Z 5.00" for n, name in enumerate(NAMES)]
    said += [f"e{n} {name} order 2026-01-09T10:00:00Z 7.00" for n, name in enumerate(NAMES[::-1])]
    folder = both(tmp_path, rows(*said))
    other = "another row with this event_id says something else"
    assert rejected(folder) == [(n + 7, "event_id", other, f"e{n}") for n in range(6)]
    ledger = parquet.read_table(folder / "ledger.parquet")
    assert ledger["event_id"].to_pylist() == [f"e{n}" for n in range(6)]
    assert ledger["member_id"].to_pylist() == list(NAMES)


def test_of_rows_that_say_the_same_the_first_is_the_one_that_is_told(tmp_path: Path) -> None:
    again = "e1 ann refund 2026-01-05T10:00:00Z - nothing"
    others = [f"e1 {name} order 2026-01-06T10:00:00Z 1.00" for name in NAMES[1:]]
    folder = both(tmp_path, [rows(*others, again), rows(again)])
    assert (6, "order", "no order has this id", "nothing") in rejected(folder)
    assert json.loads((folder / "summary.json").read_text())["duplicates"] == 1


def test_a_reversal_of_what_another_member_did_is_told_as_such(tmp_path: Path) -> None:
    said = [f"o{n} {name} order 2026-01-01T10:00:00Z 50.00" for n, name in enumerate(NAMES)]
    said += [f"r{n} {name} refund 2026-01-02T10:00:00Z 1.00 o{(n + 1) % 6}"
             for n, name in enumerate(NAMES)]  # fmt: skip
    folder = both(tmp_path, rows(*said))
    strange = "this order is of another member"
    assert rejected(folder) == [(n + 7, "order", strange, f"o{(n + 1) % 6}") for n in range(6)]


def test_a_grant_of_another_member_is_refused_and_not_unknown(tmp_path: Path) -> None:
    said = [f"o{n} {name} order 2026-01-01T10:00:00Z 50.00" for n, name in enumerate(NAMES)]
    said += [f"t{n} {name} redeem 2026-01-02T10:00:00Z - - tea" for n, name in enumerate(NAMES)]
    said += [f"u{n} {name} use 2026-01-03T10:00:00Z - - - t{(n + 1) % 6}/tea/0"
             for n, name in enumerate(NAMES)]  # fmt: skip
    folder = both(tmp_path, rows(*said))
    assert rejected(folder) == []
    refused = parquet.read_table(folder / "refused.parquet").to_pylist()
    assert [(row["event_id"], row["code"]) for row in refused] == [
        (f"u{n}", "not_eligible") for n in range(6)
    ]


def test_the_last_day_is_that_of_the_last_event_that_counts(tmp_path: Path) -> None:
    people = pa.table({"member_id": list(NAMES)})
    events = rows(
        "e1 ann order 2026-01-01T10:00:00Z 5.00",
        "e2 bob order 2026-02-01T10:00:00Z 5.00",
        "e3 nobody order 2027-03-01T10:00:00Z 5.00",
        "e2 cat order 2027-04-01T10:00:00Z 5.00",
    )
    folder = both(tmp_path, events, people)
    assert json.loads((folder / "summary.json").read_text())["until"] == "2026-02-01"


@pytest.mark.parametrize("until", [None, date(2026, 1, 2), date(2025, 1, 1)])
def test_what_is_later_than_the_last_day_is_left_out(tmp_path: Path, until: date | None) -> None:
    said = [f"e{n} {name} order 2026-01-0{n + 1}T10:00:00Z 5.00" for n, name in enumerate(NAMES)]
    folder = both(tmp_path, rows(*said), until=until)
    later = 0 if until is None else 4 if until.year == 2026 else 6
    assert json.loads((folder / "summary.json").read_text())["later"] == later


def test_no_event_at_all_writes_empty_files(tmp_path: Path) -> None:
    folder = both(tmp_path, rows(), pa.table({"member_id": list(NAMES)}))
    assert parquet.read_table(folder / "ledger.parquet").num_rows == 0
    assert parquet.read_table(folder / "members.parquet").num_rows == 6


def test_a_file_that_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    whole, cut = tmp_path / "whole.parquet", tmp_path / "cut.parquet"
    said = (f"e{n} ann order 2026-01-01T10:00:00Z 5.00" for n in range(20_000))
    parquet.write_table(rows(*said), whole, row_group_size=10_000, compression="none")
    found = bytearray(whole.read_bytes())
    middle = len(found) // 2
    found[middle : middle + 40_000] = b"\xff" * 40_000
    cut.write_bytes(found)
    program = random_worlds.program(PROGRAM)
    (tmp_path / "place").mkdir()
    with pytest.raises(DataError):
        apart(program, None, [cut], tmp_path / "place" / "out")
    assert list((tmp_path / "place").iterdir()) == []


def test_a_disk_that_takes_no_more_is_told_and_nothing_stays(tmp_path: Path) -> None:
    script = f"""
import resource, signal, sys
from datetime import date
from pathlib import Path
from tests import test_streamed as it
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
said = [f"e{{n}} ann order 2026-01-01T10:00:00Z 5.00" for n in range(20_000)]
program, events = it.random_worlds.program(it.PROGRAM), it.rows(*said)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    it.apart(program, None, events, Path({str(tmp_path / "place" / "out")!r}))
except OSError as error:
    print(error.errno, error.filename)
"""
    (tmp_path / "place").mkdir()
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout.split() == [str(errno.EFBIG), str(tmp_path / "place" / "out")], done.stderr
    assert list((tmp_path / "place").iterdir()) == []


def test_months_are_split_as_those_of_a_replay_in_memory(tmp_path: Path) -> None:
    said = [f"e{n} {name} order 2026-0{n + 1}-01T10:00:00Z 5.00" for n, name in enumerate(NAMES)]
    program = random_worlds.program(PROGRAM)
    replay.run(program, None, rows(*said)).write(tmp_path / "whole", "month")
    found = history.files(program, None, rows(*said))
    streamed.run(program, found, None, tmp_path / "apart", 1, months_in=program.zone)
    months = [path.name for path in sorted((tmp_path / "apart" / "ledger").iterdir())]
    assert months == [f"month=2026-0{n + 1}" for n in range(6)]
    for month in months:
        name = f"ledger/{month}/ledger.parquet"
        assert (tmp_path / "apart" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
