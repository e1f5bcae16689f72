"""Reads what happened: members and events of files, tables or the program's own mappings."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from engine.data import arrays, parts, people, source, typed
from engine.data import events as event_rows
from engine.data.columns import Column, Events, History, Members, Rejected, Texts
from engine.data.duplicates import settle
from engine.data.error import DataError
from engine.data.events import Rows
from engine.data.parts import Files
from engine.data.people import People
from engine.data.typed import Typed
from engine.data.zone import DAY, zone
from engine.language.program import Program

OTHER = "another row with this event_id says something else"
EPOCH = date(1970, 1, 1).toordinal()
BLOCK = 1 << 16  # rows at a time


def read(
    program: Program,
    members: source.Given | None,
    events: source.Given | None,
    until: date | None = None,
    workspace: str | Path | None = None,
    confined: bool = False,
) -> History:
    """The history that the files or tables hold, in the one form that the machine takes.

    `members` and `events` are a path, several, or tables; a folder gives its files. Where one is
    None the `data` section of the program says where it is: paths there start at the workspace,
    the folder above the rules; `confined` refuses those that leave it. Without any members the
    members are those that events name. Events after the day `until` are left out and counted.

    Raises DataError where a file as a whole cannot be used; rows that cannot be read are
    `rejected`. The result is the same whatever the order of rows and the number of files.
    """
    found = files(program, members, events, workspace, confined)
    known = named(program, found)
    return of_rows(program, found, known, list(parts.worked(found[1].frames, program)), until)


def files(
    program: Program, members: source.Given | None, events: source.Given | None,
    workspace: str | Path | None = None, confined: bool = False,
) -> tuple[Files, Files]:  # fmt: skip
    """The files of members and those of events, found but not read; raises DataError."""
    place = Path(workspace) if workspace is not None else Path(program.folder).absolute().parent
    member_files = parts.find(program, members, "members", place, confined)
    event_files = parts.find(program, events, "events", place, confined)
    if not event_files.names:
        what = "No events are named."
        raise DataError("events", what, "Expected files of events, or a `data` section.")
    return member_files, event_files


def named(program: Program, found: tuple[Files, Files]) -> People | None:
    """The members that files name; None where there are no such files."""
    frames = (frame for _, frame in found[0].frames)
    return people.read(frames, program) if found[0].names else None


def of_rows(
    program: Program, found: tuple[Files, Files], known: People | None, each: list[Rows],
    until: date | None,
) -> History:  # fmt: skip
    """The history of events in parts, which are taken out of the list."""
    if known is not None:
        each[:] = event_rows.of_known(each, known.ids, found[1].names)
    rows, duplicates = settled(event_rows.together(each, program), program, found[1].names)
    rows, later = up_to(rows, until, program.zone)
    known = people.of_events(rows.members, program) if known is None else known
    return assembled(program, rows, known, found, duplicates, later)


def assembled(
    program: Program, rows: Rows, known: People, found: tuple[Files, Files], duplicates: int,
    later: int,
) -> History:  # fmt: skip
    """The history of rows that are settled; `found` are the files of members and of events."""
    texts, listed = _texts(rows, known)
    names = tuple(name for one in found for name in one.names)
    mapped = [m for one in found for m in one.mapped]
    return History(
        members=_members(known, listed, are_listed=bool(found[0].names)),
        events=_events(rows, known.ids, program, listed, len(found[0].names)),
        texts=texts,
        files=names,
        rejected=in_order([*known.rejected, *rows.rejected], names),
        duplicates=duplicates + known.duplicates,
        later=later,
        left_out=parts.left_out(mapped),
        mixed=parts.mixed(mapped),
        unread=tuple(unread for one in found for unread in one.unread),
    )


def settled(rows: Rows, program: Program, names: Sequence[str]) -> tuple[Rows, int]:
    """The rows with each id once, and how many said what another had said."""

    def contents(some: NDArray[np.int64]) -> list[NDArray[np.int64]]:
        members, type_ = rows.members.values[some], rows.type[some]
        columns = typed.contents([*rows.fields.values()], some)
        return [members.astype(np.int64), type_.astype(np.int64), *columns]

    settled = settle(rows.ids, rows.at, contents, lambda row: _canonical(rows, program, row))
    if settled is None:
        return rows, 0
    others = [
        Rejected(names[rows.file[i]], int(rows.row[i]), event_rows.ID, OTHER, rows.ids[i].as_py())
        for i in np.flatnonzero(settled.other).tolist()
    ]
    kept = event_rows.picked(rows, settled.kept)
    return replace(kept, rejected=(*rows.rejected, *others)), int(settled.again.sum())


def _canonical(rows: Rows, program: Program, row: int) -> str:
    """An event as JSON with its keys in order, without what is null."""
    said: dict[str, str | int | None] = {
        key[0]: typed.at(column, row) for key, column in rows.fields.items()
        if not column.null[row]
    }  # fmt: skip
    said[event_rows.MEMBER] = typed.at(rows.members, row)
    said[event_rows.TYPE] = list(program.events)[rows.type[row]]
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def up_to(rows: Rows, until: date | None, zone_name: str) -> tuple[Rows, int]:
    """The rows up to the end of a local day, and how many are later."""
    if until is None:
        return rows, 0
    midnight = (until.toordinal() - EPOCH + 1) * DAY
    end = zone(zone_name, midnight, midnight).instants(np.array([midnight]))[0]
    early = rows.at < end
    return (rows, 0) if early.all() else (event_rows.picked(rows, early), int((~early).sum()))


def _texts(rows: Rows, known: People) -> tuple[Texts, pa.Array]:
    """Every text of events and members, in code-point order."""
    columns = [*rows.fields.values(), *known.attributes.values()]
    found = [c.names.filter(pa.array(typed.said(c))) for c in columns if c.names is not None]
    every = pc.unique(typed.joined(found))
    listed = every.take(pc.sort_indices(every))
    values = listed.to_pylist()
    return Texts(values, dict(zip(values, range(len(values)), strict=True))), listed


def _column(column: Typed, listed: pa.Array) -> Column:
    """A column with codes in the place of texts."""
    if column.names is None:
        return Column(column.values, column.null)
    if column.null.all():
        return Column(np.zeros(len(column.null), np.int32), column.null)
    code = arrays.filled(pc.index_in(column.names, value_set=listed), 0).astype(np.int32)
    codes = _coded(column.values, code)
    codes[column.null] = 0
    return Column(codes, column.null)


def _coded(values: NDArray[Any], code: NDArray[np.int32]) -> NDArray[np.int32]:
    """Codes in the place of values, whose room they take where it fits: nobody asks for them."""
    fits = values.dtype == np.int32 and values.flags.writeable
    found = values if fits else np.empty(len(values), np.int32)
    for first in range(0, len(values) if len(code) else 0, BLOCK):
        found[first : first + BLOCK] = code[values[first : first + BLOCK]]
    return found


def _members(known: People, listed: pa.Array, *, are_listed: bool) -> Members:
    """The members in the machine's form."""
    referrer = known.referrer
    place = arrays.whole(pc.index_in(referrer.names, value_set=known.ids), -1)
    positions = np.append(place, -1)[np.where(referrer.null, -1, referrer.values)]
    return Members(
        typed.compact(known.ids),
        _column(known.joined_at, listed),
        Column(np.maximum(positions, 0), positions < 0),
        {name: _column(column, listed) for name, column in known.attributes.items()},
        are_listed,
    )


