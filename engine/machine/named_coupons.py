"""What events name in their field `coupon`: rewards, codes of rewards, grants."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from engine.data.columns import TEXTS_MARK
from engine.language.expression.tree import Type
from engine.language.program import USABLE
from engine.machine.compiled import Compiled
from engine.machine.state import BY_CODE, BY_GRANT, BY_REWARD, MOST_COUPONS, NOT_KNOWN

TOO_MANY = f"an order takes {MOST_COUPONS} coupons at most"


class Named(NamedTuple):
    """One coupon, as the feed has it; `event` is the id of the one that gave a grant."""

    coupon: int
    how: int = BY_REWARD
    event: str | None = None


class GrantNamed(NamedTuple):
    """A grant's id taken apart: event/rule/number."""

    event: str
    rule: int
    number: int


def named(compiled: Compiled, text: str) -> tuple[Named, ...]:
    """The coupons that a cell names, in its order."""
    return tuple(_one(compiled, one) for one in text.split(TEXTS_MARK) if one)


def _one(compiled: Compiled, text: str) -> Named:
    positions, reward = compiled.book.positions, compiled.program.rewards.get(text)
    if reward is not None and reward.kind in USABLE:
        return Named(positions["rewards"][text])
    if text in positions["codes"]:
        return Named(positions["codes"][text], BY_CODE)
    grant = grant_named(compiled.names.rules, text)
    if grant is None:
        return Named(NOT_KNOWN)
    return Named(grant.rule, BY_GRANT + grant.number, grant.event)


def grant_named(rules: Mapping[str, int], text: str) -> GrantNamed | None:
    """A grant's id taken apart; None for what is none."""
    parts = text.rsplit("/", 2)
    if len(parts) != 3 or not parts[2].isdecimal() or parts[1] not in rules:
        return None
    return GrantNamed(parts[0], rules[parts[1]], int(parts[2][:9]))


def room(compiled: Compiled) -> int:
    """How many coupons an event may name."""
    kinds = compiled.program.coupon_events.values()
    return 0 if not kinds else MOST_COUPONS if Type.TEXTS in kinds else 1
