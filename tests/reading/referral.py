"""Who brings whom, and the rules that pay those above for what a friend does."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from types import SimpleNamespace as Kept
from typing import Any

from tests.reading.facts import fact
from tests.reading.values import Plain, listed

FRAME = ("when", "if", "from", "until", "within", "once", "on refund")
SIDES = {
    "friend": "give", "referrer": "give referrer", "second referrer": "give second referrer",
}  # fmt: skip


def rules(section: Plain) -> Iterator[tuple[str, Plain]]:
    """A referral rule as its lead, `id/`, and a rule for each side, `id/friend`, that asks it."""
    for name, spec in section.items():
        if name in ("levels", "unique"):
            continue
        lead = f"{name}/"
        yield lead, {"leads": True} | {key: spec[key] for key in FRAME if key in spec}
        main = next(w for w in ("referrer", "friend", "second referrer") if SIDES[w] in spec)
        for whose, key in SIDES.items():
            if key in spec:
                yield f"{name}/{whose}", _bounds(spec, whose, main) | {
                    "give": spec[key], "whose": whose, "lead": lead,
                }  # fmt: skip
        for number, give in sorted(spec.get("milestones", {}).items()):
            side = {"give": give, "whose": "referrer", "lead": lead, "nth": number}
            yield f"{name}/{number}", side


def _bounds(spec: Plain, whose: str, main: str) -> Plain:
    bounds = {key: spec[key] for key in ("on refund", "over budget") if key in spec}
    limits = listed(spec.get(f"limit {whose}")) + listed(spec.get("limit") if whose == main else [])
    budget = spec.get(f"budget {whose}", spec.get("budget") if whose == main else None)
    return bounds | ({"limit": limits} if limits else {}) | ({"budget": budget} if budget else {})


def receiver(member: Kept, rule: Plain) -> Kept | None:
    """Whom a side pays."""
    above: Kept | None = member.referrer
    if rule["whose"] == "friend":
        return member
    return above if rule["whose"] == "referrer" or above is None else above.referrer


class Circle:
    """Who has brought whom so far, and who has had which value of what nobody shares."""

    def __init__(self, program: Plain, people: Plain) -> None:
        self.unique = program.get("referral", {}).get("unique", [])
        self.people, self.had = people, defaultdict[Any, set[str]](set)
        self.first = dict[str, Any]()  # when each acts first, where nobody says who is a member
        for name, given in people.items():
            self.learn(name, given)

    def learn(self, name: str, told: Plain) -> None:
        """What is known of a member from now on."""
        for key in self.unique:
            if told.get(key) is not None:
                self.had[key, told[key]].add(name)

    def refusal(self, member: Kept, referrer: str, referred: Any, event: Plain) -> str | None:
        """Why an invitation is refused, or None; `referred` is the referrer's own record."""
        known = referrer in self.people or (
            not self.people and self.first.get(referrer, (event["at"], "~")) <= event["stood"]
        )
        step = referred
        above = []
        while step is not None:
            above.append(step.id)
            step = step.referrer
        shared = [
            key for key in self.unique
            if member.known.get(key) is not None
            and self.had[key, member.known[key]] - {member.id}
        ]  # fmt: skip
        checks = {
            "unknown_referrer": not known, "self_referral": referrer == member.id,
            "second_referrer": member.referrer is not None, "cycle": member.id in above,
            "not_unique": bool(shared),
        }  # fmt: skip
        return next((code for code, holds in checks.items() if holds), None)


def fact_of(member: Kept | None, spec: Plain, today: date) -> Any:
    """A fact of a member, of his own events or of those whom he has brought."""
    plain = {k: v.replace("friend.", "") if isinstance(v, str) else v for k, v in spec.items()}
    if member is None:
        return fact([], plain, today)
    return fact(member.seen if plain == spec else member.theirs, plain, today)
