"""Keeps what functions of one text give, for every text that occurs, as tables by its code."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.data.columns import TEXTS_MARK, Texts

RANK = ("rank", "")
_INTERNED = ("lower", "upper")


@dataclass(slots=True)
class Tables:
    """Tables over a dictionary of texts, each with a number; they grow with the dictionary."""

    texts: Texts
    numbers: dict[tuple[str, str], int] = field(default_factory=dict)
    values: list[NDArray[np.int32]] = field(default_factory=list)

    def number(self, function: str, argument: str = "") -> int:
        """The number of the table of `function` with its constant argument."""
        key = (function, argument)
        if key not in self.numbers:
            self.numbers[key] = len(self.values)
            self.values.append(np.empty(0, dtype=np.int32))
        return self.numbers[key]

    def grown(self) -> NDArray[np.int32]:
        """All tables, one a row, with an entry for every text there is now.

        `lower` and `upper` bring in new texts, so they go first and until nothing new comes.
        """
        interned = [key for key in self.numbers if key[0] in _INTERNED]
        while any(len(self.values[self.numbers[k]]) < len(self.texts.values) for k in interned):
            for key in interned:
                self._grow(key)
        for key in self.numbers:
            if key not in interned:
                self._grow(key)
        width = len(self.texts.values)
        return np.array(self.values, dtype=np.int32).reshape(len(self.values), width)

    def _grow(self, key: tuple[str, str]) -> None:
        number = self.numbers[key]
        known = self.values[number]
        texts = self.texts.values
        if key == RANK:
            self.values[number] = known if len(known) == len(texts) else _ranks(texts)
            return
        function = self.function(*key)
        added = [function(t) for t in texts[len(known) :]]
        self.values[number] = np.concatenate([known, np.array(added, dtype=np.int32)])

    def function(self, function: str, argument: str) -> Callable[[str], int]:
        """What gives a text's entry in the table of a function other than RANK."""
        match function:
            case "lower":
                return lambda text: self.texts.code(lower(text))
            case "upper":
                return lambda text: self.texts.code(upper(text))
            case "length":
                return len
            case "like" | "ilike":
                return _pattern(function, argument)
            case "starts_with":
                return lambda text: text.startswith(argument)
            case "ends_with":
                return lambda text: text.endswith(argument)
            case "contains":
                return lambda text: argument in text
            case _:
                return lambda text: text != "" and argument in text.split(TEXTS_MARK)


def lower(text: str) -> str:
    """Each letter's small form, one letter for one, as Unicode's simple mapping has it."""
    return text.lower() if text.isascii() else "".join(map(_small, text))


def upper(text: str) -> str:
    """Each letter's capital form, one letter for one: the capital of `ß` is `ẞ`."""
    return text.upper() if text.isascii() else "".join(map(_capital, text))


def points(texts: list[str]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """The code points of all texts in one array, and where each text begins and the last ends."""
    lengths = np.fromiter((len(t) for t in texts), dtype=np.int64, count=len(texts))
    joined = "".join(texts).encode("utf-32-le", "surrogatepass")
    starts = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(lengths)])
    return starts, np.frombuffer(joined, dtype=np.int32).copy()


def _small(letter: str) -> str:
    small = letter.lower()
    return small if len(small) == 1 else small[0]  # only of İ, whose second part is a dot


def _capital(letter: str) -> str:
    # Where Python writes several letters (SS), the title form is the single one, but for ß.
    for capital in (letter.upper(), letter.title()):
        if len(capital) == 1:
            return capital
    return "ẞ" if letter == "ß" else letter


def _pattern(function: str, pattern: str) -> Callable[[str], int]:
    """Whether a whole text is like `pattern`: `%` is any text, `_` any one letter.

    What stands between two `%` is looked for from left to right, never again from an earlier
    place, so that no pattern takes more than its length times that of the text.
    """
    folded = lower(pattern) if function == "ilike" else pattern
    first, *others = (
        re.compile("".join("." if c == "_" else re.escape(c) for c in part), re.DOTALL)
        for part in re.sub("%+", "%", folded).split("%")
    )
    length = len(folded.rpartition("%")[2])

    def is_like(text: str) -> bool:
        if not others:
            return first.fullmatch(text) is not None
        found = first.match(text)
        for part in others[:-1]:
            found = found and part.search(text, found.end())
        last = len(text) - length
        if found is None or last < found.end():
            return False
        return others[-1].fullmatch(text, last) is not None

    return is_like if function == "like" else lambda text: is_like(lower(text))


def _ranks(texts: list[str]) -> NDArray[np.int32]:
    """The place of each text among all, by code point."""
    ranks = np.empty(len(texts), dtype=np.int32)
    ranks[sorted(range(len(texts)), key=texts.__getitem__)] = np.arange(len(texts))
    return ranks