def _events(
    rows: Rows, ids: pa.Array, program: Program, listed: pa.Array, first_file: int
) -> Events:  # fmt: skip
    """The events in order of `(at, event_id)`, in the machine's form."""
    if not stand(rows.at, rows.ids):
        rows = event_rows.picked(rows, order_of(rows.at, rows.ids))
    place = arrays.filled(pc.index_in(rows.members.names, value_set=ids), 0).astype(np.int32)
    # Most columns are without any value: they share one.
    blank = Column(np.zeros(len(rows.at), np.int64), np.ones(len(rows.at), np.bool_))
    fields = {
        key: _column(rows.fields[key], listed) if key in rows.fields else blank
        for key in event_rows.keys(program)
    }
    return Events(
        typed.compact(rows.ids),
        _coded(rows.members.values, place),
        rows.type,
        rows.at,
        fields,
        (rows.file + first_file).astype(np.int16),
        rows.row,
    )


def order_of(at: NDArray[np.int64], ids: pa.Array) -> NDArray[np.int64]:
    """Where events stand by `at`, and by code points of their id where that is the same."""
    order = np.argsort(at, kind="stable")
    ordered = at[order]
    equal = ordered[1:] == ordered[:-1]
    if not equal.any():
        return order
    tied = np.concatenate(([False], equal)) | np.concatenate((equal, [False]))
    some = order[tied]
    rank = np.empty(len(some), np.int64)
    rank[arrays.whole(pc.sort_indices(ids.take(pa.array(some))))] = np.arange(len(some))
    order[tied] = some[np.lexsort((rank, at[some]))]
    return order


def stand(at: NDArray[np.int64], ids: pa.Array) -> bool:
    """Whether events stand in that order."""
    if (at[1:] < at[:-1]).any():
        return False
    tied = np.flatnonzero(at[1:] == at[:-1])
    before, after = ids.take(pa.array(tied)), ids.take(pa.array(tied + 1))
    return bool(pc.all(pc.less(before, after), min_count=0).as_py())


def in_order(rejected: list[Rejected], names: Sequence[str]) -> tuple[Rejected, ...]:
    """What was set aside, by file and row."""
    place = {name: position for position, name in enumerate(dict.fromkeys(names))}
    once = dict.fromkeys(rejected)  # two mappings of one file see the same broken row
    return tuple(sorted(once, key=lambda r: (place[r.file], r.row)))
