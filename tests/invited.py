"""A shop whose members bring members, for tests of invitations and of what they pay."""

from __future__ import annotations

from engine.machine import replay
from tests import taken, world

POINTS = "wallets: {points: {value: 0.01}, rebate: {unit: money}}\nmembers: {phone: text}\n"
FIRST = (
    POINTS
    + """
facts: {orders: {count: order}}
rewards: {five_off: {coupon: 5.00}}
referral:
  first_order:
    when: order
    if: orders = 1 and amount >= 50
    within: 30 days
    give: {points: 100}
    give referrer: {points: 200}
    give second referrer: {points: 40}
    limit: 2 per month
"""
)
A_B_C = """
    j1 a 2026-01-01 join
    j2 b 2026-01-02 join referrer=a
    j3 c 2026-01-03 join referrer=b
"""


def same_one_by_one(text: str, events: str) -> None:
    """Taken one by one, events give what one replay over them gives."""
    rows = sorted(world.happened(events), key=lambda row: (row["at"], row["event_id"]))
    last = rows[-1]["at"][:10]
    found = taken.Taken(taken.shop(text), None, rows).close(last)
    taken.assert_same(found, replay.run(taken.shop(text), None, world.table(rows)))


def brought(made: world.World) -> list[tuple[str, str, str | None]]:
    return world.World.of(made.referrals, "member_id", "referrer_id", "refused")
