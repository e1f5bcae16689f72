"""Takes what there is of members or events frame by frame, and events a few slices at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.data import events, mapping, people, source
from engine.data.frame import Frame
from engine.data.mapping import Mapped
from engine.language.program import Program

SLICE = 250_000  # rows that are worked at a time
AHEAD = 3  # slices that are worked or wait
STEADY = (source.CSV, source.TABS, source.PARQUET)  # every part has the same columns and kinds


@dataclass(frozen=True, slots=True)
class Files:
    """What there is to be read of members or of events: frames, each with its file's number."""

    names: tuple[str, ...]
    frames: Iterable[tuple[int, Frame]]
    unread: tuple[str, ...]
    mapped: tuple[Mapped, ...] = ()
    about: int = 0  # rows, as far as they can be told without reading


def find(
    program: Program, given: source.Given | None, kind: str, place: Path, confined: bool
) -> Files:
    """The rows of members or events as they stand in their files, or in their mappings."""
    if given is not None:
        found, unread = source.find(given, kind)
        about = sum(source.rows_about(one) for one in found)
        each = _frames(found, wanted(program, kind))
        return Files(tuple(it.name for it in found), each, unread, about=about)
    mapped = tuple(
        mapping.read(one, program, place, confined) for one in program.data if one.target == kind
    )
    frames = tuple(f for m in mapped for f in m.frames)
    unread = tuple(u for m in mapped for u in m.unread)
    about = sum(len(f.rows) for f in frames)
    return Files(tuple(f.name for f in frames), tuple(enumerate(frames)), unread, mapped, about)


def wanted(program: Program, kind: str) -> frozenset[str]:
    """The columns of a file of members or of events that are looked at."""
    return people.wanted(program) if kind == "members" else events.wanted(program)


def _frames(
    found: Sequence[source.Source], columns: frozenset[str]
) -> Iterator[tuple[int, Frame]]:  # fmt: skip
    """The rows of several sources, part by part where every part has the same columns."""
    for number, one in enumerate(found):
        for frame in of_one(one, columns):
            yield number, frame


def of_one(one: source.Source, columns: frozenset[str]) -> Iterable[Frame]:
    """The rows of one source, part by part where every part has the same columns."""
    path = one.what
    if isinstance(path, Path) and source.ending(path).removesuffix(source.PACKED) not in STEADY:
        return (source.read(one, columns),)
    return source.frames(one, columns)


def worked(frames: Iterable[tuple[int, Frame]], program: Program) -> Iterator[events.Rows]:
    """The events of frames, in order; two parts are worked while more are read."""
    waiting: deque[Future[events.Rows]] = deque()
    with ThreadPoolExecutor(2) as pool:
        for number, frame in frames:
            for part in _slices(frame):
                waiting.append(pool.submit(events.read, part, program, number))
                if len(waiting) > AHEAD:
                    yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _slices(frame: Frame) -> Iterator[Frame]:
    """The frame in parts of which the processor's cache holds the columns."""
    if len(frame.rows) <= SLICE:
        yield frame
        return
    for first in range(0, len(frame.rows), SLICE):
        part = slice(first, first + SLICE)
        yield replace(
            frame,
            rows=frame.rows[part],
            columns={name: column.slice(first, SLICE) for name, column in frame.columns.items()},
            broken=() if first else frame.broken,
            numerals={name: mask[part] for name, mask in frame.numerals.items()},
            nested={name: mask[part] for name, mask in frame.nested.items()},
        )


def left_out(mapped: Sequence[Mapped]) -> dict[str, int]:
    """How many rows of each file no mapping of it takes."""
    rows: dict[str, NDArray[np.int64]] = {}
    for one in mapped:
        for name, outside in one.outside.items():
            rows[name] = np.intersect1d(rows[name], outside) if name in rows else outside
    return {name: len(outside) for name, outside in rows.items() if len(outside)}


def mixed(mapped: Sequence[Mapped]) -> dict[str, dict[str, int]]:
    """For each file and bare column: the groups that held several values of it."""
    counts: dict[str, dict[str, int]] = {}
    for one in mapped:
        for name, columns in one.mixed.items():
            own = counts.setdefault(name, {})
            for column, count in columns.items():
                own[column] = own.get(column, 0) + count
    return counts
