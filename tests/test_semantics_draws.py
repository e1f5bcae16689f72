"""The contract's sentences about draws: chance, prizes, stock, cost, refusals (S21, S23, S27)."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from hashlib import sha256
from math import sqrt

import pyarrow as pa
import pytest

from engine.language import rules
from engine.machine import examples, replay
from tests import world
from tests.taken import assert_same, shop, take

SHARES = {"five_off": Fraction(5, 100), "100 points": Fraction(20, 100)}
WHEEL = """
wallets: {points: {}, tickets: {}}
rewards: {five_off: {coupon: 5.00, valid: 30 days}}
earn: {purchase: {when: order, give: {points: amount}}}
draws:
  wheel: {salt: 9f2c, prizes: {five_off: 5%, 100 points: 20%, nothing: 75%}}
"""
COSTS = WHEEL.replace("salt:", "cost: {points: 10}, limit: 3 per day, salt:")
SURE = """
wallets: {points: {}}
rewards: {cup: {item: cup, stock: 2}}
earn: {purchase: {when: order, give: {points: amount}}}
draws: {wheel: {salt: a, prizes: {PRIZE: 100%}}}
"""


def u(salt: str, member: str, event: str) -> Fraction:
    """S23, in the test's own words."""
    told = f"{salt}\x1f{member}\x1f{event}".encode()
    return Fraction(int.from_bytes(sha256(told).digest()[:8], "big"), 2**64)


def prize(number: Fraction) -> str:
    """The prize of `WHEEL` at `number`."""
    return "five_off" if number < 0.05 else "100 points" if number < 0.25 else "nothing"


def spins(count: int, member: str = "m1") -> str:
    """So many spins of one member, a day each."""
    days = [f"2026-{1 + n // 28:02}-{1 + n % 28:02}" for n in range(count)]
    return "\n".join(f"s{n} {member} {day} draw draw=wheel" for n, day in enumerate(days))


def drawn(made: world.World) -> list[tuple[str, str, str]]:
    """What was drawn: the event, the prize, its state."""
    return [(g["event_id"], g["id"], g["state"]) for g in made.grants if g["kind"] == "prize"]


def test_s23_prizes_go_by_cumulative_shares_in_file_order() -> None:
    made = world.run(WHEEL, spins(100))
    told = {event: id_ for event, id_, _ in drawn(made)}
    assert told == {f"s{n}": prize(u("9f2c", "m1", f"s{n}")) for n in range(100)}
    assert set(told.values()) == {"five_off", "100 points", "nothing"}


def test_s23_the_prizes_of_100_000_spins_are_near_their_shares() -> None:
    """Within four standard deviations, for each prize."""
    count = 100_000
    texts = {
        "event_id": [f"e{n}" for n in range(count)],
        "member_id": [f"m{n % 500}" for n in range(count)],
        "type": ["draw"] * count, "at": ["2026-01-01"] * count, "draw": ["wheel"] * count,
    }  # fmt: skip
    grants = replay.run(shop(WHEEL), None, pa.table(texts)).grants.to_pylist()
    found = Counter(row["id"] for row in grants if row["kind"] == "prize")
    assert found.total() == count
    for id_, share in {**SHARES, "nothing": Fraction(75, 100)}.items():
        spread = sqrt(count * share * (1 - share))
        assert abs(found[id_] - count * share) < 4 * spread


def test_s23_renaming_a_draw_changes_no_outcome() -> None:
    before = world.run(WHEEL, spins(60))
    renamed = WHEEL.replace("wheel:", "fortune:")
    after = world.run(renamed, spins(60).replace("draw=wheel", "draw=fortune"))
    assert drawn(before) == drawn(after)


def test_s23_a_wider_share_keeps_what_it_had() -> None:
    wider = WHEEL.replace("five_off: 5%", "five_off: 15%").replace("nothing: 75%", "nothing: 65%")
    before, after = (drawn(world.run(it, spins(100))) for it in (WHEEL, wider))
    won = {event for event, id_, _ in before if id_ == "five_off"}
    assert won < {event for event, id_, _ in after if id_ == "five_off"}


def test_what_chances_leave_over_is_nothing() -> None:
    made = world.run(WHEEL.replace(", nothing: 75%", ""), spins(40))
    assert drawn(made) == drawn(world.run(WHEEL, spins(40)))


def test_a_prize_of_no_chance_is_never_drawn() -> None:
    wheel = WHEEL.replace("five_off: 5%", "five_off: 0%").replace("nothing: 75%", "nothing: 80%")
    assert "five_off" not in {id_ for _, id_, _ in drawn(world.run(wheel, spins(100)))}


