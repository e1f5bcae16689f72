"""The contract's sentences about invitations: who brings whom, and which are refused (S31)."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.machine import replay
from tests import taken, world
from tests.invited import A_B_C, FIRST, POINTS, brought, same_one_by_one


@pytest.mark.parametrize(
    ("events", "refused"),
    [
        ("j1 a 2026-01-01 join referrer=a", [("a", "a", "self_referral")]),
        ("j1 a 2026-01-01 join referrer=x", [("a", "x", "unknown_referrer")]),
        (A_B_C + "j4 a 2026-01-04 join referrer=c", [("a", "c", "cycle")]),
        (A_B_C + "j4 c 2026-01-04 join referrer=a", [("c", "a", "second_referrer")]),
        (A_B_C + "j4 c 2026-01-04 join referrer=b", []),  # said once more
        (A_B_C + "j4 a 2026-01-04 join", []),
    ],
)
def test_s31_an_invitation_is_refused_with_its_reason(
    events: str, refused: list[tuple[str, str, str]]
) -> None:
    made = world.run(FIRST, events)
    assert [one for one in brought(made) if one[2]] == refused
    assert [row["code"] for row in made.refused] == [code for _, _, code in refused]
    assert [row["facts"] for row in made.refused] == [
        f'{{"referrer": "{by}"}}' for _, by, _ in refused]  # fmt: skip
    told = "b" in events and not refused
    assert len(made.rejected) == told  # joins that say nothing new are set aside
    same_one_by_one(FIRST, events)


def test_s31_the_first_accepted_invitation_counts_also_after_joining() -> None:
    events = """
        o0 a 2026-01-01 order amount=1
        o1 b 2026-01-02 order amount=1
        j1 b 2026-01-03 join referrer=b
        j2 b 2026-01-04 join referrer=a
        o2 b 2026-01-05 order amount=1
    """
    text = POINTS + "referral: {bought: {when: [order, join], give referrer: {points: 1}}}"
    made = world.run(text, events)
    assert brought(made) == [("b", "b", "self_referral"), ("b", "a", None)]
    assert made.rows("event_id") == ["o2"]  # the invitation is no joining
    assert (made.summary["events"], made.rejected) == (5, [])
    same_one_by_one(text, events)


def test_s31_joining_itself_may_pay() -> None:
    text = POINTS + "referral: {came: {when: join, give referrer: {points: 5}}}"
    made = world.run(text, A_B_C)
    assert made.rows("event_id", "member_id") == [("j2", "a"), ("j3", "b")]
    same_one_by_one(text, A_B_C)


def test_s31_nobody_shares_what_is_unique_with_another() -> None:
    text = FIRST.replace("referral:", "referral:\n  unique: [phone]")
    events = """
        j1 a 2026-01-01 join
        p1 a 2026-01-01 13:00 profile phone=111
        p2 a 2026-01-01 14:00 profile phone=222
        p3 b 2026-01-02 11:00 profile phone=111
        j2 b 2026-01-02 12:00 join referrer=a
        p4 c 2026-01-02 11:00 profile phone=333
        j3 c 2026-01-02 12:00 join referrer=a
        j4 d 2026-01-02 12:00 join referrer=a
    """
    made = world.run(text, events)
    assert brought(made) == [("b", "a", "not_unique"), ("c", "a", None), ("d", "a", None)]
    assert made.refused[0]["facts"] == '{"referrer": "a", "shares": "phone"}'
    same_one_by_one(text, events)


def test_s31_a_members_file_says_who_brought_whom() -> None:
    text = FIRST + "  came: {when: join, give referrer: {points: 5}}"
    people = """
        a phone=1
        b phone=2 joined_at=2026-01-02 referrer_id=a
        c phone=3 referrer_id=b
    """
    made = world.run(text, "o1 c 2026-01-04 order amount=80", people)
    assert brought(made) == [("b", "a", None), ("c", "b", None)]
    assert made.rows("event_id", "member_id", "amount") == [
        ("!join:b", "a", 5), ("!join:c", "b", 5), ("o1", "c", 100), ("o1", "b", 200),
        ("o1", "a", 40),
    ]  # fmt: skip


def test_s31_with_a_members_file_a_referrer_may_act_later() -> None:
    made = world.run(
        FIRST, "j1 b 2026-01-02 join referrer=a\no1 a 2026-01-03 order amount=1", "a phone=1\nb"
    )
    assert brought(made) == [("b", "a", None)]
    alone = world.run(FIRST, "j1 b 2026-01-02 join referrer=a\no1 a 2026-01-03 order amount=1")
    assert brought(alone) == [("b", "a", "unknown_referrer")]


def test_a_replay_without_invitations_leaves_no_table_of_others(tmp_path: Path) -> None:
    events = world.table(world.happened("o1 a 2026-01-01 order amount=1"))
    for text, names in ((FIRST, {"referrals.parquet"}), (POINTS, set())):
        replay.run(taken.shop(text), None, events).write(tmp_path)
        assert {path.name for path in tmp_path.iterdir()} & {"referrals.parquet"} == names
