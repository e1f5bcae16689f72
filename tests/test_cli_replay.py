"""`perkbook replay` as a user calls it: real files in, a ledger out, and what nonsense gets."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.shell import SHOP, Done, perkbook, write

MEMBERS = "member_id,joined_at\n李娜,2026-01-05\n王伟,2026-02-01\n"
EVENTS = """\
event_id,member_id,type,at,amount,reward
o1,李娜,order,2026-03-01 10:00,19.99,
o2,李娜,order,2026-03-02 10:00,1200,
o2,李娜,order,2026-03-02 10:00,1200,
o3,王伟,order,2026-03-02 11:00,ten,
o4,nobody,order,2026-03-02 12:00,50,
r1,李娜,redeem,2026-03-03 09:00,,five_off
"""
FILES = {"rules/shop.yaml": SHOP, "members.csv": MEMBERS, "events.csv": EVENTS}
ALL = ("--members", "members.csv", "--events", "events.csv", "--out", "out")
WRITTEN = {
    "grants.parquet", "ledger.parquet", "members.parquet", "refused.parquet", "rejected.csv",
    "summary.json",
}  # fmt: skip


def replayed(folder: Path, *more: str) -> Done:
    """Replays the files of a folder into `out`."""
    return perkbook("replay", "rules", *ALL, *more, folder=folder)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the files were replayed; `said` is what was printed."""
    folder = write(tmp_path_factory.mktemp("shop"), FILES)
    done = replayed(folder)
    assert (done.returncode, done.stderr) == (0, "")
    return write(folder, {"said": done.stdout})


