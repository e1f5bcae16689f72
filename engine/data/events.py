"""Makes typed events of the rows of files; what they hold of members is still text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from engine.data import arrays, cells
from engine.data.columns import Rejected
from engine.data.faults import EMPTY, FINE, UNKNOWN_MEMBER, UNKNOWN_TYPE
from engine.data.frame import Frame
from engine.data.rows import Sieve
from engine.data.typed import Typed, joined, nothing, pick, spread, stacked
from engine.language.expression.tree import Type
from engine.language.program import Program

ID, MEMBER, TYPE, AT = "event_id", "member_id", "type", "at"
REQUIRED = (ID, MEMBER, TYPE, AT)

Key = tuple[str, Type]
Longs = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Rows:
    """Typed events in the order of their files, with those that were set aside."""

    ids: pa.Array
    members: pa.Array
    type: NDArray[np.int16]
    at: Longs
    fields: Mapping[Key, Typed]
    file: NDArray[np.int16]
    row: Longs
    rejected: tuple[Rejected, ...]


def keys(program: Program) -> tuple[Key, ...]:
    """Every field of every type of event, once, in the program's order."""
    every = [(f.name, f.type) for e in program.events.values() for f in e.fields.values()]
    return tuple(dict.fromkeys(every))


def wanted(program: Program) -> frozenset[str]:
    """The columns of a file of events that are looked at."""
    return frozenset(REQUIRED) | {name for name, _ in keys(program)}


def read(frame: Frame, program: Program, file: int, known: pa.Array | None) -> Rows:
    """The events of a frame whose file is number `file`; of the members `known`, or of all."""
    frame.need(REQUIRED)
    sieve = Sieve(frame)
    how = cells.How(program.money_decimals, frame.zone or program.zone, program.zone, frame.mapped)
    ids = _identity(sieve, ID, how)
    members = _identity(sieve, MEMBER, how)
    type_ = _types(sieve, program, how)
    at = cells.read(frame.columns[AT], Type.TIME, how)
    assert at.values is not None
    sieve.note(AT, np.where(at.null, EMPTY, at.fault).astype(np.int8))
    fields = {key: _field(sieve, program, key, type_, how) for key in keys(program)}
    if known is not None:
        strange = ~arrays.flags(pc.is_in(members, value_set=known))
        sieve.note(MEMBER, np.where(strange, UNKNOWN_MEMBER, FINE).astype(np.int8))
    fine = sieve.fine
    every = bool(fine.all())
    return Rows(
        ids if every else ids.filter(pa.array(fine)),
        members if every else members.filter(pa.array(fine)),
        type_[fine],
        at.values[fine],
        fields if every else {key: pick(value, fine) for key, value in fields.items()},
        np.full(int(fine.sum()), file, np.int16),
        frame.rows[fine],
        (*frame.broken, *sieve.rejected()),
    )


def _identity(sieve: Sieve, name: str, how: cells.How) -> pa.Array:
    """The ids in a column, which may not be empty."""
    nested = sieve.frame.nested.get(name)
    got = cells.read(sieve.frame.columns[name], Type.TEXT, replace(how, nested=nested))
    empty = got.null | (arrays.flags(pc.equal(pc.fill_null(got.texts, ""), "")))
    sieve.note(name, np.where(got.fault != FINE, got.fault, np.where(empty, EMPTY, FINE)))
    return got.texts


def _types(sieve: Sieve, program: Program, how: cells.How) -> NDArray[np.int16]:
    """The positions of the types of event."""
    names = _identity(sieve, TYPE, how)
    listed = pa.array(list(program.events), pa.large_string())
    found = arrays.whole(pc.index_in(names, value_set=listed), -1).astype(np.int16)
    sieve.note(TYPE, np.where(found < 0, UNKNOWN_TYPE, FINE).astype(np.int8))
    return found


def _field(
    sieve: Sieve, program: Program, key: Key, type_: NDArray[np.int16], how: cells.How
) -> Typed:
    """One field, read where the row's type of event has it and null elsewhere."""
    name, kind = key
    count = len(sieve.fault)
    column = sieve.frame.columns.get(name)
    having = [
        position
        for position, event in enumerate(program.events.values())
        if name in event.fields and event.fields[name].type is kind
    ]
    where = np.isin(type_, having)
    if column is None or not where.any():
        return nothing(kind, count)
    part = column if where.all() else column.filter(pa.array(where))
    numerals, nested = sieve.frame.numerals.get(name), sieve.frame.nested.get(name)
    told = replace(
        how,
        numerals=None if numerals is None else numerals[where],
        nested=None if nested is None else nested[where],
    )
    got = cells.read(part, kind, told)
    sieve.note(name, got.fault, where)
    return spread(got, where)


def together(parts: Sequence[Rows], program: Program) -> Rows:
    """The rows of several files as one."""
    fields = {key: stacked([p.fields[key] for p in parts]) for key in keys(program)}
    return Rows(
        joined([p.ids for p in parts]),
        joined([p.members for p in parts]),
        np.concatenate([p.type for p in parts]),
        np.concatenate([p.at for p in parts]),
        fields,
        np.concatenate([p.file for p in parts]),
        np.concatenate([p.row for p in parts]),
        tuple(r for p in parts for r in p.rejected),
    )
