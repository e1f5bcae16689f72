"""Writes the files of a replay into a folder: all of them, or none."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import csv


def write(tables: Mapping[str, pa.Table], summary: Mapping[str, Any], folder: Path) -> None:
    """Writes `<name>.parquet`, `rejected.csv` and last `summary.json`.

    They are made beside the folder and moved in when the last one is whole. Raises OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=".perkbook-", dir=folder))
    try:
        for name, table in tables.items():
            if name == "rejected":
                csv.write_csv(table, partial / "rejected.csv")
            else:
                pq.write_table(table, partial / f"{name}.parquet")
        text = json.dumps(summary, ensure_ascii=False, indent=2)
        (partial / "summary.json").write_text(f"{text}\n", encoding="utf-8")
        names = [*(path.name for path in partial.iterdir() if path.suffix != ".json")]
        for name in (*sorted(names), "summary.json"):
            os.replace(partial / name, folder / name)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
