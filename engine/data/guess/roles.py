"""Finds which column of a file is the member, the event's id and the amount."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from engine.data.guess import words
from engine.data.guess.look import Look, Sheet
from engine.data.guess.when import When

LEAST = 3  # points that a column needs to be taken for the member
NUMBERED = 10  # points of #1001
LONGEST = 40  # characters of an id
CONSISTENT = 0.98  # of the ids must be of one member
MANY_DAYS = 0.2  # of the ids with several rows may have them on several days
MANY_LINES = 200  # rows of one event


@dataclass(frozen=True, slots=True)
class Ranked:
    """A column with the points that its name and its content give it for a role."""

    score: int
    look: Look


@dataclass(frozen=True, slots=True)
class Identity:
    """The event's id: a column, or the row's number; `lines`: several rows are one event."""

    look: Look | None
    lines: bool
    others: tuple[str, ...] = ()
    again: int = 0  # rows that say again what another says
    by_type: bool = False  # one id has rows of several types, which are events of their own


@dataclass(frozen=True, slots=True)
class Amount:
    """What an event is worth, by row and, where rows are lines of one event, by group."""

    sql: str
    lenient: str
    group: str
    columns: tuple[str, ...]
    name: str  # how people call it
    doubt: str = ""


def members(sheet: Sheet, known: pa.Array | None, taken: Collection[str] = ()) -> list[Ranked]:
    """What may be the member of an event, the best first; `known` are ids of a members' file."""
    found = []
    for look in sheet.looks:
        if look.name in taken or not _may_name(look):
            continue
        score = _member_score(sheet, look)
        if known is not None and score > -5:
            score += round(10 * share_known(sheet, look, known))
        if score >= LEAST:
            found.append(Ranked(score, look))
    return sorted(found, key=lambda one: -one.score)


def _may_name(look: Look) -> bool:
    """True for texts and whole numbers that are short and not times."""
    if look.type in ("texts", "date", "time", "flag", "decimal") or look.fractions or look.low < 0:
        return False
    fits = all(len(e) <= LONGEST for e in look.examples)
    return fits and look.filled > 0 and look.empty < 0.95 * look.rows


def _member_score(sheet: Sheet, look: Look) -> int:
    """Points for a member: the name's, more where values come back as customers do."""
    name = words.score(look.called, "member")
    against = words.says(look.called, words.AGAINST["member"]) or _is_numbered(look)
    few = look.rows > 50 and look.different < 20
    if against or (few and name < 8) or (look.different == 1 and look.rows > 3 and name < 8):
        return -9
    repeats = look.filled / look.different
    score = name + (3 if repeats >= 1.2 else -3 if look.filled >= 20 and repeats < 1.01 else 0)
    if name == 0:
        spaced = sum(" " in e for e in look.examples)
        coded = look.type == "text" and look.different >= 0.005 * look.rows
        score += 0 if coded and not spaced else -9
        score -= 1 if words.score(look.called, "quantity") else 0
    return score


def share_known(sheet: Sheet, look: Look, known: pa.Array) -> float:
    """The share of the rows with a value whose value is one of `known`."""
    rows = sheet.every(
        f"select cast({look.sql} as varchar), count(*) from given where {look.sql} is not null"
        " group by 1"
    )
    values = pa.array([str(v) for v, _ in rows], pa.large_string())
    counts = pa.array([n for _, n in rows], pa.int64())
    inside = pc.sum(counts.filter(pc.is_in(values, value_set=known))).as_py() or 0
    return inside / max(1, look.filled)


def identity(sheet: Sheet, member: Look, when: When, taken: Collection[str]) -> Identity:
    """What tells one event from another; `taken` are columns that are something else."""
    ranked = [
        Ranked(NUMBERED if _is_numbered(look) else words.score(look.called, "id"), look)
        for look in sheet.looks
        if look.name not in (*taken, member.name) and _may_name(look)
        and look.empty <= 0.02 * look.rows
    ]  # fmt: skip
    named = sorted((r for r in ranked if r.score), key=lambda one: -one.score)
    for one in named:
        others = tuple(r.look.name for r in named if r is not one and _is_once(r.look))
        if _is_once(one.look):
            return Identity(one.look, False, others)
        repeated = _repeats(sheet, one.look, member, when)
        if repeated is not None:
            lines, again = repeated
            return Identity(one.look, lines, others, again)
    return Identity(None, False)


