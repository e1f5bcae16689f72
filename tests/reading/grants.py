"""Coupons, items, vouchers, badges, rights and tiers that members were given."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date
from types import SimpleNamespace as Kept
from typing import Any

from tests.reading.values import Plain, dated, later, listed

GRANT = ("at", "member_id", "kind", "id", "rule", "event_id", "until", "state", "since")
AWARDS = ("coupon", "item", "voucher", "badge", "privilege", "tier")
Refuse = Callable[[Kept, Plain, Any, str], None]


class Grants:
    """All grants of a run, as rows; wishes that do not come true are refused."""

    def __init__(self, rewards: Plain, refuse: Refuse) -> None:
        self.rewards, self.refuse, self.rows = rewards, refuse, list[Plain]()

    def award(self, member: Kept, event: Plain, name: str, give: Plain, times: int = 1) -> bool:
        """Gives what a rule gives besides wallets; whether there is anything."""
        day, given = event["day"], [(k, x) for k in AWARDS for x in listed(give.get(k)) * times]
        for kind, text in given:
            key, _, lasts = text.partition(" for ")
            lasts = lasts or dated(self.rewards.get(key, {}).get("valid"), day)
            until = later(day, lasts) if lasts else date.max
            if self.stock(key, day) < 1:
                self.refuse(member, event, name, "out_of_stock")
            elif kind != "badge" or key not in [x["id"] for x in self.open(member, day)]:
                values = event["at"], member.id, kind, key, name, event["id"], until, "open", day
                self.rows.append(dict(zip(GRANT, values, strict=True)))
        return bool(given)

    def open(self, member: Kept, day: date) -> list[Plain]:
        """A member's open grants, the one that ends first first."""
        own = [g for g in self.rows if (g["member_id"], g["state"]) == (member.id, "open")]
        return sorted((g for g in own if g["until"] >= day), key=lambda g: g["until"])

    def stock(self, name: str, day: date) -> Any:
        """How many are left; what came back can be had again from the next day on."""
        out = [g for g in self.rows if g["state"] != "cancelled" or g["since"] >= day]
        own = [g for g in out if g["id"] == name]
        return dated(self.rewards.get(name, {}).get("stock", math.inf), day) - len(own)

    def use(self, member: Kept, event: Plain) -> None:
        """Uses what was granted, of several the one that ends first."""
        name, own = event["reward"], self.open(member, event["day"])
        if own := [grant for grant in own if grant["id"] == name]:
            own[0]["state"] = "used"
        else:
            code = "not_eligible" if name in self.rewards else "unknown_reward"
            self.refuse(member, event, name, code)

    def withdraw(self, event: str, day: date) -> None:
        """Open grants of a wholly reversed event go."""
        for grant in self.rows:
            if (grant["event_id"], grant["state"]) == (event, "open"):
                grant |= {"state": "cancelled", "since": day}

    def end(self, last: date) -> None:
        """What was not used in time has expired."""
        for grant in self.rows:
            gone = grant["state"] == "open" and grant["until"] < last
            grant["state"] = "expired" if gone else grant["state"]
