"""The problems found so far, gathered while the rules are read."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from difflib import get_close_matches
from itertools import islice
from typing import Literal

from engine.language.problem import Problem
from engine.language.program import Place
from engine.language.text.nodes import Node, Pairs

MOST_PROBLEMS = 1000  # per file: a file that is wrong from top to bottom says enough with these
MOST_COMPARED = 40_000  # looking for a nearest name is slow where there are thousands


class Complaints:
    """Takes problems as they are found; `problems` gives them in the order of the files."""

    def __init__(self) -> None:
        self._found: dict[tuple[Place, str, str], Problem] = {}
        self._count: dict[str, int] = {}
        self._places: set[Place] = set()
        self._compared = 0

    def add(
        self,
        where: Node | tuple[Place, int],
        code: str,
        what: str,
        expected: str = "",
        severity: Literal["error", "warning"] = "error",
    ) -> None:
        """One problem more, at a node or at a place with its length; said once however often."""
        file = where[0].file if isinstance(where, tuple) else where.page.file
        count = self._count.get(file, 0)
        if count > MOST_PROBLEMS:
            return
        place, length = where if isinstance(where, tuple) else (where.place, where.length)
        if count == MOST_PROBLEMS:
            code, expected, severity = "too-many-problems", "Put these right first.", "error"
            what = f"There are more than {MOST_PROBLEMS:,} problems in this file."
        problem = Problem(place, code, what, expected, severity, length)
        if self._found.setdefault((place, code, what), problem) is problem:
            self._count[file] = count + 1
            self._places.add(place)

    def nearest(self, name: str, names: Iterable[str]) -> str:
        """`Did you mean ...?` for the nearest known name, else nothing."""
        if self._compared > MOST_COMPARED:
            return ""
        known = [n for n in names if abs(len(n) - len(name)) <= max(3, len(name) // 3)]
        self._compared += len(known)
        lowered = {n.lower(): n for n in reversed(known)}
        cutoff = 0.6 if name.isascii() else 0.5  # a name of two Chinese letters may differ in one
        close = get_close_matches(name.lower(), lowered, n=1, cutoff=cutoff)
        return f"Did you mean `{lowered[close[0]]}`?" if close else ""

    def known(self, name: str, names: Collection[str], otherwise: str = "") -> str:
        """The nearest name, or the names that exist, or what to do where there are none."""
        if near := self.nearest(name, names):
            return near
        first = list(islice(names, 13))
        if not first:
            return otherwise
        shown = ", ".join(f"`{n}`" for n in first[:12])
        return f"Known are {shown}{' and more' if len(first) > 12 else ''}."

    def errors(self) -> bool:
        """True when one of them is an error."""
        return any(p.severity == "error" for p in self._found.values())

    def problems(self) -> tuple[Problem, ...]:
        """All of them, by file, line and column."""
        return tuple(
            sorted(self._found.values(), key=lambda p: (p.place.file, p.place.line, p.place.column))
        )

    def speaks_of(self, node: Pairs) -> bool:
        """Whether a key of the mapping has been complained about."""
        places = {key.place for key, _ in node}
        return not self._places.isdisjoint(places)
