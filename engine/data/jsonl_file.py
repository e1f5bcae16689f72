"""Reads JSON Lines: every value as text, every line that is no object set aside."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from engine.data import arrays, sandbox
from engine.data.columns import Rejected
from engine.data.encoding import Block
from engine.data.error import DataError
from engine.data.frame import Frame, clip, one_chunk

Columns = dict[str, pa.Array]
Masks = dict[str, NDArray[np.bool_]]

_NONE: tuple[Columns, Masks, Masks] = ({}, {}, {})
LOOKED_AT = 100  # lines whose keys a message lists
DEEPEST = 40  # digits that a number in a file may need when written out


def read(name: str, blocks: Iterable[Block], wanted: Iterable[str] | None) -> Iterator[Frame]:
    """The rows of the JSON Lines file `name`, a frame for each block, at least one.

    Only the keys `wanted`, or all where it is None. A line is a row; empty lines are none.
    Values keep whether they were a number (`numerals`), and a list or an object is its own text.
    """
    before = _Before()
    for block in blocks:
        if not before.rows and block.text.startswith((b"PK\x03\x04", b"PAR1")):
            expected = "Expected one object in a line, UTF-8."
            raise DataError(name, "This is not JSON Lines.", expected, 1)
        lines, broken = _lines(name, block, before.rows)
        yield _frame(name, lines, broken, wanted, before)
        before.rows += len(lines)
    if not before.rows:
        yield _frame(name, pa.array([], pa.large_string()), [], wanted, before)


@dataclass(slots=True)
class _Before:
    """What the parts of a file that were read have shown."""

    rows: int = 0
    used: set[str] = field(default_factory=set)  # keys with a value


def _frame(
    name: str,
    lines: pa.Array,
    broken: list[Rejected],
    wanted: Iterable[str] | None,
    before: _Before,
) -> Frame:
    """The rows of some lines."""
    number = pa.array(range(before.rows + 1, before.rows + len(lines) + 1), pa.int64())
    with sandbox.connect() as connection:
        connection.register("lines", pa.table({"row": number, "line": lines}))
        fine = r"coalesce(json_valid(line) and regexp_matches(line, '^\s*\{'), false)"
        bad = connection.sql(f"select row, line from lines where line is not null and not {fine}")
        reason = "it is not an object in JSON"
        more = [Rejected(name, row, "", reason, clip(line)) for row, line in bad.fetchall()]
        there = _keys(connection, fine, None if wanted is None else LOOKED_AT)
        keys = there if wanted is None else _distinct(wanted)
        shape = json.dumps(dict.fromkeys(keys, "JSON")).replace("'", "''")
        got = connection.sql(
            f"select row, from_json(line, '{shape}') as value from lines where {fine} order by row"
            if keys
            else f"select row from lines where {fine} order by row"
        ).to_arrow_table()
    rows = arrays.whole(one_chunk(got.column("row")))
    columns, numerals, nested = _columns(one_chunk(got.column("value")), keys) if keys else _NONE
    if wanted is not None and len(rows):
        _drop_unknown(columns, before)
    together = tuple(sorted([*broken, *more], key=lambda r: r.row))
    return Frame(name, rows, columns, together, numerals, nested, lines=True, there=tuple(there))


def _lines(name: str, block: Block, done: int) -> tuple[pa.Array, list[Rejected]]:
    """The lines, null where one is no text, and those that are none."""
    lines = [line for line in block.text.split(b"\n") if line.strip()]
    try:
        block.text.decode("utf-8")
    except UnicodeDecodeError:
        return _readable(name, lines, block.encoding, done)
    if b"\0" in block.text:
        return _readable(name, lines, block.encoding, done)
    return pa.array(lines, pa.large_binary()).cast(pa.large_string()), []


def _readable(
    name: str, lines: list[bytes], encoding: str, done: int
) -> tuple[pa.Array, list[Rejected]]:
    """The lines one by one, null where one is no text."""
    found: list[str | None] = []
    broken = []
    for row, line in enumerate(lines, done + 1):
        try:
            said: str | None = line.decode("utf-8")
        except UnicodeDecodeError:
            said = None
            shown = clip(line[:1000].decode("utf-8", "replace"))
            broken.append(Rejected(name, row, "", f"it is not {encoding} text", shown))
        if said is not None and "\0" in said:
            shown = clip(said.replace("\0", "�"))
            broken.append(Rejected(name, row, "", "it holds a NUL byte", shown))
            said = None
        found.append(said)
    return pa.array(found, pa.large_string()), broken


def _keys(connection: duckdb.DuckDBPyConnection, fine: str, first: int | None) -> list[str]:
    """The keys of every line, or of the `first` ones, in the order of their first use."""
    some = "lines" if first is None else f"(select * from lines limit {first})"
    found = connection.sql(
        f"select key, min(row) from (select row, unnest(json_keys(line)) as key from {some}"
        f" where {fine}) group by key order by 2, 1"
    ).fetchall()
    return _distinct(key for key, _ in found)


def _distinct(keys: Iterable[str]) -> list[str]:
    """The keys once each; DuckDB's structs pair `A` and `a`, so the first spelling stands."""
    return list({key.lower(): key for key in reversed(list(keys))}.values())[::-1]


