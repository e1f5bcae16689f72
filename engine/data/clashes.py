"""Finds the members who say one id between them: in an event's own id, or where one is named."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from engine.data.duplicates import Hashes, hashed
from engine.data.events import Rows
from engine.language.expression.tree import Type
from engine.language.program import Program

HALF = np.uint64(32)
RECORD = 16  # bytes: the hash of an id, the hash of a member


class Said:
    """Which member said which id, as hashes in a file, in so many buckets by the id."""

    def __init__(self, path: Path, buckets: int) -> None:
        self.path, self.buckets = path, buckets
        self.cuts: list[NDArray[np.int64]] = []  # for each addition where its buckets begin
        self.size = 0

    def add(self, ids: Hashes, members: Hashes) -> None:
        """Says that these members say these ids. Raises OSError."""
        bucket = (((ids >> HALF) * np.uint64(self.buckets)) >> HALF).astype(np.uint16)
        order = np.argsort(bucket, kind="stable")
        starts = np.searchsorted(bucket[order], np.arange(self.buckets + 1))
        self.cuts.append(self.size + starts)
        self.size += len(ids)
        with self.path.open("ab") as file:
            file.write(np.column_stack((ids, members))[order].data)

    def clashing(self) -> Hashes:
        """The members, in order, who share an id with another, and perhaps a few who do not."""
        found = [np.zeros(0, np.uint64)]
        if self.size:
            with self.path.open("rb") as file:
                for bucket in range(self.buckets):
                    parts = []
                    for cuts in self.cuts:
                        file.seek(int(cuts[bucket]) * RECORD)
                        count = int(cuts[bucket + 1] - cuts[bucket])
                        parts.append(np.fromfile(file, np.uint64, 2 * count).reshape(-1, 2))
                    found.append(_shared(np.concatenate(parts)))
        return np.unique(np.concatenate(found))


def _shared(said: Hashes) -> Hashes:
    """The members of ids that several of them say."""
    ids = said[:, 0].copy()
    ordered = np.sort(ids)
    twice = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    if not len(twice):
        return np.zeros(0, np.uint64)
    place = np.minimum(np.searchsorted(twice, ids), len(twice) - 1)
    rows = np.flatnonzero(twice[place] == ids)
    place, members = place[rows], said[rows, 1]
    first = np.zeros(len(twice), np.uint64)
    first[place] = members
    several = np.zeros(len(twice), np.bool_)
    several[place[members != first[place]]] = True
    return np.asarray(members[several[place]], np.uint64)


def named(rows: Rows, program: Program) -> Iterator[tuple[Hashes, NDArray[np.int64]]]:
    """The events that rows name in their fields: the hashes of the ids, and which rows do."""
    types = list(program.events)
    for kind, column in links(program):
        field = rows.fields.get((column, Type.TEXT))
        if field is None:
            continue
        some = np.flatnonzero((rows.type == types.index(kind)) & ~field.null)
        if len(some):
            used, place = np.unique(field.values[some], return_inverse=True)
            texts = field.names.take(pa.array(used))
            if column == "grant":  # a grant is called event/rule/number
                texts = pa.array([t.rsplit("/", 2)[0] for t in texts.to_pylist()], texts.type)
            yield hashed(texts)[place], some


def links(program: Program) -> list[tuple[str, str]]:
    """The types of event that name another event, each with the field that does."""
    reverse = [(kind, it.reverses) for kind, it in program.events.items() if it.reverses]
    return [*reverse, ("redeem", "order"), ("cancel_redeem", "redeem"), ("use", "grant")]
