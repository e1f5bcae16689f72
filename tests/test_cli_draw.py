"""`perkbook draw`: a spin drawn again, with everything that anybody needs to work it out."""

from __future__ import annotations

import json
from fractions import Fraction
from hashlib import sha256
from pathlib import Path

import pytest

from engine.data.error import DataError
from engine.language import rules
from engine.machine import redraw
from tests.shell import perkbook, write

RULES = """
program: {name: Shop, timezone: Asia/Shanghai, money: CNY}
wallets: {points: {}}
rewards: {cup: {item: cup, stock: 3}}
draws:
  wheel:
    salt: 9f2c
    limit: 2 per day
    prizes: {cup: 40%, 100 points: 50%, nothing: 10%}
    stock: {100 points: 1 per month}
"""
SPINS = "event_id,member_id,type,at,draw\n" + "".join(
    f"s{n},m1,draw,2026-01-{1 + n:02} 10:00,wheel\n" for n in range(12)
) + "t0,m1,draw,2026-01-12 11:00,wheel\nt1,m1,draw,2026-01-12 12:00,wheel\n"  # fmt: skip


def number(event: str) -> int:
    """u times 2^64 of a spin, by S23."""
    return int.from_bytes(sha256(f"9f2c\x1fm1\x1f{event}".encode()).digest()[:8], "big")


def prize(event: str) -> str:
    """What it draws."""
    u = Fraction(number(event), 2**64)
    return "cup" if u < Fraction(4, 10) else "100 points" if u < Fraction(9, 10) else "nothing"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, {"rules/a.yaml": RULES, "events.csv": SPINS})
    return tmp_path


def test_a_spin_is_drawn_again_with_salt_number_and_bounds(folder: Path) -> None:
    done = perkbook("draw", "s0", "--events", "events.csv", folder=folder)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "2026-01-01 10:00:00  m1 spins wheel (rules/a.yaml:6)"
    assert lines[1] == "  salt 9f2c, unit m1, occurrence s0"
    assert lines[2].endswith(f"({number('s0')} / 18446744073709551616)")
    assert [line[4:].rstrip() for line in lines[3:6]] == [
        "cup         40%, u below 0.4, 3 left", "100 points  50%, u below 0.9, 1 left",
        "nothing     10%, u below 1",
    ]  # fmt: skip
    (mark,) = [line for line in lines[3:6] if line.startswith("  > ")]
    assert mark[4:].startswith(prize("s0"))
    assert lines[6] == f"  {prize('s0')}: given"


def test_the_stock_is_that_of_the_instant_before_the_spin(folder: Path) -> None:
    program, events = rules.load(folder / "rules"), folder / "events.csv"
    cups, points = 3, 1
    for n in range(12):
        told, drawn = redraw.spin(program, None, events, f"s{n}"), prize(f"s{n}")
        left = {it.id: it.left for it in told.prizes}
        assert left == {"cup": cups, "100 points": points, "nothing": None}
        assert (told.prize, told.number) == (drawn, number(f"s{n}"))
        has = {"cup": cups, "100 points": points}.get(drawn, 1) > 0
        assert told.state == ("given" if has else "out_of_stock")
        cups -= has and drawn == "cup"
        points -= has and drawn == "100 points"
    assert (cups, points) == (0, 0)  # the month had them all, so that both ends were seen


@pytest.mark.parametrize("entry", ["s0/wheel/0", "s0/wheel/1", "s0/points/wheel/0"])
def test_a_spin_is_named_by_its_grants_and_entries_too(folder: Path, entry: str) -> None:
    program = rules.load(folder / "rules")
    assert redraw.spin(program, None, folder / "events.csv", entry).event_id == "s0"


def test_the_same_is_told_to_machines(folder: Path) -> None:
    done = perkbook("draw", "s0", "--events", "events.csv", "--json", folder=folder)
    told = json.loads(done.stdout)
    assert (told["salt"], told["unit"], told["occurrence"]) == ("9f2c", "m1", "s0")
    assert (told["number"], told["prize"], told["line"]) == (str(number("s0")), prize("s0"), 6)
    assert told["prizes"][1] == {"id": "100 points", "chance": "50%", "below": "0.9", "left": 1}


def test_a_spin_that_was_refused_drew_nothing(folder: Path) -> None:
    done = perkbook("draw", "t1", "--events", "events.csv", folder=folder)
    said = "events: The spin `t1` was refused: limit_reached. Nothing was drawn.\n"
    assert (done.returncode, done.stderr) == (1, said)


def test_an_id_that_is_no_spin_is_said(folder: Path) -> None:
    with pytest.raises(DataError, match="`x` is no spin that drew anything"):
        redraw.spin(rules.load(folder / "rules"), None, folder / "events.csv", "x")
