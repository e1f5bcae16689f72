"""Chance and calendar of the sample, in whole numbers only."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

FIRST_DAY = date(2025, 1, 1)
LAST_DAY = date(2026, 6, 30)
DAYS = (LAST_DAY - FIRST_DAY).days + 1
EPOCH = date(1970, 1, 1)

Longs = NDArray[np.int64]


class Draws:
    """A stream of draws for one purpose.

    Only the raw numbers of PCG64 are used, which numpy promises to keep; what is made of them is
    made here, without a float.
    """

    def __init__(self, seed: int, purpose: str) -> None:
        digest = hashlib.sha256(f"{seed}/{purpose}".encode()).digest()
        self._bits = np.random.PCG64(int.from_bytes(digest[:16], "big"))

    def below(self, limit: int | Longs, count: int) -> Longs:
        """Whole numbers from 0 to `limit` - 1; one limit for all, or each its own."""
        raw = np.asarray(self._bits.random_raw(count), dtype=np.uint64)
        return (raw % np.asarray(limit).astype(np.uint64)).astype(np.int64)

    def among(self, values: Sequence[str], count: int) -> list[str]:
        """Values, each as likely as the others."""
        return [values[i] for i in self.below(len(values), count).tolist()]

    def weighted(self, weights: Longs, count: int) -> Longs:
        """Positions among `weights`, each as likely as its weight."""
        sums = np.cumsum(weights)
        return np.searchsorted(sums, self.below(int(sums[-1]), count), side="right")

    def chance(self, part: int, of: int, count: int) -> NDArray[np.bool_]:
        """True `part` times in `of`."""
        return self.below(of, count) < part

    def shuffled(self, count: int) -> Longs:
        """The numbers below `count` in any order."""
        raw = np.asarray(self._bits.random_raw(count), dtype=np.uint64)
        return np.argsort(raw, kind="stable")


def day_text(since_1970: int) -> str:
    """A day as text."""
    return (EPOCH + timedelta(days=since_1970)).isoformat()


def time_text(seconds: int) -> str:
    """Seconds since the first day as a local time."""
    day, rest = divmod(seconds, 86_400)
    hour, rest = divmod(rest, 3600)
    said = (FIRST_DAY + timedelta(days=day)).isoformat()
    return f"{said} {hour:02d}:{rest // 60:02d}:{rest % 60:02d}"


def time_texts(seconds: Longs) -> list[str]:
    """Many of them."""
    days = [(FIRST_DAY + timedelta(days=d)).isoformat() for d in range(DAYS + 60)]
    hours = [f"{h:02d}:{m:02d}" for h in range(24) for m in range(60)]
    day, rest = np.divmod(seconds, 86_400)
    minute, second = np.divmod(rest, 60)
    return [
        f"{days[d]} {hours[m]}:{s:02d}"
        for d, m, s in zip(day.tolist(), minute.tolist(), second.tolist(), strict=True)
    ]
