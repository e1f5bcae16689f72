"""Splits the ledger by month: a folder for each month of the program's zone, as Hive names them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby, pairwise
from operator import itemgetter
from pathlib import Path

import numpy as np
import pyarrow as pa

from engine.data.error import DataError
from engine.data.zone import DAY, zone

FOLDER = "ledger"
MONTH = re.compile(r"month=\d{4,}-\d{2}")


def split(parts: Iterable[pa.Table], zone_name: str) -> Iterator[tuple[str, Iterator[pa.Table]]]:
    """The folder of each month and its rows, for parts that stand in order of `at`.

    A month's rows must be taken before the next month is asked for. No rows, no months.
    """
    pieces = (piece for part in parts for piece in _pieces(part, zone_name))
    for month, some in groupby(pieces, key=itemgetter(0)):
        yield f"month={month}", (rows for _, rows in some)


def _pieces(part: pa.Table, zone_name: str) -> Iterator[tuple[str, pa.Table]]:
    """The rows of a part month by month."""
    at = part["at"].cast(pa.int64()).to_numpy()
    if not len(at):
        return
    days = zone(zone_name, int(at[0]), int(at[-1])).locals(at) // DAY
    months = days.astype("datetime64[D]").astype("datetime64[M]")
    starts = [0, *(np.flatnonzero(months[1:] != months[:-1]) + 1).tolist(), len(at)]
    for first, end in pairwise(starts):
        yield str(months[first]), part.slice(first, end - first)


def is_ours(folder: Path) -> bool:
    """Whether a folder holds nothing but the months of a ledger."""
    return folder.is_dir() and all(MONTH.fullmatch(path.name) for path in folder.iterdir())


def refuse_others(folder: Path) -> None:
    """Raises DataError where something else stands in the place of the months."""
    if folder.exists() and not is_ours(folder):
        what = "Something else stands where the ledger's months go."
        raise DataError(folder.as_posix(), what, "Name another folder with --out.")