def _drop_unknown(columns: dict[str, pa.Array], before: _Before) -> None:
    """Drops the keys that no line has had, so that a missing column is noticed as such."""
    before.used |= {key for key, column in columns.items() if column.null_count < len(column)}
    for key in [k for k in columns if k not in before.used]:
        del columns[key]


def _columns(value: pa.StructArray, keys: list[str]) -> tuple[Columns, Masks, Masks]:
    """The texts of each key, and where it was a number without quotes, a list or an object."""
    columns, numerals, nested = {}, {}, {}
    for position, key in enumerate(keys):
        raw = one_chunk(value.field(position))
        if raw.null_count == len(raw):
            columns[key] = pa.nulls(len(raw), pa.large_string())
            continue
        first = pc.utf8_slice_codeunits(raw, 0, 1)
        quoted = pc.fill_null(pc.equal(first, '"'), False)
        number = pc.fill_null(pc.is_in(first, pa.array([*"-0123456789"], first.type)), False)
        columns[key] = _plain(raw, quoted, number)
        numerals[key] = arrays.flags(number)
        nested[key] = arrays.flags(pc.is_in(first, pa.array(["{", "["], first.type)))
    return columns, numerals, nested


def _plain(raw: pa.Array, quoted: pa.Array, number: pa.Array) -> pa.Array:
    """The values without quotes and escapes, numbers written out, whole ones as whole ones."""
    inner = pc.utf8_slice_codeunits(raw, 1, -1) if pc.any(quoted).as_py() else raw
    texts = pc.if_else(quoted, inner, raw)
    escaped = pc.and_(quoted, pc.fill_null(pc.match_substring(raw, "\\"), False))
    texts = _replace(texts, escaped, raw, _unquoted)
    power = pc.and_(number, pc.fill_null(pc.match_substring_regex(raw, "[eE]"), False))
    texts = _replace(texts, power, raw, _written_out)
    whole = pc.and_(number, pc.fill_null(pc.match_substring_regex(texts, r"\.0+$"), False))
    if pc.any(whole).as_py():
        texts = pc.if_else(whole, pc.replace_substring_regex(texts, r"\.0+$", ""), texts)
    return one_chunk(texts)


def _replace(texts: pa.Array, where: pa.Array, raw: pa.Array, change: object) -> pa.Array:
    """`texts` with the rows at `where` worked out from `raw` one by one."""
    if not pc.any(where).as_py():
        return texts
    assert callable(change)
    changed = [change(t) for t in raw.filter(where).to_pylist()]
    return pc.replace_with_mask(texts, where, pa.array(changed, texts.type))


def _unquoted(text: str) -> str:
    """The text that a JSON string stands for."""
    said = str(json.loads(text))
    return said.encode("utf-8", "replace").decode("utf-8")


def _written_out(text: str) -> str:
    """`1e3` as `1000`; what would be too long stays as it is and is no number."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    if not -DEEPEST <= number.adjusted() <= DEEPEST:
        return text
    return format(number, "f")
