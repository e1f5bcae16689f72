"""Writes the files of a replay into a folder: all of them, or none."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import csv

from engine.machine import monthly

# Columns in which nearly every cell is another: a dictionary of them would only cost time.
MANY = frozenset({"entry_id", "grant_id", "event_id", "lot", "member_id", "at"})
REFERRALS = "referrals.parquet"  # only written where the rules have the section
BATCH = 1 << 14  # cells that Arrow encodes at a time


def write(
    tables: Mapping[str, Iterable[pa.Table]], summary: Mapping[str, Any], folder: Path,
    months_in: str | None = None,
) -> None:  # fmt: skip
    """Writes `<name>.parquet` of each name's parts, `rejected.csv` and last `summary.json`.

    With a zone `months_in` the ledger becomes a folder of its months there. All is made beside
    the folder and moved in when the last one is whole; a ledger of the other form goes. Raises
    OSError, and DataError where something else stands in the place of the months.
    """
    if months_in is not None:
        monthly.refuse_others(folder / monthly.FOLDER)
    folder.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=".perkbook-", dir=folder))
    try:
        for name, parts in tables.items():
            if name == "rejected":
                csv.write_csv(pa.concat_tables(parts), partial / "rejected.csv")
            elif name == monthly.FOLDER and months_in is not None:
                _months(parts, months_in, partial / name)
            else:
                _parquet(parts, partial / f"{name}.parquet")
        text = json.dumps(summary, ensure_ascii=False, indent=2)
        (partial / "summary.json").write_text(f"{text}\n", encoding="utf-8")
        names = [*(path.name for path in partial.iterdir() if path.suffix != ".json")]
        for name in (*sorted(names), "summary.json"):
            if name == monthly.FOLDER and (folder / name).exists():
                os.replace(folder / name, partial / "before")
            os.replace(partial / name, folder / name)
        _clear(folder, partial / "other", by_month=months_in is not None)
        if "referrals" not in tables and (folder / REFERRALS).is_file():
            os.replace(folder / REFERRALS, partial / REFERRALS)  # of other rules
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _months(parts: Iterable[pa.Table], zone: str, folder: Path) -> None:
    """A folder for each month, with the file of its rows; the empty folder where there are none."""
    folder.mkdir()
    for month, some in monthly.split(parts, zone):
        (folder / month).mkdir()
        _parquet(some, folder / month / "ledger.parquet")


def _clear(folder: Path, aside: Path, *, by_month: bool) -> None:
    """Puts aside a ledger of the other form: the file beside months, or months beside the file."""
    other = folder / ("ledger.parquet" if by_month else monthly.FOLDER)
    if other.is_file() if by_month else monthly.is_ours(other):
        os.replace(other, aside)


def _parquet(parts: Iterable[pa.Table], path: Path) -> None:
    """One file of at least one part; the next part is made while one is written.

    Arrow's own schema stays out of it, or columns that come as dictionaries would be read back
    as such.
    """
    with ThreadPoolExecutor(1) as maker:
        following = iter(parts)
        part = next(following)
        few = [name for name in part.column_names if name not in MANY]
        with pq.ParquetWriter(
            path, part.schema, use_dictionary=few, write_statistics=["at"], store_schema=False,
            write_batch_size=BATCH,
        ) as writer:  # fmt: skip
            while part is not None:
                waiting = maker.submit(next, following, None)
                writer.write_table(part)
                part = waiting.result()
