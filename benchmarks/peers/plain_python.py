"""The rules as plain Python: what somebody writes who needs no engine."""

from __future__ import annotations

from benchmarks.peers.python_loop import Decide, Visit

NAME = "plain Python, tuned"


def start() -> tuple[Decide, Visit]:
    """What decides an order, and a check-in."""
    return decide, visit


def decide(
    amount: int, reward: int, weekday: int, month: int, home: int, orders: int, recent: int,
    tier: int,
) -> tuple[int, ...]:  # fmt: skip
    """The eleven rules of an order."""
    return (
        10 * amount,
        30_000 if amount >= 30_000 else 0,
        5 * amount if reward == 1 else 0,
        2 * amount if weekday >= 6 else 0,
        5_000 if home and 5_000 <= amount <= 50_000 else 0,
        100_000 if orders == 1 else 0,
        50_000 if orders % 10 == 0 else 0,
        amount if recent >= 200_000 else 0,
        2 if tier == 1 else 0,
        5 if tier == 2 else 0,
        10 if reward >= 2 and month >= 9 else 0,
    )


def visit() -> int:
    """The rule of a check-in."""
    return 2_000
