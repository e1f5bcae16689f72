"""Looks at every column of a file: what it holds, how many values, how many gaps."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from engine.data import sandbox
from engine.data.frame import Frame
from engine.data.guess import clock as guess_clock
from engine.data.guess import words
from engine.data.guess.clock import Clock
from engine.data.mapping_types import typed

ROW = "\x1frow"
MOST = 2_000_000  # rows that are looked at
SEEN = 4000  # different values that are looked at
ENOUGH = 0.7  # of the values must be numbers
PLAIN = re.compile(r"-?\d+(?:\.\d+)?")
SIGN = r"(?:[¥￥$€£]|元|CNY|RMB|USD|EUR|GBP)"
MONEY = re.compile(rf"{SIGN}? ?-?{SIGN}? ?(?:\d{{1,3}}(?:,\d{{3}})+|\d+)(?:\.\d+)? ?{SIGN}?")
COMMA = re.compile(rf"{SIGN}? ?-?\d{{1,3}}(?:\.?\d{{3}})*,\d{{1,2}} ?{SIGN}?")
NAMED = "id|no|code|number|key|upc|sku|zip|postal|phone|mobile|编号|号|码|手机|电话|邮编"
GAPS = ("null", "none", "nan", "n/a", "na", "-", "--", "?", "无", "空")
MANY = re.compile(r"[^;]+(?:;[^;]+)+")
CLOCK_ROLES = ("time", "joined", "birthday")


@dataclass(frozen=True, slots=True)
class Look:
    """What one column shows. `sql` is how a mapping's expression names it."""

    name: str
    sql: str
    type: str  # of the language: text, whole, decimal, money, flag, date, time, texts
    rows: int
    empty: int
    different: int
    examples: tuple[str, ...]
    clock: Clock | None = None
    number: str | None = None  # SQL that fails where there is none
    low: float = 0.0
    high: float = 0.0
    fractions: bool = False
    bad: int = 0  # cells that are not what the others are
    bad_example: str = ""
    gaps: tuple[str, ...] = ()  # texts that stand for nothing
    opened: bool = False  # a part of a column that holds objects
    of_day: bool = False  # times of a day, such as 18:30

    @property
    def called(self) -> str:
        """Its name alone, without the column that it was taken out of."""
        return self.name.rpartition(".")[2] if self.opened else self.name

    @property
    def filled(self) -> int:
        """How many cells hold something."""
        return self.rows - self.empty

    @property
    def lenient(self) -> str | None:
        """SQL of the number that is null where there is none."""
        return self.number and self.number.replace("cast(", "try_cast(", 1)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One file with its rows at hand, and what its columns show."""

    name: str
    path: Path | None
    rows: int  # that are looked at
    left: int  # further rows that are not looked at
    broken: int
    looks: tuple[Look, ...]
    connection: duckdb.DuckDBPyConnection

    def ask(self, query: str) -> tuple[Any, ...]:
        """The first row of a query over the table `given`."""
        return self.connection.execute(query).fetchall()[0]

    def every(self, query: str) -> list[tuple[Any, ...]]:
        """All rows of a query over the table `given`."""
        return self.connection.execute(query).fetchall()


def quoted(name: str) -> str:
    """A column's name as an expression says it: plain where that is one word of no meaning."""
    plain = re.fullmatch(r"[^\W\d]\w*", name) and name.lower() not in words.SQL_WORDS
    return name if plain else '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """A text as SQL says it."""
    return "'" + value.replace("'", "''") + "'"


def sheet(frame: Frame, path: Path | None) -> Sheet:
    """A file's rows, looked at. The caller closes its connection."""
    connection = sandbox.connect()
    rows = min(len(frame.rows), MOST)
    columns = {name: typed(column[:rows]) for name, column in frame.columns.items() if name}
    numbers = pa.array(np.asarray(frame.rows[:rows]), pa.int64())
    connection.register("given", pa.table({**columns, ROW: numbers}))
    left = len(frame.rows) - rows
    empty = Sheet(frame.name, path, rows, left, len(frame.broken), (), connection)
    looks: list[Look] = []
    for name, column in columns.items():
        for part, sql, kind in _parts(empty, name, column.type):
            looks.append(_look(empty, part, sql, kind, opened=part != name))
    return replace(empty, looks=tuple(looks))


def _parts(sheet: Sheet, name: str, kind: pa.DataType) -> Iterator[tuple[str, str, pa.DataType]]:
    """The column, or what stands in it where it holds objects."""
    sql = quoted(name)
    if pa.types.is_struct(kind):
        for field in kind:
            yield f"{name}.{field.name}", f"struct_extract({sql}, {text(field.name)})", field.type
        return
    keys = _keys(sheet, sql) if pa.types.is_large_string(kind) else []
    for key in keys:
        path = "$." + (key if re.fullmatch(r"[A-Za-z_]\w*", key) else json.dumps(key))
        yield f"{name}.{key}", f"json_extract_string({sql}, {text(path)})", pa.large_string()
    if not keys:
        yield name, sql, kind


def _keys(sheet: Sheet, sql: str) -> list[str]:
    """The keys of a column whose texts are objects in JSON."""
    objects, filled = sheet.ask(
        f"select count(*) filter (starts_with(ltrim({sql}), '{{') and json_valid({sql})),"
        f" count({sql}) from given"
    )
    if not filled or objects < filled:
        return []
    found = sheet.every(
        f"select key, min(row) from (select unnest(json_keys(case when json_valid({sql}) then"
        f' {sql} end)) as key, "{ROW}" as row from given) group by key order by 2, 1 limit 30'
    )
    return [str(key) for key, _ in found if '"' not in key and "\\" not in key]


