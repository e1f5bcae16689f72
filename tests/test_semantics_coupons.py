"""The contract's sentences about coupons on orders (S7, S9, S10, S27, S30; issue 4, 1.1)."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from engine.language import rules as language
from engine.machine import examples
from tests import world

HAPPENS = """
events:
  order: {amount: money, category: text, coupon: text}
  basket: {amount: money, coupon: texts}
  refund: {reverses: order, amount: money}
  unpack: {reverses: basket}
  visit: {}
  gift: {}
  ungift: {reverses: gift}
"""
REWARDS = """
wallets: {points: {}}
rewards:
  five_off: {name: 5 yuan off, coupon: 5.00, min spend: 20.00, valid: 30 days}
  tenth: {coupon: 12.5%, min spend: 100.00, on: category = 'crab', stacks: no, valid: 10 days}
  cash: {voucher: 20.00, valid: 30 days}
  cake: {item: cake}
earn:
  g: {when: gift, give: {coupon: five_off}}
"""
GIVES = REWARDS.replace(
    "coupon: five_off}}", "coupon: [five_off, tenth], voucher: cash, item: cake}}"
)


def run(rules: str, events: str, until: str | None = None) -> world.World:
    return world.run(rules, events, until=until, happens=HAPPENS)


def used(made: world.World) -> list[tuple[str, str, str | None, int | None]]:
    """Each grant: its reward, its state, the event it was used on, its worth."""
    return world.World.of(made.grants, "id", "state", "used_on", "worth")


def facts(made: world.World) -> list[tuple[str, dict[str, object]]]:
    return [(row["code"], json.loads(row["facts"])) for row in made.refused]


def test_an_order_uses_the_coupon_it_names_by_its_reward() -> None:
    made = run(REWARDS, """
        g1 m1 2026-03-01 gift
        o1 m1 2026-03-02 09:30 order amount=80 coupon=five_off
        """)  # fmt: skip
    assert used(made) == [("five_off", "used", "o1", 500)]
    assert made.grants[0]["used_at"].isoformat() == "2026-03-02T01:30:00+00:00"
    assert made.refused == []
    assert made.summary["coupons"]["five_off"] == {
        "given": 1, "used": 1, "returned": 0, "expired": 0, "cancelled": 0, "worth": 500,
    }  # fmt: skip


def test_an_order_uses_the_grant_it_names_and_no_other() -> None:
    made = run(REWARDS, """
        g1 m1 2026-03-01 gift
        g2 m1 2026-03-02 gift
        o1 m1 2026-03-03 order amount=80 coupon=g2/g/0
        """)  # fmt: skip
    assert [(row["grant_id"], row["state"]) for row in made.grants] == [
        ("g1/g/0", "open"),
        ("g2/g/0", "used"),
    ]


def test_of_several_the_one_that_ends_first_is_used() -> None:
    rules = REWARDS.replace(
        "valid: 30 days}\n  tenth", "valid: {2026-01-01: 30 days, 2026-03-02: 5 days}}\n  tenth"
    )
    made = run(rules, """
        g1 m1 2026-03-01 gift
        g2 m1 2026-03-02 gift
        o1 m1 2026-03-03 order amount=80 coupon=five_off
        """)  # fmt: skip
    assert [row["state"] for row in made.grants] == ["open", "used"]


def test_s27_below_its_least_order_a_coupon_is_refused_and_the_order_is_not() -> None:
    made = run(REWARDS + "  p: {when: order, give: {points: amount}}\n", """
        g1 m1 2026-03-01 gift
        o1 m1 2026-03-02 order amount=12.50 coupon=five_off
        """)  # fmt: skip
    assert used(made) == [("five_off", "open", None, None)]
    assert made.codes() == [("o1", "not_eligible")]
    assert facts(made) == [("not_eligible", {"failed": ["min spend"], "missing": 750})]
    assert made.refused[0]["rule"] == "five_off"
    assert made.points() == 12


def test_s27_an_order_that_it_is_not_for_is_told_the_part_that_failed() -> None:
    made = run(GIVES, """
        g1 m1 2026-03-01 gift
        o1 m1 2026-03-02 order amount=200 category=cake coupon=tenth
        o2 m1 2026-03-02 order amount=200 category=crab coupon=tenth
        """)  # fmt: skip
    assert facts(made) == [
        ("not_eligible", {"failed": ["category = 'crab'"], "category": "cake"}),
    ]
    assert ("tenth", "used", "o2", 2500) in used(made)


def test_s27_after_its_last_day_it_is_not_in_its_window() -> None:
    made = run(REWARDS, """
        g1 m1 2026-03-01 gift
        o1 m1 2026-03-31 23:59 order amount=80 coupon=five_off
        g2 m1 2026-03-31 23:59 gift
        o2 m1 2026-05-01 00:00 order amount=80 coupon=five_off
        """)  # fmt: skip
    assert [row["state"] for row in made.grants] == ["used", "expired"]
    assert facts(made) == [("not_in_window", {"until": "2026-04-30"})]


def test_s27_who_has_none_and_what_nobody_knows_are_refused() -> None:
    made = run(REWARDS, """
        g1 m1 2026-03-01 gift
        o1 m2 2026-03-02 order amount=80 coupon=five_off
        o2 m2 2026-03-02 order amount=80 coupon=g1/g/0
        o3 m2 2026-03-02 order amount=80 coupon=nonsense
        o4 m2 2026-03-02 order amount=80 coupon=g9/g/0
        """)  # fmt: skip
    assert [(row["event_id"], row["rule"], row["code"]) for row in made.refused] == [
        ("o1", "five_off", "not_eligible"), ("o2", None, "not_eligible"),
        ("o3", "nonsense", "unknown_reward"), ("o4", None, "not_eligible"),
    ]  # fmt: skip
    assert facts(made)[0] == ("not_eligible", {"open_grants": 0})
    assert made.rejected == []


def test_a_coupon_that_does_not_stack_is_refused_beside_another() -> None:
    events = """
        g1 m1 2026-03-01 gift
        b1 m1 2026-03-02 basket amount=100 coupon=five_off;{0}
        """
    rules = GIVES.replace("on: category = 'crab', ", "")
    made = run(rules, events.format("tenth"))
    assert facts(made) == [("not_eligible", {"not_beside": "five_off"})]
    made = run(rules, events.format("cash;cake"))
    assert made.refused == []
    assert used(made) == [
        ("five_off", "used", "b1", 500), ("tenth", "open", None, None),
        ("cash", "used", "b1", 2000), ("cake", "used", "b1", None),
    ]  # fmt: skip


def test_several_coupons_are_worth_the_amount_at_most() -> None:
    rules = REWARDS.replace("min spend: 20.00, ", "").replace(
        "coupon: five_off}}", "coupon: five_off, voucher: cash}}"
    )
    made = run(rules, """
        g1 m1 2026-03-01 gift
        b1 m1 2026-03-02 basket amount=17.00 coupon=cash;five_off
        g2 m1 2026-03-03 gift
        b2 m1 2026-03-04 basket amount=22.00 coupon=cash;five_off
        """)  # fmt: skip
    assert [row["worth"] for row in made.grants] == [0, 1700, 200, 2000]


def test_a_share_is_rounded_half_away_from_zero_to_the_minor_unit() -> None:
    # 12.5 % of 100.20 is 12.525.
    made = run(GIVES, """
        g1 m1 2026-03-01 gift
        o1 m1 2026-03-02 order amount=100.20 category=crab coupon=tenth
        """)  # fmt: skip
    assert ("tenth", "used", "o1", 1253) in used(made)


def test_s30_what_was_issued_keeps_the_value_of_its_day() -> None:
    rules = REWARDS.replace("coupon: 5.00", "coupon: {2026-01-01: 5.00, 2026-03-02: 9.00}")
    made = run(rules, """
        g1 m1 2026-03-01 gift
        g2 m1 2026-03-02 gift
        o1 m1 2026-03-03 order amount=80 coupon=g1/g/0
        o2 m1 2026-03-03 order amount=80 coupon=g2/g/0
        """)  # fmt: skip
    assert [row["worth"] for row in made.grants] == [500, 900]


def test_s9_a_used_coupon_comes_back_when_its_order_is_refunded_whole() -> None:
    made = run(REWARDS, """
        g1 m1 2026-03-01 gift
        o1 m1 2026-03-02 order amount=80 coupon=five_off
        r1 m1 2026-03-03 refund order=o1 amount=30
        o2 m1 2026-03-04 order amount=80 coupon=five_off
        r2 m1 2026-03-05 refund order=o1 amount=50
        o3 m1 2026-03-06 order amount=80 coupon=five_off
        """)  # fmt: skip
    assert made.codes() == [("o2", "not_eligible")]
    assert used(made) == [("five_off", "used", "o3", 500)]
    assert made.summary["coupons"]["five_off"] == {
        "given": 1, "used": 1, "returned": 1, "expired": 0, "cancelled": 0, "worth": 500,
    }  # fmt: skip


def test_s9_a_coupon_that_comes_back_after_its_day_is_gone() -> None:
    made = run(REWARDS, """
        g1 m1 2026-03-01 gift
        o1 m1 2026-03-31 order amount=80 coupon=five_off
        r1 m1 2026-04-01 refund order=o1
        """)  # fmt: skip
    assert used(made) == [("five_off", "expired", None, None)]


def test_s7_a_coupon_whose_giver_was_taken_back_does_not_come_back() -> None:
    made = run(REWARDS, """
        g1 m1 2026-03-01 gift
        o1 m1 2026-03-02 order amount=80 coupon=five_off
        u1 m1 2026-03-03 ungift gift=g1
        r1 m1 2026-03-04 refund order=o1
        """)  # fmt: skip
    assert used(made) == [("five_off", "cancelled", None, None)]


def test_s7_a_cancelled_redemption_takes_the_coupon_that_comes_back_later() -> None:
    made = run("""
