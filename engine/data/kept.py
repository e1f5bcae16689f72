"""Keeps the files that a replay read, so that the next replay needs only those that are new."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from engine.data import source


def joined(
    folder: Path, members: Sequence[str] | None, events: Sequence[str] | None
) -> tuple[list[str] | None, list[str] | None]:
    """What to read: the members given, else those kept; the events kept and those given.

    None where there are neither. The order of files never changes what comes of them.
    """
    people = list(members) if members else _kept(folder / "members")
    return people or None, [*_kept(folder / "events"), *(events or ())] or None


def keep(folder: Path, members: Sequence[str] | None, events: Sequence[str] | None) -> None:
    """Adds the events given to those kept, each file once; members given replace those kept."""
    if members:
        found = _copied(members, folder / "members")
        for name in _kept(folder / "members"):
            if name not in found:
                Path(name).unlink()
    if events:
        _copied(events, folder / "events")


def _kept(folder: Path) -> list[str]:
    """The files kept in a folder."""
    if not folder.is_dir():
        return []
    return sorted(p.as_posix() for p in folder.iterdir() if not p.name.startswith("."))


def _copied(given: Sequence[str], folder: Path) -> set[str]:
    """Copies files by their content, each whole or not at all; the names they have there."""
    folder.mkdir(parents=True, exist_ok=True)
    names = set()
    for one in source.find(list(given), "events")[0]:
        path = Path(one.name)
        with path.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()[:12]
        ending = path.name[len(path.name) - len(source.ending(path)) :]  # such as .csv.gz
        target = folder / f"{path.name.removesuffix(ending)}-{content}{ending}"
        draft = folder / f".{target.name}"
        shutil.copyfile(path, draft)
        os.replace(draft, target)
        names.add(target.as_posix())
    return names
