"""What follows from the sample's orders: refunds, reviews, redemptions, their use, and the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.data import sample_rows
from engine.data.sample_draws import DAYS, Draws, Longs, day_text, time_texts
from engine.data.sample_rows import member_id, money, row

DAY = 86_400
END = DAYS * DAY - 1
CATEGORIES = ("fresh", "crab", "mooncake", "flower_cake", "gift_card")
WHERE = (("app", ""), ("mini_program", ""), ("store", "s01"), ("store", "s02"), ("store", "s03"))
SAVED = 70_000  # fen spent between two redemptions: about 700 points, more than the cheapest costs
REWARDS = ("five_off", "five_off", "five_off", "ten_percent", "pay_with_points", "cake_voucher",
           "rose_jam")  # fmt: skip
COUPONS = ("five_off", "ten_percent", "cake_voucher")
CITIES = ("上海", "杭州", "苏州", "昆明", "成都")
LIKES = ("crab", "mooncake", "flower_cake;fresh", "fresh")


@dataclass(frozen=True, slots=True)
class Orders:
    """Orders by member and time; `at` in seconds since the first day, `amount` in fen."""

    member: Longs
    at: Longs
    category: Longs
    items: Longs
    amount: Longs

    def picked(self, where: Longs) -> Orders:
        """Some of them."""
        columns = (self.member, self.at, self.category, self.items, self.amount)
        return Orders(*(c[where] for c in columns))


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of one kind, and when each happened."""

    lines: list[str]
    at: Longs


def make(orders: Orders, seed: int) -> list[Batch]:
    """The orders themselves and all that follows from them up to the last day."""
    redeemed = _redeemed(orders, Draws(seed, "redeem"))
    return [
        _bought(orders, Draws(seed, "where")),
        _refunds(orders, Draws(seed, "refund"), "r", 1, 16),
        _refunds(orders, Draws(seed, "second refund"), "s", 1, 200),
        _reviews(orders, Draws(seed, "review")),
        *redeemed,
        _profiles(orders, Draws(seed, "profile")),
        _adjustments(orders, Draws(seed, "adjust")),
    ]


def plain(letter: str, kind: str, member: Longs, at: Longs) -> Batch:
    """Events that carry nothing."""
    return _batch(letter, kind, member, at, {})


def joins(joined: Longs, who: Longs, seed: int) -> Batch:
    """The joining of members whose file does not say when; half of them with a code."""
    draws = Draws(seed, "joins")
    brought = draws.chance(1, 3, len(who)) & (who > 0)
    referrer = draws.below(np.maximum(who, 1), len(who))
    code = draws.among(("", "SPRING", "FRIEND"), len(who))
    named = [member_id(r) if b else "" for r, b in zip(referrer.tolist(), brought, strict=True)]
    return _batch("j", "join", who, joined[who], {"referrer": named, "code": code})


def strangers(orders: Orders, draws: Draws, count: int) -> Batch:
    """Refunds of orders that are not there."""
    where = draws.below(max(1, len(orders.member)), count if len(orders.member) else 0)
    names = [f"lost{n + 1}" for n in range(len(where))]
    some = orders.picked(where)
    return _batch("x", "refund", some.member, some.at, {"order": names})


def _batch(
    letter: str, kind: str, member: Longs, at: Longs, columns: Mapping[str, Sequence[object]]
) -> Batch:
    """Rows of a type with ids of a letter and a number, and their columns by name."""
    at = np.minimum(at, END)
    filled: dict[str, Sequence[object]] = {
        "event_id": [f"{letter}{n + 1}" for n in range(len(member))],
        "member_id": [member_id(m) for m in member.tolist()],
        "at": time_texts(at),
        **columns,
    }
    template = row({"type": kind, **dict.fromkeys(filled, "{}")})
    ordered = [filled[c] for c in sample_rows.COLUMNS if c in filled]
    return Batch([template.format(*values) for values in zip(*ordered, strict=True)], at)


def _bought(orders: Orders, draws: Draws) -> Batch:
    """The orders."""
    where = draws.below(len(WHERE), len(orders.member)).tolist()
    columns = {
        "amount": money(orders.amount),
        "category": [CATEGORIES[c] for c in orders.category.tolist()],
        "channel": [WHERE[w][0] for w in where],
        "store": [WHERE[w][1] for w in where],
        "items": orders.items.tolist(),
    }
    return _batch("o", "order", orders.member, orders.at, columns)


def _after(orders: Orders, draws: Draws, days: tuple[int, int], part: int, of: int) -> Longs:
    """Positions of orders on which something follows before the end, `part` in `of`."""
    chosen = draws.chance(part, of, len(orders.member))
    return np.flatnonzero(chosen & (orders.at + (days[0] + days[1]) * DAY < END))


