"""A second reading of tasks, slow and plain: how often each is done with each event."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from typing import Any

Row = Mapping[str, Any]
Key = Callable[[date], object]

EVER: Key = lambda day: None  # noqa: E731
DAY: Key = lambda day: day  # noqa: E731
WEEK: Key = lambda day: day.isocalendar()[:2]  # noqa: E731
MONTH: Key = lambda day: (day.year, day.month)  # noqa: E731


@dataclass(frozen=True)
class Task:
    """A task as a test writes it down once more, beside the rules' text.

    `value` is what it gathers of an event, None for one that it does not look at. Of a task that
    needs several things they are `events` and tasks, its `needs`, which stand before it.
    """

    id: str
    value: Callable[[Row], Fraction | None]
    goal: Fraction = Fraction(1)
    repeats: bool = False
    per: Key = EVER
    needs: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    most: int | None = None  # its limit, in each period `limit_per`
    limit_per: Key = EVER
    returns: bool = False


@dataclass
class _Added:
    """What an event added to a task, and how often the task was done with it."""

    event: str
    what: str
    value: Fraction
    key: object
    left: Fraction  # of the value, after refunds


@dataclass
class _Kept:
    added: list[_Added] = field(default_factory=list)
    done: dict[tuple[str, object], int] = field(default_factory=dict)
    counted: dict[tuple[str, object], int] = field(default_factory=dict)


def audit(tasks: Iterable[Task], rows: Iterable[Row]) -> Counter[tuple[str, str]]:
    """How often each task is given for each event: by (event id, task)."""
    kept: dict[tuple[str, str], _Kept] = defaultdict(_Kept)
    given = Counter[tuple[str, str]]()
    taken: dict[str, Fraction] = defaultdict(Fraction)
    by_id = {row["event_id"]: row for row in rows}
    for row in sorted(by_id.values(), key=lambda row: (row["at"], row["event_id"])):
        day, met = datetime.fromisoformat(row["at"]).date(), {row["type"]}
        for task in tasks:
            own = kept[row["member_id"], task.id]
            times = _done(task, own, row, day, met)
            if times:
                met.add(task.id)
                given[row["event_id"], task.id] = times
        if row["type"] == "refund" and row.get("order") in by_id:
            _refund(tasks, kept, row, by_id[row["order"]], taken)
    return given


def _done(task: Task, own: _Kept, row: Row, day: date, met: set[str]) -> int:
    """How often a task is given with an event."""
    key, id_ = task.per(day), row["event_id"]
    wanted = (*task.events, *task.needs)
    if wanted:
        own.added += [_Added(id_, name, Fraction(1), key, Fraction(1)) for name in wanted
                      if name in met]  # fmt: skip
        whole = {a.what for a in own.added if a.key == key and a.left > 0} == set(wanted)
        reached = 1 if whole and task.value(row) is not None else 0
    else:
        value = task.value(row)
        if value is None:
            return 0
        own.added.append(_Added(id_, "", value, key, value))
        total = sum((a.left for a in own.added if a.key == key), Fraction(0))
        reached = int(total // task.goal) if task.repeats else int(total >= task.goal)
    before = sum(n for (_, k), n in own.done.items() if k == key)
    times = max(reached - before, 0)
    if times == 0:
        return 0
    own.done[id_, key] = times
    if task.most is not None:
        period = task.limit_per(day)
        used = sum(n for (_, k), n in own.counted.items() if k == period)
        times = min(times, max(task.most - used, 0))
        if times:
            own.counted[id_, period] = times
    return times


def _refund(
    tasks: Iterable[Task], kept: Mapping[tuple[str, str], _Kept], row: Row, order: Row,
    taken: dict[str, Fraction],
) -> None:  # fmt: skip
    """A refund takes its share of what an order added, whole steps alone; if whole, what it did."""
    base, id_ = Fraction(order["amount"]), order["event_id"]
    amount = Fraction(row["amount"]) if row.get("amount") else base
    taken[id_] = min(base, taken[id_] + amount)
    share = taken[id_] / base
    for task in tasks:
        own = kept[row["member_id"], task.id]
        step = Fraction(1, 100) if task.id == "spend" else Fraction(1)
        for added in own.added:
            if added.event == id_:
                added.left = added.value - added.value * share // step * step
        if share == 1:
            own.done = {at: n for at, n in own.done.items() if at[0] != id_}
            if task.returns:
                own.counted = {at: n for at, n in own.counted.items() if at[0] != id_}
