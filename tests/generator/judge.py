"""Judges which rules of a program hold for an event, and what names stand for there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from types import SimpleNamespace as Kept  # a member
from typing import Any

from tests.generator.book import Book
from tests.generator.language import Names, Plain, dated, evaluate, fact, later, listed
from tests.generator.shelf import Shelf


class Judge:
    """The rules of one program, in file order, and what decides whether they hold."""

    def __init__(self, program: Plain, book: Book, shelf: Shelf) -> None:
        self.program, self.book, self.shelf = program, book, shelf
        benefits = [
            (f"tiers.{tier}", {"tier": tier, "multiply": factors})
            for tier, gifts in self.book.tiers.get("benefits", {}).items()
            if (factors := self.amounts(gifts))
        ]
        sections = {"tiers": benefits, "earn": list(program["earn"].items())}
        self.rules = [pair for section in program for pair in sections.get(section, [])]

    def amounts(self, give: Plain) -> Plain:
        return {wallet: amount for wallet, amount in give.items() if wallet in self.book.wallets}

    def names(self, member: Kept, event: Plain) -> Names:
        """What names stand for: balances and the tier as they are now, facts with this event."""
        tier, day, seen, facts = (
            self.book.tier(member),
            event["day"],
            list(member.seen),
            self.book.facts,
        )
        scope = {**member.attributes, **event, "at": event["local"], "today": day, "tier": tier}
        for part in ("", "_active", "_pending"):
            scope |= {
                wallet + part: self.book.balance(member, wallet, part)
                for wallet in self.book.wallets
            }
        rights = self.book.tiers.get("benefits", {}).get(tier, {}).get("privileges", [])
        rights = [*rights, *(grant["id"] for grant in self.shelf.open_grants(member, day))]
        scope |= {f"has {right}": right in rights for right in self.program.get("privileges", {})}
        return lambda n: fact(seen, facts[n], day) if n in facts else scope.get(n.split(".")[-1])

    def in_window(self, member: Kept, rule: Plain, day: date) -> bool:
        joined = member.joined and later(member.joined, rule.get("within", "0 days")) >= day
        return bool(
            rule.get("from", day) <= day <= rule.get("until", day)
            and ("within" not in rule or joined)
        )

    def holds(self, member: Kept, event: Plain, name: str, rule: Plain, names: Names) -> bool:
        """Window, condition, dated values and count of a rule; `group` is looked at later."""
        day, factors = event["day"], rule.get("multiply", {}).values()
        return (
            event["type"] in listed(rule.get("when", event["type"]))
            and rule.get("tier", self.book.tier(member)) == self.book.tier(member)
            and ("to" not in rule or event.get(rule["to"]) is not None)
            and self.in_window(member, rule, day)
            and evaluate(rule.get("if", True), names) is True
            and None not in [dated(x, day) for x in self.amounts(rule.get("give", {})).values()]
            and None not in [evaluate(dated(x, day), names) for x in factors]
            and self.shelf.left(member, event, name, rule, None) >= 1
        )

    def leaders(
        self, held: list[Any], key: str, size: Callable[[Plain], Any]
    ) -> list[tuple[str, Plain]]:
        """Of each group the one with the highest priority, else the largest; and all in none."""
        held, best = [pair for pair in held if key in pair[1]], dict[Any, Any]()
        for pair in held:
            group, priority = pair[1].get("group"), pair[1].get("priority")
            rank = priority is not None, size(pair[1]) if priority is None else priority
            best[group] = (
                (rank, pair) if group not in best or rank > best[group][0] else best[group]
            )
        return [
            pair for pair in held if "group" not in pair[1] or best[pair[1]["group"]][1] is pair
        ]
