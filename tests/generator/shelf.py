"""What is left of limits, budgets and stock, and what was granted and refused."""

from __future__ import annotations

import math
from collections import defaultdict
from datetime import date
from types import SimpleNamespace as Kept  # a note in a budget
from typing import Any

from tests.generator.book import Book
from tests.generator.language import Plain, counted, dated, later, listed, read_limit

GRANT = ["member_id", "kind", "id", "event_id", "until", "state", "since"]
AWARDS = ("coupon", "item", "voucher", "badge", "privilege", "tier")


class Shelf:
    """The limits, budgets, stock and grants of one run."""

    def __init__(self, book: Book, rewards: Plain) -> None:
        self.book, self.rewards = book, rewards
        self.grants, self.refused = list[Plain](), list[Plain]()
        self.notes = defaultdict[str, list[Kept]](list)  # what was drawn from each budget

    def left(self, member: Kept, event: Plain, name: str, rule: Plain, wallet: str | None) -> Any:
        """How much the limits of a rule leave of a wallet, or of its count."""
        left, local = [math.inf], event["local"]
        limits = listed(dated(rule.get("limit"), event["day"])) + ["1"] * bool(rule.get("once"))
        for number, unit, same in (read_limit(str(limit)) for limit in limits):
            used = [
                use.amounts.get(wallet, 0) for use in member.used[name] if same(local, use.local)
            ]
            left += [number * self.book.scale(wallet) - sum(used)] * (unit == wallet)
        return max(0, min(left))

    def draw(self, event: Plain, name: str, rule: Plain, wallet: str | None, wanted: int) -> Kept:
        """What the rule's budget grants of an amount or a count, noted in it."""
        number, unit, same = read_limit(str(dated(rule.get("budget", "0"), event["day"])))
        note = Kept(name=name, local=event["local"], amount=wanted, ended=False, same=same)
        if "budget" in rule and unit == wallet:
            notes = [x for x in self.notes[name] if same(note.local, x.local)]
            left = int(number * self.book.scale(wallet) - sum(x.amount for x in notes))
            ended = any(x.ended for x in notes)
            if note_ends := ended or wanted > left:
                cut = wallet and not ended and rule.get("over budget", "cut") == "cut"
                note.amount, note.ended = left if cut else 0, note_ends
            self.notes[name].append(note)
        return note

    def give_back(self, note: Kept, amount: int) -> None:
        """Gives an amount back to a budget that has not ended in its period."""
        ended = any(x.ended for x in self.notes[note.name] if note.same(note.local, x.local))
        note.amount -= 0 if ended else amount

    def award(self, member: Kept, event: Plain, name: str, give: Plain, times: int) -> bool:
        """Coupons, badges, rights and tiers that a rule gives; whether there were any."""
        given = [(kind, text) for kind in AWARDS for text in counted(give.get(kind)) * times]
        for kind, text in given:
            key, _, lasts = text.partition(" for ")
            lasts = lasts or dated(self.rewards.get(key, {}).get("valid"), event["day"])
            until = later(event["day"], lasts) if lasts else date.max
            if kind == "tier":
                rung = list(self.book.tiers["ladder"]).index(key)
                member.floors.append((rung, until, event["id"]))
            elif not self.in_stock(key, 1, event["day"]):
                self.refuse(member, event, name, "out_of_stock")
            else:
                values = (member.id, kind, key, event["id"], until, "open", event["day"])
                self.grants.append(dict(zip(GRANT, values, strict=True)))
        return bool(given)

    def open_grants(self, member: Kept, day: date) -> list[Plain]:
        """A member's open grants, the one that ends first first."""
        own = [g for g in self.grants if g["member_id"] == member.id and g["state"] == "open"]
        return sorted((g for g in own if g["until"] >= day), key=lambda g: g["until"])

    def in_stock(self, name: str, count: int, day: date) -> bool:
        """Whether so many are left; what came back can be had again from the next day on."""
        own = [grant for grant in self.grants if grant["id"] == name]
        out = [grant for grant in own if grant["state"] != "cancelled" or grant["since"] >= day]
        stock = dated(self.rewards.get(name, {}).get("stock", math.inf), day)
        return bool(stock - len(out) >= count)

    def withdraw(self, event: str, day: date) -> None:
        """Open grants of a wholly reversed event go, and the tiers it gave."""
        for grant in (g for g in self.grants if (g["event_id"], g["state"]) == (event, "open")):
            grant["state"], grant["since"] = "cancelled", day
        for member in self.book.members.values():
            member.floors = [floor for floor in member.floors if floor[2] != event]

    def refuse(self, member: Kept, event: Plain, rule: Any, code: str) -> None:
        self.refused.append(
            {"member_id": member.id, "event_id": event["id"], "rule": rule, "code": code}
        )
