"""Reads what happened: members and events of files, tables or the program's own mappings."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from engine.data import arrays, mapping, people, source, typed
from engine.data import events as event_rows
from engine.data.columns import Column, Events, History, Members, Rejected, Texts
from engine.data.duplicates import settle
from engine.data.error import DataError
from engine.data.events import Rows
from engine.data.frame import Frame
from engine.data.mapping import Mapped
from engine.data.people import People
from engine.data.typed import Typed
from engine.data.zone import DAY, zone
from engine.language.program import Program

OTHER = "another row with this event_id says something else"
EPOCH = date(1970, 1, 1).toordinal()


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
    place = Path(workspace) if workspace is not None else Path(program.folder).absolute().parent
    member_files = _frames(program, members, "members", place, confined)
    event_files = _frames(program, events, "events", place, confined)
    if not event_files.frames:
        what = "No events are named."
        raise DataError("events", what, "Expected files of events, or a `data` section.")
    known = people.read(member_files.frames, program) if member_files.frames else None
    rows = _event_rows(event_files.frames, program, known)
    rows, duplicates = _settled(rows, program, event_files.names)
    rows, later = _until(rows, until, program.zone)
    known = people.of_events(rows.members, program) if known is None else known
    return _assembled(rows, known, (member_files, event_files), duplicates, later)


@dataclass(frozen=True, slots=True)
class _Files:
    """What was read of members or of events."""

    frames: tuple[Frame, ...]
    unread: tuple[str, ...]
    mapped: tuple[Mapped, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """What the files are called."""
        return tuple(f.name for f in self.frames)


def _assembled(
    rows: Rows, known: People, files: tuple[_Files, _Files], duplicates: int, later: int
) -> History:
    """The history of rows that are settled; `files` are those of members and of events."""
    texts = _texts(rows, known)
    names = tuple(name for one in files for name in one.names)
    mapped = [m for one in files for m in one.mapped]
    return History(
        members=_members(known, texts),
        events=_events(rows, known.ids, texts, len(files[0].names)),
        texts=texts,
        files=names,
        rejected=_in_order([*known.rejected, *rows.rejected], names),
        duplicates=duplicates + known.duplicates,
        later=later,
        left_out=_left_out(mapped),
        mixed=_mixed(mapped),
        unread=tuple(unread for one in files for unread in one.unread),
    )


def _frames(
    program: Program, given: source.Given | None, kind: str, place: Path, confined: bool
) -> _Files:
    """The rows of members or events as they stand in their files, or in their mappings."""
    if given is not None:
        columns = people.wanted(program) if kind == "members" else event_rows.wanted(program)
        found, unread = source.find(given, kind)
        return _Files(tuple(source.read(one, columns) for one in found), unread)
    mapped = tuple(
        mapping.read(one, program, place, confined) for one in program.data if one.target == kind
    )
    frames = tuple(f for m in mapped for f in m.frames)
    return _Files(frames, tuple(u for m in mapped for u in m.unread), mapped)


def _left_out(mapped: Sequence[Mapped]) -> dict[str, int]:
    """How many rows of each file no mapping of it takes."""
    rows: dict[str, NDArray[np.int64]] = {}
    for one in mapped:
        for name, outside in one.outside.items():
            rows[name] = np.intersect1d(rows[name], outside) if name in rows else outside
    return {name: len(outside) for name, outside in rows.items() if len(outside)}


def _mixed(mapped: Sequence[Mapped]) -> dict[str, dict[str, int]]:
    """For each file and bare column: the groups that held several values of it."""
    counts: dict[str, dict[str, int]] = {}
    for one in mapped:
        for name, columns in one.mixed.items():
            own = counts.setdefault(name, {})
            for column, count in columns.items():
                own[column] = own.get(column, 0) + count
    return counts


def _event_rows(frames: Sequence[Frame], program: Program, known: People | None) -> Rows:
    """The events of all files."""
    ids = None if known is None else known.ids
    parts = [event_rows.read(frame, program, n, ids) for n, frame in enumerate(frames)]
    return event_rows.together(parts, program)


def _settled(rows: Rows, program: Program, names: Sequence[str]) -> tuple[Rows, int]:
    """The rows with each id once, and how many said what another had said."""

    def contents() -> list[NDArray[np.int64]]:
        members = arrays.whole(pc.dictionary_encode(rows.members).indices)
        return [members, rows.type.astype(np.int64), *typed.contents([*rows.fields.values()])]

    settled = settle(rows.ids, rows.at, contents, lambda row: _canonical(rows, program, row))
    if settled.kept.all():
        return rows, 0
    others = [
        Rejected(names[rows.file[i]], int(rows.row[i]), event_rows.ID, OTHER, rows.ids[i].as_py())
        for i in np.flatnonzero(settled.other).tolist()
    ]
    kept = _picked(rows, settled.kept)
    return replace(kept, rejected=(*rows.rejected, *others)), int(settled.again.sum())


def _canonical(rows: Rows, program: Program, row: int) -> str:
    """An event as JSON with its keys in order, without what is null."""
    said: dict[str, str | int | None] = {
        key[0]: typed.at(column, row) for key, column in rows.fields.items()
        if not column.null[row]
    }  # fmt: skip
    said[event_rows.MEMBER] = rows.members[row].as_py()
    said[event_rows.TYPE] = list(program.events)[rows.type[row]]
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _picked(rows: Rows, where: NDArray[np.bool_]) -> Rows:
    """The rows at `where`."""
    mask = pa.array(where)
    fields = {key: typed.pick(column, where) for key, column in rows.fields.items()}
    return Rows(
        rows.ids.filter(mask), rows.members.filter(mask), rows.type[where], rows.at[where],
        fields, rows.file[where], rows.row[where], rows.rejected,
    )  # fmt: skip


def _until(rows: Rows, until: date | None, zone_name: str) -> tuple[Rows, int]:
    """The rows up to the end of a local day, and how many are later."""
    if until is None:
        return rows, 0
    midnight = (until.toordinal() - EPOCH + 1) * DAY
    end = zone(zone_name, midnight, midnight).instants(np.array([midnight]))[0]
    early = rows.at < end
    return (rows, 0) if early.all() else (_picked(rows, early), int((~early).sum()))


def _texts(rows: Rows, known: People) -> Texts:
    """Every text of events and members, in code-point order."""
    columns = [*rows.fields.values(), *known.attributes.values()]
    found = [pc.unique(c.values) for c in columns if isinstance(c.values, pa.Array)]
    every = pc.drop_null(pc.unique(typed.joined(found)))
    values = every.take(pc.sort_indices(every)).to_pylist()
    return Texts(values, {text: code for code, text in enumerate(values)})


def _column(column: Typed, listed: pa.Array, order: NDArray[np.int64] | None = None) -> Column:
    """A column with codes in the place of texts."""
    if isinstance(column.values, np.ndarray):
        values = column.values
    else:
        values = arrays.whole(pc.index_in(column.values, value_set=listed))
    values = np.where(column.null, 0, values)
    if order is None:
        return Column(values, column.null)
    return Column(values[order], column.null[order])


def _members(known: People, texts: Texts) -> Members:
    """The members in the machine's form."""
    listed = pa.array(texts.values, pa.large_string())
    positions = pc.index_in(known.referrer, value_set=known.ids)
    valid = pc.and_(pc.is_valid(positions), pc.is_valid(known.referrer))
    null = ~arrays.flags(valid)
    return Members(
        known.ids.cast(pa.string()),
        _column(known.joined_at, listed),
        Column(np.where(null, 0, arrays.whole(positions)), null),
        {name: _column(column, listed) for name, column in known.attributes.items()},
    )


