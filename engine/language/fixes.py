"""Writes into rules what needs nobody to think of it: a salt where a draw has none."""

from __future__ import annotations

import codecs
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from engine.language.complaints import Complaints
from engine.language.program import Place
from engine.language.text.decode import decode
from engine.language.text.nodes import Page, Pairs, Scalar
from engine.language.text.parse import parse

SALTED = ("draws",)  # the sections whose entries must have a salt


class ChangedError(Exception):
    """A file that is not any more what was read; `file` is its path."""

    def __init__(self, file: str) -> None:
        super().__init__(file)
        self.file = file


def salts(
    text: str, file: str, new: Callable[[], str]
) -> tuple[str, tuple[tuple[str, Place], ...]]:
    """A file's text with a salt from `new` for each draw without one, and their ids and places.

    Nothing else changes: comments, order and blanks stay as they are.
    """
    page = Page(file, text)
    found = list(_unsalted(page))
    for _, entry in reversed(found):  # from behind, so that places before stay what they are
        text = text[: entry.start] + _salted(page, entry, new()) + text[_after(entry) :]
    return text, tuple((key.text, key.place) for key, _ in found)


def write(folder: Path, before: Mapping[str, str], after: Mapping[str, str]) -> None:
    """Writes the files of `after` in the place of `before`; raises ChangedError, OSError.

    All of them are looked at before the first one is written; each is written whole.
    """
    data = {name: (folder / name).read_bytes() for name in after}
    for name, found in data.items():
        if decode(found)[0] != before[name]:
            raise ChangedError(str(folder / name))
    for name, text in after.items():
        mark = codecs.BOM_UTF8 if data[name].startswith(codecs.BOM_UTF8) else b""
        _replace(folder / name, mark + text.encode("utf-8"))


def _unsalted(page: Page) -> Iterator[tuple[Scalar, Pairs]]:
    """The draws without a salt, in the order of the file."""
    root = parse(page, Complaints())
    for section, entries in root if isinstance(root, Pairs) else ():
        for key, value in entries if isinstance(entries, Pairs) else ():
            if section.text in SALTED and isinstance(value, Pairs) and value.get("salt") is None:
                yield key, value


def _after(entry: Pairs) -> int:
    """Where the text goes on behind what `_salted` writes anew: behind an opening brace, if any."""
    return entry.start + (1 if _is_flow(entry) else 0)


def _is_flow(entry: Pairs) -> bool:
    return entry.page.text[entry.start] == "{"


def _salted(page: Page, entry: Pairs, salt: str) -> str:
    """The beginning of a draw with a salt as its first key."""
    if _is_flow(entry):
        return f"{{salt: {salt}, " if entry.pairs else f"{{salt: {salt}"
    column = page.place(entry.start).column - 1
    end = "\r\n" if "\r\n" in page.text else "\n"
    return f"salt: {salt}{end}{' ' * column}"


def _replace(path: Path, data: bytes) -> None:
    """Puts new bytes in the place of a file at once, with the same rights."""
    handle, name = tempfile.mkstemp(prefix=".perkbook-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        shutil.copymode(path, name)
        os.replace(name, path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
