"""`check`: reads the rules, writes what they lack where that is asked, and tells all problems."""

from __future__ import annotations

import gc
import secrets
from pathlib import Path
from typing import Literal

from engine.cli_output import (
    complain,
    contents_text,
    counted,
    from_here,
    placed,
    problem_values,
    sentences_text,
    tell,
    tell_json,
)
from engine.data.error import DataError
from engine.language import checks, fixes, rules
from engine.language.fixes import ChangedError
from engine.language.problem import shown
from engine.language.rules import Reading


def run(folder: str, say: Literal["en", "zh"] | None, *, fix: bool, as_json: bool) -> int:
    """Checks a folder and tells what is wrong; the exit code. Raises DataError and OSError."""
    gc.disable()  # what is read is kept to the end; looking through it takes a fifth of the time
    reading = rules.read(folder)
    if fix:
        reading = _fixed(folder, reading)
    found = checks.warnings(reading.program) if reading.program is not None else ()
    problems = placed((*reading.problems, *found), folder)
    wrong = sum(p.severity == "error" for p in problems)
    if as_json:
        tell_json([problem_values(p) for p in problems])
        return 1 if wrong else 0
    if say is not None and reading.program is not None:
        tell(sentences_text(reading.program, say))
    if problems:
        tell(shown(problems, reading.texts))
    said = f"{counted(wrong, 'problem')}, {counted(len(problems) - wrong, 'warning')}."
    tell(said if reading.program is None else f"{contents_text(reading.program)}; {said}")
    return 1 if wrong else 0


def _fixed(folder: str, reading: Reading) -> Reading:
    """The rules with a new salt for each draw without one; raises DataError and OSError."""
    made = {
        name: fixes.salts(text, name, lambda: secrets.token_hex(4))
        for name, text in reading.texts.items()
    }
    after = {name: text for name, (text, written) in made.items() if written}
    if not after:
        return reading
    try:
        fixes.write(Path(folder), reading.texts, after)
    except ChangedError as error:
        what = "The file was changed while it was read."
        raise DataError(error.file, what, "Nothing was written; run the command again.") from error
    for _, written in made.values():
        for id_, place in written:
            at = from_here(place, folder)
            complain(f"{at.file}:{at.line}: `{id_}` has a new salt.")
    return rules.read(folder)
