"""Finds rows that are no orders: other types of event, returns, and orders that came to nothing."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from engine.data.guess import words
from engine.data.guess.look import Look, Sheet, text
from engine.data.guess.names import TYPES, Names
from engine.data.guess.roles import Amount, Identity

MOST = 20  # types of event in one column
PREFIX = r"^[A-Za-z]+"


@dataclass(frozen=True, slots=True)
class Kinds:
    """A column that says the type of event: its expression, and the types by their values."""

    look: Look
    sql: str
    types: Mapping[str, str]
    back: frozenset[str]  # the types that give something back
    rows: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Back:
    """Rows that give something back: those that are kept as orders, and the others."""

    keep: str
    back: str
    own_ids: bool  # their ids are none of an order's
    said: str


def kinds(sheet: Sheet, taken: Collection[str], *, ours: bool) -> Kinds | None:
    """The column that says what happened; `ours`: the file is written in our own words."""
    ranked = [
        (words.score(look.called, "type"), look)
        for look in sheet.looks
        if look.type == "text" and look.name not in taken and 2 <= look.different <= MOST
        and look.empty <= 0.02 * look.rows
    ]  # fmt: skip
    for score, look in sorted(ranked, key=lambda one: -one[0]):
        counted = sheet.every(
            f"select cast({look.sql} as varchar), count(*) from given where {look.sql} is not null"
            " group by 1 order by 2 desc, 1"
        )
        rows = {str(value): int(count) for value, count in counted}
        tells = score >= 10 or any(words.says(v, words.HAPPENS) for v in rows)
        if score and tells:
            return _kinds(look, rows, ours=ours)
    return None


def _kinds(look: Look, rows: Mapping[str, int], *, ours: bool) -> Kinds:
    names = Names()
    fixed = frozenset[str]() if ours else TYPES
    types = {}
    for value in rows:
        types[value] = names.give(value, fixed=fixed)
    if all(value == name for value, name in types.items()):
        sql = look.sql
    elif all(value.replace(" ", "_") == name for value, name in types.items()):
        sql = f"replace({look.sql}, ' ', '_')"
    else:
        cases = " ".join(f"when {text(v)} then {text(n)}" for v, n in types.items())
        sql = f"case {look.sql} {cases} else {look.sql} end"
    back = frozenset(n for v, n in types.items() if words.says(v, words.BACK))
    return Kinds(look, sql, types, back, {types[v]: n for v, n in rows.items()})


def dead(sheet: Sheet, taken: Collection[str]) -> tuple[str, str] | None:
    """A condition that leaves out orders that came to nothing, and what is said of it."""
    for look in sheet.looks:
        if look.type != "text" or look.name in taken or not 2 <= look.different <= MOST:
            continue
        if not words.score(look.called, "status"):
            continue
        values = sheet.every(
            f"select cast({look.sql} as varchar), count(*) from given"
            f" where {look.sql} is not null group by 1 order by 1"
        )
        gone = [(str(v), n) for v, n in values if words.says(str(v), words.DEAD)]
        if gone and len(gone) < len(values):
            listed = ", ".join(text(v) for v, _ in gone)
            count = sum(n for _, n in gone)
            shown = ", ".join(v for v, _ in gone)
            rows = words.count(count, "row")
            said = f"{rows} with {shown} left out; to take them in, change `where`"
            empty = f"coalesce({look.sql}, '')" if look.empty else look.sql
            return f"{empty} not in ({listed})", f"`{look.name}`: {said}"
    return None


def back(sheet: Sheet, who: Identity, amount: Amount, where: Collection[str]) -> Back | None:
    """Rows that give something back: by the letters their ids begin with, or below zero."""
    table = f"(select * from given where {' and '.join(where)})" if where else "given"
    below, above = sheet.ask(
        f"select count(*) filter (({amount.lenient}) < 0), count(*) filter (({amount.lenient}) > 0)"
        f" from {table}"
    )
    if not below or not above:
        return None
    found = _by_letters(sheet, who, amount, table) if who.look is not None else None
    if found is not None:
        return found
    said = f"{words.count(below, 'row')} below zero"
    return Back(f"{amount.sql} >= 0", f"{amount.sql} < 0", who.look is None, said)


def _by_letters(sheet: Sheet, who: Identity, amount: Amount, table: str) -> Back | None:
    """Rows whose ids begin with letters that only what is below zero has."""
    assert who.look is not None
    if who.look.number == who.look.sql:
        return None
    sql = who.look.sql
    found = sheet.every(
        f"select regexp_extract({sql}, '{PREFIX}') as p, count(distinct {sql}),"
        f" count(*) filter (({amount.lenient}) < 0), count(*) filter (({amount.lenient}) > 0)"
        f" from {table} group by p order by p"
    )
    letters = [str(p) for p, _, low, high in found if p and low > 49 * high]
    if not letters or len(letters) == len(found) or len(letters) > 3:
        return None
    if any(re.search("[^A-Za-z]", one) for one in letters):
        return None
    ids = sum(count for p, count, _, _ in found if p in letters)
    tests = [f"starts_with({sql}, {text(one)})" for one in letters]
    either = " or ".join(tests)
    both = f"({either})" if len(tests) > 1 else either
    beginning = " or ".join(letters)
    said = f"{words.count(ids, 'id')} with {beginning} before the number, below zero"
    return Back(f"not {both}", both, True, said)
