"""A mapping that was guessed, and what is not sure about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something that could be otherwise: of which file, and what with its alternative."""

    file: str
    said: str


@dataclass(frozen=True, slots=True)
class Guessed:
    """One entry of `data`: our columns with expressions over the file's, and why."""

    target: Literal["members", "events"]
    file: str
    columns: Mapping[str, str]
    type: str | None = None  # a type of event, or an expression
    where: str | None = None
    group_by: str | None = None
    zone: str | None = None
    notes: tuple[str, ...] = ()  # comments that stand above it
    used: bool = True  # False: written as a comment only


@dataclass(frozen=True, slots=True)
class EventsGuess:
    """What a file of events comes to: its mappings, the types and fields that they need."""

    source: str  # the file, as it was named
    mappings: tuple[Guessed, ...]
    types: Mapping[str, Mapping[str, str]]  # type of event: field: type
    main: str  # the type that earns
    amount: str | None  # its field, where there is money
    back: str | None  # the type that gives something back
    reverses: str | None  # the type that it names, where it says what it gives back
    roles: Mapping[str, tuple[str, ...]]  # our column: the file's columns
    doubts: tuple[Doubt, ...]


@dataclass(frozen=True, slots=True)
class MembersGuess:
    """What a file of members comes to."""

    source: str  # the file, as it was named
    mapping: Guessed
    attributes: Mapping[str, tuple[str, bool]]  # name: type, personal
    roles: Mapping[str, tuple[str, ...]]
    doubts: tuple[Doubt, ...] = field(default=())
