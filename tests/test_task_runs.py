"""Tasks that an event starts: one run per start, with that event's fields (RULINGS 2)."""

from __future__ import annotations

from engine import explain
from engine.language import rules
from engine.machine import replay
from tests import world
from tests.taken import Taken, assert_same

HAPPENS = """
events:
  order: {amount: money, quantity: whole}
  refund: {reverses: order, amount: money}
  offer_received: {kind: text, difficulty: money, days: whole, reward: whole}
  withdrawn: {reverses: offer_received}
"""
OFFERS = """
wallets: {points: {}}
rewards: {tea: {item: tea}}
tasks:
  discount:
    starts: offer_received
    start if: start.kind = 'discount'
    when: order
    sum: amount
    reaches: start.difficulty
    within: start.days * 24 hours
    give: {points: start.reward}
  bogo:
    starts: offer_received
    start if: start.kind = 'bogo'
    when: order
    if: amount >= start.difficulty
    within: start.days * 24 hours
    give: {points: 1, item: tea}
"""


def run(events: str, text: str = OFFERS, until: str | None = None) -> world.World:
    return world.run(text, events, until=until, happens=HAPPENS)


def offer(id_: str, day: str, kind: str, difficulty: int, days: int, reward: int = 5) -> str:
    said = f"kind={kind} difficulty={difficulty} days={days} reward={reward}"
    return f"{id_} m1 {day} offer_received {said}\n"


def test_a_run_gathers_until_it_reaches_what_its_start_says() -> None:
    made = run(
        offer("a", "2026-01-01 10:00", "discount", 20, 7, 3)
        + """
        o1 m1 2026-01-02 order amount=12
        o2 m1 2026-01-03 order amount=8
        o3 m1 2026-01-04 order amount=50
        """
    )
    assert made.rows("event_id", "kind", "rule", "amount") == [("o2", "bonus", "discount", 3)]


def test_without_a_sum_the_condition_decides_on_one_event() -> None:
    made = run(
        offer("a", "2026-01-01 10:00", "bogo", 10, 7)
        + """
        o1 m1 2026-01-02 order amount=6
        o2 m1 2026-01-03 order amount=9.99
        o3 m1 2026-01-04 order amount=10
        o4 m1 2026-01-05 order amount=10
        """
    )
    assert made.rows("event_id", "rule") == [("o3", "bogo")]
    assert [g["event_id"] for g in made.grants] == ["o3"]


def test_several_runs_are_open_at_a_time_and_one_event_may_complete_them() -> None:
    made = run(
        offer("a", "2026-01-01 10:00", "discount", 20, 7, 3)
        + offer("b", "2026-01-02 10:00", "discount", 10, 7, 2)
        + offer("c", "2026-01-02 11:00", "bogo", 10, 7)
        + offer("d", "2026-01-02 11:00", "bogo", 15, 7)
        + """
        o1 m1 2026-01-03 order amount=5
        o2 m1 2026-01-04 order amount=15
        """
    )
    assert made.rows("event_id", "rule", "amount") == [("o2", "discount", 5), ("o2", "bogo", 2)]
    assert len(made.grants) == 2


def test_hours_end_at_their_instant_and_days_with_their_day() -> None:
    hours = offer("a", "2026-01-01 10:00", "bogo", 1, 1)
    at = "o1 m1 2026-01-02 {} order amount=5"
    assert run(hours + at.format("10:00")).rows("event_id") == ["o1"]
    assert run(hours + at.format("10:01")).rows("event_id") == []
    days = OFFERS.replace("start.days * 24 hours", "1 day")
    assert run(hours + at.format("23:59"), days).rows("event_id") == ["o1"]
    assert run(hours + "o1 m1 2026-01-03 00:00 order amount=5", days).rows("event_id") == []


def test_the_event_that_starts_a_run_is_no_part_of_it() -> None:
    made = run(
        """
        o1 m1 2026-01-01 order amount=5
        o2 m1 2026-01-05 order amount=5
        o3 m1 2026-01-20 order amount=5
        """,
        """
wallets: {points: {}}
tasks: {again: {starts: order, when: order, within: 7 days, give: {points: start.amount * 2}}}
""",
    )
    assert made.rows("event_id", "amount") == [("o2", 10)]


