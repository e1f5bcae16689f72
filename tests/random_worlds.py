"""Random programs and histories in the form that the engine takes, each made once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any

import pyarrow as pa
import pytest

from engine.data import history
from engine.data.columns import History
from engine.language import rules
from engine.language.program import Program
from engine.machine import folding, replay
from tests import auditor
from tests.generator import histories, programs, referrals, yaml_text

EVENTS_EACH = 200
TOGETHER = 250  # worlds that are in memory at a time
FIELDS = pa.schema(
    [
        ("event_id", pa.string()), ("member_id", pa.string()), ("type", pa.string()),
        ("at", pa.timestamp("us", "UTC")), ("amount", pa.decimal128(12, 2)),
        ("category", pa.string()), ("quantity", pa.int64()), ("tags", pa.string()),
        ("gift", pa.bool_()), ("store", pa.string()), ("weight", pa.decimal128(6, 2)),
        ("due", pa.date32()), ("sent", pa.timestamp("us", "UTC")), ("order", pa.string()),
        ("photo", pa.bool_()), ("stars", pa.int64()), ("reward", pa.string()),
        ("points", pa.int64()), ("redeem", pa.string()), ("wallet", pa.string()),
        ("reason", pa.string()), ("expires", pa.date32()), ("city", pa.string()),
        ("level", pa.int64()), ("referrer", pa.string()),
    ]
)  # fmt: skip
PEOPLE = pa.schema(
    [
        ("member_id", pa.string()), ("joined_at", pa.timestamp("us", "UTC")),
        ("city", pa.string()), ("level", pa.int64()), ("likes", pa.string()),
        ("birthday", pa.date32()), ("phone", pa.string()), ("referrer_id", pa.string()),
    ]
)  # fmt: skip


@dataclass(frozen=True)
class World:
    """One random program with a random history: plain, and as the engine takes it."""

    seed: int
    plain: dict[str, Any]
    people: dict[str, dict[str, Any]] | None
    happened: list[dict[str, Any]]
    program: Program
    members: pa.Table | None
    events: pa.Table


def seeds(usual: int, last: int) -> pytest.MarkDecorator:
    """Gives a test the first seeds, and those up to `last` in soak, some at a time.

    All tests of a file take some before the first of them takes the next.
    """
    parts = [range(n, min(n + TOGETHER, last)) for n in range(usual, last, TOGETHER)]
    long = [pytest.param(part, marks=pytest.mark.soak) for part in parts]
    return pytest.mark.parametrize("seeds", [range(usual), *long], ids=str, scope="module")


def forget() -> None:
    """Lets all worlds go, and what became of them."""
    for made in (world, outcome, read, audited):
        made.cache_clear()


@cache
def world(seed: int) -> World:
    """The world of a seed, always the same."""
    rng = Random(seed)
    plain = programs.program(rng)
    people, happened = histories.history(rng, plain, EVENTS_EACH)
    referrals.add(Random(f"referral {seed}"), plain, people, happened)
    members = None
    if people is not None:
        members = table([{"member_id": key, **given} for key, given in people.items()], PEOPLE)
    rows = [{**event, "event_id": event["id"], "member_id": event["member"]} for event in happened]
    read_rules = program(yaml_text.written(plain))
    return World(seed, plain, people, happened, read_rules, members, table(rows, FIELDS))


def program(text: str) -> Program:
    """The program of a text; the problems where there are any."""
    reading = rules.read_texts({"rules.yaml": text})
    told = "\n".join(p.show(text) for p in reading.problems if p.severity == "error")
    assert reading.program is not None, f"{told}\n\n{text}"
    return reading.program


def table(rows: list[dict[str, Any]], schema: pa.Schema) -> pa.Table:
    """Plain rows as a table; several texts of one field are joined by `;`."""
    joined = [
        {k: ";".join(v) if isinstance(v, list) else v for k, v in row.items()} for row in rows
    ]
    return pa.Table.from_pylist(joined, schema)


@cache
def outcome(seed: int) -> replay.Outcome:
    """What the engine makes of a world in a normal run."""
    made = world(seed)
    return replay.run(made.program, made.members, made.events)


@cache
def read(seed: int) -> History:
    """The world's history as the fold takes it."""
    made = world(seed)
    return history.read(made.program, made.members, made.events)


def folded(
    seed: int, *, batch: int | None = None, partitions: int = 1, threads: int = 1
) -> replay.Outcome:
    """The world folded in another way: in batches, in partitions, by several threads."""
    found = folding.fold(
        world(seed).program, read(seed), batch=batch, partitions=partitions, threads=threads
    )
    return folding.tell(found)


@cache
def audited(seed: int) -> auditor.Auditor:
    """What the auditor makes of it."""
    made = world(seed)
    return auditor.audit(made.plain, made.happened, made.people)
