"""What a fact says on a day of all that was seen of a member until then."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from fractions import Fraction
from itertools import pairwise
from statistics import median
from typing import Any

from tests.reading.expressions import evaluate, moment
from tests.reading.values import UNITS, Plain, later, period

FACTS: dict[str, Callable[[list[Any]], Any]] = {
    "count": lambda v: Fraction(len(v)), "sum": lambda v: Fraction(sum(v)),
    "distinct": lambda v: Fraction(len(set(v))), "average": lambda v: sum(v) / len(v),
    "min": lambda v: min(v, key=moment), "max": lambda v: max(v, key=moment),
    "first": lambda v: v[0], "last": lambda v: v[-1],
    "previous": lambda v: v[-2] if v[1:] else None,
    "most frequent": lambda v: sorted(v, key=v.count)[-1],  # a tie: the last seen
    "median gap": lambda v: median(
        Fraction((b.date() - a.date()).days) for a, b in pairwise(v)) if v[1:] else None,
}  # fmt: skip


def fact(seen: list[Plain], spec: Plain, today: date) -> Any:
    """The value of a fact; None is null."""
    if "streak" in spec:  # periods in a row, up to this one, or the one before if this has none
        marks = {period(spec["by"], e["day"]) for e in seen if e["type"] == spec["streak"]}
        now, length = period(spec["by"], today), 0
        now -= int(now not in marks)
        while now - length in marks:
            length += 1
        return Fraction(length)
    kind = next(key for key in spec if key in FACTS)
    values = taken(seen, spec, spec[kind], today)[-spec.get("of last", 0) :]
    values += [-value for value in taken(seen, spec, spec.get("less", ""), today)]
    return FACTS[kind](values) if values else 0 if kind in ("count", "sum", "distinct") else None


def taken(seen: list[Plain], spec: Plain, target: Any, today: date) -> list[Any]:
    """What a fact takes from events: the instant, a field, or an expression; nulls left out."""
    name = target[-1] if isinstance(target, tuple) else target
    last = later(today, spec["before"], -1) if "before" in spec else today
    first = later(last, spec["over"], -1) + UNITS["day"] if "over" in spec else date.min
    first = period(spec["this"], today).start_time.date() if "this" in spec else first
    starts = [i + 1 for i, event in enumerate(seen) if event["type"] == spec.get("since")]
    rows = seen[max(starts, default=len(seen)) :] if "since" in spec else seen
    rows = [e for e in rows if e["type"] == name.split(".")[0] and first <= e["day"] <= last]
    fields = [lambda n, e=e: e.get("local" if ".at" in n else n.split(".")[-1]) for e in rows]
    held = [f for f in fields if evaluate(spec.get("if", True), f) is True]
    values = [evaluate(target if "." in name else "x.at", f) for f in held]
    return [value for value in values if value is not None]
