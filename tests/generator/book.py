"""What the auditor keeps of members: clocks, lots, deficits, tiers; and the rows it wrote."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, time
from fractions import Fraction
from types import SimpleNamespace as Kept  # a lot, a member, a part of a lot
from typing import Any
from zoneinfo import ZoneInfo

from tests.generator.language import ONE_DAY, Plain, dated, fact, later, rounded

COLUMNS = [
    "at",
    "member_id",
    "wallet",
    "kind",
    "amount",
    "rule",
    "event_id",
    "lot",
    "wanted",
    "missing",
]


class Book:
    """The members of one run and the rows of their ledger."""

    def __init__(self, program: Plain, given: dict[str, Plain]) -> None:
        self.given, self.zone = given, ZoneInfo(program["program"]["timezone"])
        self.wallets, self.facts = program["wallets"], program.get("facts", {})
        self.tiers = program.get("tiers", {})
        self.members, self.rows = dict[str, Kept](), list[Plain]()
        self.rises: dict[Any, Any] = {}  # the rungs from and to which an event made a member rise

    def row(self, *values: Any) -> None:
        self.rows.append(dict.fromkeys(COLUMNS) | dict(zip(COLUMNS, values, strict=False)))

    def member(self, name: str, day: date) -> Kept:
        """A member whose clock has come to `day`: each beginning of a day up to it is worked."""
        if name not in self.members:
            given = self.given.get(name, {})
            joined = (
                given["joined_at"].astimezone(self.zone).date() if given.get("joined_at") else None
            )
            self.members[name] = Kept(
                id=name,
                day=day,
                attributes=dict(given),
                joined=joined,
                seen=[],
                lots=[],
                floors=[],
                debt=defaultdict(int),
                used=defaultdict(list),
                gone=defaultdict(int),
                rung=0,
                kept=day,
                grace=None,
            )
        member = self.members[name]
        while member.day < day:
            member.day += ONE_DAY
            self.begin(member, member.day)
        return member

    def begin(self, member: Kept, day: date) -> None:
        """Pending points become active, lots expire, tiers are looked at."""
        at = datetime.combine(day, time(), self.zone).astimezone(UTC)
        lots = [x for wallet in self.wallets for x in member.lots if x.wallet == wallet and x.left]
        for lot in (x for x in lots if x.pending and x.active <= day):
            self.row(at, member.id, lot.wallet, "post", 0, None, None, lot.id)
            lot.pending = False
            self.fill(member, lot)
        for lot in lots:
            self.expire(member, lot, at, day, None)
        member.floors = [floor for floor in member.floors if floor[1] >= day]
        self.look(member, day, begins=True)

    def expire(self, member: Kept, lot: Kept, at: datetime, day: date, event: Any) -> None:
        if lot.left and not lot.pending and self.last_day(member, lot) < day:
            self.row(at, member.id, lot.wallet, "expire", -lot.left, None, event, lot.id)
            lot.expired, lot.left = lot.expired + lot.left, 0

    def last_day(self, member: Kept, lot: Kept) -> Any:
        """The last day on which a lot can be used; `without T` counts from the last T."""
        if lot.last:
            return lot.last
        kind = lot.term.split(" without ")[1]
        days = (event["day"] for event in reversed(member.seen) if event["type"] == kind)
        return later(max(lot.active, next(days, lot.active)), lot.term)

    def fill(self, member: Kept, lot: Kept) -> None:
        """What becomes active fills a deficit first."""
        filled = min(member.debt[lot.wallet], lot.left)
        member.debt[lot.wallet], lot.left = member.debt[lot.wallet] - filled, lot.left - filled

    def lot(
        self, member: Kept, wallet: str, amount: int, event: Plain, wait: str = "0 days"
    ) -> str | None:
        """The id of the lot that an event opens; none for nothing."""
        if not amount:
            return None
        key, day = f"{event['id']}/{wallet}", event["day"]
        found = next((lot for lot in member.lots if lot.id == key), None)
        if found is None:
            active, term = (
                later(day, wait),
                dated(self.wallets[wallet].get("expires", "never"), day),
            )
            last = (
                date.max
                if term == "never"
                else None
                if " without " in term
                else later(active, term)
            )
            found = Kept(
                id=key,
                wallet=wallet,
                event=event["id"],
                left=0,
                expired=0,
                active=active,
                term=term,
                pending=active > day,
                last=event.get("expires") or last,
                opened=(event["at"], key),
            )
            member.lots.append(found)
        found.left += amount
        if not found.pending:
            self.fill(member, found)
        return key

    def open_lots(self, member: Kept, wallet: str) -> list[Kept]:
        """Lots with something left, in the order in which they are spent."""
        oldest = self.wallets[wallet].get("spend") == "oldest first"
        return sorted(
            (lot for lot in member.lots if lot.wallet == wallet and lot.left),
            key=lambda x: (date.min if oldest else self.last_day(member, x), x.opened),
        )

    def debit(self, wallet: str, amount: int, lots: list[Kept]) -> tuple[list[Kept], int]:
        """Takes up to `amount` from lots in their order: the parts taken, and what is missing."""
        parts = []
        for lot in lots:
            taken = min(lot.left, amount)
            lot.left, amount = lot.left - taken, amount - taken
            parts += [Kept(lot=lot, id=lot.id, amount=taken, wallet=wallet, back=0)] * (taken > 0)
        return parts, amount

    def balance(self, member: Kept, wallet: str, part: str = "") -> Fraction:
        """Active and pending units, or one of the two."""
        pending = {"": (True, False), "_pending": (True,), "_active": (False,)}[part]
        left = sum(x.left for x in member.lots if x.wallet == wallet and x.pending in pending)
        return Fraction(left - member.debt[wallet] * (False in pending), self.scale(wallet))

    def scale(self, wallet: str | None) -> int:
        """How many of the smallest unit one unit of a wallet is; a count is in ones."""
        spec = self.wallets.get(wallet, {})
        return int(10 ** (2 if spec.get("unit") == "money" else spec.get("decimals", 0)))

    def whole(self, wallet: str, amount: Fraction) -> int:
        return rounded(amount, self.wallets[wallet].get("round", "down"))

    def tier(self, member: Kept) -> Any:
        rung = max([member.rung, *(floor[0] for floor in member.floors)])
        return list(self.tiers["ladder"])[rung] if self.tiers else None

    def rise(self, member: Kept, day: date, event: Any) -> int:
        """Up to the highest rung reached: that rung."""
        measure, ladder = self.tiers["measure"], self.tiers["ladder"].values()
        value = (
            self.balance(member, measure)
            if measure in self.wallets
            else fact(member.seen, self.facts[measure], day) or 0
        )
        reached = max([0, *(rung for rung, least in enumerate(ladder) if value >= least)])
        if reached > member.rung:
            start = self.rises.get((event, member.id), (member.rung, 0))[0]
            self.rises[event, member.id] = start, reached
            member.rung, member.kept, member.grace = reached, day, None
        return reached

    def look(self, member: Kept, day: date, event: Any = None, *, begins: bool = False) -> None:
        """A rise, else perhaps a fall where a review, or the look after a grace, is due."""
        if not self.tiers:
            return
        reached, review = self.rise(member, day, event), self.tiers.get("review", "at once")
        low, downgrade = reached < member.rung, self.tiers.get("downgrade", "never")
        if member.grace and not (begins and day > member.grace):
            member.grace = None if review == "at once" and not low else member.grace
        elif downgrade != "never" and self.due(member, review, day, begins):
            if low and "grace" in self.tiers and not member.grace:
                member.grace = later(day, self.tiers["grace"])
            else:
                fallen = reached if downgrade == "reassess" else member.rung - 1
                member.rung, member.kept, member.grace = fallen if low else member.rung, day, None

    def due(self, member: Kept, review: str, day: date, begins: bool) -> bool:
        """Whether a review, or the look when a grace is over, falls now."""
        if review == "at once" or not begins or member.grace:
            return review == "at once" or begins
        if review.startswith("every "):
            return day > later(member.kept, review.removeprefix("every "))
        years = day.year - member.joined.year if member.joined else 0
        anniversary = years > 0 and day == later(member.joined, f"{years} years")
        return (day.month, day.day) == (1, 1) if review == "yearly" else anniversary
