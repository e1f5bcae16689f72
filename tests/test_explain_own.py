"""A member is explained from his own rows as he would be from everybody's: object by object."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from engine import explain, rules
from engine.data import history
from engine.data.error import DataError
from engine.data.one_member import Own
from engine.data.source import Given
from engine.language.program import Program
from engine.machine.explain import Explanation
from tests import random_worlds
from tests.random_worlds import world

seeds = random_worlds.seeds(8, 200)


def from_all(
    program: Program, members: Given | None, events: Given | None, member: str,
    event: str | None = None, until: date | None = None,
) -> Explanation:  # fmt: skip
    """The explanation that is made from the whole history."""
    every = history.read(program, members, events, until)
    last = int(every.events.at[-1]) if len(every.events.at) else None
    return explain.explained(program, Own(every, last), member, event, until)


def said(made: Any, *given: Any) -> Explanation | str:
    """An explanation, or the words in which it is refused."""
    try:
        found: Explanation = made(*given)
    except DataError as refused:
        return f"{refused}"
    return found


def same(program: Program, members: Given | None, events: Given | None, *asked: Any) -> Any:
    """The explanation from the member's own rows, which is the one from all."""
    own = said(explain.member, program, members, events, *asked)
    assert own == said(from_all, program, members, events, *asked), asked
    return own


def with_noise(rng: Random, events: pa.Table) -> pa.Table:
    """The events with rows that say other things of the same events, and rows that are broken."""
    rows = events.to_pylist()
    names = sorted({row["member_id"] for row in rows})
    last = max(row["at"] for row in rows)
    for row in rng.sample(rows, len(rows) // 8):
        moved = row["at"] + timedelta(hours=rng.choice([-50, -1, 0, 0, 1, 50]))
        rows.append({**row, "member_id": rng.choice(names), "at": moved})
    for number, row in enumerate(rng.sample(rows, 5)):
        broken = {"type": "nonsense"} if number % 2 else {"member_id": None}
        rows.append({**row, "event_id": f"x{number}", "at": last + timedelta(days=9), **broken})
    rng.shuffle(rows)
    return pa.Table.from_pylist(rows, events.schema)


def alone(program: Program) -> Program:
    """A program without what members have in common: budgets, receivers, stock, friends."""
    own = (rule for rule in program.rules if rule.section != "referral")
    rules_ = tuple(replace(rule, budget=None, to=None) for rule in own)
    rewards = {
        name: replace(it, rule=replace(it.rule, budget=None, to=None), stock=None)
        for name, it in program.rewards.items()
    }
    facts = {name: fact for name, fact in program.facts.items() if not fact.of_friends}
    return replace(program, rules=rules_, rewards=rewards, facts=facts, referral=None)


@seeds
def test_it_makes_no_difference_what_others_did(seeds: range, tmp_path: Path) -> None:
    told = 0
    for seed in seeds:
        made, rng = world(seed), Random(seed)
        program = alone(made.program)
        assert not program.crosses_members
        events = with_noise(rng, made.events)
        place = tmp_path / f"{seed}"
        place.mkdir()
        half = len(events) // 2
        parquet.write_table(events.slice(0, half), place / "a.parquet", row_group_size=20)
        parquet.write_table(events.slice(half), place / "b.parquet", row_group_size=20)
        names = sorted({row for row in events["member_id"].to_pylist() if row})
        for member in rng.sample(names, min(2, len(names))):
            own = same(program, made.members, events, member)
            assert said(explain.member, program, made.members, place, member) == own
            its = [event.event_id for event in getattr(own, "events", ())]
            for event in rng.sample(its, min(1, len(its))):
                same(program, made.members, place, member, event)
            day = events["at"][half].as_py().date()
            same(program, made.members, place, member, None, day)
            told += len(its)
    assert told > 20 * len(seeds)


def test_a_program_that_crosses_members_is_explained_from_everything() -> None:
    crossing = [seed for seed in range(40) if world(seed).program.crosses_members]
    for seed in crossing[:3]:
        made = world(seed)
        member = made.events["member_id"][0].as_py()
        same(made.program, made.members, made.events, member)
    assert len(crossing) >= 5


def test_the_sample_is_explained_member_by_member(project: Path) -> None:
    program = alone(rules.load(project / "rules"))
    members, events = (f"{project}/sample_data/{kind}.csv" for kind in ("members", "events"))
    every = history.read(program, members, events)
    whole = Own(every, int(every.events.at[-1]))
    assert not program.crosses_members
    for number in (1, 7, 250):
        own = explain.member(program, members, events, f"m{number:05}")
        assert own == explain.explained(program, whole, f"m{number:05}")
