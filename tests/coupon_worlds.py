"""Random histories of a shop with coupons, and a second, plain reading of what they must leave."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pyarrow as pa

from engine.language import rules
from engine.language.program import Program

RULES = """
program: {name: Shop, timezone: UTC, money: EUR}
events:
  order: {amount: money, category: text, coupon: texts}
  bag: {category: text, coupon: text}
  refund: {reverses: order, amount: money}
  gift: {}
  ungift: {reverses: gift}
wallets: {points: {}}
facts:
  orders: {count: order}
  held: {held: five}
  used: {used: five}
  used_lately: {used: five, over: 10 days}
  unused_days: {unused: five}
rewards:
  five: {coupon: 5.00, min spend: 20.00, valid: 10 days}
  share: {coupon: 15%, on: category = 'crab', stacks: no, valid: 20 days}
  cash: {voucher: {2026-01-01: 8.00, 2026-01-20: 12.00}, valid: 15 days}
  cake: {item: cake}
  free: {coupon: 2.00, valid: 5 days}
  spring: {coupon: 3.00, code: SPRING, limit: 2 per month, on refund: return limit, if: orders >= 2}
earn:
  g: {when: gift, give: {coupon: {five: 2, share: 1}, voucher: cash, item: cake}}
  seen: {when: [order, bag], give: {points: held * 100 + used_lately}}
"""
CROSSING = RULES.replace("limit: 2 per month", "limit: 2 per month, budget: 9").replace(
    "free: {coupon: 2.00", "free: {coupon: 2.00, stock: 12"
)
KINDS = [*["order"] * 6, "gift", "gift", "bag", "refund", "refund", "ungift", "use", "redeem",
         "cancel_redeem"]  # fmt: skip
REVERSED = {"refund": "order", "ungift": "gift", "cancel_redeem": "redeem"}
DAYS = {"five": 10, "share": 20, "cash": 15, "free": 5}
GIFTS = ("five", "five", "share", "cash", "cake")
START = datetime(2026, 1, 1)
Row = dict[str, Any]


def program(text: str = RULES) -> Program:
    """The shop's program."""
    reading = rules.read_texts({"rules.yaml": text})
    assert reading.program is not None, reading.problems
    return reading.program


def history(seed: int, count: int = 150, members: int = 3) -> list[Row]:
    """Events in their order; a reversal comes after what it reverses, some whole, some in part."""
    random, found = Random(seed), list[Row]()
    at = START
    for n in range(count):
        at += timedelta(minutes=random.randrange(1, 900))
        kind = random.choice(KINDS)
        row: Row = {"event_id": f"e{n:03}", "at": at, "type": kind}
        row["member_id"] = f"m{random.randrange(members)}"
        if kind not in REVERSED:
            found.append(row | _fields(random, found, kind))
        elif before := [r for r in found if r["type"] == REVERSED[kind]]:
            one = random.choice(before)
            row |= {"member_id": one["member_id"], REVERSED[kind]: one["event_id"]}
            if kind == "refund" and random.random() < 0.5:
                row["amount"] = _money(random, 4000)
            found.append(row)
    return found


def _money(random: Random, most: int) -> str:
    return f"{random.randrange(0, most) / 100:.2f}"


def _fields(random: Random, found: list[Row], kind: str) -> Row:
    """What an event says that reverses nothing."""
    row: Row = {}
    if kind in ("order", "bag"):
        row["category"] = random.choice(["crab", "cake"])
        asked = [_asked(random, found) for _ in range(random.randrange(4))]
        row["coupon"] = ";".join(asked if kind == "order" else asked[:1]) or None
    if kind == "order" and random.random() < 0.9:
        row["amount"] = _money(random, 6000)
    if kind == "use":
        orders = [r["event_id"] for r in found if r["type"] in ("order", "bag")]
        on = random.choice(orders) if orders and random.random() < 0.7 else None
        row = {"reward": random.choice(list(DAYS)), "order": on}
    return {"reward": "free"} if kind == "redeem" else row


def _asked(random: Random, found: list[Row]) -> str:
    """Something that an order may name."""
    if random.random() < 0.3:
        gifts = [r["event_id"] for r in found if r["type"] == "gift"] or ["e000"]
        return f"{random.choice(gifts)}/g/{random.randrange(6)}"
    return random.choice(["five", "five", "share", "cash", "cake", "free", "SPRING", "spring", "x"])


def table(rows: list[Row]) -> pa.Table:
    """The events as texts and instants."""
    names = ("event_id", "member_id", "type", "at", "amount", "category", "coupon", "order",
             "gift", "redeem", "reward")  # fmt: skip
    return pa.table({name: pa.array([row.get(name) for row in rows]) for name in names})


@dataclass
class Held:
    """One coupon of a member."""

    id: str
    reward: str
    member: str
    by: str
    day: int
    until: int
    state: str = "open"
    used_on: str | None = None
    worth: int | None = None


