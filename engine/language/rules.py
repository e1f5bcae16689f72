"""Reads a folder of rules into a checked program, or says everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.language.complaints import Complaints
from engine.language.linking.program import link
from engine.language.linking.sections import gather, program_is_there
from engine.language.problem import Problem, shown
from engine.language.program import Place, Program
from engine.language.text.decode import LARGEST, Unreadable, decode, readable, too_large
from engine.language.text.nodes import Page
from engine.language.text.parse import parse
from engine.language.text.traps import root

ENDINGS = (".yaml", ".yml")


class RulesError(Exception):
    """Rules that cannot be used, with all that is wrong with them."""

    def __init__(self, problems: tuple[Problem, ...], texts: Mapping[str, str]) -> None:
        super().__init__("\n" + shown(problems, texts))
        self.problems = problems
        self.texts = texts


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read: the program if there is no error, all problems, the files' texts."""

    program: Program | None
    problems: tuple[Problem, ...]
    texts: Mapping[str, str]


def load(folder: str | Path) -> Program:
    """The program of a folder; raises RulesError with all problems when there are errors."""
    reading = read(folder)
    if reading.program is None:
        errors = tuple(p for p in reading.problems if p.severity == "error")
        raise RulesError(errors, reading.texts)
    return reading.program


def read(folder: str | Path) -> Reading:
    """What the files `*.yaml` and `*.yml` of a folder say. Never raises on what they hold."""
    path = Path(folder)
    nothing = _no_folder(path)
    if nothing is not None:
        return Reading(None, (nothing,), {})
    try:
        files = sorted(p for p in path.iterdir() if p.suffix in ENDINGS and p.is_file())
    except OSError:
        return Reading(None, (_closed(path),), {})
    if not files:
        return Reading(None, (_no_files(path),), {})
    complaints = Complaints()
    pages = [_page(p.name, *_decoded(p), complaints) for p in files]
    return _read(pages, complaints, str(folder))


def read_texts(texts: Mapping[str, str], folder: str = "rules") -> Reading:
    """The same for texts in memory, by their files' names."""
    complaints = Complaints()
    pages = [_page(name, *_checked(texts[name]), complaints) for name in sorted(texts)]
    return _read(pages, complaints, folder)


def _read(pages: list[tuple[Page, bool]], complaints: Complaints, folder: str) -> Reading:
    """`pages` come with whether they are texts at all."""
    texts = {page.file: page.text for page, _ in pages}
    roots = [root(parse(page, complaints), page, complaints) for page, is_text in pages if is_text]
    read_all = all(is_text for _, is_text in pages) and not complaints.errors()
    sections = gather([r for r in roots if r is not None], complaints)
    if read_all:
        program_is_there(sections, (page for page, _ in pages), complaints)
    program = link(sections, complaints, folder, texts)
    return Reading(program, complaints.problems(), texts)


def _no_folder(path: Path) -> Problem | None:
    place = Place(str(path), 1, 1)
    if not path.exists():
        return Problem(
            place, "no-folder", "There is no such folder.", "Name the folder of your rules."
        )
    if not path.is_dir():
        return Problem(
            place, "no-folder", "This is a file, not a folder.", "Name the folder that it is in."
        )
    return None


def _no_files(path: Path) -> Problem:
    return Problem(
        Place(str(path), 1, 1),
        "no-files",
        "There are no rules in this folder.",
        "Rules stand in files that end with `.yaml`.",
    )


def _closed(path: Path) -> Problem:
    return Problem(
        Place(str(path), 1, 1),
        "unreadable",
        "The folder cannot be opened.",
        "See whether you may read it.",
    )


def _decoded(path: Path) -> tuple[str, Unreadable | None]:
    try:
        size = path.stat().st_size
        return decode(path.read_bytes()) if size <= LARGEST else ("", too_large(size))
    except OSError:
        return "", Unreadable(
            "unreadable", "The file cannot be opened.", "See whether you may read it."
        )


def _checked(text: str) -> tuple[str, Unreadable | None]:
    if len(text) > LARGEST or len(text.encode("utf-8", "surrogatepass")) > LARGEST:
        return decode(text.encode("utf-8", "surrogatepass"))
    return readable(text)


def _page(
    name: str, text: str, fault: Unreadable | None, complaints: Complaints
) -> tuple[Page, bool]:
    page = Page(name, text)
    if fault is not None:
        complaints.add((page.place(fault.index), 1), fault.code, fault.what, fault.expected)
    return page, fault is None
