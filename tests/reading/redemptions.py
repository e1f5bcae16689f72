"""What a member who wants a reward must pay for it, and why he may not have it."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from types import SimpleNamespace as Kept
from typing import Any

from tests.reading.expressions import Names, evaluate
from tests.reading.grants import Grants
from tests.reading.limits import Limits, in_time, in_window
from tests.reading.values import Plain, dated, exact


def refusal(
    wish: Kept, order: Plain, names: Names, *, limits: Limits, grants: Grants
) -> str | None:
    """Why a wish is refused before its cost is looked for; None where it is not."""
    checks = passed(wish, order, names, limits, grants)
    return next((code for code, fine in checks if not fine), None)


def passed(
    wish: Kept, order: Plain, names: Names, limits: Limits, grants: Grants
) -> Iterator[tuple[str, Any]]:
    """What a wish must pass, in this order; leaves its costs in it and draws from the budget."""
    event, rule, day = wish.event, wish.rule, wish.event["day"]
    yield "unknown_reward", rule
    yield "not_in_window", in_window(rule, day)
    yield "not_eligible", in_time(wish.who, rule, day)
    yield "not_eligible", evaluate(rule.get("if", True), names) is True
    costs = rule.get("cost", {}).items()
    wish.costs = {w: evaluate(dated(x, day), names) * wish.times for w, x in costs}
    if "rate" in rule:
        wallet, units = next(iter(rule["rate"].items()))
        points = event.get("points") or 0
        money = points * exact(rule["rate"]["money"]) / units
        wish.costs = {wallet: points}
        share = Fraction(rule.get("at most", "0%").split("%")[0]) / 100
        yield "not_eligible", "at most" not in rule or money <= share * (order.get("amount") or 0)
        yield "not_eligible", points >= int(rule.get("at least", "0").split()[0])
    yield "limit_reached", limits.left(wish) >= wish.times
    yield "out_of_stock", grants.stock(wish.name, day) >= wish.times
    limits.draw(wish, wish.times)
    yield "budget_exhausted", wish.amount
