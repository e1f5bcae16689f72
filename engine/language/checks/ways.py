"""Ways in which a condition may come out: what each term must be, and how ways go together."""

from __future__ import annotations

from collections.abc import Callable

from engine.language.checks.domain import Domain, meet
from engine.language.checks.terms import Key

Way = dict[Key, Domain]  # what each term must be; a term that is not named may be anything

WAYS_MAX = 400
_ANYHOW: list[Way] = [{}]


class TooManyError(Exception):
    """There are more ways than are looked through; nothing is said then."""


def both_of(*parts: list[Way]) -> list[Way]:
    """The ways in which all parts hold together."""
    found: list[Way] = [{}]
    for ways in parts:
        if found == _ANYHOW:
            found = ways
        elif ways != _ANYHOW:
            found = [way for a in found for b in ways if (way := _joined(a, b)) is not None]
        found = limited(found)
    return found


def limited(ways: list[Way]) -> list[Way]:
    """The ways without repetition; raises TooManyError."""
    if len(ways) > WAYS_MAX:
        raise TooManyError
    return [{}] if {} in ways else ways


def found(find: Callable[[], list[Way]]) -> list[Way] | None:
    """The ways that are found; None where there are too many to look through."""
    try:
        return find()
    except TooManyError:
        return None


def possible(find: Callable[[], list[Way]]) -> bool:
    """Whether a way is found; True where there are too many to look through."""
    return found(find) != []


def meets(left: Way, right: Way) -> bool:
    """Whether two ways may hold together."""
    return all(k not in left or meet(left[k], domain) is not None for k, domain in right.items())


def _joined(left: Way, right: Way) -> Way | None:
    joined = dict(left)
    for key, domain in right.items():
        found = meet(joined[key], domain) if key in joined else domain
        if found is None:
            return None
        joined[key] = found
    return joined
