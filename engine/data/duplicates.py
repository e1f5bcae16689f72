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
Hashes = NDArray[np.uint64]
BLOCK = 1 << 16  # ids that are hashed at a time, so that they stay in the processor's cache
WORD = 8
SPICE = np.uint64(0x9E3779B97F4A7C15)
HALF = np.uint64(32)


@dataclass(frozen=True, slots=True)
class Settled:
    """Which rows count, which said the same again, and which said something else."""

    kept: NDArray[np.bool_]
    again: NDArray[np.bool_]
    other: NDArray[np.bool_]


def settle(
    ids: pa.Array,
    at: Longs,
    contents: Callable[[Longs], Sequence[Longs]],
    canonical: Callable[[int], str],
) -> Settled | None:
    """Of rows with one id: the earliest `at`, then the smallest canonical text; None: no id twice.

    Rows with the same `at` and contents say the same: one of them stands for all, the first in
    the order given. `canonical` is asked only for rows that differ at the same instant,
    `contents` only of rows whose id comes up twice.
    """
    several, code = _several(ids)
    if not len(several):
        return None
    count = len(ids)
    again, other = np.zeros(count, np.bool_), np.zeros(count, np.bool_)
    columns = [code, at[several], *contents(several)]
    order = np.lexsort(columns[::-1])
    rows = several[order]
    differs = np.zeros(len(rows) - 1, np.bool_)
    for column in columns:
        differs |= column[order][1:] != column[order][:-1]
    new = np.concatenate(([True], differs))
    again[rows[~new]] = True
    distinct = rows[new]
    best = _best(code[order][new], at[distinct], distinct, canonical)
    other[distinct] = True
    other[best] = False
    return Settled(~(again | other), again, other)


def _several(ids: pa.Array) -> tuple[Longs, Longs]:
    """The rows whose id comes up more than once, and a number for each of these ids."""
    none = np.zeros(0, np.int64)
    if pc.all(pc.less(ids[:-1], ids[1:]), min_count=0).as_py():
        return none, none
    hashes = hashed(ids)
    ordered = np.sort(hashes)
    twice = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    if not len(twice):
        return none, none
    place = np.searchsorted(twice, hashes)
    rows = np.flatnonzero(twice[np.minimum(place, len(twice) - 1)] == hashes)
    # What has one hash need not be one id.
    code = arrays.whole(ids.take(pa.array(rows)).dictionary_encode().indices)
    real = np.bincount(code)[code] > 1
    return rows[real], code[real]


def hashed(ids: pa.Array) -> Hashes:
    """A number of 64 bits for each id of an array of texts without nulls."""
    found = np.empty(len(ids), np.uint64)
    if not len(ids):
        return found
    wide = np.int64 if pa.types.is_large_string(ids.type) else np.int32
    ends = np.frombuffer(ids.buffers()[1], wide)[ids.offset :][: len(ids) + 1]
    text = np.frombuffer(ids.buffers()[2] or b"", np.uint8)
    for first in range(0, len(ids), BLOCK):
        own = ends[first : first + BLOCK + 1].astype(np.int64)
        block = np.concatenate((text[own[0] : own[-1]], np.zeros(WORD, np.uint8)))
        found[first : first + BLOCK] = _hashed(block, own[:-1] - own[0], np.diff(own))
    return found


def _hashed(text: NDArray[np.uint8], starts: Longs, sizes: Longs) -> Hashes:
    """The same of texts that begin at `starts`; eight bytes are taken in at a time."""
    words = np.lib.stride_tricks.as_strided(text, (len(text) - WORD + 1, WORD), (1, 1))
    found = sizes.astype(np.uint64) * SPICE
    rows = np.arange(len(sizes))
    while len(rows):
        word = words[starts].view(np.uint64).ravel()
        short = sizes < WORD
        if short.any():
            word[short] &= (np.uint64(1) << (sizes[short] * 8).astype(np.uint64)) - np.uint64(1)
        mixed = (found[rows] ^ word) * SPICE
        found[rows] = mixed ^ (mixed >> HALF)
        longer = sizes > WORD
        rows, starts, sizes = rows[longer], starts[longer] + WORD, sizes[longer] - WORD
    return found


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
