"""How the sample's events are written, and how some of them are spoilt."""

from __future__ import annotations

import numpy as np

from engine.data.sample_draws import Draws, Longs

HEADER = (
    "event_id,member_id,type,at,amount,category,channel,store,items,order,photo,reward,quantity"
    ",points,redeem,wallet,reason,by,expires,referrer,code,city,likes"
)
COLUMNS = tuple(HEADER.split(","))
_ORDER = {"event_id": "{id}", "member_id": "{member}", "type": "order", "at": "{at}",
          "amount": "20.00", "category": "fresh", "channel": "app", "items": "1"}  # fmt: skip
WRONG: tuple[dict[str, str], ...] = (  # what a broken order says
    {"amount": "abc"},
    {"amount": "12.345"},
    {"amount": "1e3"},
    {"type": "ordr"},
    {"member_id": ""},
    {"member_id": "nobody"},
    {"at": "2026-02-30 10:00:00"},
    {"at": "12/31/2025"},
    {"items": "2.5"},
    {"event_id": ""},
    {"type": "review", "photo": "yes"},
    {},  # cut off
)
CUT = 5  # cells that are missing then


def member_id(number: int) -> str:
    """`m00001` is the first."""
    return f"m{number + 1:05d}"


def row(cells: dict[str, str]) -> str:
    """A template of a row: its cells by column, `{}` where each row has its own."""
    return ",".join(cells.get(column, "") for column in COLUMNS)


def money(cents: Longs) -> list[str]:
    """Amounts as text."""
    return [f"{c // 100}.{c % 100:02d}" for c in cents.tolist()]


def spoil(lines: list[str], draws: Draws, count: int) -> list[str]:
    """`count` broken rows, each after the pattern of one that is fine."""
    if not lines:
        return []
    found = []
    for number, place in enumerate(draws.below(len(lines), count).tolist()):
        _, member, _, at, *_ = lines[place].split(",")
        wrong = WRONG[number % len(WRONG)]
        pattern = row({**_ORDER, **wrong}) if wrong else row(_ORDER).rsplit(",", CUT)[0]
        found.append(pattern.format(id=f"b{number + 1}", member=member, at=at))
    return found


def contradict(lines: list[str]) -> list[str]:
    """For each order a row with its id, an hour later and with another amount."""
    found = []
    for line in lines:
        cells = line.split(",")
        hour = min(23, int(cells[3][11:13]) + 1)
        cells[3] = f"{cells[3][:11]}{hour:02d}:59:59"
        cells[4] = f"1{cells[4]}"
        found.append(",".join(cells))
    return found


def late(order: Longs, draws: Draws) -> Longs:
    """The order of rows, with one in a hundred some hundred rows too late."""
    count = len(order)
    place = np.arange(count)
    moved = draws.chance(1, 100, count)
    return order[np.argsort(place + np.where(moved, draws.below(3000, count), 0), kind="stable")]
