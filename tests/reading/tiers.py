"""Which tier a member has: rises, reviews, graces and falls."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from types import SimpleNamespace as Kept
from typing import Any

from tests.reading.facts import fact
from tests.reading.grants import Grants
from tests.reading.values import Plain, dated, later


class Tiers:
    """The ladder; each member keeps his rung, since when, and the last day of his grace."""

    def __init__(self, program: Plain, grants: Grants, balance: Callable[..., Any]) -> None:
        self.spec, self.facts = program.get("tiers", {}), program.get("facts", {})
        self.ladder, self.grants, self.balance = self.spec.get("ladder", {}), grants, balance
        self.rises = dict[Any, Any]()  # the rungs from and to which an event made a member rise

    def of(self, member: Kept, day: date) -> Any:
        """What a member reached himself, or a higher one given to him."""
        ladder, own = list(self.ladder or [None]), self.grants.open(member, day)
        given = [ladder.index(grant["id"]) for grant in own if grant["kind"] == "tier"]
        return ladder[max([member.rung, *given])]

    def rise(self, member: Kept, event: Plain) -> int:
        """Up to the highest rung whose number the measure has come to: that rung."""
        measure, day = self.spec["measure"], event["day"]
        if measure in self.facts:
            value = fact(member.seen, self.facts[measure], day) or 0
        else:
            value = self.balance(member, measure, True, False)
        least = [dated(number, day) for number in self.ladder.values()]
        reached = max([0, *(i for i, x in enumerate(least) if value >= x)])
        if reached > member.rung:
            low, _ = self.rises.get((event["id"], member.id), (member.rung, 0))
            self.rises[event["id"], member.id] = low, reached
            put(member, reached, day)
        return reached

    def before(self, member: Kept, event: Plain) -> None:
        """A rise before the event is worked, where the program has it so."""
        if self.spec.get("upgrade") == "before":
            self.rise(member, event)

    def look(self, member: Kept, event: Plain) -> None:
        """A rise, else perhaps a fall where a review, or the look after a grace, is due."""
        if not self.spec:
            return
        day, begins, spec = event["day"], event["id"] is None, self.spec
        reached, falls = self.rise(member, event), spec.get("downgrade", "never")
        at_once = spec.get("review", "at once") == "at once"
        starts = [d for x in self.ladder.values() if isinstance(x, dict) for d in x]
        changed = begins and day in starts and spec.get("on change") == "reassess"
        if changed and reached < member.rung:
            put(member, reached, day)
        low, over = reached < member.rung, begins and member.grace and day > member.grace
        if member.grace and not over:
            member.grace = None if at_once and not low else member.grace
        elif falls != "never" and (at_once or over or (begins and self.due(member, day))):
            if low and "grace" in spec and not over:
                member.grace = later(day, spec["grace"])
            else:
                fallen = reached if falls == "reassess" else member.rung - 1
                put(member, fallen if low else member.rung, day)

    def due(self, member: Kept, day: date) -> bool:
        """Whether a review falls on a day that begins."""
        review, joined = self.spec["review"], member.joined or date.max
        if review.startswith("every "):
            return bool(day > later(member.kept, review.removeprefix("every ")))
        if review == "yearly":
            return (day.month, day.day) == (1, 1)
        return day.year > joined.year and day == later(joined, f"{day.year - joined.year} years")

    def take_back(self, order: Plain, event: Plain, member: Callable[[str, date], Kept]) -> None:
        """Undoes the rise of an event that is reversed, as far as nothing else has led so far."""
        for (cause, name), (low, high) in [*self.rises.items()]:
            if cause == order["id"]:
                who = member(name, event["day"])
                back = max(low, self.rise(who, event))
                if back < who.rung <= high:
                    put(who, back, event["day"])


def put(member: Kept, rung: int, day: date) -> None:
    """A member has a rung from a day on."""
    member.rung, member.kept, member.grace = rung, day, None
