"""Each file of `rejected` has one mistake, and its first line is what is said about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.language import rules
from engine.language.complaints import Complaints
from engine.language.problem import Problem
from engine.language.text.nodes import Page
from engine.language.text.parse import parse

GALLERY = Path(__file__).resolve().parent / "rejected"
FILES = sorted(GALLERY.glob("*.yaml"))
NO_TEXTS = ("saved_as_gb18030", "saved_as_utf16", "invisible_character")  # no parser sees them
ENCODINGS = ("utf-8-sig", "utf-16", "gb18030")


def first_line(file: Path) -> str:
    """The message in the file's first line, in whatever encoding the file is wrong in."""
    for encoding in ENCODINGS:
        try:
            return file.read_text(encoding=encoding).splitlines()[0].removeprefix("# ")
        except UnicodeError:
            continue
    raise AssertionError(f"{file.name} cannot be read")


def said(problem: Problem, text: str) -> str:
    """The first line of a problem, as it is printed."""
    return problem.show(text).splitlines()[0]


def test_the_gallery_is_large() -> None:
    assert len(FILES) >= 100


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.stem))
def test_a_wrong_file_gets_its_message_and_no_other(file: Path, tmp_path: Path) -> None:
    (tmp_path / file.name).write_bytes(file.read_bytes())
    reading = rules.read(tmp_path)
    found = [said(problem, reading.texts[file.name]) for problem in reading.problems]
    assert found == [first_line(file)]
    only_warnings = all(problem.severity == "warning" for problem in reading.problems)
    assert (reading.program is not None) == only_warnings


@pytest.mark.parametrize(
    "file", [f for f in FILES if f.stem not in NO_TEXTS], ids=lambda file: str(file.stem)
)
def test_both_parsers_say_the_same(file: Path) -> None:
    page = Page(file.name, file.read_text(encoding="utf-8"))
    said_by = []
    for fast in (True, False):
        complaints = Complaints()
        parse(page, complaints, fast=fast)
        said_by.append([said(problem, page.text) for problem in complaints.problems()])
    assert said_by[0] == said_by[1]


def test_every_message_is_a_sentence_in_the_words_of_users() -> None:
    strange = ("pydantic", "Python", "None", "Traceback", "parser", "token", "scalar", "node")
    for file in FILES:
        message = first_line(file)
        assert message.endswith((".", "?")), message
        assert not [word for word in strange if word in message], message