wallets: {points: {}}
rewards: {off: {coupon: 5.00, cost: {points: 10}}}
earn: {v: {when: visit, give: {points: 10}}}
""", """
        v1 m1 2026-03-01 visit
        d1 m1 2026-03-02 redeem reward=off
        o1 m1 2026-03-03 order amount=80 coupon=off
        c1 m1 2026-03-04 cancel_redeem redeem=d1
        r1 m1 2026-03-05 refund order=o1
        """)  # fmt: skip
    assert used(made) == [("off", "cancelled", None, None)]
    assert made.points() == 10


def test_a_use_that_names_its_order_is_worth_its_part_of_it_and_comes_back_with_it() -> None:
    events = """
        g1 m1 2026-03-01 gift
        o1 m1 2026-03-02 order amount=3
        u1 m1 2026-03-02 13:00 use reward=five_off order=o1
        """
    made = run(REWARDS, events)
    assert used(made) == [("five_off", "used", "o1", 300)]
    made = run(REWARDS, events + "r1 m1 2026-03-03 refund order=o1")
    assert used(made) == [("five_off", "open", None, None)]


def test_a_coupon_given_at_a_join_that_no_row_says_is_named_by_its_id() -> None:
    rules = REWARDS.replace("when: gift", "when: join")
    made = run(rules, "o1 m1 2026-03-13 order amount=80 coupon=!join:m1/g/0")
    assert used(made) == [("five_off", "used", "o1", 500)]


def test_more_coupons_than_an_order_takes_set_it_aside() -> None:
    nine = ";".join(["five_off"] * 9)
    made = run(REWARDS, f"b1 m1 2026-03-13 basket amount=80 coupon={nine}")
    assert [row["reason"] for row in made.rejected] == ["an order takes 8 coupons at most"]


@pytest.mark.parametrize("page", ["language.md", "language.zh-CN.md"])
def test_the_example_of_the_reference_comes_out(page: str, project: Path) -> None:
    text = (project / "docs" / page).read_text(encoding="utf-8")
    shown = next(b for b in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL) if "SPRING10" in b)
    found = language.read_texts({"shop.yaml": world.SHOP, "shown.yaml": shown}).program
    assert found is not None
    assert [result.differences for result in examples.run(found)] == [()]