def test_a_spin_spends_its_cost_and_gives_its_prize_with_the_rule_of_the_draw() -> None:
    """The first spin of the day that wins points, and the first that wins the coupon."""
    points = next(n for n in range(999) if prize(u("9f2c", "m1", f"s{n}")) == "100 points")
    coupon = next(n for n in range(999) if prize(u("9f2c", "m1", f"s{n}")) == "five_off")
    made = world.run(
        COSTS,
        f"""
        o1 m1 2026-01-01 order amount=50
        s{points} m1 2026-01-02 draw draw=wheel
        s{coupon} m1 2026-01-03 draw draw=wheel
        """,
    )
    assert made.rows("kind", "amount", "rule", "event_id") == [
        ("earn", 50, "purchase", "o1"),
        ("spend", -10, "wheel", f"s{points}"),
        ("bonus", 100, "wheel", f"s{points}"),
        ("spend", -10, "wheel", f"s{coupon}"),
    ]
    assert made.of(made.grants, "grant_id", "kind", "id", "state") == [
        (f"s{points}/wheel/0", "prize", "100 points", "given"),
        (f"s{coupon}/wheel/0", "prize", "five_off", "given"),
        (f"s{coupon}/wheel/1", "coupon", "five_off", "open"),
    ]
    assert [str(g["until"]) for g in made.grants] == ["None", "None", "2026-02-02"]


def test_a_coupon_that_was_won_can_be_used() -> None:
    made = world.run(
        SURE.replace("PRIZE", "cup"),
        """
        s1 m1 2026-01-02 draw draw=wheel
        u1 m1 2026-01-03 use grant=s1/wheel/1
        u2 m1 2026-01-03 13:00 use grant=s1/wheel/0
        """,
    )
    assert made.of(made.grants, "kind", "state") == [("prize", "given"), ("item", "used")]
    assert made.codes() == [("u2", "not_eligible")]  # what was drawn is nothing to use


def test_s16_what_is_won_is_never_multiplied_and_shares_the_lot_of_its_event() -> None:
    made = world.run(
        SURE.replace("PRIZE", "100 points").replace(
            "earn: {",
            "earn: {played: {when: draw, give: {points: 7}}, twice: {when: draw, "
            "multiply: {points: 2}}, ",
        ),
        "s1 m1 2026-01-02 draw draw=wheel",
    )
    assert made.rows("kind", "amount", "rule", "lot") == [
        ("earn", 7, "played", "s1/points"), ("bonus", 7, "twice", "s1/points"),
        ("bonus", 100, "wheel", "s1/points"),
    ]  # fmt: skip
    assert made.points() == 114


def test_what_is_won_waits_and_ends_as_its_wallet_says() -> None:
    made = world.run(
        SURE.replace("PRIZE", "100 points").replace(
            "points: {}", "points: {pending: 3 days, expires: 10 days}"
        ),
        "s1 m1 2026-01-02 draw draw=wheel",
        until="2026-01-16",
    )
    assert made.kinds() == ["bonus 100", "post 0", "expire -100"]
    assert [str(row["at"])[:10] for row in made.ledger[1:]] == ["2026-01-04", "2026-01-15"]


def test_tickets_are_a_wallet_that_a_rule_gives_and_a_spin_costs() -> None:
    made = world.run(
        WHEEL.replace("earn: {", "earn: {daily: {when: check_in, give: {tickets: 1}}, ").replace(
            "salt:", "cost: {tickets: 1}, salt:"
        ),
        """
        c1 m1 2026-01-01 check_in
        s1 m1 2026-01-01 13:00 draw draw=wheel
        s2 m1 2026-01-01 14:00 draw draw=wheel
        """,
    )
    assert made.points(wallet="tickets") == 0
    assert made.codes() == [("s2", "insufficient_balance")]


@pytest.mark.parametrize(
    ("keys", "event", "code", "facts"),
    [
        ("if: tickets > 0, ", "", "not_eligible", '{"failed": ["tickets > 0"], "tickets": 0}'),
        ("from: 2026-02-01, ", "", "not_in_window", '{"from": "2026-02-01", "until": null}'),
        ("cost: {points: 60}, ", "", "insufficient_balance", '{"missing": 10}'),
        ("limit: 0 per day, ", "", "limit_reached", '{"over": 1}'),
        ("budget: 0, ", "", "budget_exhausted", '{"left": 0}'),
        ("cost: {points: 10}, budget: 5 points, ", "", "budget_exhausted", '{"left": 5}'),
        ("", "wheels", "unknown_reward", "{}"),
    ],
)
def test_s27_a_spin_is_refused_with_its_reason_and_nothing_is_taken(
    keys: str, event: str, code: str, facts: str
) -> None:
    made = world.run(
        WHEEL.replace("salt:", f"{keys}salt:"),
        f"""
        o1 m1 2026-01-01 order amount=50
        s1 m1 2026-01-02 draw draw={event or "wheel"}
        """,
    )
    assert made.of(made.refused, "rule", "code", "facts") == [(event or "wheel", code, facts)]
    assert (made.points(), made.grants) == (50, [])


