"""The contract's sentences about tiers and refusals (S24 to S28)."""

from __future__ import annotations

import json

import pytest

from tests import world


def club(tiers: str, growth: str = "{}") -> str:
    """A ladder of three on growth, with what else a test says of it."""
    return f"""
wallets: {{points: {{expires: 10 days}}, growth: {growth}}}
tiers: {{measure: growth, ladder: {{member: 0, silver: 100, gold: 300}}, {tiers}}}
earn: {{p: {{when: order, give: {{points: amount, growth: amount}}}}}}
rewards: {{cup: {{item: cup, cost: {{points: 1}}}}}}
"""


def tier(text: str, events: str, until: str | None = None, members: str | None = None) -> str:
    return str(world.run(text, events, members, until=until).members["m1"]["tier"])


def test_s24_spending_and_expiring_points_lower_no_tier_measured_by_something_else() -> None:
    events = """
        o1 m1 2026-01-01 order amount=300
        s1 m1 2026-01-02 redeem reward=cup quantity=200
    """
    assert tier(club("downgrade: reassess"), events, "2026-03-01") == "gold"


def test_s25_a_member_rises_to_the_highest_rung_reached_at_or_above_its_number() -> None:
    assert tier(club(""), "o1 m1 2026-01-01 order amount=300") == "gold"
    assert tier(club(""), "o1 m1 2026-01-01 order amount=299.99") == "silver"


def test_s25_by_default_nobody_falls() -> None:
    text = club("", "{expires: 10 days}")
    assert tier(text, "o1 m1 2026-01-01 order amount=300", "2026-06-01") == "gold"


@pytest.mark.parametrize(
    ("way", "then"), [("one step", "silver"), ("reassess", "member"), ("never", "gold")]
)
def test_s25_at_a_review_he_falls_by_downgrade(way: str, then: str) -> None:
    text = club(f"downgrade: {way}, review: every 1 month", "{expires: 10 days}")
    event = "o1 m1 2026-01-15 order amount=300"
    assert tier(text, event, "2026-02-15") == "gold"
    assert tier(text, event, "2026-02-16") == then


def test_s25_review_at_once_makes_every_boundary_a_review() -> None:
    text = club("downgrade: one step", "{expires: 10 days}")
    event = "o1 m1 2026-01-01 order amount=300"
    assert [tier(text, event, f"2026-01-{day}") for day in (11, 12, 13)] == [
        "gold", "silver", "member"]  # fmt: skip


def test_s25_yearly_reviews_on_the_first_of_january() -> None:
    text = club("downgrade: reassess, review: yearly", "{expires: 10 days}")
    event = "o1 m1 2026-03-01 order amount=300"
    assert tier(text, event, "2026-12-31") == "gold"
    assert tier(text, event, "2027-01-01") == "member"


def test_s25_on_anniversary_reviews_on_the_day_of_joining() -> None:
    text = club("downgrade: reassess, review: on anniversary", "{expires: 10 days}")
    event, joined = "o1 m1 2026-03-01 order amount=300", "m1 joined_at=2025-05-20"
    assert tier(text, event, "2026-05-19", joined) == "gold"
    assert tier(text, event, "2026-05-20", joined) == "member"


def test_s25_after_a_grace_the_measure_is_looked_at_once_more() -> None:
    text = club("downgrade: reassess, review: every 1 month, grace: 5 days", "{expires: 10 days}")
    event = "o1 m1 2026-01-15 order amount=300\n"
    again = event + "o2 m1 2026-02-18 order amount=300"
    assert tier(text, event, "2026-02-21") == "gold"
    assert tier(text, event, "2026-02-22") == "member"
    assert tier(text, again, "2026-02-22") == "gold"


def test_s25_a_reversal_takes_back_the_rise_that_its_event_made_at_once() -> None:
    text = club("downgrade: never, review: yearly, grace: 30 days")
    events = """
        o1 m1 2026-01-01 order amount=100
        o2 m1 2026-01-02 order amount=200
    """
    assert tier(text, events) == "gold"
    assert tier(text, events + "r1 m1 2026-01-03 refund order=o2") == "silver"


def test_s25_unless_the_rest_still_reaches_it() -> None:
    events = """
        o1 m1 2026-01-01 order amount=300
        o2 m1 2026-01-02 order amount=300
        r1 m1 2026-01-03 refund order=o1
    """
    assert tier(club(""), events) == "gold"


def test_s25_a_tier_that_is_given_is_a_floor_while_it_lasts() -> None:
    text = club("").replace(
        "earn: {", "earn: {g: {when: check_in, give: {tier: gold for 10 days}}, "
    )
    events = """
        o1 m1 2026-01-01 order amount=100
        k1 m1 2026-01-02 check_in
    """
    assert tier(text, events, "2026-01-12") == "gold"
    assert tier(text, events, "2026-01-13") == "silver"


