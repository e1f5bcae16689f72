"""Lays the events of several files beside one another: types, ids that meet, what names what."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc

from engine.data.guess import events, roles, words
from engine.data.guess.found import Found
from engine.data.guess.look import Look, Sheet
from engine.data.guess.mapping import EventsGuess
from engine.data.guess.names import TYPES, Names, spelled
from engine.data.guess.roles import Identity

EMPTY = ("to", "from", "sample", "export", "data", "table", "list", "report", "all", "column")
NAMED = 0.8  # of the values must be ids of the other file


@dataclass(frozen=True, slots=True)
class Work:
    """A file of events while it is worked on; `file` is its path in the mapping."""

    sheet: Sheet
    file: str
    found: Found

    @property
    def stem(self) -> str:
        """The file's name without folder and ending."""
        return self.file.rpartition("/")[2].partition(".")[0]

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of its columns."""
        return tuple(look.name for look in self.sheet.looks)


def between(works: Sequence[Work]) -> list[EventsGuess]:
    """The guesses for all files of events, those of what comes back after the others."""
    names = Names()
    done: list[tuple[Work, EventsGuess]] = []
    for work in sorted(works, key=lambda one: _gives_back(one)):
        alike = next((guess for other, guess in done if other.columns == work.columns), None)
        orders = done[0][0] if done else None
        if alike is None and orders is not None and _gives_back(work):
            work = _naming(work, orders)
        main = alike.main if alike else _main(work, names, first=not done)
        guess = events.guess(work.sheet, work.file, work.found, names, main)
        if alike is None and _gives_back(work) and work.found.amount and done:
            guess = _back(guess, done[0][1], work)
        if alike is None and any(_meet(work, other) for other, _ in done):
            guess = _own_ids(guess, work)
        done.append((work, guess))
    return [guess for _, guess in done]


def _gives_back(work: Work) -> bool:
    """True for a file that is called refunds, returns and the like."""
    return words.says(work.stem, words.BACK)


def _main(work: Work, names: Names, *, first: bool) -> str | None:
    """The type of the file's events; None where a column says it."""
    if work.found.kinds is not None:
        return None
    order = work.found.amount is not None and (first or words.says(work.stem, "order|订单"))
    return names.give("order" if order and not _gives_back(work) else _short(work), fixed=TYPES)


def _short(work: Work) -> str:
    """The file's name without years, numbers and words that say nothing."""
    parts = re.split(r"[^\w]+|_", spelled(work.stem))
    kept = [part for part in parts if part and part not in EMPTY and not part.isdigit()]
    return "_".join(kept) or "event"


def _naming(work: Work, orders: Work) -> Work:
    """The work with the column that names the order which is given back, where there is one."""
    ids = orders.found.who.look
    if ids is None:
        return work
    known = _values(orders.sheet, ids)
    taken = (*work.found.when.columns, work.found.member.name)
    ranked = [
        (words.score(look.called, "reverses"), words.score(look.called, "id"), look)
        for look in work.sheet.looks
    ]
    for named, called, look in sorted(ranked, key=lambda one: (-one[0], -one[1])):
        if look.name in taken or not (named or called):
            continue
        if roles.share_known(work.sheet, look, known) >= NAMED:
            who = roles.identity(
                work.sheet, work.found.member, work.found.when, (*taken, look.name)
            )
            who = Identity(None, False) if who.lines else who
            return replace(work, found=replace(work.found, who=who, reverses=look))
    return work


def _back(guess: EventsGuess, orders: EventsGuess, work: Work) -> EventsGuess:
    """The guess of a file of what comes back."""
    reverses = work.found.reverses is not None
    return replace(guess, back=guess.main, reverses=orders.main if reverses else None)


def _values(sheet: Sheet, look: Look) -> pa.Array:
    """The different values of a column, as text."""
    rows = sheet.every(f"select distinct cast({look.sql} as varchar) from given")
    return pa.array([str(v) for (v,) in rows if v is not None], pa.large_string())


def _meet(one: Work, other: Work) -> bool:
    """True where events of two files have the same ids."""
    looks = (one.found.who.look, other.found.who.look)
    if looks[0] is None or looks[1] is None:
        return False
    mine, theirs = _values(one.sheet, looks[0]), _values(other.sheet, looks[1])
    return bool(pc.any(pc.is_in(mine, value_set=theirs)).as_py())


def _own_ids(guess: EventsGuess, work: Work) -> EventsGuess:
    """The guess with ids that are none of another file's."""
    before = f"'{spelled(work.stem)}-' || "
    mappings = tuple(
        replace(one, columns={**one.columns, "event_id": before + one.columns["event_id"]})
        for one in guess.mappings
    )
    return replace(guess, mappings=mappings)
