"""Tasks: done with one event, step by step, or when all that they need is done (RULINGS 2, N17)."""

from __future__ import annotations

import pytest

from tests import world

POINTS = """
wallets: {points: {}}
rewards: {tea: {item: tea}}
"""
HAPPENS = """
events:
  order: {amount: money, quantity: whole, category: text}
  refund: {reverses: order, amount: money}
  share: {}
  like: {}
  review: {photo: flag}
"""


def run(text: str, events: str, until: str | None = None) -> world.World:
    return world.run(POINTS + text, events, until=until, happens=HAPPENS)


def items(made: world.World, member: str) -> int:
    return sum(g["member_id"] == member and g["state"] == "open" for g in made.grants)


@pytest.mark.parametrize(
    ("how", "free"),
    [
        ("every: 3", [1, 1, 2]),
        ("reaches: 3, once: yes", [1, 1, 1]),
        ("every: 3, once: yes", [1, 1, 1]),
    ],
)
def test_n17_every_third_is_free(how: str, free: list[int]) -> None:
    made = run(
        f"tasks: {{third: {{when: order, sum: quantity, {how}, give: {{item: tea}}}}}}",
        """
        o1 three 2026-01-01 order quantity=3
        o2 four 2026-01-01 order quantity=4
        o3 six 2026-01-01 order quantity=6
        """,
    )
    assert [items(made, member) for member in ("three", "four", "six")] == free


@pytest.mark.parametrize(("how", "free"), [("every: 3", [1, 1, 2]), ("reaches: 3", [1, 1, 1])])
def test_n17_holds_for_amounts_and_one_by_one(how: str, free: list[int]) -> None:
    rule = f"tasks: {{third: {{when: order, sum: quantity, {how}, give: {{points: 10}}}}}}"
    for bought, times in zip((3, 4, 6), free, strict=True):
        at_once = run(rule, f"o m1 2026-01-01 order quantity={bought}")
        assert at_once.kinds() == [f"bonus {10 * times}"]
        singly = "\n".join(f"o{n} m1 2026-01-0{n} order quantity=1" for n in range(1, bought + 1))
        assert run(rule, singly).kinds() == ["bonus 10"] * times


def test_what_is_left_over_counts_for_the_next_time() -> None:
    made = run(
        "tasks: {third: {when: order, sum: quantity, every: 3, give: {points: 10}}}",
        """
        o1 m1 2026-01-01 order quantity=5
        o2 m1 2026-01-02 order quantity=1
        o3 m1 2026-01-03 order quantity=1
        """,
    )
    assert made.rows("event_id", "amount") == [("o1", 10), ("o2", 10)]
    assert made.members["m1"]["third_progress"] == 1


def test_a_stamp_card_counts_each_event_as_one() -> None:
    made = run(
        "tasks: {card: {when: order, if: amount >= 10, every: 2, give: {points: 5}}}",
        """
        o1 m1 2026-01-01 order amount=10
        o2 m1 2026-01-02 order amount=9.99
        o3 m1 2026-01-03 order amount=30
        o4 m1 2026-01-04 order amount=30
        """,
    )
    assert made.rows("event_id", "kind", "amount", "rule") == [("o3", "bonus", 5, "card")]
    assert made.members["m1"]["card_progress"] == 1


def test_s16_what_tasks_give_is_never_multiplied() -> None:
    made = run(
        """
earn:
  buy: {when: order, give: {points: amount}}
  twice: {when: order, multiply: {points: 2}}
tasks:
  hello: {when: order, give: {points: 100}}
  third: {when: order, every: 1, give: {points: 7}}
""",
        "o1 m1 2026-01-01 order amount=10",
    )
    said = [("buy", "earn", 10), ("hello", "bonus", 100), ("third", "bonus", 7)]
    assert made.rows("rule", "kind", "amount") == [*said, ("twice", "bonus", 10)]


def test_a_task_may_give_a_badge_once_only() -> None:
    made = run(
        "tasks: {first: {when: review, once: true, give: {points: 100}, badge: critic}}",
        """
        r1 m1 2026-01-01 review
        r2 m1 2026-01-02 review
        """,
    )
    assert made.kinds() == ["bonus 100"]
    assert world.World.of(made.grants, "kind", "id", "rule", "event_id") == [
        ("badge", "critic", "first", "r1")
    ]


