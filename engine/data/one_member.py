"""Reads of a history what belongs to one member, and no more of the files than that needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from engine.data import arrays, events, history, parquet_shelf, people, shelves, source, typed
from engine.data.columns import History
from engine.data.events import Rows
from engine.data.parts import Files
from engine.data.people import People
from engine.data.shelf import NEVER, Shelf
from engine.language.expression.tree import Type
from engine.language.program import Program

FEW, TIMES = 64, 64  # last events that are looked at first, and how many times as many then
GRANT = ("grant", Type.TEXT)  # names a grant as event/rule/number


@dataclass(frozen=True, slots=True)
class Own:
    """What decides about a member, and when the last event of the whole history was.

    `last` is an event of anybody, in microseconds since 1970-01-01 UTC; None where there is none,
    or `until` says what the last day is.
    """

    history: History
    last: int | None


@dataclass(frozen=True, slots=True)
class _Sources:
    """The files of members and of events, and how rows are taken out of either."""

    files: tuple[Files, Files]
    members: Callable[[], list[Shelf]]
    events: Callable[[], list[Shelf]]


def read(
    program: Program,
    members: source.Given | None,
    given: source.Given | None,
    member: str,
    until: date | None = None,
) -> Own:
    """Of what `history.read` reads, what decides about one member.

    That is himself and those of his events that count there, unless others may change what he
    gets; then it is everything. Raises DataError as `history.read` does, but where only his own
    is read not for what is wrong with other rows.
    """
    members, given = source.lasting(members), source.lasting(given)
    own = None if program.crosses_members else _own(program, members, given, member, until)
    if own is not None:
        return own
    every = history.read(program, members, given, until)
    return Own(every, int(every.events.at[-1]) if len(every.events.at) else None)


def _own(
    program: Program,
    members: source.Given | None,
    given: source.Given | None,
    member: str,
    until: date | None,
) -> Own | None:
    """His own; None where an event of his names a grant of somebody else."""
    files = history.files(program, members, given)
    of = partial(_sources, program, files, (members, given))
    if any(name.lower().endswith(source.PARQUET) for one in files for name in one.names):
        try:
            with parquet_shelf.connect() as connection:
                return _read(program, of(connection), member, until)
        except duckdb.Error:  # Arrow may read what DuckDB does not
            pass
    return _read(program, of(None), member, until)


def _sources(
    program: Program, files: tuple[Files, Files],
    given: tuple[source.Given | None, source.Given | None],
    connection: duckdb.DuckDBPyConnection | None,
) -> _Sources:  # fmt: skip
    """Without a connection every file is read from its beginning to its end."""
    members, events_ = (
        partial(shelves.of, program, files[place], given[place], kind, connection)
        for place, kind in enumerate(("members", "events"))
    )
    return _Sources(files, members, events_)


def _read(program: Program, sources: _Sources, member: str, until: date | None) -> Own | None:
    """The same; raises duckdb.Error where a file must be read without DuckDB."""
    latest, names = 0 if until else FEW, sources.files[1].names
    while True:
        rows, known, floor = _around(program, sources, member, latest)
        rows, _ = history.settled(rows, program, names)
        last = int(rows.at.max(initial=NEVER))
        if last >= floor:
            break
        latest *= TIMES  # all those were set aside
    rows, _ = history.up_to(rows, until, program.zone)
    mine = _are(rows, member)
    own = replace(events.picked(rows, mine), rejected=())
    others = rows.ids.filter(pa.array(~mine))
    if pc.any(pc.is_in(others, value_set=pa.array(_granted(own), others.type))).as_py():
        return None
    if known is None:
        known = people.of_events(own.members, program)
    known = people.picked(known, np.flatnonzero(arrays.flags(pc.equal(known.ids, member))))
    found = history.assembled(program, own, known, sources.files, 0, 0)
    return Own(found, None if until or last == NEVER else last)


def _around(
    program: Program, sources: _Sources, member: str, latest: int
) -> tuple[Rows, People | None, int]:
    """All events that may decide what a member's are, and the `latest` ones; who is known of them.

    And an instant that no event is after but those.
    """
    names, opened = sources.files[1].names, sources.events()
    begun = [shelf.begin(member, latest) for shelf in opened]
    found = [
        events.read(frame, program, number)
        for number, (frames, _) in enumerate(begun) for frame in frames
    ]  # fmt: skip
    ids = {name for rows in found for name in rows.ids.to_pylist()}
    ids.update(name for rows in found for name in _granted(rows))
    found += [
        events.read(frame, program, number)
        for number, shelf in enumerate(opened) for frame in shelf.having(events.ID, ids)
    ]  # fmt: skip
    known = None
    if sources.files[0].names:
        who = {member, *(name for rows in found for name in rows.members.names.to_pylist())}
        frames = (f for shelf in sources.members() for f in shelf.having(people.ID, who))
        known = people.read(frames, program)
        found = events.of_known(found, known.ids, names)
    return events.together(found, program), known, max(floor for _, floor in begun)


def _are(rows: Rows, member: str) -> NDArray[np.bool_]:
    """Which rows are of a member."""
    is_his = arrays.flags(pc.equal(rows.members.names, member))
    return np.append(is_his, False)[np.where(rows.members.null, -1, rows.members.values)]


def _granted(rows: Rows) -> list[str]:
    """The events of whose grants rows speak."""
    column = rows.fields.get(GRANT)
    if column is None:
        return []
    named = column.names.filter(pa.array(typed.said(column))).to_pylist()
    return [parts[0] for parts in (name.rsplit("/", 2) for name in named) if len(parts) == 3]
