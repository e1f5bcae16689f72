"""What is kept of members, in tuned Python: facts, lots, tiers, the cap; a peer has the rules."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from benchmarks.by_hand import CAP, GOLD_FROM, SILVER_FROM
from benchmarks.by_hand_state import last_days
from benchmarks.prepared import CHECK_IN, ORDER, REDEEM, Columns
from benchmarks.rows import BONUS, EARN, EXPIRE, REVERSE, SPEND

# From (amount, reward, weekday, month, home, orders, recent, tier) to what each of the eleven
# rules of an order comes to, 0 where it does not hold: first eight gives in thousandths of a
# point, then what three multipliers add, in tenths.
Visit = Callable[[], int]
Decide = Callable[[int, int, int, int, int, int, int, int], Sequence[Any]]
VISIT, SILVER, GOLD, CRAB_SEASON = 8, 9, 10, 11
LESS = 1000
COSTS = (0, 200, 400, 800)  # by the code of a reward


class Rows:
    """Columns as lists, which is how Python reads them fastest; made beforehand."""

    def __init__(self, columns: Columns) -> None:
        self.events = list(zip(
            columns.member.tolist(), columns.type.tolist(), columns.day.tolist(),
            columns.amount.tolist(), columns.reward.tolist(), columns.target.tolist(),
            columns.keep.tolist(), strict=True,
        ))  # fmt: skip
        days = np.arange(columns.days[0], columns.days[1] + 1).astype("datetime64[D]")
        months = days.astype("datetime64[M]").astype(np.int64)
        self.home, self.first_day = columns.home.tolist(), int(columns.days[0])
        self.until = int(columns.days[1])
        self.months = months.tolist()
        self.weekdays = ((days.astype(np.int64) + 3) % 7 + 1).tolist()
        self.last_days = last_days(columns).tolist()


class Book:
    """Everything that is kept, and the entries."""

    def __init__(self, rows: Rows) -> None:
        members, size = len(rows.home), len(rows.events)
        self.orders, self.spend, self.recent = [0] * members, [0] * members, [0] * members
        self.active, self.tier = [0] * members, [0] * members
        self.month, self.used = [-1] * members, [0] * members
        self.windows: list[deque[list[int]]] = [deque() for _ in range(members)]
        self.lots: list[deque[int]] = [deque() for _ in range(members)]  # events that opened them
        self.left, self.gone, self.last_day = [0] * size, [0] * size, [0] * size
        self.taken: dict[int, int] = {}  # by order, what was refunded of it
        self.gifts: dict[int, list[list[int]]] = {}  # by order: rule, amount, taken back
        self.entries: list[tuple[int, ...]] = []
        self.notes: list[tuple[int, int, int]] = []  # wanted, missing, entry
        self.granted: list[int] = []
        self.refused: list[int] = []


def fold(rows: Rows, decide: Decide, visit: Visit) -> Book:
    """Every event through the rules; `decide` says which hold and what they come to."""
    book = Book(rows)
    lots, last_day = book.lots, book.last_day
    for i, (member, kind, day, amount, reward, target, keep) in enumerate(rows.events):
        mine = lots[member]
        if mine and last_day[mine[0]] < day:
            expire(book, member, day)
        if kind == ORDER:
            order(rows, book, decide, i, member, day, amount, reward, keep)
        elif kind == CHECK_IN:
            points = visit() // LESS
            book.entries.append((points, i, member, day, i, 0, VISIT, EARN))
            last_day[i] = rows.last_days[day - rows.first_day]
            book.left[i] = points
            book.active[member] += points
            mine.append(i)
        elif kind == REDEEM:
            redeem(book, i, member, day, reward)
        else:
            refund(rows, book, i, member, day, amount, target)
    for member in range(len(lots)):
        expire(book, member, rows.until)
    return book


def order(
    rows: Rows, book: Book, decide: Decide, i: int, member: int, day: int, amount: int,
    reward: int, keep: int,
) -> None:  # fmt: skip
    """One order: the facts take it in, the rules are asked, entries written, a lot opened."""
    since = day - rows.first_day
    orders = book.orders[member] = book.orders[member] + 1
    recent = count(book, member, day, amount)
    month, start = rows.months[since], len(book.entries)
    held = decide(
        amount, reward, rows.weekdays[since], month % 12 + 1, rows.home[member], orders, recent,
        book.tier[member],
    )  # fmt: skip
    given = give(book, i, member, day, month, held)
    if given > 0:
        book.left[i], book.last_day[i] = given, rows.last_days[since]
        book.active[member] += given
        book.lots[member].append(i)
    else:
        book.entries[start:] = [(*e[:4], -1, *e[5:]) for e in book.entries[start:]]
    if keep >= 0:
        book.gifts[i] = [[e[6], e[0], 0] for e in book.entries[start:]]
    spend = book.spend[member] = book.spend[member] + amount
    if spend >= SILVER_FROM:
        book.tier[member] = 2 if spend >= GOLD_FROM else 1


def give(book: Book, i: int, member: int, day: int, month: int, held: Sequence[Any]) -> int:
    """An entry for each rule that holds: what it adds to the whole points so far."""
    write, total, done, position = book.entries.append, 0, 0, 0
    for rule in range(8):
        more = held[rule]
        if more:
            total += more
            points = total // LESS
            write((points - done, i, member, day, i, position, rule, EARN))
            done = points
            position += 1
    bought = held[0]
    for rule in (8, 9):
        if held[rule]:
            step = bought * held[rule] // 10
            bought += step
            total += step
            points = total // LESS
            write((points - done, i, member, day, i, position, rule + 1, BONUS))
            done = points
            position += 1
    if held[10]:
        wanted = (total + bought * held[10] // 10) // LESS - done
        got = cap(book, member, month, wanted)
        if got != wanted:
            book.notes.append((wanted, 0, len(book.entries)))
        write((got, i, member, day, i, position, CRAB_SEASON, BONUS))
        done += got
    return done


def count(book: Book, member: int, day: int, amount: int) -> int:
    """What a member spent in 90 days, this order with it."""
    window = book.windows[member]
    recent = book.recent[member] + amount
    while window and window[0][0] < day - 89:
        recent -= window.popleft()[1]
    if window and window[-1][0] == day:
        window[-1][1] += amount
    else:
        window.append([day, amount])
    book.recent[member] = recent
    return recent


def cap(book: Book, member: int, month: int, wanted: int) -> int:
    """What the month's cap leaves of what is wanted."""
    if book.month[member] != month:
        book.month[member], book.used[member] = month, 0
    got = min(wanted, CAP - book.used[member])
    book.used[member] += got
    return got


