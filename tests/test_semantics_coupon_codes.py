"""The contract's sentences about codes: an order uses what was not given before (S10, S27)."""

from __future__ import annotations

from tests.test_semantics_coupons import facts, run

CODE = """
wallets: {points: {}}
rewards:
  spring: {coupon: 10.00, code: SPRING10, if: orders = 1, min spend: 50.00, until: 2026-05-31}
  flash: {coupon: 1.00, code: FLASH, limit: 1 per day, stock: 2}
facts: {orders: {count: order}}
"""


def test_a_code_needs_no_grant_before_and_keeps_to_its_rewards_condition_and_window() -> None:
    made = run(CODE, """
        o1 m1 2026-03-01 order amount=60 coupon=SPRING10
        o2 m1 2026-03-02 order amount=60 coupon=SPRING10
        o3 m2 2026-03-02 order amount=40 coupon=SPRING10
        o4 m3 2026-06-01 order amount=60 coupon=SPRING10
        o5 m4 2026-03-02 order amount=60 coupon=spring
        """)  # fmt: skip
    assert [(row["grant_id"], row["state"], row["worth"]) for row in made.grants] == [
        ("o1/spring/0", "used", 1000)
    ]
    assert {row["event_id"]: row["code"] for row in made.refused} == {
        "o2": "not_eligible", "o3": "not_eligible", "o4": "not_in_window", "o5": "not_eligible",
    }  # fmt: skip
    assert dict(facts(made))["not_in_window"] == {"from": None, "until": "2026-05-31"}


def test_a_code_keeps_to_its_rewards_limit_and_stock() -> None:
    made = run(CODE, """
        o1 m1 2026-03-01 10:00 order amount=60 coupon=FLASH
        o2 m1 2026-03-01 11:00 order amount=60 coupon=FLASH
        o3 m2 2026-03-01 12:00 order amount=60 coupon=FLASH
        o4 m3 2026-03-01 13:00 order amount=60 coupon=FLASH
        """)  # fmt: skip
    assert facts(made) == [("limit_reached", {"over": 1}), ("out_of_stock", {"left": 0})]


def test_s10_an_order_refunded_whole_cancels_what_its_code_gave() -> None:
    rules = CODE.replace(
        "limit: 1 per day, stock: 2", "limit: 1, budget: 2, on refund: return limit"
    )
    made = run(rules, """
        o1 m1 2026-03-01 order amount=60 coupon=FLASH
        r1 m1 2026-03-02 refund order=o1
        o2 m1 2026-03-03 order amount=60 coupon=FLASH
        o3 m2 2026-03-03 order amount=60 coupon=FLASH
        o4 m3 2026-03-04 order amount=60 coupon=FLASH
        """)  # fmt: skip
    assert [(row["event_id"], row["state"]) for row in made.grants] == [
        ("o1", "cancelled"), ("o2", "used"), ("o3", "used"),
    ]  # fmt: skip
    assert facts(made) == [("budget_exhausted", {"left": 0})]
    assert made.summary["budgets"]["flash"]["spent"] == 2
