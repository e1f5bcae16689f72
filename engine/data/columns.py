"""Members and events as typed columns of whole numbers: the only form the machine takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from engine.language.expression.tree import Type

DECIMAL_PLACES = 6  # of the field type `decimal`
TEXTS_MARK = "\x1f"  # between the values of a `texts` cell inside one interned text


@dataclass(frozen=True, slots=True)
class Column:
    """One column: values of 32 or 64 bits beside a mask that is True where the value is null.

    whole: as it is; decimal: times 10^6; money: minor units; flag: 0 or 1; date: days since
    1970-01-01; time: microseconds since 1970-01-01 UTC; text and texts: codes of `Texts`.
    """

    values: NDArray[Any]
    null: NDArray[np.bool_]


@dataclass(slots=True)
class Texts:
    """Every text that occurs, once; its code is its position. It only grows."""

    values: list[str] = field(default_factory=list)
    codes: dict[str, int] = field(default_factory=dict)

    def code(self, text: str) -> int:
        """The code of `text`, new if it is the first time."""
        found = self.codes.setdefault(text, len(self.values))
        if found == len(self.values):
            self.values.append(text)
        return found

    def many(self, texts: Iterable[str]) -> NDArray[np.int64]:
        """The codes of several texts, int64."""
        return np.fromiter((self.code(t) for t in texts), dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Members:
    """Members in code-point order of their ids; everything else by that position."""

    ids: pa.StringArray
    joined_at: Column  # time
    referrer: Column  # position of the referrer; null where none or unknown
    attributes: Mapping[str, Column]
    listed: bool = False  # whether a file or table says who is a member; else events do


@dataclass(frozen=True, slots=True)
class Events:
    """Events in order of `(at, event_id)`, each id once.

    `fields` is keyed by a field's name and type, so types of event that share both share the
    column; it is null where an event's type has no such field. `file` is a position in
    `History.files`, `row` the row's number there, from 1 for the first row of data, in 32 or 64
    bits.
    """

    ids: pa.StringArray
    member: NDArray[np.int32]  # position in Members.ids
    type: NDArray[np.int16]  # position in Program.events
    at: NDArray[np.int64]  # microseconds since 1970-01-01 UTC
    fields: Mapping[tuple[str, Type], Column]
    file: NDArray[np.int16]
    row: NDArray[Any]


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that was set aside: its file, row (from 1), column, the reason and the text there."""

    file: str
    row: int
    column: str
    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class History:
    """Everything that was read, and what was not."""

    members: Members
    events: Events
    texts: Texts
    files: tuple[str, ...]
    rejected: tuple[Rejected, ...]
    duplicates: int  # rows that said again what was said before
    later: int  # events after `until`, left out
    left_out: Mapping[str, int] = field(default_factory=dict)  # file: rows its `where` leaves out
    mixed: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    # file: column: groups of its `group by` that held several values of a bare column
    unread: tuple[str, ...] = ()  # files in named folders that are neither CSV, JSON nor Parquet