def test_limits_leave_the_runs_that_began_first() -> None:
    text = OFFERS.replace("sum: amount", "sum: amount\n    limit: 1 per day")
    made = run(
        offer("a", "2026-01-01 10:00", "discount", 10, 7, 3)
        + offer("b", "2026-01-01 11:00", "discount", 10, 7, 2)
        + "o1 m1 2026-01-03 order amount=20",
        text,
    )
    assert made.rows("amount") == [3]


def test_s7_a_refund_takes_its_part_out_of_open_runs_and_its_gift_back() -> None:
    made = run(
        offer("a", "2026-01-01 10:00", "discount", 20, 30, 3)
        + offer("b", "2026-01-01 11:00", "discount", 10, 30, 2)
        + """
        o1 m1 2026-01-02 order amount=12
        r1 m1 2026-01-03 refund order=o1 amount=6
        o2 m1 2026-01-04 order amount=13
        o3 m1 2026-01-05 order amount=1
        r2 m1 2026-01-06 refund order=o3
        """
    )
    assert made.rows("event_id", "kind", "amount") == [
        ("o1", "bonus", 2), ("r1", "reverse", -1), ("o3", "bonus", 3), ("r2", "reverse", -3),
    ]  # fmt: skip


def test_a_start_that_is_reversed_ends_its_run() -> None:
    made = run(
        offer("a", "2026-01-01 10:00", "bogo", 10, 7)
        + """
        w m1 2026-01-02 withdrawn offer_received=a
        o1 m1 2026-01-03 order amount=20
        """
    )
    assert made.ledger == []


def test_a_start_that_does_not_say_what_to_reach_starts_nothing() -> None:
    made = run(
        """
        a m1 2026-01-01 offer_received kind=discount days=7
        b m1 2026-01-01 offer_received kind=discount difficulty=5
        o1 m1 2026-01-03 order amount=20
        """
    )
    assert made.ledger == []


def test_a_run_says_in_explain_whether_it_has_begun() -> None:
    texts = {"a.yaml": world.SHOP, "b.yaml": HAPPENS, "c.yaml": OFFERS}
    program = rules.read_texts(texts).program
    assert program is not None
    events = world.table(
        world.happened(
            "o1 m1 2026-01-01 order amount=1\n"
            + offer("a", "2026-01-02 10:00", "discount", 20, 7, 3)
            + offer("b", "2026-01-02 10:00", "discount", 30, 7, 4)
            + "o2 m1 2026-01-03 order amount=1\no3 m1 2026-01-04 order amount=25\n"
        )
    )
    told = explain.member(program, None, events, "m1").events
    whys = [story.rules[0].why for story in told if story.type == "order"]
    assert whys == ["it has not begun", "it is not done yet: it has begun", "holds"]
    (gift,) = told[-1].rules[0].gifts
    assert gift.exact == gift.amount == 3


def test_runs_are_the_same_one_by_one_and_in_any_order_of_rows() -> None:
    program = rules.read_texts({"a.yaml": world.SHOP, "b.yaml": HAPPENS, "c.yaml": OFFERS}).program
    assert program is not None
    text = "".join(
        offer(f"f{n:02}", f"2026-01-{1 + n % 20:02} 0{n % 9}:00", ("discount", "bogo")[n % 2],
              10 + n % 7 * 5, 1 + n % 9, n)
        for n in range(40)
    )  # fmt: skip
    text += "".join(
        f"o{n:02} m1 2026-01-{1 + n * 7 % 29:02} 1{n % 9}:00 order amount={3 + n % 11}.50\n"
        for n in range(40)
    )
    text += "".join(f"r{n:02} m1 2026-01-30 1{n % 9}:00 refund order=o{n:02}\n" for n in range(9))
    rows = world.happened(text)
    whole = replay.run(program, None, world.table(rows))
    assert {"discount", "bogo"} == set(whole.ledger["rule"].to_pylist())
    assert replay.run(program, None, world.table(rows[::-1])).ledger == whole.ledger
    in_order = sorted(rows, key=lambda row: (row["at"], row["event_id"]))
    assert_same(Taken(program, None, in_order).close(whole.summary["until"]), whole)