def _events(rows: Rows, ids: pa.Array, texts: Texts, first_file: int) -> Events:
    """The events in order of `(at, event_id)`, in the machine's form."""
    order = order_of(rows.at, rows.ids)
    listed = pa.array(texts.values, pa.large_string())
    member = arrays.whole(pc.index_in(rows.members, value_set=ids))
    # Most columns are without any value: they share one.
    blank = Column(np.zeros(len(order), np.int64), np.ones(len(order), np.bool_))
    fields = {
        key: blank if column.null.all() else _column(column, listed, order)
        for key, column in rows.fields.items()
    }
    return Events(
        rows.ids.take(pa.array(order)).cast(pa.string()),
        member[order].astype(np.int32),
        rows.type[order],
        rows.at[order],
        fields,
        (rows.file[order] + first_file).astype(np.int16),
        rows.row[order],
    )


def order_of(at: NDArray[np.int64], ids: pa.Array) -> NDArray[np.int64]:
    """Where events stand by `at`, and by code points of their id where that is the same."""
    order = np.argsort(at, kind="stable")
    ordered = at[order]
    equal = ordered[1:] == ordered[:-1]
    tied = np.concatenate(([False], equal)) | np.concatenate((equal, [False]))
    if len(at) < 2 or not tied.any():
        return order
    some = order[tied]
    rank = np.empty(len(some), np.int64)
    rank[arrays.whole(pc.sort_indices(ids.take(pa.array(some))))] = np.arange(len(some))
    order[tied] = some[np.lexsort((rank, at[some]))]
    return order


def _in_order(rejected: list[Rejected], names: Sequence[str]) -> tuple[Rejected, ...]:
    """What was set aside, by file and row."""
    place = {name: position for position, name in enumerate(dict.fromkeys(names))}
    once = dict.fromkeys(rejected)  # two mappings of one file see the same broken row
    return tuple(sorted(once, key=lambda r: (place[r.file], r.row)))
