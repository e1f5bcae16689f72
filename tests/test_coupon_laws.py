"""The laws of coupons on random histories, beside a plain second reading of them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random

import pytest

from engine.data import history as histories
from engine.language.program import Program
from engine.machine import folding, replay, streamed
from tests import coupon_worlds
from tests.coupon_worlds import CROSSING, RULES, START, Audit
from tests.taken import Taken, assert_same

SEEDS = range(20)
BOTH = pytest.mark.parametrize("text", [RULES, CROSSING], ids=["apart", "crossing"])


def run(program: Program, seed: int) -> tuple[list[coupon_worlds.Row], replay.Outcome]:
    rows = coupon_worlds.history(seed)
    return rows, replay.run(program, None, coupon_worlds.table(rows))


def test_every_coupon_is_where_a_plain_reading_puts_it() -> None:
    program, states = coupon_worlds.program(), Counter[str]()
    for seed in SEEDS:
        rows, outcome = run(program, seed)
        audit = Audit().work(rows)
        last = (rows[-1]["at"] - START).days
        expected = {
            one.id: ("expired" if one.state == "open" and one.until < last else one.state,
                     one.used_on, one.worth)
            for one in audit.held
        }  # fmt: skip
        found = {
            row["grant_id"]: (row["state"], row["used_on"], row["worth"])
            for row in outcome.grants.to_pylist()
        }
        assert found == expected, seed
        refused = [(row["event_id"], row["code"]) for row in outcome.refused.to_pylist()]
        assert refused == audit.refused, seed
        for row in outcome.members.to_pylist():
            facts = tuple(row[name] for name in ("held", "used", "used_lately", "unused_days"))
            assert facts == audit.facts(row["member_id"], last), (seed, row)
        for reward, told in outcome.summary["coupons"].items():
            assert told["returned"] == audit.returned[reward], (seed, reward)
            own = [state for id_, state in expected.items() if _reward(audit, id_) == reward]
            assert told["given"] == len(own), (seed, reward)
            assert told["worth"] == sum(worth or 0 for _, _, worth in own), (seed, reward)
        states.update(state for state, _, _ in expected.values())
        states.update(code for _, code in refused)
    assert set(states) == {
        "open", "used", "expired", "cancelled", "not_eligible", "not_in_window", "limit_reached",
        "unknown_reward",
    }  # fmt: skip


def _reward(audit: Audit, id_: str) -> str:
    return next(one.reward for one in audit.held if one.id == id_)


def same(one: replay.Outcome, other: replay.Outcome) -> None:
    """Asserts that two replays came to the same."""
    assert one.ledger.equals(other.ledger)
    assert one.members.equals(other.members)
    assert one.grants.equals(other.grants)
    assert one.refused.equals(other.refused)
    assert one.summary == other.summary


@BOTH
def test_rows_batches_parts_and_threads_do_not_matter(text: str) -> None:
    program = coupon_worlds.program(text)
    for seed in SEEDS:
        rows, outcome = run(program, seed)
        mixed = Random(seed).sample(rows, len(rows))
        same(outcome, replay.run(program, None, coupon_worlds.table(mixed)))
        for batch, partitions, threads in ((1, 1, 1), (None, 16, 1), (None, 4, 2)):
            history = histories.read(program, None, coupon_worlds.table(rows))
            folded = folding.fold(
                program, history, batch=batch, partitions=partitions, threads=threads
            )
            same(outcome, folding.tell(folded))


@BOTH
def test_one_by_one_is_the_same_as_one_replay(text: str) -> None:
    program = coupon_worlds.program(text)
    for seed in SEEDS:
        rows, outcome = run(program, seed)
        found = Taken(program, None, coupon_worlds.table(rows).to_pylist())
        assert_same(found.close(outcome.summary["until"]), outcome, seed)


def test_a_streamed_replay_writes_the_same_files(tmp_path: Path) -> None:
    program = coupon_worlds.program()
    for seed in SEEDS[:5]:
        rows, outcome = run(program, seed)
        outcome.write(tmp_path / "whole")
        files = histories.files(program, None, coupon_worlds.table(rows))
        streamed.run(program, files, None, tmp_path / "parts", partition=20)
        for file in (tmp_path / "whole").iterdir():
            assert file.read_bytes() == (tmp_path / "parts" / file.name).read_bytes(), file.name
