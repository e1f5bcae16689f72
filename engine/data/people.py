"""Makes typed members of the rows of files, or of the events that name them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from engine.data import arrays, cells, typed
from engine.data.columns import Rejected
from engine.data.duplicates import settle
from engine.data.faults import or_empty
from engine.data.frame import Frame
from engine.data.rows import Sieve, how_read
from engine.data.typed import Typed, contents, joined, nothing, pick, pruned, said, spread, stacked
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
    referrer: Typed
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


def read(frames: Iterable[Frame], program: Program) -> People:
    """The members of several files."""
    parts = [_read(frame, program) for frame in frames]
    ids = joined([p.ids for p in parts])
    columns = {name: stacked([p.columns[name] for p in parts]) for name in _kinds(program)}
    at = np.where(columns[JOINED].null, NEVER, columns[JOINED].values)
    settled = settle(
        ids,
        at,
        lambda rows: contents([*columns.values()], rows),
        lambda row: _canonical(columns, row),
    )
    others: list[Rejected] = []
    if settled is not None:
        others = _others(parts, ids, settled.other)
        ids = ids.filter(pa.array(settled.kept))
        columns = {name: pick(column, settled.kept) for name, column in columns.items()}
    if not pc.all(pc.less(ids[:-1], ids[1:]), min_count=0).as_py():
        order = pc.sort_indices(ids)
        ids = ids.take(order)
        columns = {name: pick(column, arrays.whole(order)) for name, column in columns.items()}
    rejected = tuple(r for p in parts for r in p.rejected) + tuple(others)
    again = 0 if settled is None else int(settled.again.sum())
    return People(ids, columns.pop(JOINED), columns.pop(REFERRER), columns, rejected, again)


def _others(parts: Sequence[_Part], ids: pa.Array, other: NDArray[np.bool_]) -> list[Rejected]:
    """The rows that say something else of a member."""
    names = [p.file for p in parts for _ in range(len(p.row))] if other.any() else []
    row = np.concatenate([p.row for p in parts])
    return [
        Rejected(names[i], int(row[i]), ID, OTHER, ids[i].as_py())
        for i in np.flatnonzero(other).tolist()
    ]


def of_events(members: Typed, program: Program) -> People:
    """The members whom events name; nothing else is known of them."""
    ids = members.names.filter(pa.array(said(members)))
    ids = ids.take(pc.sort_indices(ids))
    columns = {name: nothing(kind, len(ids)) for name, kind in _kinds(program).items()}
    return People(ids, columns.pop(JOINED), columns.pop(REFERRER), columns, (), 0)


def picked(known: People, where: NDArray[np.int64]) -> People:
    """The members at some places, in order, as if they were all; what was set aside stays out."""
    at = pa.array(where)
    columns = {name: pruned(pick(it, where)) for name, it in known.attributes.items()}
    referrer = pruned(pick(known.referrer, where))
    return People(known.ids.take(at), pick(known.joined_at, where), referrer, columns, (), 0)


def _kinds(program: Program) -> dict[str, Type]:
    """The columns of members beside their id, and what they hold."""
    attributes = {name: field.type for name, field in program.attributes.items()}
    return {JOINED: Type.TIME, REFERRER: Type.TEXT, **attributes}


def _read(frame: Frame, program: Program) -> _Part:
    """The members of one file whose rows can be read."""
    frame.need((ID,))
    sieve = Sieve(frame)
    how = how_read(frame, program)
    got = cells.read(frame.columns[ID], Type.TEXT, replace(how, nested=frame.nested.get(ID)))
    sieve.note(ID, or_empty(got.fault, got.null | (arrays.sizes(got.texts) == 0)))
    columns = {}
    for name, kind in _kinds(program).items():
        column = frame.columns.get(name)
        if column is None:
            columns[name] = nothing(kind, len(frame.rows))
            continue
        numerals, nested = frame.numerals.get(name), frame.nested.get(name)
        value = cells.read(column, kind, replace(how, numerals=numerals, nested=nested))
        sieve.note(name, value.fault)
        columns[name] = spread(value)
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
    found = {name: typed.at(column, row) for name, column in columns.items()}
    found = {name: value for name, value in found.items() if value is not None}
    return json.dumps(found, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
