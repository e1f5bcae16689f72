"""The rules as expressions, in the words that the engines for expressions share."""

from __future__ import annotations

NAMES = ("amount", "reward", "weekday", "month", "home", "orders", "recent", "tier")
VISIT = "2000"


def orders(*, both: str, then: str, otherwise: str) -> tuple[str, ...]:
    """One expression for each rule of an order: the words for `and`, and for a choice, differ."""

    def choice(condition: str, value: str) -> str:
        return f"{condition} {then} {value} {otherwise} 0"

    return (
        "amount * 10",
        choice("amount >= 30000", "30000"),
        choice("reward == 1", "amount * 5"),
        choice("weekday >= 6", "amount * 2"),
        choice(f"home == 1 {both} amount >= 5000 {both} amount <= 50000", "5000"),
        choice("orders == 1", "100000"),
        choice("orders % 10 == 0", "50000"),
        choice("recent >= 200000", "amount"),
        choice("tier == 1", "2"),
        choice("tier == 2", "5"),
        choice(f"reward >= 2 {both} month >= 9", "10"),
    )