@dataclass
class Audit:
    """What must come of a history: every coupon, every refusal, every use by day."""

    held: list[Held] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    uses: list[tuple[str, str, int]] = field(default_factory=list)  # member, reward, day
    returned: Counter[str] = field(default_factory=Counter)
    codes: Counter[tuple[str, int]] = field(default_factory=Counter)  # by member and month
    gone: set[str] = field(default_factory=set)  # events that were taken back whole
    taken: Counter[str] = field(default_factory=Counter)  # of orders, in cents
    known: dict[str, Row] = field(default_factory=dict)

    def work(self, rows: list[Row]) -> Audit:
        """Takes the events in their order."""
        for row in rows:
            day = (row["at"] - START).days
            self.known[row["event_id"]] = row
            if row["type"] in ("order", "bag"):
                self._order(row, day)
            elif row["type"] == "gift":
                self._give(row, GIFTS, "g", day)
            elif row["type"] == "redeem":
                self._give(row, ("free",), "free", day)
            elif row["type"] == "use":
                self._till(row, day)
            else:
                self._back(row)
        return self

    def _give(self, row: Row, what: tuple[str, ...], rule: str, day: int) -> None:
        for n, reward in enumerate(what):
            until = day + DAYS.get(reward, 10**6)
            self.held.append(Held(f"{row['event_id']}/{rule}/{n}", reward, row["member_id"],
                                  row["event_id"], day, until))  # fmt: skip

    def _open(self, member: str, day: int) -> list[Held]:
        """The member's coupons that can be used, the one that ends first first."""
        own = [one for one in self.held if one.member == member and one.state == "open"]
        return sorted((one for one in own if one.until >= day), key=lambda one: one.until)

    def _order(self, row: Row, day: int) -> None:
        before: list[str] = []
        left = _cents(row.get("amount"))
        for n, said in enumerate((row["coupon"] or "").split(";") if row["coupon"] else []):
            one = next((h for h in self._open(row["member_id"], day) if said in (h.id, h.reward)),
                       None)  # fmt: skip
            code = self._bar(row, said, one, before, day)
            if code:
                self.refused.append((row["event_id"], code))
                continue
            if one is None:
                self.codes[row["member_id"], row["at"].month] += 1
                one = Held(f"{row['event_id']}/spring/{n}", "spring", row["member_id"],
                           row["event_id"], day, 10**6)  # fmt: skip
                self.held.append(one)
            left = self._used(one, row["event_id"], left, day)
            before.append(one.reward)

    def _bar(
        self, row: Row, said: str, one: Held | None, before: list[str], day: int
    ) -> str | None:
        """Why a coupon cannot be used on an order."""
        member, month = row["member_id"], row["at"].month
        if said == "x":
            return "unknown_reward"
        if one is None and said != "SPRING":
            own = [h for h in self.held if h.member == member and said in (h.id, h.reward)]
            ended = any(h.state == "open" and h.until < day for h in own)
            return "not_in_window" if ended else "not_eligible"
        reward = "spring" if one is None else one.reward
        orders = sum(r["type"] == "order" and r["member_id"] == member for r in self.known.values())
        fits = (
            (reward != "spring" or orders >= 2)
            and (reward != "share" or row["category"] == "crab")
            and (reward != "five" or (_cents(row.get("amount")) or 0) >= 2000)
            and (not before or "share" not in (reward, *before))
        )
        if not fits:
            return "not_eligible"
        return "limit_reached" if one is None and self.codes[member, month] >= 2 else None

    def _used(self, one: Held, order: str, left: int | None, day: int) -> int | None:
        """Marks a coupon as used; what is left of the order's amount after it."""
        amount = _cents(self.known[order].get("amount"))
        face: int | None = {"five": 500, "free": 200, "spring": 300}.get(one.reward)
        if one.reward == "cash":
            face = 800 if one.day < 19 else 1200
        if one.reward == "share" and amount is not None:
            face = (amount * 15 + 50) // 100
        if face is not None and left is not None:
            face = min(face, left)
        one.state, one.used_on, one.worth = "used", order, face
        self.uses.append((one.member, one.reward, day))
        return None if left is None else left - (face or 0)

    def _till(self, row: Row, day: int) -> None:
        own = [one for one in self._open(row["member_id"], day) if one.reward == row["reward"]]
        if not own:
            self.refused.append((row["event_id"], "not_eligible"))
            return
        order = self.known.get(row["order"] or "")
        on = row if order is None or order["member_id"] != row["member_id"] else order
        self._used(own[0], on["event_id"], _cents(on.get("amount")), day)

    def _back(self, row: Row) -> None:
        """A reversal: used coupons come back, then what it gave and is open goes."""
        target: str = row[REVERSED[row["type"]]]
        whole, part = _cents(self.known[target].get("amount")), _cents(row.get("amount"))
        self.taken[target] += whole or 0 if part is None else part
        if whole and self.taken[target] < whole:
            return
        first, self.gone = target not in self.gone, self.gone | {target}
        for one in self.held:
            if one.used_on == target and row["type"] == "refund":
                self.returned[one.reward] += 1
                one.state, one.used_on, one.worth = "open", None, None
                if one.by in self.gone:
                    one.state = "cancelled"
            elif one.by == target and one.state == "open":
                one.state = "cancelled"
        if first:
            own = [one for one in self.held if one.id.startswith(f"{target}/spring/")]
            self.codes[self.known[target]["member_id"], self.known[target]["at"].month] -= len(own)

    def facts(self, member: str, day: int) -> tuple[int, int, int, int | None]:
        """What the facts of `five` come to: held, used, used lately, unused days."""
        own = [one for one in self._open(member, day) if one.reward == "five"]
        used = [on for who, reward, on in self.uses if (who, reward) == (member, "five")]
        oldest = min((one.day for one in own), default=None)
        lately = sum(day - 10 < on <= day for on in used)
        return len(own), len(used), lately, None if oldest is None else day - oldest


def _cents(amount: str | None) -> int | None:
    return None if amount is None else int(amount.replace(".", ""))