def test_a_draw_is_nothing_to_redeem_and_a_reward_is_nothing_to_draw() -> None:
    made = world.run(
        WHEEL,
        """
        r1 m1 2026-01-01 redeem reward=wheel
        s1 m1 2026-01-02 draw draw=five_off
        """,
    )
    assert made.of(made.refused, "rule", "code") == [
        ("wheel", "unknown_reward"), ("five_off", "unknown_reward")]  # fmt: skip


def test_a_prize_of_which_none_is_left_stays_what_was_drawn() -> None:
    made = world.run(
        SURE.replace("PRIZE", "50 points").replace("salt:", "stock: {50 points: 2}, salt:"),
        spins(3),
    )
    assert drawn(made) == [
        ("s0", "50 points", "given"), ("s1", "50 points", "given"),
        ("s2", "50 points", "out_of_stock"),
    ]  # fmt: skip
    assert made.of(made.refused, "event_id", "rule", "code", "facts") == [
        ("s2", "wheel", "out_of_stock", '{"left": 0}')]  # fmt: skip
    assert made.points() == 100


def test_the_stock_of_a_prize_is_for_all_members_and_begins_anew_in_each_period() -> None:
    made = world.run(
        SURE.replace("PRIZE", "50 points").replace(
            "salt:", "stock: {50 points: 1 per month}, salt:"
        ),
        """
        s1 m1 2026-01-30 draw draw=wheel
        s2 m2 2026-01-31 draw draw=wheel
        s3 m2 2026-02-01 00:00 draw draw=wheel
        """,
    )
    assert [state for *_, state in drawn(made)] == ["given", "out_of_stock", "given"]


def test_the_stock_of_a_reward_counts_for_those_who_win_it_too() -> None:
    made = world.run(SURE.replace("PRIZE", "cup"), spins(3))
    assert [state for *_, state in drawn(made)] == ["given", "given", "out_of_stock"]
    assert [g["kind"] for g in made.grants].count("item") == 2


def test_a_budget_of_a_draw_is_reported_and_a_stock_is_none() -> None:
    made = world.run(WHEEL.replace("salt:", "budget: 2, stock: {five_off: 9}, salt:"), spins(3))
    assert made.summary["budgets"] == {"wheel": {"spent": 2, "ended": "2026-01-03"}}


def test_what_is_drawn_stays_drawn() -> None:
    made = world.run(
        WHEEL,
        """
        s1 m1 2026-01-01 draw draw=wheel
        c1 m1 2026-01-02 cancel_redeem redeem=s1
        """,
    )
    assert made.of(made.rejected, "column", "reason", "text") == [
        ("redeem", "this is a draw, and what is drawn stays drawn", "s1")]  # fmt: skip


@pytest.mark.parametrize(
    "text", [WHEEL, COSTS, COSTS.replace("salt:", "stock: {100 points: 3 per month}, salt:")]
)
def test_one_event_at_a_time_draws_what_a_replay_draws(text: str) -> None:
    told = ["o1 m1 2026-01-01 order amount=400", "o2 m2 2026-01-01 order amount=400"]
    told += [f"s{n:02}{m} {m} 2026-02-{1 + n // 4:02} draw draw=wheel"
             for n in range(80) for m in ("m1", "m2", "m3")]  # fmt: skip
    told += ["c1 m1 2026-03-01 cancel_redeem redeem=s00m1", "s9 m1 2026-03-01 draw draw=wheels"]
    found = take(text, "\n".join(told)).close("2026-03-01")
    assert_same(found, replay.run(shop(text), None, world.table(world.happened("\n".join(told)))))
    assert set(found.refused) == {"c1"}


def test_an_example_asks_for_the_prizes_that_were_given() -> None:
    text = f"""
program: {{name: Shop, timezone: Asia/Shanghai, money: CNY}}
{WHEEL.replace("five_off: 5%, 100 points: 20%, nothing: 75%", "five_off: 100%")}
events: {{order: {{amount: money}}}}
examples:
  - name: two spins
    events: [{{at: 2026-09-01, draw: {{draw: wheel}}}}, {{at: 2026-09-02, draw: {{draw: wheel}}}}]
    expect: {{prizes: {{five_off: 2}}, coupons: {{five_off: 2}}}}
"""
    program = rules.read_texts({"shop.yaml": text}).program
    assert program is not None
    assert [result.differences for result in examples.run(program)] == [()]