def test_a_daily_task_is_done_each_day() -> None:
    made = run(
        "tasks: {daily: {when: share, limit: 1 per day, give: {points: 1}}}",
        """
        s1 m1 2026-01-01 10:00 share
        s2 m1 2026-01-01 11:00 share
        s3 m1 2026-01-02 10:00 share
        """,
    )
    assert made.rows("event_id") == ["s1", "s3"]


def test_a_challenge_begins_anew_each_month() -> None:
    made = run(
        "tasks: {spend: {when: order, sum: amount, reaches: 100, per: month, give: {points: 9}}}",
        """
        o1 m1 2026-01-10 order amount=60
        o2 m1 2026-02-01 order amount=60
        o3 m1 2026-02-10 order amount=40
        o4 m1 2026-02-11 order amount=200
        o5 m1 2026-03-01 order amount=100.50
        """,
    )
    assert made.rows("event_id") == ["o3", "o5"]
    assert made.members["m1"]["spend_progress"] == 10050


def test_all_that_is_needed_must_be_done_in_one_period() -> None:
    made = run(
        "tasks: {both: {needs: [share, like], per: day, give: {points: 3}}}",
        """
        a m1 2026-01-01 10:00 share
        b m1 2026-01-02 10:00 like
        c m1 2026-01-02 11:00 like
        d m1 2026-01-02 12:00 share
        e m1 2026-01-02 13:00 share
        f m1 2026-01-03 10:00 share
        g m1 2026-01-03 11:00 like
        """,
    )
    assert made.rows("event_id", "amount") == [("d", 3), ("g", 3)]


def test_a_collection_needs_badges_and_tasks_wherever_it_stands() -> None:
    made = run(
        """
tasks:
  album: {needs: [critic, third, early], give: {points: 50}, badge: collector}
  early: {when: share, give: {points: 1}}
  first: {when: review, give: {badge: critic}}
  third: {when: order, every: 3, give: {points: 10}}
""",
        """
        o1 m1 2026-01-01 order
        r1 m1 2026-01-02 review
        s1 m1 2026-01-03 share
        o2 m1 2026-01-04 order
        o3 m1 2026-01-05 order
        o4 m1 2026-01-06 order
        """,
    )
    said = [("s1", "early", 1), ("o3", "third", 10), ("o3", "album", 50)]
    assert made.rows("event_id", "rule", "amount") == said
    grants = world.World.of(made.grants, "id", "event_id")
    assert grants == [("critic", "r1"), ("collector", "o3")]
    assert made.members["m1"]["album_progress"] == 3


def test_a_need_counts_only_while_the_task_holds() -> None:
    made = run(
        "tasks: {both: {needs: [share, like], from: 2026-02-01, give: {points: 3}}}",
        """
        a m1 2026-01-31 share
        b m1 2026-02-01 like
        c m1 2026-02-02 share
        """,
    )
    assert made.rows("event_id") == ["c"]


def test_counts_and_budgets_bound_how_often_a_task_is_done() -> None:
    made = run(
        """
tasks:
  a: {when: order, sum: quantity, every: 1, limit: 3 per day, give: {points: 1}}
  b: {when: order, sum: quantity, every: 1, budget: 5, give: {points: 1}}
""",
        """
        o1 m1 2026-01-01 10:00 order quantity=2
        o2 m1 2026-01-01 11:00 order quantity=2
        o3 m1 2026-01-02 11:00 order quantity=2
        o4 m2 2026-01-02 12:00 order quantity=1
        """,
    )
    assert made.rows("event_id", "rule", "amount") == [
        ("o1", "a", 2), ("o1", "b", 2), ("o2", "a", 1), ("o2", "b", 2), ("o3", "a", 2),
        ("o3", "b", 1), ("o4", "a", 1),
    ]  # fmt: skip


def test_conditions_see_progress_as_it_was_before_the_event() -> None:
    made = run(
        """
tasks: {third: {when: order, every: 3, give: {points: 10}}}
earn: {nearly: {when: order, if: third_progress = 2, give: {points: 1}}}
""",
        """
        o1 m1 2026-01-01 order
        o2 m1 2026-01-02 order
        o3 m1 2026-01-03 order
        o4 m1 2026-01-04 order
        """,
    )
    assert made.rows("event_id", "rule") == [("o3", "third"), ("o3", "nearly")]
