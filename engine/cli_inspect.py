"""What `perkbook inspect` found in somebody's files, as a person reads it and for machines."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.cli_output import counted
from engine.data import guess as guesses
from engine.data.error import DataError
from engine.data.guess import FileLook, Guess
from engine.data.guess import rules as guess_rules
from engine.data.guess import trial as guess_trial
from engine.data.guess.look import Look
from engine.data.guess.mapping import Guessed
from engine.data.guess.trial import Trial
from engine.language.rules import ENDINGS
from engine.reports import aligned, width

WIDEST = 28  # columns of a terminal that one cell takes
FIELDS = 6  # of an event that are shown
NAMES = ("event_id", "member_id", "referrer_id", "order")  # are texts, whatever they look like


@dataclass(frozen=True, slots=True)
class Inspection:
    """The guess, the rules written down, and what a replay would read of them.

    `trial` is None where something is missing, so that nothing is to be written.
    """

    guess: Guess
    folder: str
    texts: Mapping[str, str]
    trial: Trial | None


def refuse_rules(folder: Path) -> None:
    """Raises DataError where rules stand in the folder already: nothing is overwritten."""
    for one in (folder, *folder.parents):
        if one.exists() and not one.is_dir():
            what = "There is a file of this name where a folder is needed."
            raise DataError(one.as_posix(), what, "Name another folder with --out.")
    there = sorted(p.name for p in folder.glob("*") if p.suffix in ENDINGS)
    if there:
        what = f"Rules stand here already ({', '.join(there[:3])}), and nothing is overwritten."
        raise DataError(folder.as_posix(), what, "Name another folder with --out.")


def look(files: list[str], folder: Path) -> Inspection:
    """Looks at files and tries the guess. Raises DataError where a file cannot be read."""
    workspace = folder.absolute().parent
    guess = guesses.read(files, workspace)
    if guess.missing:
        return Inspection(guess, folder.as_posix(), {}, None)
    texts = guess_rules.texts(guess)
    workspace.mkdir(parents=True, exist_ok=True)  # paths such as ../orders.csv lead through it
    trial = guess_trial.run(texts, folder.absolute())
    return Inspection(guess, folder.as_posix(), texts, trial)


def write(found: Inspection, folder: Path) -> None:
    """Writes the rules; raises OSError where a file is there or may not be."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, said in found.texts.items():
        with (folder / name).open("x", encoding="utf-8", newline="\n") as file:
            file.write(said)


def text(found: Inspection) -> str:
    """The columns of every file, ten events, what was unsure, and what to do next."""
    parts = [_file(found.guess, file) for file in found.guess.files]
    if found.guess.unread:
        parts.append("Not read: " + ", ".join(found.guess.unread))
    if found.trial is not None:
        parts.append("As events:\n\n" + _rows(found.trial))
        parts.append("\n".join(_counts(found.trial)))
        unsure = [f"  - {_short(one['file'])}{one['said']}" for one in _unsure(found)]
        parts.append("\n".join(["Not sure:", *unsure]))
        written = " and ".join(_written(found))
        parts.append("\n".join([f"Written: {written}. Next:", *(f"  {c}" for c in _next(found))]))
    return "\n\n".join(parts)


def missing_text(found: Inspection) -> str:
    """Why nothing was written, file by file."""
    lines = [f"{one.file}: {_why(one.said)}." for one in found.guess.missing]
    return "\n".join([*lines, "Nothing was written."])


def _why(said: str) -> str:
    return "it holds members; name a file of events beside it" if said == "members" else said


def _short(file: str) -> str:
    return f"{file}: " if file else ""


def _file(guess: Guess, file: FileLook) -> str:
    """One file: its columns with types, gaps, values, examples and what they become."""
    becomes, types = _becomes(guess, file), _types(guess, file)
    rows = [
        (
            _clip(one.name), types.get(one.name, one.type), _clip(becomes.get(one.name, "")),
            _share(one), f"{one.different:,}", ", ".join(_clip(e) for e in one.examples),
        )
        for one in file.looks
    ]  # fmt: skip
    heads = ("column", "type", "becomes", "empty", "different", "examples")
    broken = f", {counted(file.broken, 'row')} cannot be read" if file.broken else ""
    used = file.what in ("events", "members")
    what = file.what if used else f"not used: {file.what}" if guess.events else "not used"
    heading = f"{file.file}: {counted(file.rows, 'row')}{broken}; {what}"
    return f"{heading}\n\n{aligned([heads, *rows], left=(0, 1, 2, 5))}" if rows else heading


def _share(one: Look) -> str:
    """The share of empty cells; one alone is not 0%."""
    if not one.empty:
        return ""
    share = 100 * one.empty / max(1, one.rows)
    return f"{share:.0f}%" if share >= 1 else "<1%"


def _becomes(guess: Guess, file: FileLook) -> dict[str, str]:
    """What the columns of a file become, by their names."""
    found: dict[str, list[str]] = {}
    for one in (*guess.events, *((guess.members,) if guess.members else ())):
        if one.source == file.file:
            for ours, columns in one.roles.items():
                for column in columns:
                    found.setdefault(column, []).append(ours)
    return {column: ", ".join(ours) for column, ours in found.items()}


