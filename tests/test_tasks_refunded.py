"""What a refund does to tasks: progress goes back, gifts are taken back, nothing is given twice."""

from __future__ import annotations

from tests.test_tasks import run


def test_s7_a_refund_takes_its_part_of_the_progress_back() -> None:
    made = run(
        "tasks: {third: {when: order, sum: quantity, reaches: 3, give: {points: 10}}}",
        """
        o1 m1 2026-01-01 order quantity=2 amount=20
        r1 m1 2026-01-02 refund order=o1
        o2 m1 2026-01-03 order quantity=1 amount=10
        o3 m1 2026-01-04 order quantity=2 amount=20
        """,
    )
    assert made.rows("event_id", "amount") == [("o3", 10)]
    assert made.members["m1"]["third_progress"] == 3


def test_s7_what_was_given_with_the_event_is_taken_back_and_may_be_reached_again() -> None:
    made = run(
        "tasks: {third: {when: order, sum: quantity, reaches: 3, give: {points: 10}}}",
        """
        o1 m1 2026-01-01 order quantity=2 amount=20
        o2 m1 2026-01-02 order quantity=2 amount=20
        r1 m1 2026-01-03 refund order=o2
        o3 m1 2026-01-04 order quantity=1 amount=10
        """,
    )
    assert made.kinds() == ["bonus 10", "reverse -10", "bonus 10"]


def test_once_is_not_given_again_after_a_refund() -> None:
    events = """
        o1 m1 2026-01-01 order quantity=3 amount=30
        r1 m1 2026-01-03 refund order=o1
        o2 m1 2026-01-04 order quantity=3 amount=30
        """
    rule = "tasks: {t: {when: order, sum: quantity, reaches: 3, once: yes, give: {points: 10}%s}}"
    assert run(rule % "", events).kinds() == ["bonus 10", "reverse -10"]
    again = run(rule % ", on refund: return limit", events)
    assert again.kinds() == ["bonus 10", "reverse -10", "bonus 10"]


def test_nothing_is_given_twice_when_an_earlier_order_comes_back() -> None:
    made = run(
        "tasks: {third: {when: order, sum: quantity, every: 3, give: {points: 10}}}",
        """
        o1 m1 2026-01-01 order quantity=2 amount=20
        o2 m1 2026-01-02 order quantity=2 amount=20
        r1 m1 2026-01-03 refund order=o1
        o3 m1 2026-01-04 order quantity=2 amount=20
        o4 m1 2026-01-05 order quantity=2 amount=20
        """,
    )
    assert made.rows("event_id", "amount") == [("o2", 10), ("o4", 10)]


def test_a_part_refund_takes_its_share_of_a_sum() -> None:
    made = run(
        "tasks: {spend: {when: order, sum: amount, reaches: 100, give: {points: 10}}}",
        """
        o1 m1 2026-01-01 order amount=80
        r1 m1 2026-01-02 refund order=o1 amount=30
        o2 m1 2026-01-03 order amount=40
        o3 m1 2026-01-04 order amount=10
        """,
    )
    assert made.rows("event_id") == ["o3"]