def _is_numbered(look: Look) -> bool:
    """True for #1001 and the like, which shops call an order's name."""
    return bool(look.examples) and all(re.fullmatch(r"#\d+", one) for one in look.examples)


def _is_once(look: Look) -> bool:
    """True where every value is there once."""
    return look.filled == look.different


def _repeats(sheet: Sheet, look: Look, member: Look, when: When) -> tuple[bool, int] | None:
    """Whether rows with the same id are lines of one event, and how many only say it again.

    None where several members or days share an id, so that it is none.
    """
    whole = ", ".join(f"coalesce(cast({one.sql} as varchar), '')" for one in sheet.looks)
    groups, fine, several, same, rows, days = sheet.ask(
        "select count(*), count(*) filter (m <= 1), count(*) filter (n > 1),"
        " count(*) filter (n > 1 and d = 1), coalesce(sum(n - 1) filter (n > 1 and d = 1), 0),"
        f" count(*) filter (n > 1 and t > 1) from (select count(distinct {member.sql}) as m,"
        f" count(*) as n, count(distinct hash({whole})) as d,"
        f" count(distinct cast({when.lenient} as date)) as t from given"
        f" where {look.sql} is not null group by {look.sql})"
    )
    shared = fine < CONSISTENT * groups or days > MANY_DAYS * several
    if shared or look.filled > MANY_LINES * groups:
        return None
    return (False, int(rows)) if same == several and same <= 0.05 * groups else (True, 0)


def amount(sheet: Sheet, key: Look | None, taken: Collection[str]) -> Amount | None:
    """What an event is worth; `key` is the id of events of several lines."""
    numbers = [look for look in sheet.looks if look.number and look.name not in taken
               and look.type not in ("text", "flag", "date", "time")]  # fmt: skip
    best = _best(numbers, "amount")
    quantity, price = _best(numbers, "quantity"), _best(numbers, "price")
    plain = best is not None and words.score(best.called, "amount") <= 4
    if quantity is not None and price is not None and (best is None or plain or best is price):
        sql = f"{quantity.number} * {price.number}"
        lenient = f"cast({quantity.lenient} as double) * cast({price.lenient} as double)"
        names = (quantity.name, price.name)
        return Amount(sql, lenient, f"sum({sql})", names, f"{quantity.name} times {price.name}")
    doubt = ""
    if best is None:
        parts = [look for look in numbers if look.fractions and look.low >= 0]
        against = words.AGAINST["amount"]
        if len(parts) != 1 or words.says(parts[0].called, against):
            return None
        best = parts[0]
        doubt = "is taken for the amount because it alone has decimals; its name does not say so"
    assert best.number is not None
    group, more = _lines(sheet, best, key, quantity, price)
    return Amount(best.number, best.lenient or "", group, (best.name,), best.name, more or doubt)


def _best(numbers: list[Look], role: str) -> Look | None:
    """The column whose name fits a role best; of several the one with decimals, then the first."""
    ranked = [(words.score(look.called, role), look.fractions, look) for look in numbers]
    ranked = [one for one in ranked if one[0]]
    if not ranked:
        return None
    return max(ranked, key=lambda one: (one[0], one[1]))[2]


def _lines(
    sheet: Sheet, best: Look, key: Look | None, quantity: Look | None, price: Look | None
) -> tuple[str, str]:
    """How the lines of an event come to its amount: added up, or one of them where all say it."""
    added = f"sum({best.number})"
    if key is None:
        return added, ""
    value = best.lenient
    product = (
        f"cast({quantity.lenient} as double) * {price.lenient}" if quantity and price else "null"
    )
    several, same, by_line = sheet.ask(
        "select count(*), count(*) filter (low = high),"
        " count(*) filter (low = high and abs(low * n - total) <= 0.011 * n) from"
        f" (select min({value}) as low, max({value}) as high, count(*) as n,"
        f" sum({product}) as total from given group by {key.sql} having count({value}) > 1)"
    )
    if several < 2 or same < 0.95 * several or (product != "null" and by_line > 0.5 * several):
        return added, ""
    doubt = (
        f"is the same on all lines of an order, so it is taken as the order's and not added up."
        f" If it is the line's: `amount: {added}`"
    )
    return f"max({best.number})", doubt
