"""`docs/files.md` describes every column of every file that a replay writes, in its order."""

from __future__ import annotations

import csv
import json
import re
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engine.language import rules
from engine.machine import replay

TYPES = {
    "text": [pa.large_string(), pa.string()],
    "whole": [pa.int64()],
    "instant": [pa.timestamp("us", tz="UTC")],
    "date": [pa.date32()],
}

REFERRAL = "referral: {brought: {when: order, once: yes, give referrer: {points: 50}}}\n"


@pytest.fixture(scope="module")
def written(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a replay of a small history with the starter rules, and with invitations, writes."""
    folder = tmp_path_factory.mktemp("files")
    shutil.copytree(project / "rules", folder / "rules")
    (folder / "rules" / "referral.yaml").write_text(REFERRAL, encoding="utf-8")
    lines = (project / "sample_data/events.csv").read_text(encoding="utf-8").splitlines()
    (folder / "events.csv").write_text("\n".join(lines[:2_000]), encoding="utf-8")
    program = rules.load(folder / "rules")
    outcome = replay.run(
        program, str(project / "sample_data/members.csv"), str(folder / "events.csv")
    )
    outcome.write(folder / "out")
    return folder / "out"


@pytest.fixture(scope="module")
def page(project: Path) -> dict[str, list[tuple[str, str]]]:
    """By file the names and types in its first table."""
    text = (project / "docs/files.md").read_text(encoding="utf-8")
    parts = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    return {
        part.splitlines()[0]: re.findall(r"^\| `([^`]+)` \| ([a-z ]+?) \|", part, re.MULTILINE)
        for part in parts
        if "." in part.splitlines()[0]
    }


def test_every_file_is_described(written: Path, page: dict[str, list[tuple[str, str]]]) -> None:
    assert {path.name for path in written.iterdir()} == set(page)


@pytest.mark.parametrize("name", ["ledger", "grants", "refused", "referrals"])
def test_every_column_is_described(
    name: str, written: Path, page: dict[str, list[tuple[str, str]]]
) -> None:
    schema = pq.read_schema(written / f"{name}.parquet")
    told = page[f"{name}.parquet"][: len(schema)]
    assert [column for column, _ in told] == schema.names
    for column, kind in told:
        assert schema.field(column).type in TYPES[kind], column


def test_the_columns_of_members_follow_from_the_rules(
    written: Path, project: Path, page: dict[str, list[tuple[str, str]]]
) -> None:
    program = rules.load(project / "rules")
    told: list[str] = []
    for column, _ in page["members.parquet"]:
        if "<fact>" in column:
            told += program.facts
        elif column == "<wallet>":
            told += [name for wallet in program.wallets for name in (wallet, f"{wallet}_pending")]
        elif column == "<task>_progress":
            told += program.progress
        elif "<wallet>" not in column:
            told.append(column)
    assert pq.read_schema(written / "members.parquet").names == told


def test_the_columns_of_rejected_rows_are_described(
    written: Path, page: dict[str, list[tuple[str, str]]]
) -> None:
    with (written / "rejected.csv").open(encoding="utf-8", newline="") as file:
        assert next(csv.reader(file)) == [column for column, _ in page["rejected.csv"]]


def test_the_keys_of_the_summary_are_described(
    written: Path, project: Path, page: dict[str, list[tuple[str, str]]]
) -> None:
    summary = json.loads((written / "summary.json").read_text(encoding="utf-8"))
    assert list(summary) == [key for key, _ in page["summary.json"]]
    text = (project / "docs/files.md").read_text(encoding="utf-8")
    for said in [*summary["wallets"].values(), *summary["budgets"].values()]:
        assert all(f"`{key}`" in text for key in said)
