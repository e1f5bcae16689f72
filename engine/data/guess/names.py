"""Makes names of the language out of somebody's own column names and values."""

from __future__ import annotations

import re
from collections.abc import Iterable

from engine.data.guess import words
from engine.language.expression import NO_NAMES, SQL_WORDS
from engine.language.linking.names import LATER_EVENTS, RESERVED
from engine.language.program import BUILT_IN

LONGEST = 40
FIXED = frozenset(
    (*RESERVED, *NO_NAMES, *SQL_WORDS, "today", "tier", "event", "member", "friend", "friends",
     "referrer", "start", "event_id", "member_id", "type", "joined_at", "referrer_id", "row")
)  # fmt: skip
WALLET, FACTS = "points", ("orders", "spend", "net_spend")


class Names:
    """Gives names, each once, and none that means something already."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = {*taken}

    def give(self, said: str, *, fixed: frozenset[str] = FIXED) -> str:
        """A name for what is called `said`, new to those given before."""
        name = spelled(said)
        if name in fixed:
            name = f"{name}_given"
        found, number = name, 2
        while found in self._taken:
            found, number = f"{name}_{number}", number + 1
        self._taken.add(found)
        return found


def field(said: str) -> str:
    """What a field is called: our own word for it, or its own."""
    return words.ours(said) or said


def spelled(said: str) -> str:
    """`Flights Booked` as `flights_booked`, 商品分类 as it is."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", said)
    name = re.sub(r"_+", "_", re.sub(r"\W+", "_", apart.lower())).strip("_")
    name = name[:LONGEST].strip("_")
    if not re.match(r"[^\W\d]", name):
        name = f"column_{name}".strip("_")
    return name


# What no event of one's own is called.
TYPES = frozenset((*BUILT_IN, *LATER_EVENTS, *RESERVED, *NO_NAMES, "member", "event", "friend"))
