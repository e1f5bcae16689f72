"""The largest numbers come out exactly, or their row is set aside with its reason: none wraps."""

from __future__ import annotations

import random
from collections.abc import Sequence
from fractions import Fraction

import pytest

from engine.data.error import DataError
from tests import world

LARGE = "a number of this event, or what it gives, is too large"
ORDERS = ("10000000000.00", "9999999999.99", "100000000000.00", "0.01", "19.99")
# Four decimals each, denominators of 16, 8, 25, 8, 125 and 4.
FACTORS = ("1.0625", "1.1250", "1.0400", "1.3750", "1.0080", "1.2500")
STACKINGS = ("multiply", "add", "best")


def run(stacking: str, rules: str, events: str) -> world.World:
    """A replay of rules with one way of stacking."""
    program = f"program: {{name: W, timezone: Asia/Shanghai, money: CNY, stacking: {stacking}}}"
    return world.run(f"wallets: {{points: {{}}}}\n{rules}", events, program=program)


def multiplied(factors: Sequence[str], condition: str = "") -> str:
    """A point for each unit of money, and a multiplier for each factor."""
    lines = [
        f"  x{n}: {{when: order, {condition}multiply: {{points: {factor}}}}}\n"
        for n, factor in enumerate(factors)
    ]
    return "earn:\n  p: {when: order, give: {points: amount}}\n" + "".join(lines)


def expected(amount: str, factors: Sequence[str], stacking: str) -> list[tuple[str, int]]:
    """S16 to S18: exact steps in file order; each entry is the difference of rounded totals."""
    base = total = Fraction(amount)
    totals = [("p", total)]
    best = max(range(len(factors)), key=lambda n: Fraction(factors[n]))
    for n, factor in enumerate(map(Fraction, factors)):
        if stacking == "best" and n != best:
            continue
        total = total * factor if stacking == "multiply" else total + base * (factor - 1)
        totals.append((f"x{n}", total))
    whole = [0, *(int(at) for _, at in totals)]
    return [(rule, whole[n + 1] - whole[n]) for n, (rule, _) in enumerate(totals)]


def given(made: world.World) -> dict[str, list[tuple[str, int]]]:
    """By event what each rule gave."""
    found: dict[str, list[tuple[str, int]]] = {}
    for row in made.ledger:
        found.setdefault(row["event_id"], []).append((row["rule"], row["amount"]))
    return found


@pytest.mark.parametrize("stacking", STACKINGS)
def test_six_factors_of_four_decimals_are_exact_up_to_the_largest_order(stacking: str) -> None:
    events = "".join(f"o{n} m1 2026-01-0{n + 1} order amount={a}\n" for n, a in enumerate(ORDERS))
    made = run(stacking, multiplied(FACTORS), events)
    assert made.rejected == []
    found = given(made)
    for n, amount in enumerate(ORDERS):
        assert found[f"o{n}"] == expected(amount, FACTORS, stacking)
    assert made.points() == sum(row["amount"] for row in made.ledger)


@pytest.mark.parametrize("stacking", ["multiply", "add"])
def test_a_product_that_is_too_large_sets_its_row_aside_alone(stacking: str) -> None:
    factors = [f"9{n}99999999.9999" for n in range(6)]
    events = """
        o1 m1 2026-01-01 order amount=19.99 category=plain
        o2 m1 2026-01-02 order amount=10000000000.00 category=gold
        o3 m1 2026-01-03 order amount=10000000000.00 category=plain
        """
    made = run(stacking, multiplied(factors, "if: category = 'gold', "), events)
    assert [(r["row"], r["column"], r["reason"]) for r in made.rejected] == [(2, "", LARGE)]
    assert given(made) == {"o1": [("p", 19)], "o3": [("p", 10_000_000_000)]}
    assert (made.points(), made.summary["rejected"]) == (10_000_000_019, 1)
    assert made.summary["wallets"]["points"]["outstanding"] == 10_000_000_019