def _look(sheet: Sheet, name: str, sql: str, kind: pa.DataType, *, opened: bool) -> Look:
    """What one column shows."""
    filled, different = sheet.ask(f"select count({sql}), count(distinct {sql}) from given")
    values = _values(sheet, sql)
    look = Look(
        name, sql, "text", sheet.rows, sheet.rows - filled, different, tuple(values[:3]),
        opened=opened,
    )  # fmt: skip
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return replace(look, type="texts")
    if pa.types.is_boolean(kind):
        return replace(look, type="flag")
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        days = pa.types.is_date(kind)
        clock = Clock(sql, sql, days, "")
        return replace(look, type="date" if days else "time", clock=clock)
    if pa.types.is_integer(kind) or pa.types.is_decimal(kind) or pa.types.is_floating(kind):
        return _numeric(sheet, replace(look, number=sql), values)
    return _textual(sheet, look, values)


def _values(sheet: Sheet, sql: str) -> list[str]:
    """The first different values, as text."""
    found = sheet.every(
        f'select v from (select cast({sql} as varchar) as v, min("{ROW}") as r from given'
        f" where {sql} is not null group by 1) order by r limit {SEEN}"
    )
    return [str(value) for (value,) in found]


def _numeric(sheet: Sheet, look: Look, values: list[str]) -> Look:
    """A column of numbers: a count, an amount, a flag, an id, or times in disguise."""
    number = look.lenient if look.number != look.sql else look.sql
    low, high, parts = sheet.ask(
        f"select min(n), max(n), count(*) filter (n <> trunc(n)) from (select {number} as n"
        " from given)"
    )
    if low is None:
        return look
    look = replace(look, low=float(low), high=float(high), fractions=parts > 0)
    named = any(words.score(look.called, role) >= 7 for role in CLOCK_ROLES)
    clock = None
    if not look.fractions and look.number == look.sql:
        whole = [v.removesuffix(".0") for v in values]
        as_whole = f"cast({look.sql} as bigint)" if whole != values else look.sql
        clock = guess_clock.of_texts(whole, as_whole, sheet.ask, number=True)
    if clock is None and named and look.number == look.sql:
        clock = guess_clock.of_numbers(look.low, look.high, look.sql, whole=not look.fractions)
    if clock is not None:
        return replace(look, type="date" if clock.days else "time", clock=clock)
    return replace(look, type=_number_type(look, values))


def _number_type(look: Look, values: list[str]) -> str:
    """Which of the language's types a column of numbers has."""
    if words.says(look.called, "currency|币种"):
        return "text"
    if not look.fractions:
        if {*values} == {"0", "1"}:
            return "flag"
        if words.says(look.called, NAMED) or words.score(look.called, "member") >= 8:
            return "text"
    if words.score(look.called, "money") or words.score(look.called, "amount"):
        return "money"
    return "decimal" if look.fractions else "whole"


def _textual(sheet: Sheet, look: Look, values: list[str]) -> Look:
    """A column of text: times, numbers with signs or slips among them, several values, text."""
    kept = [v for v in values if v.strip().lower() not in GAPS]
    gaps = tuple(v for v in values if v.strip().lower() in GAPS)
    look = replace(look, gaps=gaps, examples=tuple(kept[:3]))
    clock = guess_clock.of_texts(kept, look.sql, sheet.ask, number=False)
    if clock is not None:
        named = replace(look, type="date" if clock.days else "time", clock=clock)
        return _with_bad(sheet, named, clock.lenient)
    if guess_clock.is_time_of_day(kept):
        return replace(look, of_day=True)
    number = _as_number(kept, look.sql)
    if number is not None and not _is_code(look, kept):
        found = _numeric(sheet, replace(look, number=number), kept)
        return _with_bad(sheet, found, found.lenient or "null")
    if kept and sum(bool(MANY.fullmatch(v)) for v in kept) > 0.2 * len(kept):
        return replace(look, type="texts")
    return look


def _is_code(look: Look, values: list[str]) -> bool:
    """True for numbers that nobody adds up: called a code, with zeros before, very long."""
    return words.says(look.called, NAMED) or any(re.fullmatch(r"0\d+|\d{19,}", v) for v in values)


def _as_number(values: list[str], sql: str) -> str | None:
    """SQL that makes numbers of texts such as `¥1,234.50`, where most of them are ones."""
    bare = f"regexp_replace({sql}, '[^0-9.-]', '', 'g')"
    comma = f"replace(regexp_replace({sql}, '[^0-9,-]', '', 'g'), ',', '.')"
    for pattern, cleaned in ((PLAIN, sql), (MONEY, bare), (COMMA, comma)):
        if values and sum(bool(pattern.fullmatch(v)) for v in values) >= ENOUGH * len(values):
            places = max((len(v.rpartition(".")[2]) for v in values if "." in v), default=2)
            return f"cast({cleaned} as decimal(18, {min(max(places, 2), 6)}))"
    return None


def _with_bad(sheet: Sheet, look: Look, lenient: str) -> Look:
    """The column with the count of the cells that are not what the others are."""
    count, shown = sheet.ask(
        f"select count(*), min(cast({look.sql} as varchar)) from given"
        f" where {look.sql} is not null and ({lenient}) is null"
    )
    return replace(look, bad=count, bad_example=str(shown or ""))
