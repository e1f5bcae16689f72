"""Random members and events in which things collide: instants, refunds, redemptions, repeats."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from tests.generator.conditions import CATEGORIES, CITIES
from tests.generator.programs import START

Plain = dict[str, Any]
AMOUNTS = ("0.00", "0.01", "5.00", "9.99", "10.00", "19.99", "20.00", "33.33", "50.00", "100.00")
DAYS = 330  # so long a history lasts
KINDS = {"order": 40, "refund": 14, "cancel": 5, "check_in": 12, "review": 6, "redeem": 13,
         "cancel_redeem": 5, "adjust": 5, "profile": 2, "use": 3, "join": 1}  # fmt: skip


def history(rng: Random, program: Plain, size: int) -> tuple[dict[str, Plain] | None, list[Plain]]:
    """Members by id, or None where events make them, and `size` events in no order."""
    names = [f"m{number}" for number in range(rng.randint(3, 7))]
    members = {name: _member(rng, program) for name in names} if "members" in program else None
    maker = _Maker(rng, program, names)
    events = [maker.event() for _ in range(size - maker.repeats - 1)]
    events += [maker.repeat(events) for _ in range(maker.repeats)]
    last = max(event["at"] for event in events) + timedelta(days=rng.choice((0, 1, 40)))
    events.append({"id": "zz", "member": names[0], "type": "check_in", "at": last})
    rng.shuffle(events)
    return members, events


def _member(rng: Random, program: Plain) -> Plain:
    joined = datetime.combine(START, time(9, 30), UTC) - timedelta(days=rng.randint(0, 400))
    zone = ZoneInfo(program["program"]["timezone"])
    likes = rng.choice((None, ["crab"], ["cake", "crab"], ["tea"]))
    return {
        "joined_at": rng.choice((joined, joined, None)),
        "city": rng.choice((*CITIES, None)), "level": rng.choice((1, 2, 3, 4, None)),
        "likes": likes, "birthday": date(1992, rng.randint(1, 12), rng.choice((1, 29))),
        "phone": str(joined.astimezone(zone).day),
    }  # fmt: skip


class _Maker:
    """Makes one event after another and remembers which ids stand for what."""

    def __init__(self, rng: Random, program: Plain, names: list[str]) -> None:
        self.rng, self.program, self.names, self.made = rng, program, names, list[Plain]()
        self.zone = ZoneInfo(program["program"]["timezone"])
        self.ids = rng.sample(range(1000, 10000), 1000)
        self.repeats = rng.randint(2, 8)
        self.span = rng.choice((40, 120, DAYS))

    def event(self) -> Plain:
        """An event of a random type; a reversal names an order before, after, or nobody's."""
        rng = self.rng
        kind = rng.choices(list(KINDS), list(KINDS.values()))[0]
        event = {"id": f"e{self.ids.pop()}", "member": rng.choice(self.names), "type": kind,
                 "at": self.instant()}  # fmt: skip
        fields: dict[str, Callable[[Plain], Plain]] = {
            "order": self.order, "refund": self.refund, "cancel": self.refund,
            "review": self.review, "redeem": self.redeem, "cancel_redeem": self.cancel_redeem,
            "adjust": self.adjust, "profile": self.profile, "use": self.use,
        }  # fmt: skip
        event |= fields[kind](event) if kind in fields else {}
        if "members" in self.program and rng.random() < 0.01:
            event["member"] = "stranger"
        self.made.append(event)
        return event

    def instant(self) -> datetime:
        """An instant: often one that was, or a day's first or last moment, or a clock change."""
        rng = self.rng
        if self.made and rng.random() < 0.15:
            return rng.choice(self.made)["at"]  # type: ignore[no-any-return]
        day = START + timedelta(days=rng.randrange(self.span))
        clock = rng.choice((time(), time(23, 59, 59, 999999), time(1, 30), time(2, 30), time(12),
                            time(rng.randrange(24), rng.randrange(60))))  # fmt: skip
        return datetime.combine(day, clock, self.zone).astimezone(UTC)

    def order(self, _event: Plain) -> Plain:
        rng = self.rng
        return {
            "amount": Decimal(rng.choice(AMOUNTS)) if rng.random() < 0.95 else None,
            "category": rng.choice((*CATEGORIES, None)), "quantity": rng.choice((1, 2, 3, 4, None)),
            "tags": rng.choice((None, ["crab"], ["box", "crab"], ["tea"])),
            "gift": rng.choice((True, False, None)), "store": rng.choice((*self.names, None)),
            "weight": Decimal("0.25"), "due": date(2024, 2, 29), "sent": None,
        }  # fmt: skip

    def pick(self, kind: str, event: Plain, *, late: bool = True) -> Any:
        """An event of a type and of the same member, mostly an earlier one."""
        own = [e for e in self.made if (e["type"], e["member"]) == (kind, event["member"])]
        known = [e for e in own if e["at"] < event["at"]]
        if known and (not late or self.rng.random() < 0.85):
            return self.rng.choice(known[-6:])
        return self.rng.choice(own) if own and late else None

    def refund(self, event: Plain) -> Plain:
        rng, order = self.rng, self.pick("order", event)
        if order is None or rng.random() < 0.03:
            return {"order": "nothing"}
        if event["type"] == "cancel":
            return {"order": order["id"]}
        parts = [None, order["amount"], Decimal("10.00"), Decimal("9.99"), Decimal("3.33")]
        return {"order": order["id"], "amount": rng.choice(parts)}

    def review(self, _event: Plain) -> Plain:
        return {"photo": self.rng.choice((True, False, None)), "stars": self.rng.randint(1, 5)}

    def redeem(self, event: Plain) -> Plain:
        rng = self.rng
        rewards = [*self.program["rewards"], *self.program["rewards"], "unknown"]
        reward, order = rng.choice(rewards), self.pick("order", event, late=False)
        fields: Plain = {
            "reward": reward,
            "order": order["id"] if order and rng.random() < 0.6 else None,
        }
        if reward == "pay_with_points":
            return fields | {"points": rng.choice((10, 20, 30, 60))}
        return fields | {"quantity": rng.choice((None, 1, 1, 2, 3))}

    def cancel_redeem(self, event: Plain) -> Plain:
        redeem = self.pick("redeem", event)
        return {"redeem": redeem["id"] if redeem else "nothing"}

    def adjust(self, event: Plain) -> Plain:
        amount = self.rng.choice((20, 50, 7, -10, -40, -100))
        ends = event["at"].date() + timedelta(days=self.rng.randint(2, 40))
        fields: Plain = {"wallet": self.rng.choice(list(self.program["wallets"]))}
        fields |= {"reason": "by hand", "amount": Decimal(amount)}
        return fields | {"expires": ends if amount in (20, 50) else None}

    def profile(self, _event: Plain) -> Plain:
        return {"city": self.rng.choice(CITIES), "level": self.rng.choice((1, 4, None))}

    def use(self, _event: Plain) -> Plain:
        return {"reward": self.rng.choice(list(self.program["rewards"]))}

    def repeat(self, events: list[Plain]) -> Plain:
        """The same row again, or another one of the same id and a later instant."""
        event = dict(self.rng.choice(events))
        if self.rng.random() < 0.5:
            event["at"] += timedelta(hours=self.rng.choice((1, 30)))
        return event