def expire(book: Book, member: int, day: int) -> None:
    """Lots whose last day is over go, the oldest first."""
    mine, position, before = book.lots[member], 0, -1
    while mine and book.last_day[mine[0]] < day:
        lot = mine.popleft()
        left, due = book.left[lot], book.last_day[lot] + 1
        if left:
            position = position + 1 if due == before else 0
            before = due
            book.entries.append((-left, -1, member, due, lot, position, -1, EXPIRE))
            book.active[member] -= left
            book.gone[lot] += left
            book.left[lot] = 0


def take(
    book: Book, i: int, member: int, day: int, position: int, kind: int, rule: int, amount: int
) -> int:  # fmt: skip
    """Takes `amount` from the oldest lots, an entry for each; what is not there is returned."""
    mine, left = book.lots[member], book.left
    while amount > 0 and mine:
        lot = mine[0]
        part = min(left[lot], amount)
        if part:
            book.entries.append((-part, i, member, day, lot, position, rule, kind))
            position += 1
            amount -= part
            left[lot] -= part
        if not left[lot]:
            mine.popleft()
    return amount


def redeem(book: Book, i: int, member: int, day: int, reward: int) -> None:
    """Spends a reward's cost, or refuses."""
    cost = COSTS[reward]
    if cost > book.active[member]:
        book.refused.append(i)
        return
    book.active[member] -= cost
    take(book, i, member, day, 0, SPEND, 11 + reward, cost)
    book.granted.append(i)


def refund(rows: Rows, book: Book, i: int, member: int, day: int, amount: int, order: int) -> None:
    """Takes back the order's entries by the share refunded so far."""
    base, gifts, start = rows.events[order][3], book.gifts[order], len(book.entries)
    taken = base if amount < 0 else min(base, book.taken.get(order, 0) + amount)
    book.taken[order] = taken
    left = sum(g[1] for g in gifts) * taken // base - sum(g[2] for g in gifts)
    before = 0
    for gift in gifts:
        after = before + gift[1]
        need = min(after * taken // base - before * taken // base - gift[2], left)
        before = after
        if need > 0:
            gift[2] += need
            left -= need
            take_back(book, i, member, day, start, order, gift[0], need)


def take_back(
    book: Book, i: int, member: int, day: int, start: int, order: int, rule: int, need: int
) -> None:  # fmt: skip
    """An entry of an order goes: what expired counts, then its own lot, then the oldest."""
    expired = min(book.gone[order], need)
    book.gone[order] -= expired
    need -= expired
    wanted, first = need, len(book.entries)
    part = min(book.left[order], need)
    if part > 0:
        book.entries.append((-part, i, member, day, order, first - start, rule, REVERSE))
        book.left[order] -= part
        need -= part
    need = take(book, i, member, day, len(book.entries) - start, REVERSE, rule, need)
    book.active[member] -= wanted - need
    if need > 0:
        if len(book.entries) == first:
            book.entries.append((0, i, member, day, -1, first - start, rule, REVERSE))
        book.notes.append((-wanted, need, len(book.entries) - 1))
