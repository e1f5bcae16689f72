"""The nodes of a rules file: scalars, pairs and items, each with its place in the file's text."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from engine.language.program import Place
from engine.language.text.offsets import line_starts, origins


@dataclass(frozen=True, slots=True)
class Page:
    """A rules file: its name, its text, and where its lines begin."""

    file: str
    text: str
    starts: tuple[int, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "starts", line_starts(self.text))

    def place(self, index: int) -> Place:
        """The place of the character at `index` of the text."""
        line = bisect_right(self.starts, index)
        return Place(self.file, line, index - self.starts[line - 1] + 1)

    def rest_of_line(self, index: int) -> str:
        """The text from `index` to the end of its line, without what ends the line."""
        line = bisect_right(self.starts, index)
        stop = self.starts[line] if line < len(self.starts) else len(self.text)
        return self.text[index:stop].rstrip("\r\n\x85\u2028\u2029")


@dataclass(frozen=True, slots=True)
class Scalar:
    """A single value, always text. `style` is empty for a plain one, else its mark (`' " | >`).

    A `broken` one has been complained about already; whoever reads it says nothing more.
    """

    text: str
    page: Page
    start: int
    stop: int
    style: str = ""
    broken: bool = False

    @property
    def place(self) -> Place:
        """Where it begins, at its quote if it has one."""
        return self.page.place(self.start)

    @property
    def length(self) -> int:
        """How many characters of its first line it covers."""
        return max(1, min(self.stop - self.start, len(self.page.rest_of_line(self.start))))

    def span(self, start: int, stop: int) -> tuple[Place, int]:
        """The place in the file of the value's characters `start` to `stop`, and their number."""
        indices = origins(self.page.text[self.start : self.stop], self.style, self.text)
        first = self.start + indices[min(start, len(self.text))]
        last = self.start + indices[min(max(stop, start + 1), len(self.text))]
        length = min(max(1, last - first), len(self.page.rest_of_line(first)))
        return self.page.place(first), max(1, length)


@dataclass(frozen=True, slots=True)
class Pairs:
    """Keys with their values, in the order of the file.

    `pairs` holds those with broken keys too; iterating leaves them out.
    """

    pairs: tuple[tuple[Scalar, Node], ...]
    page: Page
    start: int
    stop: int

    @property
    def place(self) -> Place:
        """Where it begins."""
        return self.page.place(self.start)

    @property
    def length(self) -> int:
        """How many characters of its first line it covers."""
        return _first_key_or_all(self.pairs[0][0] if self.pairs else None, self)

    def __iter__(self) -> Iterator[tuple[Scalar, Node]]:
        return (pair for pair in self.pairs if not pair[0].broken)

    def get(self, key: str) -> Node | None:
        """The value written for `key`."""
        return next((value for name, value in self.pairs if name.text == key), None)

    def key(self, key: str) -> Scalar | None:
        """The key itself, for its place."""
        return next((name for name, _ in self.pairs if name.text == key), None)


@dataclass(frozen=True, slots=True)
class Items:
    """Values in a list."""

    items: tuple[Node, ...]
    page: Page
    start: int
    stop: int

    @property
    def place(self) -> Place:
        """Where it begins."""
        return self.page.place(self.start)

    @property
    def length(self) -> int:
        """How many characters of its first line it covers."""
        return max(1, min(self.stop - self.start, len(self.page.rest_of_line(self.start))))


Node: TypeAlias = Scalar | Pairs | Items


def _first_key_or_all(key: Scalar | None, pairs: Pairs) -> int:
    if key is not None and key.start == pairs.start:
        return key.length
    return max(1, min(pairs.stop - pairs.start, len(pairs.page.rest_of_line(pairs.start))))
