"""Makes typed members of the rows of files, or of the events that name them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from engine.data import arrays, cells, typed
from engine.data.columns import Rejected
from engine.data.duplicates import settle
from engine.data.faults import EMPTY, FINE
from engine.data.frame import Frame
from engine.data.rows import Sieve
from engine.data.typed import Typed, comparable, contents, joined, nothing, pick, spread, stacked
from engine.language.expression.tree import Type
from engine.language.program import Program

ID, JOINED, REFERRER = "member_id", "joined_at", "referrer_id"
NEVER = np.iinfo(np.int64).max  # where `joined_at` is null: after everything that is known
OTHER = "another row with this member_id says something else"


@dataclass(frozen=True, slots=True)
class People:
    """Members in code-point order of their ids, each once; texts are still texts."""

    ids: pa.Array
    joined_at: Typed
    referrer: pa.Array
    attributes: Mapping[str, Typed]
    rejected: tuple[Rejected, ...]
    duplicates: int


@dataclass(frozen=True, slots=True)
class _Part:
    """The members of one file as they stand there."""

    ids: pa.Array
    columns: Mapping[str, Typed]  # joined_at, referrer_id and the attributes
    file: str
    row: NDArray[np.int64]
    rejected: tuple[Rejected, ...]


def wanted(program: Program) -> frozenset[str]:
    """The columns of a file of members that are looked at."""
    return frozenset((ID, JOINED, REFERRER, *program.attributes))


def read(frames: Sequence[Frame], program: Program) -> People:
    """The members of several files."""
    parts = [_read(frame, program) for frame in frames]
    ids = joined([p.ids for p in parts])
    columns = {name: stacked([p.columns[name] for p in parts]) for name in _kinds(program)}
    at = np.where(columns[JOINED].null, NEVER, comparable(columns[JOINED]))
    settled = settle(
        ids, at, lambda: contents([*columns.values()]), lambda row: _canonical(columns, row)
    )
    names = [p.file for p in parts for _ in range(len(p.row))] if settled.other.any() else []
    row = np.concatenate([p.row for p in parts])
    others = [
        Rejected(names[i], int(row[i]), ID, OTHER, ids[i].as_py())
        for i in np.flatnonzero(settled.other).tolist()
    ]
    kept = settled.kept
    ids = ids.filter(pa.array(kept))
    order = pc.sort_indices(ids)
    sorted_ = {n: _ordered(pick(c, kept), order) for n, c in columns.items()}
    rejected = tuple(r for p in parts for r in p.rejected) + tuple(others)
    return People(
        ids.take(order),
        sorted_.pop(JOINED),
        sorted_.pop(REFERRER).values,
        sorted_,
        rejected,
        int(settled.again.sum()),
    )


def of_events(members: pa.Array, program: Program) -> People:
    """The members whom events name; nothing else is known of them."""
    ids = pc.unique(members)
    ids = ids.take(pc.sort_indices(ids))
    columns = {name: nothing(kind, len(ids)) for name, kind in _kinds(program).items()}
    joined_at, referrer = columns.pop(JOINED), columns.pop(REFERRER)
    return People(ids, joined_at, referrer.values, columns, (), 0)


def _kinds(program: Program) -> dict[str, Type]:
    """The columns of members beside their id, and what they hold."""
    attributes = {name: field.type for name, field in program.attributes.items()}
    return {JOINED: Type.TIME, REFERRER: Type.TEXT, **attributes}


def _read(frame: Frame, program: Program) -> _Part:
    """The members of one file whose rows can be read."""
    frame.need((ID,))
    sieve = Sieve(frame)
    how = cells.How(program.money_decimals, frame.zone or program.zone, program.zone, frame.mapped)
    got = cells.read(frame.columns[ID], Type.TEXT, replace(how, nested=frame.nested.get(ID)))
    empty = got.null | (arrays.flags(pc.equal(pc.fill_null(got.texts, ""), "")))
    sieve.note(ID, np.where(got.fault != FINE, got.fault, np.where(empty, EMPTY, FINE)))
    columns = {}
    for name, kind in _kinds(program).items():
        column = frame.columns.get(name)
        if column is None:
            columns[name] = nothing(kind, len(frame.rows))
            continue
        numerals, nested = frame.numerals.get(name), frame.nested.get(name)
        value = cells.read(column, kind, replace(how, numerals=numerals, nested=nested))
        sieve.note(name, value.fault)
        columns[name] = spread(value, np.ones(len(frame.rows), np.bool_))
    fine = sieve.fine
    return _Part(
        got.texts.filter(pa.array(fine)),
        {name: pick(column, fine) for name, column in columns.items()},
        frame.name,
        frame.rows[fine],
        (*frame.broken, *sieve.rejected()),
    )


def _canonical(columns: Mapping[str, Typed], row: int) -> str:
    """A member's row as JSON with its keys in order, without what is null."""
    said = {name: typed.at(column, row) for name, column in columns.items()}
    said = {name: value for name, value in said.items() if value is not None}
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _ordered(column: Typed, order: pa.Array) -> Typed:
    """A column in another order."""
    place = arrays.whole(order)
    if isinstance(column.values, np.ndarray):
        return Typed(column.values[place], column.null[place])
    return Typed(column.values.take(order), column.null[place])
