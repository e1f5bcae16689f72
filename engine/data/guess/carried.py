"""Keeps those columns of a guessed mapping that some type of event can carry."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from engine.data.guess.mapping import EventsGuess
from engine.language.linking.events import BUILT_IN_FIELDS, FILE_COLUMNS
from engine.language.program import BUILT_IN


def of(one: EventsGuess, every: Sequence[EventsGuess], attributes: Collection[str]) -> EventsGuess:
    """The guess of one file without the columns that no type of event in any of them has."""
    types = [(name, fields) for it in every for name, fields in it.types.items()]
    known = {field for name, fields in types if name not in BUILT_IN for field in fields}
    known |= {name for name, _ in types} | {*FILE_COLUMNS, *attributes, *_fixed()}
    names = {name: _name(name, known) for name in {n for m in one.mappings for n in m.columns}}
    mappings = tuple(
        replace(m, columns={names[n]: said for n, said in m.columns.items() if names[n]})
        for m in one.mappings
    )
    roles = {names.get(role, role): columns for role, columns in one.roles.items()}
    return replace(one, mappings=mappings, roles={r: c for r, c in roles.items() if r})


def _name(name: str, known: Collection[str]) -> str:
    """What a column is called; empty where nothing carries it."""
    plain = name.removesuffix("_given")  # `referrer`, which only `join` may have
    return name if name in known else plain if plain in _fixed() else ""


def _fixed() -> frozenset[str]:
    """The fields of built-in events."""
    return frozenset(field for fields in BUILT_IN_FIELDS.values() for field in fields)
