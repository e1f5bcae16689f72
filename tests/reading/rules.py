"""Which rules hold for an event, and what each of them wants to give before rounding."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from types import SimpleNamespace as Kept
from typing import Any

from tests.reading import referral
from tests.reading.expressions import Names, evaluate
from tests.reading.limits import Limits, count, in_time, in_window
from tests.reading.tiers import Tiers
from tests.reading.values import Plain, dated, listed

Member = Callable[[str, date], Kept]


class Rules:
    """All that earns, in the order of the program; a tier's benefits stand where the tiers do."""

    def __init__(self, program: Plain, limits: Limits, tiers: Tiers, member: Member) -> None:
        self.wallets, self.limits, self.tiers, self.member = limits.wallets, limits, tiers, member
        self.stacking = program["program"].get("stacking", "multiply")
        benefits = {f"tiers.{tier}": {"tier": tier, "multiply": self.amounts(gifts)}
                    for tier, gifts in tiers.spec.get("benefits", {}).items()}  # fmt: skip
        invited = dict(referral.rules(program.get("referral", {})))
        rules = {"tiers": benefits, "earn": program["earn"], "referral": invited}
        self.rules = [rule for section in program for rule in rules.get(section, {}).items()]

    def amounts(self, give: Plain) -> Plain:
        """Of what is given, the wallets."""
        return {wallet: amount for wallet, amount in give.items() if wallet in self.wallets}

    def decide(self, member: Kept, event: Plain, names: Names) -> tuple[list[Kept], list[Kept]]:
        """The rules that hold; what each gives before rounding: gifts, then multipliers' steps."""
        value = lambda amount: evaluate(dated(amount, event["day"]), names)  # noqa: E731
        held, gifts, steps, notes = list[Kept](), list[Kept](), list[Kept](), list[Kept]()
        for name, rule in self.rules:
            who = self.receiver(member, event, rule, notes)
            if who is not None:
                note = self.limits.note(event, name, rule, who)
                note.above = member.referrer
                notes += [note] * self.holds(note, member, value)
        for key, made in {"give": gifts, "multiply": steps}.items():
            some = [note for note in notes if key in note.rule]
            for note in some:
                own = [x for x in gifts if x.who is member and x.kind == "earn"]
                self.want(note, key, value, own)
            for note in some:  # of a group the best
                group = [x for x in some if x.rule.get("group") == note.rule.get("group")]
                if "group" not in note.rule or note is max(group, key=lambda x: x.rank):
                    held, made[len(made) :] = [*held, note], note.wants
        held += [note for note in notes if "leads" in note.rule]
        return held, gifts + self.stacked(steps)

    def receiver(self, member: Kept, event: Plain, rule: Plain, notes: list[Kept]) -> Kept | None:
        """Whom a rule pays; None where nobody can be, or where the lead of a side does not hold."""
        if "whose" in rule:
            if rule["lead"] not in [note.name for note in notes]:
                return None
            who = referral.receiver(member, rule)
            before = [x for x in self.limits.notes[rule["lead"]] if x.amount and x.above is who]
            waits = rule.get("nth", len(before) + 1) != len(before) + 1
            return None if who is None or waits else self.member(who.id, event["day"])
        if "leads" in rule and member.referrer is None:
            return None
        to = event.get(str(rule.get("to")))
        return self.member(to, event["day"]) if to else member

    def holds(self, note: Kept, member: Kept, value: Callable[[Any], Any]) -> bool:
        """Whether a rule holds for an event; its group is looked at later."""
        event, rule, day = note.event, note.rule, note.event["day"]
        gives, tier = self.amounts(rule.get("give", {})), self.tiers.of(member, day)
        held = (
            event["type"] in listed(rule.get("when", event["type"]))
            and rule.get("tier", tier) == tier
            and event.get(rule.get("to", "id"))
            and in_window(rule, day)
            and in_time(member, rule, day)
            and value(rule.get("if", True)) is True
            and None not in [dated(amount, day) for amount in gives.values()]
            and None not in [value(factor) for factor in rule.get("multiply", {}).values()]
            and self.limits.left(note) >= 1
        )
        self.limits.draw(note, int(bool(held)))
        granted = bool(note.amount)
        count(note, 0)  # until it has given something
        return granted

    def want(self, note: Kept, key: str, value: Any, gifts: list[Kept]) -> None:
        """What a rule gives, or the factors and the gifts that it multiplies; and its rank."""
        note.wants, sizes = [], []
        for wallet, amount in self.amounts(note.rule[key]).items():
            new = self.limits.note(note.event, note.name, note.rule, note.who, wallet)
            earns = key == "give" and "whose" not in note.rule
            new.kind, exact = "earn" if earns else "bonus", value(amount)
            new.exact = new.product = max(exact or Fraction(0), Fraction(0))  # never takes
            own = [x for x in gifts if x.wallet == wallet]
            new.reach = [x for x in own if x.name in note.rule.get("of", [x.name])]
            sizes.append((new.exact - 1) * sum(x.exact for x in new.reach))
            sizes[-1] = new.exact if key == "give" else sizes[-1]
            note.wants += [new] * (exact is not None if key == "give" else bool(new.reach))
        note.rank = note.rule.get("priority", -math.inf), [*sizes, 0][0]

    def stacked(self, steps: list[Kept]) -> list[Kept]:
        """What each multiplier adds to what was given, as the program stacks them."""
        if self.stacking == "best":
            best = {w: [x for x in steps if x.wallet == w] for w in self.wallets}
            steps = [x for x in steps if x is max(best[x.wallet], key=lambda y: y.exact)]
        for step in steps:
            factor, step.exact = step.exact, 0
            for gift in step.reach:
                step.exact += (factor - 1) * gift.product
                gift.product *= factor if self.stacking == "multiply" else 1
        return steps
