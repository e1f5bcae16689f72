"""What rules have given, as their limits and their budgets count it."""

from __future__ import annotations

import math
from collections import defaultdict
from datetime import date
from types import SimpleNamespace as Kept
from typing import Any

from tests.reading.values import Plain, dated, later, limit, listed, scale


class Limits:
    """The notes of all rules: what each wanted, what it got and what was taken back."""

    def __init__(self, wallets: Plain) -> None:
        self.wallets, self.notes = wallets, defaultdict[str, list[Kept]](list)

    def note(self, event: Plain, name: str, rule: Plain, who: Kept, wallet: Any = None) -> Kept:
        """What a rule wants of a wallet, or without one a time that it holds; in its limits."""
        new = Kept(event=event, name=name, rule=rule, who=who, wallet=wallet, taken=0, ended=False)
        count(new, 0)
        self.notes[name].append(new)
        return new

    def shared(self, note: Kept, text: Any) -> tuple[Any, list[Kept]]:
        """What a limit or budget allows a note, and the notes that share it in its period."""
        number, wallet, same = limit(dated(text, note.event["day"]))
        own = [x for x in self.notes[note.name] if x.wallet == note.wallet == wallet]
        own = [x for x in own if same(note.event["clock"], x.event["clock"])]
        most = number * scale(self.wallets.get(str(wallet), {}))
        return most if wallet == note.wallet else math.inf, own

    def left(self, note: Kept) -> Any:
        """How much the limits of a rule leave of a wallet, or of its count."""
        texts = listed(note.rule.get("limit")) + ["1"] * bool(note.rule.get("once"))
        limits = [self.shared(note, text) for text in texts]
        used = [most - sum(x.limited for x in own if x.who is note.who) for most, own in limits]
        return max(0, min([math.inf, *used]))

    def draw(self, note: Kept, wanted: int) -> None:
        """Grants what the budget leaves; what does not fit ends it in its period."""
        if "budget" in note.rule:
            most, own = self.shared(note, note.rule["budget"])
            ended, left = any(x.ended for x in own), most - sum(x.drawn for x in own)
            if wanted > 0 and (ended or wanted > left):
                cut = note.wallet and not ended and note.rule.get("over budget") != "refuse"
                wanted = int(max(left, 0)) if cut else 0
                for other in own:
                    other.ended = True
        count(note, wanted)


def count(note: Kept, amount: int) -> None:
    """A note got so much: of the member's limits, of the budget."""
    note.amount = note.limited = note.drawn = amount


def give_back(note: Kept, amount: int) -> None:
    """To the budget until it has ended, and to limits that return."""
    note.drawn -= 0 if note.ended else amount
    note.limited -= amount if note.rule.get("on refund") == "return limit" else 0


def in_time(member: Kept, rule: Plain, day: date) -> bool:
    """Whether a day is within what a rule gives a member after he joined."""
    term, joined = rule.get("within"), member.joined
    return not term or bool(joined and day <= later(joined, term))


def in_window(rule: Plain, day: date) -> bool:
    """Whether a day is one of a rule's."""
    return bool(rule.get("from", day) <= day <= rule.get("until", day))
