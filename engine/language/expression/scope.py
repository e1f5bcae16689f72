"""Which names an expression may use, and what is wanted of it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from engine.language.expression.tree import Name


class Want(StrEnum):
    """What an expression is for.

    An amount is a number whose divisor is a constant of at most 10^9; a number may be any ratio.
    `any` takes every type, numbers as amounts.
    """

    FLAG = "flag"
    AMOUNT = "amount"
    NUMBER = "number"
    TEXT = "text"
    DATE = "date"
    TIME = "time"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Scope:
    """The names of one place in the rules, each by the word that is written for it.

    `names` holds plain words and prefixed ones (`amount`, `event.amount`, `member.city`,
    `order.amount`). `ambiguous` holds words that must be prefixed, with the ways to write them.
    `refused` holds words that are known but not possible here: what is wrong, and the advice.
    `privileges` are what `has('...')` may name.
    """

    names: Mapping[str, Name]
    ambiguous: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    refused: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    privileges: tuple[str, ...] = ()


def nearest(word: str, words: Iterable[str]) -> str | None:
    """The one of `words` most like `word`, or None when none is much like it."""
    by_folded = {w.casefold(): w for w in sorted(words, reverse=True)}
    found = difflib.get_close_matches(word.casefold()[:60], list(by_folded), n=1, cutoff=0.6)
    return by_folded[found[0]] if found else None


def advice(word: str, words: Iterable[str], *, kind: str) -> str:
    """Did you mean one of `words`? Else the first few of them."""
    known = sorted(words)
    found = nearest(word, known)
    if found is not None:
        return f"Did you mean {found}?"
    if not known:
        return f"There are no {kind} here."
    more = f" and {len(known) - 8} more" if len(known) > 8 else ""
    return f"The {kind} here are {', '.join(known[:8])}{more}."
