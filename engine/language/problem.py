"""A problem: what is wrong, where it stands, and what was expected instead."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Literal

from engine.language.program import Place


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong at one place of the rules.

    `code` is stable and machine-readable (`unknown-key`, `never-fires`). An error makes the exit
    code 1, a warning does not. `length` is how many characters the caret underlines.
    """

    place: Place
    code: str
    what: str  # one sentence, with its full stop
    expected: str = ""  # what was expected, or the advice
    severity: Literal["error", "warning"] = "error"
    length: int = 1

    def show(self, text: str) -> str:
        """The problem as a user reads it, with its line from the file's `text` and a caret."""
        return _told(self, text.splitlines())


def shown(problems: Iterable[Problem], texts: Mapping[str, str]) -> str:
    """Every problem as a user reads it, one below the other; `texts` are by their files' names."""
    lines = {name: text.splitlines() for name, text in texts.items()}
    return "\n".join(_told(p, lines.get(PurePath(p.place.file).name, ())) for p in problems)


def _told(problem: Problem, lines: Sequence[str]) -> str:
    place = problem.place
    mark = "" if problem.severity == "error" else "warning: "
    said = f"{problem.what} {problem.expected}".strip()
    head = f"{place.file}:{place.line}:{place.column}: {mark}{said}"
    if not 1 <= place.line <= len(lines):
        return head
    line = lines[place.line - 1].replace("\t", " ")
    before = line[: place.column - 1]
    under = line[place.column - 1 : place.column - 1 + problem.length]
    return f"{head}\n    {line}\n    {' ' * _width(before)}{'^' * max(1, _width(under))}"


def _width(text: str) -> int:
    """How many columns of a terminal `text` takes: wide characters take two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
