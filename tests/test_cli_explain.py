"""`perkbook explain` as a user calls it: why this many points, and why not more."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.shell import Done, perkbook, write

RULES = """\
program: {name: 小店, timezone: Asia/Shanghai, money: CNY}
events:
  order: {amount: money, category: text}
wallets:
  points: {pending: 1 day, expires: 1 month}
earn:
  purchase: {when: order, give: {points: amount}}
  big:
    when: order
    if: amount >= 100 and category = 'crab'
    give: {points: 50}
  small: {when: order, if: amount <= 20, give: {points: 5}}
  double: {when: order, multiply: {points: 2}, limit: 60 points per day}
rewards:
  five_off: {coupon: 5.00, cost: {points: 500}}
"""
EVENTS = """\
event_id,member_id,type,at,amount,category,reward
o1,李娜,order,2026-03-01 00:30,70.50,crab,
r1,李娜,redeem,2026-03-02 10:00,,,five_off
o2,王伟,order,2026-03-02 10:00,120,crab,
"""
FILES = {"rules/shop.yaml": RULES, "events.csv": EVENTS}


def explained(folder: Path, *more: str) -> Done:
    """Explains from the files of a folder."""
    return perkbook("explain", "rules", "--events", "events.csv", *more, folder=folder)


def test_an_event_is_told_rule_by_rule(tmp_path: Path) -> None:
    done = explained(write(tmp_path, FILES), "--member", "李娜", "--event", "o1")
    assert (done.returncode, done.stderr) == (0, "")
    # 70.50 x 2 = 141: the purchase rounds to 70, the multiplier's step is 71, cut to 60 a day.
    assert (
        done.stdout
        == """\
李娜 on 2026-03-02
  points: 130

2026-03-01 00:30:00  order o1
  + purchase (rules/shop.yaml:7)
      points: amount = 70.5, entry 70
  - big (rules/shop.yaml:8): its condition did not hold
      amount >= 100  no (amount = 70.50, 29.50 more)
      category = 'crab'  yes (category = crab)
  - small (rules/shop.yaml:12): its condition did not hold
      amount <= 20  no (amount = 70.50, 50.50 less)
  + double (rules/shop.yaml:13)
      points: x 2, entry 60 (cut by its limit from 71)
  = +70 points earn by purchase, lot o1/points
  = +60 points bonus by double, lot o1/points

By the passing of time
  2026-03-02  0 points post, lot o1/points
"""
    )


def test_nothing_is_told_as_cut_where_nothing_cuts(tmp_path: Path) -> None:
    files = FILES | {"rules/shop.yaml": RULES.replace(", limit: 60 points per day", "")}
    done = explained(write(tmp_path, files), "--member", "李娜", "--event", "o1")
    assert "      points: amount = 70.5, entry 70\n" in done.stdout
    assert "      points: x 2, entry 71\n" in done.stdout
    assert "cut by" not in done.stdout


def test_a_refused_wish_is_told_with_what_was_missing(tmp_path: Path) -> None:
    done = explained(write(tmp_path, FILES), "--member", "李娜", "--event", "r1")
    assert "  - five_off (rules/shop.yaml:15): insufficient balance" in done.stdout
    assert "refused: insufficient_balance" in done.stdout


def test_all_events_of_a_member_are_told_and_nobody_elses(tmp_path: Path) -> None:
    done = explained(write(tmp_path, FILES), "--member", "李娜")
    assert "order o1" in done.stdout
    assert "redeem r1" in done.stdout
    assert "o2" not in done.stdout


def test_json_says_the_same_in_values(tmp_path: Path) -> None:
    done = explained(write(tmp_path, FILES), "--member", "李娜", "--event", "o1", "--json")
    said = json.loads(done.stdout)
    (event,) = said["events"]
    big = event["rules"][1]
    assert (big["rule"], big["file"], big["line"]) == ("big", "rules/shop.yaml", 8)
    assert big["held"] is False
    assert big["parts"][0] == {
        "text": "amount >= 100",
        "held": False,
        "saw": {"amount": "70.50"},
        "missing": "29.50",
    }
    assert [row["amount"] for row in event["entries"]] == [70, 60]
    assert said["person"]["points"] == 130


def test_json_opens_the_facts_of_a_refusal_and_tells_every_instant_alike(tmp_path: Path) -> None:
    folder = write(tmp_path, FILES)
    (event,) = json.loads(explained(folder, "--member", "李娜", "--event", "r1", "--json").stdout)[
        "events"
    ]
    # Of 500 points he has 70 and 60: 370 are missing. 10:00 in Shanghai is what the file says.
    assert event["refused"][0]["facts"] == {"missing": 370}
    assert event["at"] == event["refused"][0]["at"] == "2026-03-02T10:00:00+08:00"
    everything = json.loads(explained(folder, "--member", "李娜", "--json").stdout)
    assert everything["timers"][0]["at"] == "2026-03-02T00:00:00+08:00"


CENTS = """\
program: {name: Shop, timezone: UTC, money: EUR}
events:
  order: {amount: money}
wallets:
  cash: {decimals: 2}
earn:
  back: {when: order, give: {cash: amount * 0.05}, limit: 1.5 cash per day}
"""


def test_a_wallet_with_two_places_is_told_with_both(tmp_path: Path) -> None:
    rows = "event_id,member_id,type,at,amount\no1,m1,order,2026-03-01,10\n"
    folder = write(tmp_path, {"rules/shop.yaml": CENTS, "events.csv": rows})
    lines = explained(folder, "--member", "m1").stdout.splitlines()
    assert "  cash: 0.50" in lines
    assert "      cash: amount * 0.05 = 0.5, entry 0.50" in lines
    assert "  = +0.50 cash earn by back, lot o1/cash" in lines


def test_nobody_of_that_name_is_told(tmp_path: Path) -> None:
    done = explained(write(tmp_path, FILES), "--member", "王")
    assert done.returncode == 1
    assert "There is no member 王." in done.stderr


def test_an_event_of_somebody_else_is_told(tmp_path: Path) -> None:
    done = explained(write(tmp_path, FILES), "--member", "李娜", "--event", "o2")
    assert done.returncode == 1
    assert "李娜 has no event o2." in done.stderr


def test_a_member_must_be_named(tmp_path: Path) -> None:
    assert explained(write(tmp_path, FILES)).returncode == 2


def test_explaining_loads_no_pandas_and_leaves_it_to_those_who_want_it(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "sys.argv = 'perkbook explain rules --events events.csv --member 李娜'.split()\n"
        "from engine.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "import pyarrow\n"
        "print('pandas' in sys.modules, type(pyarrow.table({'a': [1]}).to_pandas()).__name__)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=write(tmp_path, FILES), capture_output=True, text=True,
        encoding="utf-8", env=os.environ | {"PYTHONUTF8": "1"}, check=True,
    )  # fmt: skip
    assert done.stdout.startswith("李娜 on 2026-03-02\n")
    assert done.stdout.splitlines()[-1] == "False DataFrame"
