"""The contract's sentences about the 2+1 chain: agents, bosses, and who is paid (S33, N30)."""

from __future__ import annotations

from tests import world
from tests.invited import same_one_by_one

CHAIN = """
wallets: {rebate: {unit: money}}
members: {founder: flag}
chain:
  starter: category = 'starter'
  direct: {rebate: 100.00}
  team: {rebate: 200.00}
  boss after: 2 agents
  bosses: founder
"""
N30 = """
    p A 2026-01-01 profile founder=true
    jB B 2026-01-02 join referrer=A
    oB B 2026-01-02 13:00 order category=starter amount=1000
    jC C 2026-01-03 join referrer=B
    oC C 2026-01-03 13:00 order category=starter amount=1000
    jD D 2026-01-04 join referrer=B
    oD D 2026-01-04 13:00 order category=starter amount=1000
    jE E 2026-01-05 join referrer=B
    oE E 2026-01-05 13:00 order category=starter amount=1000
    jF F 2026-01-06 join referrer=C
    oF F 2026-01-06 13:00 order category=starter amount=1000
    jG G 2026-01-07 join referrer=E
    oG G 2026-01-07 13:00 order category=starter amount=1000
"""
PEOPLE = "A founder=true\n" + "\n".join("BCDEFG")


def test_n30_who_is_paid_in_a_chain() -> None:
    made = world.run(CHAIN, N30, PEOPLE)
    assert {m: made.points(m, "rebate") // 100 for m in "ABCDEFG"} == {
        "A": 900, "B": 700, "C": 100, "D": 0, "E": 100, "F": 0, "G": 0,
    }  # fmt: skip


def test_s33_b_is_a_boss_from_ds_purchase_on() -> None:
    made = world.run(CHAIN, N30, PEOPLE)
    moves = world.World.of(made.grants, "grant_id", "member_id", "kind", "id")
    assert ("oD/chain/1", "B", "badge", "boss") in moves
    assert [m for m in moves if m[3] == "boss"] == [("oD/chain/1", "B", "badge", "boss")]
    assert [m[1] for m in moves if m[3] == "agent"] == ["B", "C", "D", "E", "F", "G"]


def test_s33_c_d_and_f_stay_with_a_and_e_and_g_are_bs() -> None:
    made = world.run(CHAIN, N30, PEOPLE)
    paid = [row for row in made.ledger if row["amount"] == 20000]
    assert world.World.of(paid, "event_id", "member_id", "kind", "rule") == [
        (f"o{agent}", boss, "bonus", "chain")
        for agent, boss in zip("BCDEFG", "AAABAB", strict=True)
    ]
    told = {row["member_id"]: (row["role"], row["boss_id"]) for row in made.referrals}
    assert told == {
        "B": ("boss", None), "C": ("agent", "A"), "D": ("agent", "A"), "E": ("agent", "B"),
        "F": ("agent", "A"), "G": ("agent", "B"),
    }  # fmt: skip


def test_s33_without_founders_the_first_boss_is_who_brings_two_agents() -> None:
    events = N30.replace("profile founder=true", "order amount=1")
    made = world.run(CHAIN, events + "oA A 2026-01-08 order category=starter amount=1000")
    # A becomes an agent last; by then he has brought one agent, B.
    assert made.points("A", "rebate") == 10000
    same_one_by_one(CHAIN, events)


def test_s33_starter_goods_make_an_agent_once() -> None:
    events = N30 + "o2 C 2026-01-08 order category=starter amount=1000"
    again = world.run(CHAIN, events, PEOPLE)
    assert [row["event_id"] for row in again.ledger if row["event_id"] == "o2"] == []


def test_s33_a_refund_takes_back_what_an_agent_gave() -> None:
    events = N30 + "r1 E 2026-01-08 cancel order=oE"
    made = world.run(CHAIN, events, PEOPLE)
    assert [(r["member_id"], r["amount"]) for r in made.ledger if r["kind"] == "reverse"] == [
        ("B", -10000), ("B", -20000)]  # fmt: skip
