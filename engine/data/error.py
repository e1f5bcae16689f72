"""What is raised when a whole file, and not just a row of it, cannot be used."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(eq=False)  # not frozen: Python notes on an exception where it has been
class DataError(Exception):
    """A file or mapping that cannot be read: where, what is wrong, and what was expected.

    `line` and `column` are from 1 and stand in the data file, or in the rules when `file` is one
    of them; 0 where there is no line to name (Parquet, tables).
    """

    file: str
    what: str
    expected: str = ""
    line: int = 0
    column: int = 0
    shown: str = ""  # the line of the rules with a caret, where it stands in them

    def __str__(self) -> str:
        """The message as a user reads it."""
        place = f"{self.file}:{self.line}:{max(1, self.column)}" if self.line else self.file
        return f"{place}: {self.what} {self.expected}".strip() + self.shown