@pytest.fixture(scope="module")
def in_json(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same where JSON was asked for."""
    folder = write(tmp_path_factory.mktemp("json"), FILES)
    done = replayed(folder, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    return write(folder, {"said": done.stdout})


def test_a_history_becomes_a_ledger(shop: Path) -> None:
    assert {p.name for p in (shop / "out").iterdir()} == WRITTEN
    rows = pq.read_table(shop / "out/ledger.parquet").to_pylist()
    # 19.99 yuan are 19 points, 1200 are 1200; the coupon costs 500, taken from the older lot first.
    told = [(r["member_id"], r["kind"], r["amount"], r["event_id"]) for r in rows]
    assert told == [
        ("李娜", "earn", 19, "o1"),
        ("李娜", "earn", 1200, "o2"),
        ("李娜", "spend", -19, "r1"),
        ("李娜", "spend", -481, "r1"),
    ]


def test_the_summary_is_told_in_units(shop: Path) -> None:
    # 1219 issued, 500 spent: 719 points outstanding, worth 7.19 yuan.
    assert (
        (shop / "said").read_text(encoding="utf-8")
        == """\
小店, up to 2026-03-03

           3  events
           2  members
           1  rows that say again what another says
           2  rows set aside, listed in rejected.csv
               1  not a number, written like -1234.56
               1  unknown member

  wallet   issued   spent   expired   reversed   outstanding   liability CNY
  points    1,219     500         0          0           719            7.19

The ledger lies in out/ledger.parquet
"""
    )


def test_json_is_the_summary_that_is_written(in_json: Path) -> None:
    summary = json.loads((in_json / "said").read_text(encoding="utf-8"))
    assert summary == json.loads((in_json / "out/summary.json").read_text(encoding="utf-8"))
    assert (summary["events"], summary["rejected"], summary["duplicates"]) == (3, 2, 1)
    assert (summary["members"], summary["until"]) == (2, "2026-03-03")
    points = {"issued": 1219, "spent": 500, "outstanding": 719, "liability": 719}
    assert summary["wallets"]["points"].items() >= points.items()


def test_rows_that_cannot_be_read_are_set_aside_with_their_reason(shop: Path) -> None:
    with (shop / "out/rejected.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows == [
        ["file", "row", "column", "reason", "text"],
        ["events.csv", "4", "amount", "not a number, written like -1234.56", "ten"],
        ["events.csv", "5", "member_id", "unknown member", "nobody"],
    ]


def test_events_after_the_last_day_are_left_out(tmp_path: Path) -> None:
    done = replayed(write(tmp_path, FILES), "--until", "2026-03-01", "--json")
    assert json.loads(done.stdout)["wallets"]["points"]["outstanding"] == 19


def test_the_same_files_give_the_same_bytes(shop: Path, in_json: Path) -> None:
    first, second = (
        {p.name: p.read_bytes() for p in (folder / "out").iterdir()} for folder in (shop, in_json)
    )
    assert first == second


def test_a_replay_again_leaves_the_same_bytes(tmp_path: Path, shop: Path) -> None:
    write(tmp_path, FILES | {"out/ledger.parquet": "from before"})
    replayed(tmp_path)
    first, second = (
        {p.name: p.read_bytes() for p in (folder / "out").iterdir()} for folder in (shop, tmp_path)
    )
    assert first == second


def test_files_may_be_named_in_the_rules(tmp_path: Path) -> None:
    data = """
data:
  events:
    - {file: mine.csv, type: order, columns: {event_id: No, member_id: Who, at: Day, amount: Sum}}
"""
    mine = "No,Who,Day,Sum\n1,Anna,2026-03-01 10:00,20.50\n2,Ben,2026-03-02 10:00,7\n"
    write(tmp_path, {"rules/shop.yaml": SHOP + data, "mine.csv": mine})
    done = perkbook("replay", "rules", "--out", "out", "--json", folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["wallets"]["points"]["issued"] == 27


def test_several_files_are_read_as_one(tmp_path: Path, in_json: Path) -> None:
    head, *rows = FILES["events.csv"].splitlines()
    write(tmp_path, FILES | {f"e/{n}.csv": f"{head}\n{row}\n" for n, row in enumerate(rows)})
    whole = (in_json / "said").read_text(encoding="utf-8")
    parts = perkbook(
        "replay", "rules", "--members", "members.csv", "--events", "e", "--out", "two", "--json",
        folder=tmp_path,
    )  # fmt: skip
    assert json.loads(parts.stdout) == json.loads(whole)


def test_rules_with_problems_are_not_replayed(tmp_path: Path) -> None:
    write(tmp_path, FILES | {"rules/shop.yaml": SHOP.replace("points: amount", "points: amuont")})
    done = replayed(tmp_path)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("rules/shop.yaml:5:54: ")
    assert not (tmp_path / "out").exists()


def test_problems_are_json_where_json_was_asked_for(tmp_path: Path) -> None:
    write(tmp_path, FILES | {"rules/shop.yaml": SHOP.replace("points: amount", "points: amuont")})
    (problem,) = json.loads(replayed(tmp_path, "--json").stdout)["problems"]
    assert (problem["file"], problem["line"], problem["column"]) == ("rules/shop.yaml", 5, 54)


BAD_EVENTS: dict[str, str | bytes] = {
    "empty.csv": "",
    "binary.csv": bytes(range(256)) * 40,
    "binary.parquet": bytes(range(256)) * 40,
    "empty.parquet": "",
    "cut.parquet": b"PAR1" + b"\x00" * 100,
    "other.csv": "a,b,c\n1,2,3\n",
    "word.csv": "积分",
    "picture.png": b"\x89PNG\r\n\x1a\n\x00\x00",
}


@pytest.mark.parametrize("name", BAD_EVENTS)
def test_a_file_that_cannot_be_used_is_told(name: str, tmp_path: Path) -> None:
    write(tmp_path, FILES | {name: BAD_EVENTS[name], "out/ledger.parquet": "from before"})
    done = perkbook("replay", "rules", "--events", name, "--out", "out", folder=tmp_path)
    assert "Traceback" not in done.stderr
    assert "mistake of Perkbook" not in done.stderr
    assert done.returncode == 1
    assert done.stderr.startswith(name)
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["ledger.parquet"]


def test_a_file_of_which_no_row_can_be_read_is_told(tmp_path: Path) -> None:
    write(tmp_path, FILES | {"word.jsonl": "积分\n[1]\n"})
    done = perkbook("replay", "rules", "--events", "word.jsonl", "--out", "out", folder=tmp_path)
    assert done.returncode == 0
    assert done.stderr == "Not one event could be read; out/rejected.csv says why.\n"
    assert done.stdout.splitlines()[0] == "小店"
    assert json.loads((tmp_path / "out/summary.json").read_text())["until"] is None


@pytest.mark.parametrize("name", ["gone.csv", "gone/", "empty"])
def test_files_that_are_not_there_are_told(name: str, tmp_path: Path) -> None:
    write(tmp_path, FILES)
    (tmp_path / "empty").mkdir()
    done = perkbook("replay", "rules", "--events", name, "--out", "out", folder=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith(name.rstrip("/"))
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_nothing_to_read_is_told(tmp_path: Path) -> None:
    done = perkbook("replay", "rules", "--out", "out", folder=write(tmp_path, FILES))
    assert done.returncode == 1
    assert "No events are named." in done.stderr


def test_a_file_in_the_place_of_the_out_folder_is_left_alone(tmp_path: Path) -> None:
    write(tmp_path, FILES | {"out": "mine"})
    done = replayed(tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("out: ")
    assert (tmp_path / "out").read_text() == "mine"


@pytest.mark.parametrize(
    "arguments",
    [
        ["rules", "--events", "events.csv"],
        ["rules", "--events", "events.csv", "--out", "out", "--until", "soon"],
        ["rules", "--events", "events.csv", "--out", "out", "--until", "2026-02-30"],
        ["rules", "--event", "events.csv", "--out", "out"],
    ],
    ids=" ".join,
)
def test_wrong_usage_has_exit_code_two(arguments: list[str], tmp_path: Path) -> None:
    done = perkbook("replay", *arguments, folder=write(tmp_path, FILES))
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_day_that_is_none_is_told_how_days_are_written(tmp_path: Path) -> None:
    done = replayed(write(tmp_path, FILES), "--until", "30.6.2017")
    assert done.returncode == 2
    said = " ".join(done.stderr.replace("│", " ").split())
    assert "30.6.2017 is not a day, written like 2026-01-31." in said
    assert "Value error" not in said