@pytest.mark.parametrize(
    ("event", "code"),
    [
        ("redeem reward=tea", "unknown_reward"),
        ("redeem reward=old", "not_in_window"),
        ("redeem reward=rich", "not_eligible"),
        ("redeem reward=few quantity=2", "limit_reached"),
        ("redeem reward=one quantity=2", "out_of_stock"),
        ("redeem reward=paid quantity=2", "budget_exhausted"),
        ("redeem reward=cup quantity=11", "insufficient_balance"),
    ],
)
def test_s27_a_refusal_carries_a_code_and_takes_nothing(event: str, code: str) -> None:
    made = world.run(
        """
wallets: {points: {}}
earn: {p: {when: order, give: {points: amount}}}
rewards:
  cup: {item: cup, cost: {points: 1}}
  old: {item: cup, cost: {points: 1}, until: 2025-12-31}
  rich: {item: cup, cost: {points: 1}, if: points > 10}
  few: {item: cup, cost: {points: 1}, limit: 1}
  one: {item: cup, cost: {points: 1}, stock: 1}
  paid: {item: cup, cost: {points: 1}, budget: 1}
""",
        f"""
        o1 m1 2026-01-01 order amount=10
        s1 m1 2026-01-02 {event}
        """,
    )
    assert made.codes() == [("s1", code)]
    assert made.kinds() == ["earn 10"]
    assert made.summary["members"] == 1


@pytest.mark.parametrize(
    ("event", "rule", "facts"),
    [
        ("redeem reward=cup quantity=13", "cup", {"missing": 3}),
        ("redeem reward=scarf", "scarf", {}),
        ("redeem reward=one quantity=2", "one", {"left": 1}),
        ("redeem reward=paid quantity=3", "paid", {"left": 2}),
        ("redeem reward=old", "old", {"from": None, "until": "2025-12-31"}),
        ("redeem reward=rich", "rich", {"failed": ["points > 10"], "points": 10}),
        ("redeem reward=soon", "soon", {"within": "1 day"}),
        ("redeem reward=pay_with_points points=2 order=o1", "pay_with_points", {"at_least": 5}),
        (
            "redeem reward=pay_with_points points=6 order=o1",
            "pay_with_points",
            {"at_most": "50% of amount"},
        ),
    ],
)
def test_s27_a_refusal_carries_its_facts(
    event: str, rule: str, facts: dict[str, object]
) -> None:  # fmt: skip
    made = world.run(
        """
wallets: {points: {}}
earn: {p: {when: order, give: {points: amount}}}
rewards:
  cup: {item: cup, cost: {points: 1}}
  old: {item: cup, cost: {points: 1}, until: 2025-12-31}
  rich: {item: cup, cost: {points: 1}, if: points > 10}
  soon: {item: cup, cost: {points: 1}, within: 1 day}
  one: {item: cup, cost: {points: 1}, stock: 1}
  paid: {item: cup, cost: {points: 1}, budget: 2}
  pay_with_points: {rate: {points: 1, money: 1.00}, at most: 50% of amount, at least: 5 points}
""",
        f"""
        o1 m1 2026-01-01 order amount=10
        s1 m1 2026-01-20 {event}
        """,
        "m1 joined_at=2026-01-01",
    )
    (refused,) = made.refused
    assert (refused["rule"], json.loads(refused["facts"])) == (rule, facts)


def test_s28_two_requests_with_the_same_id_are_one() -> None:
    made = world.run(
        club(""),
        """
        o1 m1 2026-01-01 order amount=10
        s1 m1 2026-01-02 redeem reward=cup quantity=10
        s1 m1 2026-01-02 redeem reward=cup quantity=10
        """,
    )
    assert made.kinds() == ["earn 10", "spend -10"]
    assert made.summary["duplicates"] == 1


def test_s28_of_twenty_spends_of_the_whole_balance_one_succeeds() -> None:
    spends = "\n".join(f"s{n} m1 2026-01-02 redeem reward=cup quantity=10" for n in range(20))
    made = world.run(club(""), "o1 m1 2026-01-01 order amount=10\n" + spends)
    assert made.kinds() == ["earn 10", "spend -10"]
    assert len(made.refused) == 19


def test_s26_keep_moves_nobody_by_the_change_but_with_his_next_event() -> None:
    text = """
wallets: {points: {}, stars: {expires: 40 days}}
tiers:
  measure: points
  ladder: {member: 0, gold: {2025-01-01: 100, 2026-02-01: 40}}
  review: yearly
  downgrade: reassess
earn: {p: {when: order, give: {points: amount, stars: 1}}}
"""
    events = "o1 m1 2026-01-05 order amount=50\n"
    # The stars of January go on 15 February: a boundary that has nothing to do with the measure.
    assert tier(text, events, until="2026-12-31") == "member"
    assert tier(text, events, until="2027-01-01") == "gold"
    assert tier(text, events + "c1 m1 2026-02-20 check_in", until="2026-03-01") == "gold"


def test_s26_where_every_boundary_is_a_review_the_one_of_the_change_is() -> None:
    text = """
wallets: {points: {}}
tiers:
  measure: points
  ladder: {member: 0, gold: {2025-01-01: 100, 2026-02-01: 40}}
earn: {p: {when: order, give: {points: amount}}}
"""
    events = "o1 m1 2026-01-05 order amount=50\n"
    assert tier(text, events, until="2026-01-31") == "member"
    assert tier(text, events, until="2026-02-01") == "gold"


def test_s16_a_median_gap_is_compared_in_days() -> None:
    made = world.run(
        """
wallets: {points: {}}
facts: {rhythm: {median gap: order}}
earn:
  slow: {when: order, if: rhythm >= 4, give: {points: 5}}
  fast: {when: order, if: rhythm < 4, give: {points: 7}}
""",
        """
        o1 m1 2026-01-01 order
        o2 m1 2026-01-05 order
        """,
    )
    assert made.kinds() == ["earn 5"]