def _types(guess: Guess, file: FileLook) -> dict[str, str]:
    """The types of the fields that columns become: a column with slips in it is kept as text."""
    found: dict[str, str] = {}
    for one in guess.events:
        kinds = {name: kind for fields in one.types.values() for name, kind in fields.items()}
        if one.source == file.file:
            kinds |= dict.fromkeys(NAMES, "text")
            found |= {c: kinds[n] for n, columns in one.roles.items() for c in columns
                      if n in kinds and n != "amount"}  # fmt: skip
    people = guess.members
    if people is not None and people.source == file.file:
        kinds = {name: kind for name, (kind, _) in people.attributes.items()}
        kinds |= dict.fromkeys(NAMES, "text")
        found |= {c: kinds[n] for n, columns in people.roles.items() for c in columns if n in kinds}
    return found


def _rows(trial: Trial) -> str:
    """Ten events as they were mapped."""
    named = [name for row in trial.rows for name in row]
    columns = list(dict.fromkeys([*guess_trial.FIRST, *named]))[: len(guess_trial.FIRST) + FIELDS]
    columns = [c for c in columns if any(c in row for row in trial.rows)]
    rows = [[_clip(str(row.get(c, ""))) for c in columns] for row in trial.rows]
    right = {i for i, c in enumerate(columns) if c == "amount"}
    left = [i for i in range(len(columns)) if i not in right]
    return aligned([columns, *rows], left=left)


def _counts(trial: Trial) -> Iterator[str]:
    """How much became events and members, and how much did not and why."""
    for type_, count in trial.events.items():
        total = f", amounts {trial.sums[type_]:,f} in all" if type_ in trial.sums else ""
        yield f"{count:>12,}  events of the type {type_}{total}"
    yield f"{trial.members:>12,}  members"
    for file, count in trial.left_out.items():
        yield f"{count:>12,}  rows of {file} left out by `where`"
    for file, columns in trial.mixed.items():
        for column, count in columns.items():
            yield f"{count:>12,}  groups of {file} with several values of {column}"
    if trial.duplicates:
        yield f"{trial.duplicates:>12,}  rows that say again what another says"
    for reason, count in trial.rejected.items():
        yield f"{count:>12,}  rows set aside: {reason}"


def _unsure(found: Inspection) -> list[dict[str, str]]:
    """What could be otherwise, each with its file and the alternative."""
    told = [{"file": one.file, "said": one.said} for one in found.guess.doubts]
    setting = found.guess.setting
    for key, value, why in (
        ("money", setting.money, setting.money_why),
        ("timezone", setting.zone, setting.zone_why),
    ):
        said = f"the {key} is {value}, because {why}; it stands in {found.folder}/first.yaml"
        told.append({"file": "", "said": said})
    return told


def _written(found: Inspection) -> list[str]:
    return [f"{found.folder}/{name}" for name in found.texts]


def _next(found: Inspection) -> list[str]:
    """The next two commands."""
    folder = _quoted(found.folder)
    out = _quoted(Path(os.path.normpath(Path(found.folder).parent / "out")).as_posix())
    return [f"perkbook check {folder}", f"perkbook replay {folder} --out {out}"]


def _quoted(path: str) -> str:
    """A path as a shell takes it."""
    return path if all(c.isalnum() or c in "._-/" for c in path) else f'"{path}"'


def _clip(said: str) -> str:
    """A text in one line, cut to the width of a cell."""
    said = " ".join(said.split())
    if width(said) <= WIDEST:
        return said
    while width(said) > WIDEST - 1:
        said = said[:-1]
    return said + "…"


def values(found: Inspection) -> dict[str, Any]:
    """The same for machines."""
    trial = found.trial
    told: dict[str, Any] = {
        "files": [_file_values(found.guess, file) for file in found.guess.files],
        "unread": list(found.guess.unread),
        "missing": [{"file": o.file, "what": _why(o.said)} for o in found.guess.missing],
    }
    if trial is None:
        return told | {"written": []}
    return told | {
        "data": [_mapping_values(one) for one in found.guess.mappings],
        "rows": [{k: _plain(v) for k, v in row.items()} for row in trial.rows],
        "events": dict(trial.events),
        "amounts": {name: str(total) for name, total in trial.sums.items()},
        "members": trial.members,
        "rejected": dict(trial.rejected),
        "left_out": dict(trial.left_out),
        "mixed": {file: dict(columns) for file, columns in trial.mixed.items()},
        "duplicates": trial.duplicates,
        "unsure": _unsure(found),
        "written": _written(found),
        "next": _next(found),
    }


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | bool) else str(value)


def _file_values(guess: Guess, file: FileLook) -> dict[str, Any]:
    becomes, types = _becomes(guess, file), _types(guess, file)
    return {
        "file": file.file,
        "rows": file.rows,
        "broken": file.broken,
        "what": file.what,
        "columns": [
            {
                "name": one.name, "type": types.get(one.name, one.type),
                "becomes": becomes.get(one.name),
                "empty": one.empty, "different": one.different, "examples": list(one.examples),
            }
            for one in file.looks
        ],
    }  # fmt: skip


def _mapping_values(one: Guessed) -> dict[str, Any]:
    said = {
        "target": one.target, "file": one.file, "type": one.type, "where": one.where,
        "group by": one.group_by, "zone": one.zone, "used": one.used,
    }  # fmt: skip
    return {k: v for k, v in said.items() if v is not None} | {"columns": dict(one.columns)}