def test_any_six_factors_of_four_decimals_are_exact_or_their_row_is_set_aside() -> None:
    chance = random.Random(4)
    right = 0
    for n in range(12):
        step = chance.choice((1, 25, 125, 625))
        factors = [f"{1 + chance.randrange(0, 30_000, step) / 10_000:.4f}" for _ in range(6)]
        stacking = STACKINGS[n % 2]
        made = run(stacking, multiplied(factors), f"o1 m1 2026-01-01 order amount={ORDERS[n % 3]}")
        aside = bool(made.rejected)
        assert aside or given(made) == {"o1": expected(ORDERS[n % 3], factors, stacking)}
        assert [r["reason"] for r in made.rejected] == [LARGE] * aside
        assert len(made.ledger) == 7 * (not aside)
        right += not aside
    assert right


def test_the_largest_money_earns_and_a_fen_more_is_set_aside() -> None:
    events = """
        o1 m1 2026-01-01 order amount=100000000000.00
        o2 m1 2026-01-02 order amount=100000000000.01
        o3 m1 2026-01-03 refund order=o1 amount=100000000000.00
        """
    cents = "wallets: {cash: {unit: money}}\nearn: {p: {when: order, give: {cash: amount}}}"
    made = world.run(cents, events)
    assert made.kinds("cash") == [f"earn {10**13}", f"reverse -{10**13}"]
    assert [(r["row"], r["column"], r["reason"]) for r in made.rejected] == [
        (2, "amount", "too large")
    ]


def test_what_all_members_hold_may_be_more_than_any_of_them_can() -> None:
    count = 9_300  # of 10^15 points each: more than 64 bits hold
    rules = "earn:\n  p: {when: order, give: {points: 10000000000000}}\n"
    rules += "  x: {when: order, multiply: {points: 100}}\n"
    events = "".join(f"o{n} m{n} 2026-01-01 order\n" for n in range(count))
    sums = run("multiply", rules, events).summary["wallets"]["points"]
    assert (sums["issued"], sums["outstanding"]) == (count * 10**15, count * 10**15)


def test_a_balance_that_a_wallet_cannot_hold_sets_the_row_aside() -> None:
    rules = "earn:\n  p: {when: order, give: {points: 10000000000000}}\n"
    rules += "  x: {when: order, multiply: {points: 100}}\n"
    events = "".join(
        f"o{n} m1 2026-01-01 {n // 3600:02d}:{n // 60 % 60:02d}:{n % 60:02d} order\n"
        for n in range(9_300)
    )
    made = run("multiply", rules, events)
    assert {r["reason"] for r in made.rejected} == {LARGE}
    assert made.points() == sum(row["amount"] for row in made.ledger) > 0


SUMS = ("{sum: order.quantity}", "{sum: order.quantity, over: 30 days}")


@pytest.mark.parametrize("fact", [*SUMS, "{average: order.quantity}"])
@pytest.mark.parametrize("days", [1, 12])
def test_a_sum_that_a_fact_cannot_hold_sets_the_row_aside(fact: str, days: int) -> None:
    most = 10**18 - 1  # the largest whole number that is read; ten of them are more than 64 bits
    rules = f"facts: {{n: {fact}}}\n"
    rules += "earn: {p: {when: order, if: n < 0, give: {points: 1}}}\n"
    events = "".join(
        f"o{n} m1 2026-01-{1 + n % days:02d} {n + 1:02d}:00 order quantity={most}\n"
        for n in range(12)
    )
    made = run("multiply", rules, events)
    assert made.ledger == []
    assert made.rejected
    assert {r["reason"] for r in made.rejected} == {LARGE}
    held = 12 - len(made.rejected)
    assert made.members["m1"]["n"] == (held * most if "sum" in fact else most)


def test_a_join_that_no_row_says_cannot_be_set_aside() -> None:
    rules = "earn:\n  p: {when: join, give: {points: 10000000000000}}\n"
    rules += "  x: {when: join, multiply: {points: 1000}}\n"
    with pytest.raises(DataError, match="What a rule gives for joining is too large a number"):
        run("multiply", rules, "o1 m1 2026-01-01 order\n")
