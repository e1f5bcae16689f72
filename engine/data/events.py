"""Makes typed events of the rows of files; what they hold of members is still text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from engine.data import arrays, cells
from engine.data.columns import Rejected
from engine.data.faults import FINE, UNKNOWN_MEMBER, UNKNOWN_TYPE, WORDS, or_empty
from engine.data.frame import Frame
from engine.data.rows import Sieve, how_read, shown
from engine.data.typed import Typed, compact, joined, nothing, pick, spread, stacked, texts
from engine.language.expression.tree import Type
from engine.language.program import Program

ID, MEMBER, TYPE, AT = "event_id", "member_id", "type", "at"
REQUIRED = (ID, MEMBER, TYPE, AT)

Key = tuple[str, Type]
Longs = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Rows:
    """Typed events in the order of their files, with those that were set aside.

    `fields` lacks those without any value. `named` is what stands in the cells of `members`,
    where those are no texts.
    """

    ids: pa.Array
    members: Typed
    type: NDArray[np.int16]
    at: Longs
    fields: Mapping[Key, Typed]
    file: NDArray[np.int16]
    row: NDArray[Any]  # in 32 or 64 bits
    rejected: tuple[Rejected, ...]
    named: pa.Array | None = None


def keys(program: Program) -> tuple[Key, ...]:
    """Every field of every type of event, once, in the program's order."""
    every = [(f.name, f.type) for e in program.events.values() for f in e.fields.values()]
    return tuple(dict.fromkeys(every))


def wanted(program: Program) -> frozenset[str]:
    """The columns of a file of events that are looked at."""
    return frozenset(REQUIRED) | {name for name, _ in keys(program)}


def read(frame: Frame, program: Program, file: int) -> Rows:
    """The events of a frame whose file is number `file`, of members known or not."""
    frame.need(REQUIRED)
    sieve = Sieve(frame)
    how = how_read(frame, program)
    ids = _identity(sieve, ID, how)
    members = texts(_identity(sieve, MEMBER, how))
    type_ = _types(sieve, program, how)
    at = cells.read(frame.columns[AT], Type.TIME, how)
    assert at.values is not None
    sieve.note(AT, or_empty(at.fault, at.null))
    found = ((key, _field(sieve, program, key, type_, how)) for key in keys(program))
    fields = {key: value for key, value in found if value is not None}
    cell = frame.columns[MEMBER]
    row = frame.rows
    row = row.astype(np.int32) if row.max(initial=0) < 2**31 else row
    rows = Rows(
        ids, members, type_, at.values, fields, np.full(len(ids), file, np.int16), row,
        (), None if pa.types.is_large_string(cell.type) else cell,
    )  # fmt: skip
    rows = rows if sieve.all_fine else picked(rows, sieve.fine)
    return replace(rows, ids=compact(rows.ids), rejected=(*frame.broken, *sieve.rejected()))


def picked(rows: Rows, where: NDArray[Any]) -> Rows:
    """The rows at `where`, a mask or places in order."""
    chosen = pa.array(where)
    take = pa.Array.filter if where.dtype == np.bool_ else pa.Array.take
    return Rows(
        take(rows.ids, chosen),
        pick(rows.members, where),
        rows.type[where],
        rows.at[where],
        {key: pick(column, where) for key, column in rows.fields.items()},
        rows.file[where],
        rows.row[where],
        rows.rejected,
        None if rows.named is None else take(rows.named, chosen),
    )


def _identity(sieve: Sieve, name: str, how: cells.How) -> pa.Array:
    """The ids in a column, which may not be empty."""
    nested = sieve.frame.nested.get(name)
    got = cells.read(sieve.frame.columns[name], Type.TEXT, replace(how, nested=nested))
    sieve.note(name, or_empty(got.fault, got.null | (arrays.sizes(got.texts) == 0)))
    return got.texts


def _types(sieve: Sieve, program: Program, how: cells.How) -> NDArray[np.int16]:
    """The positions of the types of event."""
    names = texts(_identity(sieve, TYPE, how))
    listed = pa.array(list(program.events), pa.large_string())
    number = arrays.whole(pc.index_in(names.names, value_set=listed), -1)
    found = np.append(number, -1).astype(np.int16)[np.where(names.null, -1, names.values)]
    sieve.note(TYPE, np.where(found < 0, UNKNOWN_TYPE, FINE).astype(np.int8))
    return found


def _field(
    sieve: Sieve, program: Program, key: Key, type_: NDArray[np.int16], how: cells.How
) -> Typed | None:
    """One field, read where the row's type of event has it and null elsewhere; None: nowhere."""
    name, kind = key
    column = sieve.frame.columns.get(name)
    if column is None or column.null_count == len(column):
        return None
    having = [
        name in event.fields and event.fields[name].type is kind
        for event in program.events.values()
    ]
    where = np.array([*having, False])[type_]  # -1, an unknown type, is the last
    if not where.any():
        return None
    every = bool(where.all())
    numerals, nested = sieve.frame.numerals.get(name), sieve.frame.nested.get(name)
    told = replace(
        how,
        numerals=None if numerals is None else numerals[where],
        nested=None if nested is None else nested[where],
    )
    got = cells.read(column if every else column.filter(pa.array(where)), kind, told)
    sieve.note(name, got.fault, None if every else where)
    return spread(got, None if every else where)


def together(parts: list[Rows], program: Program) -> Rows:
    """The rows of several parts as one; takes them out of the list, so that no column is twice."""
    if len(parts) == 1:
        return parts.pop()
    plain: dict[str, list[Any]] = {
        name: [getattr(p, name) for p in parts]
        for name in ("ids", "members", "type", "at", "file", "row")
    }
    there = [key for key in keys(program) if any(key in p.fields for p in parts)]
    fields = {key: [_own(p, key) for p in parts] for key in there}
    rejected = tuple(r for p in parts for r in p.rejected)
    parts.clear()
    with ThreadPoolExecutor(1) as other:
        members = other.submit(stacked, plain.pop("members"))  # as long as all else together
        return Rows(
            ids=joined(plain.pop("ids")),
            type=np.concatenate(plain.pop("type")),
            at=np.concatenate(plain.pop("at")),
            fields={key: stacked(fields.pop(key)) for key in there},
            file=np.concatenate(plain.pop("file")),
            row=np.concatenate(plain.pop("row")),
            rejected=rejected,
            members=members.result(),
        )


def _own(part: Rows, key: Key) -> Typed:
    """A field of a part."""
    return part.fields[key] if key in part.fields else nothing(key[1], len(part.at))


def of_known(parts: Sequence[Rows], known: pa.Array, files: Sequence[str]) -> list[Rows]:
    """The rows whose member is among the `known`; `files` are the names of all files."""
    strange = ~arrays.flags(pc.is_in(joined([p.members.names for p in parts]), value_set=known))
    found, first = [], 0
    for part in parts:
        own = strange[first : first + len(part.members.names)]
        first += len(own)
        found.append(_without(part, own[part.members.values], files) if own.any() else part)
    return found


def _without(part: Rows, strange: NDArray[np.bool_], files: Sequence[str]) -> Rows:
    """The rows that are not of strangers; those that are, set aside."""
    cells_ = part.members.names.take(pa.array(part.members.values))
    said = cells_ if part.named is None else part.named
    set_aside = [
        Rejected(
            files[part.file[i]], int(part.row[i]), MEMBER, WORDS[UNKNOWN_MEMBER], shown(said, i)
        )
        for i in np.flatnonzero(strange).tolist()
    ]
    kept = picked(part, ~strange)
    return replace(kept, rejected=(*part.rejected, *set_aside))
