"""Reads one event that is given as a mapping, with the columns and the words of files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from engine.data import cells, one_cell
from engine.data.error import DataError
from engine.data.events import AT, ID, MEMBER, REQUIRED, TYPE, keys
from engine.data.faults import EMPTY, UNKNOWN_TYPE, WORDS
from engine.data.frame import clip, missing
from engine.data.one_cell import Said, UnreadableError
from engine.data.zone import Zone
from engine.language.expression.tree import Type
from engine.language.program import Program

Key = tuple[str, Type]
Plain = tuple[str, str, int, int, tuple[Said, ...]]  # the fields of Event


class Event(NamedTuple):
    """An event as it was read; two that are equal say the same.

    `type` is its position in `Program.events`, `at` in microseconds since 1970-01-01 UTC; `values`
    are those of its type's fields, in the order of `Reader.fields`.
    """

    id: str
    member: str
    type: int
    at: int
    values: tuple[Said, ...]


class Reader:
    """Reads the events of a program.

    `fields` are those of each type, in the order in which they are looked at: that of files.
    """

    def __init__(self, program: Program, zone: Zone) -> None:
        """`zone` is the program's, from 1900 to 2200."""
        how = cells.How(program.money_decimals, program.zone, program.zone)
        readers = {kind: one_cell.reader(kind, how, zone) for kind in Type}
        every = keys(program)
        self.fields: tuple[tuple[Key, ...], ...] = tuple(
            tuple(key for key in every if key[0] in it.fields and it.fields[key[0]].type is key[1])
            for it in program.events.values()
        )
        self._types = {name: number for number, name in enumerate(program.events)}
        self._reads = tuple(
            tuple((name, readers[kind]) for name, kind in fields) for fields in self.fields
        )
        self._text, self._time = readers[Type.TEXT], readers[Type.TIME]

    def read(self, said: Mapping[str, object]) -> Event:
        """The event. Raises DataError for the first column that cannot be read."""
        return Event._make(self.plain(said))

    def plain(self, said: Mapping[str, object]) -> Plain:
        """The same as a plain tuple, which takes less time."""
        try:
            id_, member, name, at = said[ID], said[MEMBER], said[TYPE], said[AT]
        except KeyError:
            raise _lacks(said) from None
        column = ID
        try:
            if type(id_) is not str or not id_ or not id_.isascii():
                id_ = self._identity(id_)
            column = MEMBER
            if type(member) is not str or not member or not member.isascii():
                member = self._identity(member)
            column = TYPE
            number = self._types.get(name) if type(name) is str else None
            if number is None:
                number = self._number(name)
            column = AT
            micros = self._time(at) if at is not None else None
            if type(micros) is not int:
                raise UnreadableError(WORDS[EMPTY])
            values = []
            for column, read in self._reads[number]:
                value = said.get(column)
                values.append(None if value is None else read(value))
        except UnreadableError as wrong:
            raise refused(_text(said[ID]), column, wrong.reason, said[column]) from None
        return id_, member, number, micros, tuple(values)

    def _identity(self, value: object) -> str:
        """An id or a type's name, which may not be empty."""
        text = None if value is None else self._text(value)
        if not text:
            raise UnreadableError(WORDS[EMPTY])
        return str(text)

    def _number(self, name: object) -> int:
        """The number of a type."""
        found = self._types.get(self._identity(name))
        if found is None:
            raise UnreadableError(WORDS[UNKNOWN_TYPE])
        return found


def _lacks(said: Mapping[str, object]) -> DataError:
    name = next(name for name in REQUIRED if name not in said)
    return DataError(called(_text(said.get(ID))), *missing(name, map(str, said)))


def _text(value: object) -> str:
    return "" if value is None else str(value)


def refused(event: str, column: str, reason: str, said: object) -> DataError:
    """What is raised where a column of an event is at fault, with what stands there."""
    shown = "" if said is None else f"It says `{clip(str(said))}`."
    return DataError(called(event), f"`{column}`: {reason}.", shown)


def called(event: str) -> str:
    """What messages call an event."""
    return f"event {clip(event)}" if event else "event"
