"""The code of a program over texts that come one by one: its tables grow with room to spare."""

from __future__ import annotations

from bisect import bisect_left

import numpy as np
from numpy.typing import NDArray

from engine.data.columns import Texts
from engine.machine import bytecode_steps as step
from engine.machine import lookup
from engine.machine.bytecode import Assembler, own
from engine.machine.handles import handle

ROOM = 1_024  # texts that there is room for at first
LETTERS = 16  # of a text, as room is made
LOWEST, HIGHEST = -(2**31) + 1, 2**31 - 1


class GrowingCode:
    """The code, and the numbers of texts. `handle` is another whenever room had to be made.

    A text's rank is no place but a number between those of its neighbours, so that a new text
    moves none of the others while there is a number left.
    """

    def __init__(self, assembler: Assembler, texts: Texts) -> None:
        self._assembler, self._texts = assembler, texts
        self._tables = assembler.tables
        self._reads = bool(self._tables.numbers) or assembler.has_pairs
        self._ordered: list[str] = []
        self._ranks: NDArray[np.int32] | None = None
        self._filled = 0
        self.known: dict[str, int] = {}  # the texts that have their place in every table
        self._build()

    def number(self, text: str) -> int:
        """The code of a text, which from now on has its place in every table."""
        found = self._texts.code(text)
        if found >= self._filled and self._reads:
            self._fill()
        self.known[text] = found
        return found

    def _build(self) -> None:
        """Makes the code over the texts there are now, with room for more of them."""
        code = own(self._assembler.build())
        count = self._filled = len(self._texts.values)
        capacity = 2 * count + ROOM if self._reads else count
        tables = np.zeros((len(code.tables), capacity), np.int32)
        tables[:, :count] = code.tables
        if lookup.RANK in self._tables.numbers:
            self._ordered = sorted(self._texts.values)
            self._ranks = tables[self._tables.numbers[lookup.RANK]]
            self._space()
        data = self._roomy(code.data, capacity) if self._assembler.has_pairs else code.data
        self.code = code._replace(tables=tables, data=data)
        self.handle = handle(self.code)

    def _roomy(self, data: NDArray[np.int64], capacity: int) -> NDArray[np.int64]:
        """The data with room behind where texts begin, and behind their letters."""
        begins, points, end = data[[step.AT_TEXTS, step.AT_POINTS, step.AT_END]].tolist()
        letters = begins + capacity + 1
        size = letters + 2 * (end - points) + LETTERS * ROOM
        found = np.zeros(size, np.int64)
        found[:points] = data[:points]
        found[letters : letters + end - points] = data[points:end]
        found[step.AT_POINTS], found[step.AT_END] = letters, size
        return found

    def _fill(self) -> None:
        """Fills in every text that has no place yet; what is worked out may be a new text too."""
        while self._filled < len(self._texts.values):
            if not self._has_room():
                self._build()
                return
            number, text = self._filled, self._texts.values[self._filled]
            for key, table in self._tables.numbers.items():
                if key == lookup.RANK:
                    self._rank(number, text)
                else:
                    self.code.tables[table, number] = self._tables.function(*key)(text)
            if self._assembler.has_pairs:
                self._spell(number, text)
            self._filled += 1

    def _has_room(self) -> bool:
        if self._filled >= self.code.tables.shape[1]:
            return False
        data, text = self.code.data, self._texts.values[self._filled]
        if not self._assembler.has_pairs:
            return True
        used = data[data[step.AT_TEXTS] + self._filled]
        return bool(data[step.AT_POINTS] + used + len(text) <= data[step.AT_END])

    def _spell(self, number: int, text: str) -> None:
        """Puts the letters of a text behind those of all others."""
        data = self.code.data
        begins = data[step.AT_TEXTS] + number
        first = data[step.AT_POINTS] + data[begins]
        data[first : first + len(text)] = lookup.points([text])[1]
        data[begins + 1] = data[begins] + len(text)

    def _rank(self, number: int, text: str) -> None:
        """Gives a text a rank between its neighbours'; all get others where there is none."""
        assert self._ranks is not None
        place = bisect_left(self._ordered, text)
        self._ordered.insert(place, text)
        codes, last = self._texts.codes, len(self._ordered) - 1
        low = int(self._ranks[codes[self._ordered[place - 1]]]) if place else LOWEST
        high = int(self._ranks[codes[self._ordered[place + 1]]]) if place < last else HIGHEST
        if high - low < 2:
            self._space()
            return
        near = (HIGHEST - LOWEST) // (8 * len(self._ordered))  # what comes in order leaves room
        between = (high - low) // 2
        if place == last:
            between = min(between, max(near, 1))
        elif not place:
            between = max(between, high - low - max(near, 1))
        self._ranks[number] = low + between

    def _space(self) -> None:
        """Ranks evenly apart for all texts there are."""
        assert self._ranks is not None
        codes = [self._texts.codes[text] for text in self._ordered]
        apart = (HIGHEST - LOWEST) // (len(codes) + 1)
        self._ranks[codes] = LOWEST + apart * np.arange(1, len(codes) + 1)
