"""Makes the sample's events: heavy buyers and light ones, seasons, what follows from orders."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from engine.data import sample_follow, sample_rows
from engine.data.sample_draws import DAYS, FIRST_DAY, Draws, Longs
from engine.data.sample_follow import Batch, Orders

DAY = 86_400
MID_AUTUMN = date(2025, 10, 6)
CRAB = {8: 6, 9: 50, 10: 90, 11: 70, 12: 20}  # by month; 1 otherwise
FLOWER = {3: 45, 4: 60, 5: 45}  # 6 otherwise
PRICES = (  # fen; fresh, crab, mooncake, flower cake, gift cards
    (1880, 2590, 3280, 4560, 5990, 8800),
    (29800, 39800, 59800),
    (16800, 23800, 32800),
    (3990, 5990, 8800),
    (10000, 20000, 50000),
)
HOURS = (1, 0, 0, 0, 0, 0, 2, 5, 8, 10, 12, 12, 14, 10, 8, 8, 9, 11, 13, 16, 18, 16, 10, 4)


def make(joined: Longs, by_event: Longs, count: int, seed: int) -> list[str]:
    """`count` rows of events of members who joined at `joined`, those `by_event` with an event."""
    extras = {"broken": count // 2000, "other": count // 3000, "again": count // 300}
    room = count - sum(extras.values())
    weights = _weights(Draws(seed, "weights"), joined)
    orders = _orders(Draws(seed, "orders"), joined, weights, room * 2 // 5)
    batches = [sample_follow.joins(joined, by_event, seed), *sample_follow.make(orders, seed)]
    missing = count // 6000
    batches.append(sample_follow.strangers(orders, Draws(seed, "strangers"), missing))
    lines = [line for b in batches for line in b.lines]
    at = np.concatenate([b.at for b in batches])
    fill = _visits(Draws(seed, "visits"), joined, weights, max(0, room - len(lines)))
    lines += [line for b in fill for line in b.lines]
    order = np.argsort(np.concatenate([at, *(b.at for b in fill)]), kind="stable")[:room]
    lines = [lines[i] for i in sample_rows.late(order, Draws(seed, "late")).tolist()]
    return _with_extras(lines, extras, count, seed)


def _with_extras(lines: list[str], extras: dict[str, int], count: int, seed: int) -> list[str]:
    """The rows with those that are broken, contradict another or repeat it, `count` in all."""
    bought = [line for line in lines if ",order," in line]
    broken = sample_rows.spoil(lines, Draws(seed, "broken"), extras["broken"])
    draws = Draws(seed, "other")
    chosen = draws.shuffled(len(bought)).tolist()[: extras["other"]]
    other = sample_rows.contradict([bought[i] for i in chosen])
    again_draws = Draws(seed, "again")
    more = count - len(lines) - len(broken) - len(other)
    again = [lines[i] for i in again_draws.below(max(1, len(lines)), more if lines else 0).tolist()]
    added = broken + other + again
    # Each stands somewhere in the file, repeats too: their first may come after them.
    places = Draws(seed, "places").below(len(lines) + 1, len(added))
    order = np.argsort(np.concatenate([np.arange(len(lines)) * 2 + 1, places * 2]), kind="stable")
    every = lines + added
    return [every[i] for i in order.tolist()]


def _day_weights() -> Longs:
    """How many orders of each category fall on each day, compared with one another."""
    weights = np.zeros((DAYS, len(PRICES)), np.int64)
    for number in range(DAYS):
        day = FIRST_DAY + timedelta(days=number)
        before = (MID_AUTUMN - day).days
        weekend = 15 if day.weekday() >= 5 else 0
        mooncake = 130 - 3 * before if 0 <= before <= 40 else 0
        gift = 12 if day.month in (1, 2, 9) else 4
        weights[number] = (
            60 + weekend, CRAB.get(day.month, 1), mooncake, FLOWER.get(day.month, 6), gift
        )  # fmt: skip
        if day.day == 18:
            weights[number] += weights[number] // 2
    return weights


def _weights(draws: Draws, joined: Longs) -> Longs:
    """How much of a buyer each member is: few buy much. Who joined late has had less time."""
    rank = 10 + draws.below(990, len(joined))
    left = DAYS - joined // DAY
    return 1_000_000 // rank * left


def _times(draws: Draws, joined: Longs, member: Longs, by_day: Longs) -> Longs:
    """Instants after the members joined, in seconds since the first day."""
    count = len(member)
    sums = np.concatenate(([0], np.cumsum(by_day)))
    first = sums[joined[member] // DAY]
    day = np.searchsorted(sums, first + draws.below(sums[-1] - first, count), side="right") - 1
    hour = draws.weighted(np.array(HOURS), count)
    at = day * DAY + hour * 3600 + draws.below(3600, count)
    times: Longs = np.maximum(at, joined[member] + 60 + draws.below(3600, count))
    return times


def _orders(draws: Draws, joined: Longs, weights: Longs, count: int) -> Orders:
    """Orders by member and time."""
    member = draws.weighted(weights, count)
    by_category = _day_weights()
    at = _times(draws, joined, member, by_category.sum(axis=1))
    order = np.lexsort((at, member))
    member, at = member[order], at[order]
    today = by_category[np.minimum(at // DAY, DAYS - 1)]
    sums = np.cumsum(today, axis=1)
    pick = draws.below(sums[:, -1], count)
    category = (pick[:, None] >= sums).sum(axis=1)
    items = 1 + _tail(draws, count, 12)
    each = _prices(draws, category)
    amount = np.where(category == 0, each * np.minimum(items, 6), each * items)
    off = np.where(draws.chance(1, 3, count), draws.below(300, count), 0)
    return Orders(member, at, category, items, np.maximum(amount - off, 500))


def _prices(draws: Draws, category: Longs) -> Longs:
    """A price of the category's list for each."""
    widths = np.array([len(p) for p in PRICES])
    table = np.array([[*p, *([0] * (6 - len(p)))] for p in PRICES], np.int64)
    return table[category, draws.below(widths[category], len(category))]


def _tail(draws: Draws, count: int, most: int) -> Longs:
    """Mostly 0, rarely much."""
    return np.minimum(1000 // (100 + draws.below(10_000, count)) // 2, most)


def _visits(draws: Draws, joined: Longs, weights: Longs, count: int) -> list[Batch]:
    """Logins, and check-ins on several days in a row, `count` together."""
    check_ins = count // 2
    member = draws.weighted(weights, count - check_ins)
    at = _times(draws, joined, member, np.full(DAYS, 1))
    login = sample_follow.plain("l", "login", member, at)
    days = 1 + _tail(draws, check_ins, 30) * 3
    starts = np.cumsum(days) <= check_ins
    days = days[starts]
    days = np.append(days, check_ins - days.sum())
    visitor = draws.weighted(weights, len(days))
    first = _times(draws, joined, visitor, np.full(DAYS, 1))
    number = np.arange(check_ins) - np.repeat(np.cumsum(days) - days, days)
    when = np.repeat(first, days) + number * DAY
    # A run that would pass the last day turns back into it: the same day twice is one too.
    last = DAYS * DAY - 1
    when = np.where(when > last, when - (when - last + DAY - 1) // DAY * DAY, when)
    return [login, sample_follow.plain("c", "check_in", np.repeat(visitor, days), when)]
