"""How the commands speak: problems with their lines, JSON for machines, progress on a terminal."""

from __future__ import annotations

import errno
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from engine.data.error import DataError
from engine.language.problem import Problem, shown
from engine.language.program import Place, Program

if TYPE_CHECKING:
    from engine.machine.examples import ExampleResult

WORDS = {  # what the operating system says, in words for people
    errno.EACCES: "You may not read or write this.",
    errno.EEXIST: "There is a file of this name where a folder is needed.",
    errno.EISDIR: "This is a folder, and a file is needed.",
    errno.ENOENT: "There is no such file or folder.",
    errno.ENOSPC: "The disk is full.",
    errno.ENOTDIR: "There is a file of this name where a folder is needed.",
    errno.EROFS: "Nothing can be written here.",
}


@dataclass(eq=False)
class FilesError(Exception):
    """What is wrong with the user's files, for him and for machines; the exit code is 1."""

    text: str
    problems: list[dict[str, Any]]


def files_error(error: FilesError | DataError | OSError) -> FilesError:
    """What stopped a command, as a problem of the user's files."""
    if isinstance(error, FilesError):
        return error
    if isinstance(error, OSError):
        what = WORDS.get(error.errno or 0, f"{error.strerror or error}.")
        error = DataError(str(error.filename or "perkbook"), what)
    values = {"file": error.file, "line": error.line, "column": error.column, "code": "data"}
    said = {"severity": "error", "what": error.what, "expected": error.expected}
    return FilesError(str(error), [values | said])


def stopped_by(problems: Iterable[Problem], texts: Mapping[str, str]) -> FilesError:
    """The problems of the rules, all of them, each with its line and caret."""
    problems = list(problems)
    return FilesError(shown(problems, texts), [problem_values(p) for p in problems])


def placed(problems: Iterable[Problem], folder: str) -> list[Problem]:
    """The problems with their files named from where the user stands: `rules/earn.yaml`."""
    return [replace(p, place=from_here(p.place, folder)) for p in problems]


def from_here(place: Place, folder: str) -> Place:
    """A place whose file is named from where the user stands."""
    if place.file == folder:
        return place
    return replace(place, file=(Path(folder) / place.file).as_posix())


def contents_text(program: Program) -> str:
    """What a program holds, counted."""
    tiers = program.tiers.ladder if program.tiers else ()
    benefits = sum(rule.section == "tiers" for rule in program.rules)
    return f"{program.name}: " + ", ".join(
        [
            counted(len(program.rules) - benefits, "rule"),
            counted(len(program.rewards), "reward"),
            *([counted(len(program.draws), "draw")] if program.draws else []),
            counted(len(tiers), "tier"),
            counted(len(program.examples), "example"),
            "in " + counted(len(program.texts), "file"),
        ]
    )


def sentences_text(program: Program, language: Literal["en", "zh"]) -> str:
    """Every rule as a sentence, with its place and id."""
    from engine.language import sentences  # few ask for them

    told = [
        f"{place.file}:{place.line}:{place.column}: {said.id}\n    {said.text}"
        for said in sentences.all(program, language)
        for place in [from_here(said.place, program.folder)]
    ]
    return "\n".join([*told, ""])


def problem_values(problem: Problem) -> dict[str, Any]:
    """A problem for machines."""
    place = problem.place
    return {
        "file": place.file,
        "line": place.line,
        "column": place.column,
        "code": problem.code,
        "severity": problem.severity,
        "what": problem.what,
        "expected": problem.expected,
    }


def example_text(result: ExampleResult, folder: str) -> str:
    """An example that came out otherwise: its name and place, and each difference with its own."""
    lines = [f"{_at(result.example.place, folder)}: {result.example.name}"]
    lines += [f"    {_at(d.place, folder)}: {d.said}." for d in result.differences]
    return "\n".join(lines)


def example_values(result: ExampleResult, folder: str) -> dict[str, Any]:
    """The same for machines."""
    told = [
        {"line": d.place.line, "column": d.place.column, "what": d.said} for d in result.differences
    ]
    place = from_here(result.example.place, folder)
    named = {"name": result.example.name, "file": place.file}
    return named | {"line": place.line, "column": place.column, "differences": told}


def _at(place: Place, folder: str) -> str:
    found = from_here(place, folder)
    return f"{found.file}:{found.line}:{found.column}"


def tell(text: str) -> None:
    """Prints an answer."""
    sys.stdout.write(f"{text}\n")


def tell_json(value: Any) -> None:
    """Prints a value as JSON, Chinese as it is."""
    tell(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def complain(text: str) -> None:
    """Prints what is wrong."""
    sys.stdout.flush()
    sys.stderr.write(f"{text}\n")


@contextmanager
def working(what: str) -> Iterator[Callable[[float], None]]:
    """Shows on a terminal that something long goes on; a share that is told moves its bar.

    In a pipe it shows nothing.
    """
    if not sys.stderr.isatty():
        yield lambda share: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(what, total=None)
        yield lambda share: progress.update(task, total=1.0, completed=share)


def counted(count: int, one: str, many: str | None = None) -> str:
    """`1 rule`, `12 rules`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
