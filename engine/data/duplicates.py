"""Decides which of several rows with one id counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from engine.data import arrays

Longs = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Settled:
    """Which rows count, which said the same again, and which said something else."""

    kept: NDArray[np.bool_]
    again: NDArray[np.bool_]
    other: NDArray[np.bool_]


def settle(
    ids: pa.Array,
    at: Longs,
    contents: Callable[[], Sequence[Longs]],
    canonical: Callable[[int], str],
) -> Settled:
    """Of rows with one id: the earliest `at`, then the smallest canonical text.

    Rows with the same `at` and contents say the same: one of them stands for all, the first in
    the order given. `canonical` is asked only for rows that differ at the same instant,
    `contents` only when an id comes up twice.
    """
    count = len(ids)
    kept = np.ones(count, np.bool_)
    again, other = np.zeros(count, np.bool_), np.zeros(count, np.bool_)
    code = arrays.whole(pc.dictionary_encode(ids).indices)
    several = np.flatnonzero(np.bincount(code, minlength=1)[code] > 1)
    if not len(several):
        return Settled(kept, again, other)
    columns = [code[several], at[several], *(c[several] for c in contents())]
    order = np.lexsort(columns[::-1])
    rows = several[order]
    differs = np.zeros(len(rows) - 1, np.bool_)
    for column in columns:
        differs |= column[order][1:] != column[order][:-1]
    new = np.concatenate(([True], differs))
    again[rows[~new]] = True
    distinct = rows[new]
    best = _best(code[distinct], at[distinct], distinct, canonical)
    other[distinct] = True
    other[best] = False
    return Settled(~(again | other), again, other)


def _best(
    code: Longs, at: Longs, rows: Longs, canonical: Callable[[int], str]
) -> NDArray[np.int64]:
    """Of rows that differ, in order of id and `at`, the one of each id that counts."""
    starts = np.flatnonzero(np.concatenate(([True], code[1:] != code[:-1])))
    best = rows[starts].copy()
    stops = np.append(starts[1:], len(rows))
    tied = (stops - starts > 1) & (at[starts] == at[np.minimum(starts + 1, len(at) - 1)])
    for position in np.flatnonzero(tied).tolist():
        start, stop = int(starts[position]), int(stops[position])
        same = [int(r) for r, t in zip(rows[start:stop], at[start:stop], strict=True)
                if t == at[start]]  # fmt: skip
        best[position] = min(same, key=canonical)
    return best
