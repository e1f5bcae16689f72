"""`perkbook replay --partition-by month`: the same ledger as a folder of its months."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engine.machine import ledger, monthly
from tests import random_worlds
from tests.shell import SHOP, Done, perkbook, write

EVENTS = """\
event_id,member_id,type,at,amount
o1,m1,order,2025-12-31T23:59:59.999999+08:00,1
o2,m1,order,2026-01-01T00:00:00+08:00,2
o3,m2,order,2026-01-31T15:59:59Z,3
o4,m2,order,2026-01-31T16:00:00Z,4
o5,m2,order,2026-03-01 00:00,5
"""
FILES = {"rules/shop.yaml": SHOP, "events.csv": EVENTS}  # the shop's zone is Asia/Shanghai
MONTHS = {"2025-12": ["o1"], "2026-01": ["o2", "o3"], "2026-02": ["o4"], "2026-03": ["o5"]}


def replayed(folder: Path, *more: str) -> Done:
    """Replays the files of a folder into `out`."""
    return perkbook(
        "replay", "rules", "--events", "events.csv", "--out", "out", *more, folder=folder
    )


def by_month(folder: Path) -> list[pa.Table]:
    """The tables of a ledger's months, in order."""
    return [pq.ParquetFile(path / "ledger.parquet").read() for path in sorted(folder.iterdir())]


def test_each_month_of_the_programs_zone_has_a_folder(tmp_path: Path) -> None:
    done = replayed(write(tmp_path, FILES), "--partition-by", "month")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "The ledger lies in out/ledger"
    months = sorted((tmp_path / "out/ledger").iterdir())
    found = {m.name: pq.ParquetFile(m / "ledger.parquet").read()["event_id"] for m in months}
    assert {n: ids.to_pylist() for n, ids in found.items()} == {
        f"month={month}": ids for month, ids in MONTHS.items()
    }
    rows = (
        duckdb.connect()
        .execute(
            f"select month, count(*) from read_parquet('{tmp_path}/out/ledger/*/*.parquet',"
            " hive_partitioning = true) group by 1 order by 1"
        )
        .fetchall()
    )
    assert rows == [(month, len(ids)) for month, ids in MONTHS.items()]
    frame = pd.read_parquet(tmp_path / "out/ledger")
    assert frame.groupby("month", observed=True)["event_id"].agg(list).to_dict() == MONTHS


def test_all_else_is_as_without_months(tmp_path: Path) -> None:
    whole = replayed(write(tmp_path, FILES), "--json")
    plain = {p.name: p.read_bytes() for p in (tmp_path / "out").iterdir()}
    months = replayed(tmp_path, "--partition-by", "month", "--json")
    assert json.loads(months.stdout) == json.loads(whole.stdout)
    others = {p.name: p.read_bytes() for p in (tmp_path / "out").iterdir() if p.is_file()}
    assert others == {name: text for name, text in plain.items() if name != "ledger.parquet"}
    assert pa.concat_tables(by_month(tmp_path / "out/ledger")) == pq.read_table(
        pa.BufferReader(plain["ledger.parquet"])
    )


@pytest.mark.parametrize("size", [1, 7, ledger.PART])
def test_months_put_together_are_the_one_ledger(size: int, tmp_path: Path) -> None:
    for seed in range(6):
        made = random_worlds.outcome(seed)
        zone = made.entries.compiled.program.zone
        parts = monthly.split(made.entries.parts(size), zone)
        split = [
            (month, pa.concat_tables([p.cast(ledger.SCHEMA) for p in some]))
            for month, some in parts
        ]
        assert pa.concat_tables([table for _, table in split]).equals(made.ledger)
        assert [month for month, _ in split] == sorted({month for month, _ in split})
        folder = tmp_path / str(seed)
        made.write(folder, "month")
        written = [path.name for path in sorted((folder / "ledger").iterdir())]
        assert written == [month for month, _ in split]
        together = pa.concat_tables(by_month(folder / "ledger"))
        assert together.cast(ledger.SCHEMA).equals(made.ledger)


def test_a_ledger_of_the_other_form_goes(tmp_path: Path) -> None:
    write(tmp_path, FILES | {"out/mine.txt": "mine"})
    replayed(tmp_path)
    replayed(tmp_path, "--partition-by", "month")
    assert not (tmp_path / "out/ledger.parquet").exists()
    head, first, *_ = EVENTS.splitlines()
    write(tmp_path, {"events.csv": f"{head}\n{first}\n"})
    replayed(tmp_path, "--partition-by", "month")
    assert [p.name for p in (tmp_path / "out/ledger").iterdir()] == ["month=2025-12"]
    replayed(tmp_path)
    names = {p.name for p in (tmp_path / "out").iterdir()}
    assert {"ledger.parquet", "mine.txt"} <= names
    assert "ledger" not in names
    assert not [name for name in names if name.startswith(".")]


def test_without_an_entry_the_folder_is_empty(tmp_path: Path) -> None:
    write(tmp_path, FILES | {"events.csv": EVENTS.splitlines()[0] + "\n"})
    assert replayed(tmp_path, "--partition-by", "month").returncode == 0
    assert list((tmp_path / "out/ledger").iterdir()) == []


@pytest.mark.parametrize("there", ["out/ledger", "out/ledger/mine.txt", "out/ledger/month=1/x"])
def test_what_stands_in_the_place_of_the_months_is_left_alone(there: str, tmp_path: Path) -> None:
    write(tmp_path, FILES | {there: "mine"})
    done = replayed(tmp_path, "--partition-by", "month")
    assert done.returncode == 1
    assert done.stderr == (
        "out/ledger: Something else stands where the ledger's months go."
        " Name another folder with --out.\n"
    )
    assert (tmp_path / there).read_text() == "mine"
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["ledger"]
    if there != "out/ledger":
        assert replayed(tmp_path).returncode == 0
        assert (tmp_path / there).read_text() == "mine"


def test_nothing_is_changed_where_the_replay_fails(tmp_path: Path) -> None:
    replayed(write(tmp_path, FILES), "--partition-by", "month")
    before = {p: p.read_bytes() for p in (tmp_path / "out").rglob("*") if p.is_file()}
    write(tmp_path, {"events.csv": "a,b\n1,2\n"})
    assert replayed(tmp_path, "--partition-by", "month").returncode == 1
    assert replayed(tmp_path).returncode == 1
    assert {p: p.read_bytes() for p in (tmp_path / "out").rglob("*") if p.is_file()} == before


@pytest.mark.parametrize("word", ["week", "Month", ""])
def test_a_part_that_is_none_is_told(word: str, tmp_path: Path) -> None:
    done = replayed(write(tmp_path, FILES), "--partition-by", word)
    assert done.returncode == 2
    said = " ".join(done.stderr.replace("│", " ").split())
    assert f"The ledger is split by month, and not by '{word}'." in said
    assert not (tmp_path / "out").exists()
