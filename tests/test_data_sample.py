"""The sample is the same bytes from the same seed, and looks like a shop."""

from __future__ import annotations

import csv
import time
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from engine.data import history, sample
from engine.data.columns import History
from engine.data.error import DataError
from engine.language import rules
from engine.language.expression.tree import Type
from engine.language.program import Program


@pytest.fixture(scope="module")
def shop(project: Path) -> Program:
    """The starter program."""
    return rules.load(project / "rules")


@pytest.fixture(scope="module")
def read(project: Path, shop: Program) -> History:
    """The history of the sample that comes with the project."""
    folder = project / "sample_data"
    return history.read(shop, folder / "members.csv", folder / "events.csv")


def test_the_sample_of_the_project_is_made_again_byte_for_byte(
    project: Path, tmp_path: Path
) -> None:
    made = sample.make(2000, 60_000, tmp_path)
    for path in made:
        assert path.read_bytes() == (project / "sample_data" / path.name).read_bytes()


def test_another_seed_gives_another_sample(tmp_path: Path) -> None:
    one = sample.make(20, 300, tmp_path / "one", seed=2)[1].read_bytes()
    assert one == sample.make(20, 300, tmp_path / "two", seed=2)[1].read_bytes()
    assert one != sample.make(20, 300, tmp_path / "three", seed=3)[1].read_bytes()


@pytest.mark.parametrize(
    ("members", "count"), [(1, 0), (1, 1), (1, 50), (3, 7), (500, 3), (40, 900)]
)
def test_there_are_as_many_rows_as_asked_for(tmp_path: Path, members: int, count: int) -> None:
    people, happened = sample.make(members, count, tmp_path)
    assert len(people.read_text().splitlines()) == members + 1
    assert len(happened.read_text().splitlines()) == count + 1


def test_no_members_are_no_sample(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="at least one member"):
        sample.make(0, 10, tmp_path)


def test_the_broken_rows_are_those_that_were_broken(read: History) -> None:
    said = Counter(r.reason for r in read.rejected)
    contradicted = said.pop("another row with this event_id says something else")
    assert (sum(said.values()), contradicted, read.duplicates) == (30, 20, 200)
    assert len(said) == 9  # twelve ways to spoil a row, for nine reasons
    assert len(read.events.ids) == 60_000 - 30 - 20 - 200


def test_everything_that_the_starter_program_knows_happens(read: History, shop: Program) -> None:
    counts = Counter(list(shop.events)[t] for t in read.events.type.tolist())
    known = set(shop.events) - {"draw", "transfer"}  # it has no draws, and no wallet for sending
    assert min(counts[name] for name in known) >= 50, counts
    assert counts["order"] > 20_000


def test_few_members_buy_much(read: History, shop: Program) -> None:
    orders = read.events.type == list(shop.events).index("order")
    amount = read.events.fields["amount", Type.MONEY].values
    spent: Counter[int] = Counter()
    for member, cents in zip(
        read.events.member[orders].tolist(), amount[orders].tolist(), strict=True
    ):
        spent[member] += cents
    top = sorted(spent.values(), reverse=True)
    assert sum(top[: len(top) // 10]) > 0.4 * sum(top)


def test_seasons_have_their_goods(project: Path) -> None:
    sold: Counter[tuple[str, str]] = Counter()
    with (project / "sample_data" / "events.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            sold[row["category"] or "", row["at"][:7]] += 1
    crab = {month: sold["crab", f"2025-{month}"] for month in ("06", "10")}
    assert crab["10"] > 20 * crab["06"]
    assert sold["mooncake", "2025-09"] > 300
    assert sold["mooncake", "2025-11"] == 0
    assert sold["flower_cake", "2026-04"] > 5 * sold["flower_cake", "2026-06"]


def test_the_sample_covers_eighteen_months_and_some_rows_are_late(project: Path) -> None:
    with (project / "sample_data" / "events.csv").open(encoding="utf-8") as file:
        days = [row["at"][:10] for row in csv.DictReader(file)]
    good = [d for d in days if d.startswith("20") and d != "2026-02-30"]
    assert (min(good), max(good)) == ("2025-01-01", "2026-06-30")
    assert sum(a > b for a, b in pairwise(good)) > 300


def test_a_million_events_are_made_in_half_a_minute(tmp_path: Path) -> None:
    start = time.process_time()
    sample.make(20_000, 1_000_000, tmp_path)
    assert time.process_time() - start < 30
