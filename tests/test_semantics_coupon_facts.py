"""Facts of coupons: how many are held, were used, and for how long the oldest is unused (S11)."""

from __future__ import annotations

from tests.test_semantics_coupons import REWARDS, run

FACTS = """
facts:
  held: {held: five_off}
  used: {used: five_off}
  used_month: {used: five_off, over: 30 days}
  unused_days: {unused: five_off}
"""


def test_facts_of_coupons_are_right_on_every_day() -> None:
    rules = REWARDS + """  seen:
    when: visit
    give: {points: "held * 1000000 + used * 10000 + used_month * 100 + coalesce(unused_days, 99)"}
""" + FACTS  # fmt: skip
    made = run(rules, """
        v0 m1 2026-02-28 visit
        g1 m1 2026-03-01 gift
        v1 m1 2026-03-01 visit
        g2 m1 2026-03-11 gift
        v2 m1 2026-03-12 visit
        o1 m1 2026-03-13 order amount=80 coupon=five_off
        v3 m1 2026-03-14 visit
        v4 m1 2026-04-10 visit
        v5 m1 2026-04-11 visit
        v6 m1 2026-04-12 visit
        """)  # fmt: skip
    seen = [row["amount"] for row in made.ledger if row["rule"] == "seen"]
    assert seen == [99, 1_000_000, 2_000_011, 1_010_103, 1_010_130, 10_199, 10_099]
    assert made.members["m1"]["held"] == 0
    assert made.members["m1"]["unused_days"] is None


def test_the_members_file_tells_facts_of_coupons_on_its_own_day() -> None:
    events = """
        g1 m1 2026-03-01 gift
        o1 m2 2026-03-01 order amount=80 coupon=five_off
        """
    for until, held, days in (("2026-03-31", 1, 30), ("2026-04-01", 0, None)):
        row = run(REWARDS + FACTS, events, until).members["m1"]
        assert (row["held"], row["unused_days"]) == (held, days)


def test_an_orders_rules_see_the_facts_of_its_coupon_after_it() -> None:
    rules = REWARDS + "  p: {when: order, if: used = 1 and held = 0, give: {points: 7}}\n" + FACTS
    made = run(rules, """
        g1 m1 2026-03-01 gift
        o1 m1 2026-03-13 order amount=80 coupon=five_off
        """)  # fmt: skip
    assert made.points() == 7