def _refunds(orders: Orders, draws: Draws, letter: str, part: int, of: int) -> Batch:
    """Refunds: two in five of a part, the others of the whole, half of these without amount."""
    where = _after(orders, draws, (0, 20), part, of)
    some = orders.picked(where)
    kind = draws.below(10, len(where))
    share = 10 + draws.below(80, len(where))
    amount = np.where(kind < 4, some.amount * share // 100, some.amount)
    said = ["" if k >= 7 else a for k, a in zip(kind.tolist(), money(amount), strict=True)]
    at = some.at + draws.below(20 * DAY, len(where)) + 3600
    named = [f"o{w + 1}" for w in where.tolist()]
    return _batch(letter, "refund", some.member, at, {"amount": said, "order": named})


def _reviews(orders: Orders, draws: Draws) -> Batch:
    """Reviews, four in ten with a picture."""
    some = orders.picked(_after(orders, draws, (2, 8), 1, 8))
    at = some.at + 2 * DAY + draws.below(8 * DAY, len(some.at))
    photo = ["true" if p else "false" for p in draws.chance(4, 10, len(some.at))]
    return _batch("v", "review", some.member, at, {"photo": photo})


def _redeemed(orders: Orders, draws: Draws) -> list[Batch]:
    """Redemptions by members who have bought enough, some of them cancelled, coupons used."""
    count = len(orders.at)
    where = np.flatnonzero(
        _saved(orders) & (orders.at + 40 * DAY < END) & draws.chance(7, 10, count)
    )
    member, number = orders.member[where], len(where)
    at = orders.at[where] + 8 * DAY + draws.below(30 * DAY, number)
    reward = draws.among(REWARDS, number)
    pays = np.array([r == "pay_with_points" for r in reward], np.bool_)
    coupon = np.array([r in COUPONS for r in reward], np.bool_)
    points = 200 + 100 * draws.below(5, number)
    # Points are paid on the member's next order, coupons used on it, where there is one in time.
    following = _next(orders, member, at)
    there = following >= 0
    next_at = orders.at[following] if count else at
    at = np.where(pays & there, next_at + 60, at)
    named = [f"o{f + 1}" for f in following.tolist()]
    columns = {
        "reward": reward,
        "points": [p if w else "" for p, w in zip(points.tolist(), pays, strict=True)],
        "order": [n if w else "" for n, w in zip(named, pays & there, strict=True)],
    }
    taken = _batch("d", "redeem", member, at, columns)
    cancelled = draws.chance(1, 12, number) & ~pays
    used = coupon & there & ~cancelled & (next_at < at + 30 * DAY)
    return [
        taken,
        _cancelled(member, at, np.flatnonzero(cancelled), draws),
        _used(member, next_at, np.flatnonzero(used), reward, named),
    ]


def _saved(orders: Orders) -> NDArray[np.bool_]:
    """At which orders a member has spent enough for one more redemption."""
    spent = np.cumsum(orders.amount)
    new = np.concatenate(([True], orders.member[1:] != orders.member[:-1]))[: len(spent)]
    begins = np.maximum.accumulate(np.where(new, np.arange(len(spent)), 0))
    after = spent - (spent - orders.amount)[begins]
    crossed: NDArray[np.bool_] = after // SAVED > (after - orders.amount) // SAVED
    return crossed


def _next(orders: Orders, member: Longs, at: Longs) -> Longs:
    """The position of each member's first order after an instant; -1 where there is none."""
    found = np.searchsorted(orders.member * _SPAN + orders.at, member * _SPAN + at, side="right")
    inside = found < len(orders.at)
    owner = orders.member[np.where(inside, found, 0)] if len(orders.at) else member
    return np.where(inside & (owner == member), found, -1)


def _cancelled(member: Longs, at: Longs, where: Longs, draws: Draws) -> Batch:
    """Redemptions that are taken back within two days."""
    when = at[where] + 600 + draws.below(2 * DAY, len(where))
    named = [f"d{w + 1}" for w in where.tolist()]
    return _batch("k", "cancel_redeem", member[where], when, {"redeem": named})


def _used(member: Longs, at: Longs, where: Longs, reward: list[str], orders: list[str]) -> Batch:
    """Coupons used on an order."""
    what, on = [reward[w] for w in where.tolist()], [orders[w] for w in where.tolist()]
    return _batch("u", "use", member[where], at[where] + 60, {"reward": what, "order": on})


def _profiles(orders: Orders, draws: Draws) -> Batch:
    """Members who moved, or told what they like."""
    some = orders.picked(_after(orders, draws, (0, 30), 1, 60))
    city, likes = draws.among(CITIES, len(some.at)), draws.among(LIKES, len(some.at))
    moved = draws.chance(1, 2, len(some.at))
    columns = {
        "city": [c if m else "" for c, m in zip(city, moved, strict=True)],
        "likes": ["" if m else x for x, m in zip(likes, moved, strict=True)],
    }
    at = some.at + draws.below(30 * DAY, len(some.at))
    return _batch("p", "profile", some.member, at, columns)


def _adjustments(orders: Orders, draws: Draws) -> Batch:
    """Points given or taken by hand, one in four with a last day."""
    some = orders.picked(_after(orders, draws, (0, 10), 1, 250))
    count = len(some.at)
    taken = draws.chance(1, 5, count)
    amount = (5 + draws.below(20, count)) * 10 * np.where(taken, -1, 1)
    ends = draws.chance(1, 4, count) & ~taken
    last = some.at // DAY + 60 + draws.below(60, count) + _FIRST
    columns: dict[str, Sequence[object]] = {
        "amount": amount.tolist(),
        "wallet": ["points"] * count,
        "reason": ["correction" if t else "apology for a late parcel" for t in taken],
        "by": draws.among(("service", "store"), count),
        "expires": [day_text(d) if e else "" for d, e in zip(last.tolist(), ends, strict=True)],
    }
    at = some.at + draws.below(10 * DAY, count)
    return _batch("a", "adjust", some.member, at, columns)


_SPAN = 1 << 26  # more than all seconds of the history
_FIRST = 20_089  # days from 1970-01-01 to 2025-01-01
