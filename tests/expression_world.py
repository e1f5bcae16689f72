"""The names and rows over which expressions are tried, for the machine, DuckDB and Python alike."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
from numpy.typing import NDArray

from engine.data.columns import TEXTS_MARK, Texts
from engine.language.expression import AT, TODAY, Scope
from engine.language.expression.tree import From, Name, Type
from engine.machine.bytecode import Layout

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Cell = None | bool | Fraction | str | date | datetime | tuple[str, ...] | tuple[Fraction, int]
Row = Mapping[Name, Cell]

TEXTS = (
    *("", "seafood", "Seafood", "SEAFOOD", "fruit", "zz", " a", "a b", "z\n1", "it's"),
    *("海鲜", "大闸蟹", "月饼", "上海", "Straße", "STRASSE", "ß", "ẞ", "é", "É", "ΣΟΦΟΣ", "σοφος"),
    *("😀", "蟹😀crab", "50%", "a_b", "%", "_", "A%_ß海"),
)
LIKES = ((), ("crab",), ("crab", "海鲜"), ("ß", ""), ("50%", "a_b", "crab cake"), ("😀",))
PRIVILEGES = ("ships_first", "free_box")
TIERS = ("member", "silver", "gold")

NAMES = (
    Name(From.FIELD, "amount", Type.MONEY, scale=100),
    Name(From.FIELD, "price", Type.MONEY, scale=100),
    Name(From.FIELD, "weight", Type.DECIMAL),
    Name(From.FIELD, "quantity", Type.WHOLE),
    Name(From.FACT, "orders", Type.WHOLE),
    Name(From.WALLET, "points", Type.DECIMAL, scale=10),
    Name(From.FACT, "avg_order", Type.MONEY, ratio=True, scale=100),
    Name(From.FIELD, "category", Type.TEXT),
    Name(From.ATTRIBUTE, "city", Type.TEXT),
    Name(From.TIER, "tier", Type.TEXT, values=TIERS),
    Name(From.ATTRIBUTE, "likes", Type.TEXTS),
    Name(From.FIELD, "photo", Type.FLAG),
    Name(From.ATTRIBUTE, "vip", Type.FLAG),
    Name(From.ATTRIBUTE, "birthday", Type.DATE),
    Name(From.FACT, "expires", Type.DATE),
    Name(From.FACT, "last_order", Type.TIME),
    AT,
    TODAY,
)
HAS = tuple(Name(From.PRIVILEGE, p, Type.FLAG) for p in PRIVILEGES)
SCOPE = Scope({n.name: n for n in NAMES}, privileges=PRIVILEGES)
LAYOUT = Layout.of((*NAMES, *HAS))

_SQL_TYPES = {
    Type.TEXT: "VARCHAR",
    Type.TEXTS: "VARCHAR[]",
    Type.FLAG: "BOOLEAN",
    Type.DATE: "DATE",
    Type.TIME: "TIMESTAMPTZ",
}


@dataclass(frozen=True, slots=True)
class Columns:
    """Rows as the machine takes them: [slot, row]."""

    env: NDArray[np.int64]
    null: NDArray[np.bool_]


def rows(chance: random.Random, zone: str, count: int) -> list[Row]:
    """Rows with nulls, zeros, leap days, and instants near the changes of the clock."""
    return [_row(chance, ZoneInfo(zone)) for _ in range(count)]


def columns(made: Sequence[Row], texts: Texts) -> Columns:
    """The rows as arrays; texts are added to the dictionary."""
    env = np.zeros((LAYOUT.size, len(made)), dtype=np.int64)
    null = np.zeros((LAYOUT.size, len(made)), dtype=np.bool_)
    for name, slot in LAYOUT.slots.items():
        for at, row in enumerate(made):
            cell = row[name]
            if isinstance(cell, tuple) and name.ratio:
                env[slot, at] = int(Fraction(cell[0]) * name.denominator)
                env[LAYOUT.bottoms[name], at] = int(cell[1])
            elif cell is None:
                null[slot, at] = True
                if name.ratio:
                    null[LAYOUT.bottoms[name], at] = True
            else:
                env[slot, at] = stored(name, cell, texts)
    return Columns(env, null)


def stored(name: Name, cell: Cell, texts: Texts) -> int:
    """The whole number that stands for a cell."""
    if isinstance(cell, datetime):
        return (cell - EPOCH) // timedelta(microseconds=1)
    if isinstance(cell, date):
        return (cell - EPOCH.date()).days
    if isinstance(cell, str):
        return texts.code(cell)
    if isinstance(cell, tuple):
        return texts.code(TEXTS_MARK.join(str(c) for c in cell))
    assert isinstance(cell, bool | Fraction)
    return int(cell * name.denominator)


def table(made: Sequence[Row]) -> duckdb.DuckDBPyConnection:
    """A DuckDB with the rows as table `t`, numbers as whole numbers of the smallest unit."""
    connection = duckdb.connect()
    named = [*NAMES, *HAS]
    parts = [f'"{n.name}" {_SQL_TYPES.get(n.type, "BIGINT")}' for n in named]
    parts += [f'"{n.name}_count" BIGINT' for n in named if n.ratio]
    connection.execute("set TimeZone = 'UTC'")
    connection.execute(f"create table t (row INTEGER, {', '.join(parts)})")
    marks = ", ".join("?" for _ in range(len(parts) + 1))
    values = [
        [at, *(_cell(n, row[n]) for n in named), *(_count(row[n]) for n in named if n.ratio)]
        for at, row in enumerate(made)
    ]
    connection.executemany(f"insert into t values ({marks})", values)
    return connection


def _cell(name: Name, cell: Cell) -> object:
    if name.ratio:
        cell = cell[0] if isinstance(cell, tuple) else None
    if isinstance(cell, Fraction):
        return int(cell * name.denominator)
    return list(cell) if isinstance(cell, tuple) else cell


def _count(cell: Cell) -> int | None:
    return int(cell[1]) if isinstance(cell, tuple) else None


def _row(chance: random.Random, zone: ZoneInfo) -> dict[Name, Cell]:
    at = _instant(chance)
    row = {n: None if chance.random() < 0.15 else _value(chance, n) for n in (*NAMES, *HAS)}
    return {**row, AT: at, TODAY: at.astimezone(zone).date()}


def _value(chance: random.Random, name: Name) -> Cell:
    if name.ratio:
        count = chance.choice((0, 1, 2, 3, 7, 12))
        return Fraction(chance.randint(-500, 90_000), 100), count
    match name.type:
        case Type.TEXT:
            return chance.choice(TIERS if name.values else TEXTS)
        case Type.TEXTS:
            return chance.choice(LIKES)
        case Type.FLAG:
            return chance.random() < 0.5
        case Type.DATE:
            return _day(chance)
        case Type.TIME:
            return _instant(chance)
        case Type.WHOLE:
            return Fraction(
                chance.choice((0, 1, -1, 2, 3, 5, 7, 12, 100, chance.randint(-999, 9_999)))
            )
    small = chance.choice((0, 1, -1, 50, 99, chance.randint(-300_000, 3_000_000)))
    return Fraction(Decimal(small) / name.denominator)


def _day(chance: random.Random) -> date:
    if chance.random() < 0.2:
        return chance.choice(
            (date(2000, 2, 29), date(2024, 2, 29), date(2026, 2, 28), date(1999, 12, 31))
        )
    return date(1960, 1, 1) + timedelta(days=chance.randint(0, 25_000))


def _instant(chance: random.Random) -> datetime:
    """Mostly 2024 to 2027, often within hours of a month's first days or of a clock change."""
    if chance.random() < 0.4:
        changes = (1741503600, 1762063200, 1772953200, 1775318400, 1791043200, 1540695600)
        base = chance.choice(changes) + chance.randint(-9_000, 9_000)
    else:
        base = chance.randint(1704067200, 1830297600)
    return EPOCH + timedelta(seconds=base, microseconds=chance.choice((0, 0, 1, 999_999)))
