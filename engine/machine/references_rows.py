"""What rows of events say: their columns, what those name, and rows that are set aside."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from engine.data import arrays
from engine.data.columns import DECIMAL_PLACES, Column, History, Rejected
from engine.language.expression.tree import Type
from engine.machine.compiled import Compiled

_PARTS = 10**DECIMAL_PLACES


@dataclass(slots=True)
class References:
    """By event, -1 where there is none. `keep` is False where the row is set aside.

    `moves`: the event reverses or cancels its target, so it is worked after it.
    """

    keep: NDArray[np.bool_]
    target: NDArray[np.int32]
    moves: NDArray[np.bool_]
    redeems: NDArray[np.bool_]
    uses: NDArray[np.bool_]
    reward: NDArray[np.int32]
    quantity: NDArray[np.int64]
    wallet: NDArray[np.int32]
    last_day: NDArray[np.int32]
    grant: NDArray[np.int32]
    grant_rule: NDArray[np.int32]
    grant_number: NDArray[np.int32]
    receivers: list[NDArray[np.int64]]
    coupons: dict[str, NDArray[np.int64]]  # by column of the feed; see `_giving`
    rejected: list[Rejected]


def rejected(history: History, i: int, column: str, reason: str, text: str) -> Rejected:
    """Event `i` set aside."""
    events = history.events
    return Rejected(history.files[events.file[i]], int(events.row[i]), column, reason, text)


def set_aside(
    history: History, found: References, rows: NDArray[np.int64], column: str, reason: str
) -> None:
    """Sets rows aside that are not yet, with what stands in their column."""
    for i in rows[found.keep[rows]]:
        said = said_in(history, i, column)
        found.rejected.append(rejected(history, int(i), column, reason, said))
    found.keep[rows] = False


def said_in(history: History, i: int, column: str) -> str:
    """What stands in a column of an event, as text."""
    for (name, kind), values in history.events.fields.items():
        if name == column and not values.null[i]:
            if kind is Type.TEXT:
                return str(history.texts.values[values.values[i]])
            return str(values.values[i])
    return ""


def rows_of(
    compiled: Compiled, history: History, found: References, kind: str
) -> NDArray[np.int64]:
    """The events of a type that are not set aside."""
    number = list(compiled.program.events).index(kind)
    return np.flatnonzero((history.events.type == number) & found.keep)


def column_of(history: History, name: str, kind: Type) -> Column:
    """A column of the events; nulls where none has it."""
    count = len(history.events.at)
    empty = Column(np.zeros(count, np.int64), np.ones(count, bool))
    return history.events.fields.get((name, kind), empty)


def by_code_of(
    history: History, codes: NDArray[np.int64], names: pa.Array
) -> NDArray[np.int64]:  # fmt: skip
    """By code: where the text stands among `names`, each of which is there once; else -1."""
    found = np.full(len(history.texts.values) + 1, -1, np.int64)
    if not len(codes):
        return found
    texts = pa.array([history.texts.values[code] for code in codes.tolist()], names.type)
    if len(texts) < len(names):  # of the two the shorter is made a table, the longer looked up
        place = arrays.filled(pc.index_in(names, value_set=texts), -1)
        known = np.flatnonzero(place >= 0)
        found[codes[place[known]]] = known
    else:
        found[codes] = arrays.filled(pc.index_in(texts, value_set=names), -1)
    return found


def named_in(
    history: History, column: Column, rows: NDArray[np.int64], names: pa.Array
) -> NDArray[np.int64]:
    """The positions among `names` of what rows say in a text column; -1 for null or unknown."""
    values, null = column.values[rows], column.null[rows]
    by_code = by_code_of(history, np.unique(values[~null]), names)
    return np.where(null, -1, by_code[values])


def members(history: History, key: tuple[str, Type], rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """The members whom rows name in a text column; -1 where they name nobody known."""
    return named_in(history, column_of(history, *key), rows, history.members.ids)


def whole_parts(
    history: History, found: References, column: Column, rows: NDArray[np.int64], scale: int,
    name: str,
) -> NDArray[np.int64]:  # fmt: skip
    """A decimal column in whole parts of `scale`; rows with more places are set aside."""
    values = np.where(column.null[rows], 0, column.values[rows])
    part = _PARTS // scale
    reason = "more places than the wallet has"
    set_aside(history, found, rows[values % part != 0], name, reason)
    return np.asarray(values // part, np.int64)
