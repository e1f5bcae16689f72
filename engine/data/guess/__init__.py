"""Guesses how somebody's own files become members and events, and says what it is unsure of."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from engine.data import source
from engine.data.error import DataError
from engine.data.guess import carried
from engine.data.guess import events as guess_events
from engine.data.guess import look as guess_look
from engine.data.guess import members as guess_members
from engine.data.guess import setting as guess_setting
from engine.data.guess.files import Work, between
from engine.data.guess.look import Look, Sheet
from engine.data.guess.mapping import Doubt, EventsGuess, Guessed, MembersGuess
from engine.data.guess.setting import Setting

NO_ID = "no column is an id, and rows cannot be numbered where a column is called `row`"
NUMBER = re.compile(r"[\d\s.,:/-]+")
LACKS = {
    "member_id": "no column says whose a row is (a member's, customer's or card's id)",
    "at": "no column says when it happened (a day or a time)",
}


@dataclass(frozen=True, slots=True)
class FileLook:
    """A file, what its columns show, and what was made of it: events, members, or why not."""

    file: str
    rows: int
    broken: int
    looks: tuple[Look, ...]
    what: str


@dataclass(frozen=True, slots=True)
class Guess:
    """What was made of the files: mappings, types, attributes, doubts, or what is missing."""

    files: tuple[FileLook, ...]
    events: tuple[EventsGuess, ...]
    members: MembersGuess | None
    doubts: tuple[Doubt, ...]
    missing: tuple[Doubt, ...]  # why there is no mapping; empty where there is one
    setting: Setting
    unread: tuple[str, ...] = ()

    @property
    def main(self) -> EventsGuess:
        """The events that earn: the first with money, else the first."""
        worth = [one for one in self.events if one.amount and one.main != one.back]
        return (worth or [*self.events])[0]

    @property
    def mappings(self) -> tuple[Guessed, ...]:
        """All entries of `data`, the members first."""
        people = (self.members.mapping,) if self.members else ()
        return (*people, *(m for one in self.events for m in one.mappings))


def read(given: Sequence[str], workspace: Path) -> Guess:
    """The guess for files and folders; their paths are told from the workspace.

    Raises DataError where a file cannot be read as a whole.
    """
    sources, unread = source.find(list(given), "files")
    with ExitStack() as stack:
        sheets = []
        try:
            for one in sources:
                path = one.what if isinstance(one.what, Path) else Path(one.name)
                sheet = guess_look.sheet(source.read(one, None), path)
                stack.callback(sheet.connection.close)
                sheets.append(sheet)
            return replace(_guess(sheets, workspace), unread=unread)
        except duckdb.Error as failed:
            name = sheets[-1].name if sheets else sources[0].name
            if isinstance(failed, duckdb.OutOfMemoryException):
                what = "There is too much in this file to look at."
                raise DataError(name, what, "Expected a part of it: a month.") from None
            what = f"This file cannot be looked at: {str(failed).splitlines()[0]}"
            raise DataError(name, what, "Write its mapping by hand.") from None


def _guess(sheets: list[Sheet], workspace: Path) -> Guess:
    """The guess for files that are looked at."""
    keys = {sheet.name: guess_members.key(sheet, sheets) for sheet in sheets}
    people = next((sheet for sheet in sheets if keys[sheet.name]), None)
    look = keys[people.name] if people else None
    known = guess_members.ids(people, look) if people and look else None
    what, works = {}, []
    for sheet in sheets:
        lack = _lack(sheet, () if sheet is people else guess_events.missing(sheet, known))
        what[sheet.name] = "members" if sheet is people else lack or "events"
        if what[sheet.name] == "events":
            found = guess_events.find(sheet, known)
            if found.who.look is None and any(look.name == "row" for look in sheet.looks):
                what[sheet.name] = NO_ID
                continue
            works.append(Work(sheet, _path(sheet, workspace), found))
    events = between(works)
    members, doubts = None, [doubt for one in events for doubt in one.doubts]
    if people is not None and look is not None and known is not None and events:
        members = guess_members.guess(people, _path(people, workspace), look)
        members, more = guess_members.checked(members, people, works, known)
        doubts += [*more, *members.doubts]
    attributes = members.attributes if members is not None else {}
    events = [carried.of(one, events, attributes) for one in events]
    missing = () if events else tuple(Doubt(*one) for one in what.items())
    files = tuple(
        FileLook(s.name, s.rows + s.left, s.broken, s.looks, what[s.name]) for s in sheets
    )
    setting = guess_setting.guess(sheets)
    return Guess(files, tuple(events), members, tuple(doubts), missing, setting)


def _lack(sheet: Sheet, missing: Sequence[str]) -> str:
    """Why a file holds no events; empty where it does."""
    if not sheet.rows:
        return "it has no rows"
    names = [look.name for look in sheet.looks]
    if names and sum(bool(NUMBER.fullmatch(name)) for name in names) >= 0.5 * len(names):
        return "its first line holds values; write the columns' names into a line above it"
    return "; ".join(LACKS[one] for one in missing)


def _path(sheet: Sheet, workspace: Path) -> str:
    """The file as the mapping names it: from the workspace."""
    assert sheet.path is not None
    return Path(os.path.relpath(sheet.path.absolute(), workspace.absolute())).as_posix()
