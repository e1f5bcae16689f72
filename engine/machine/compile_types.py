"""Compiles what each type of event has: its rules, their tests, what is worked out ahead."""

from __future__ import annotations

from collections.abc import Iterator

from engine.language.program import Rule
from engine.machine import compile_members, compile_tasks
from engine.machine import tables as t
from engine.machine.compile_book import Book

Frames = list[tuple[int, ...]]  # the records of all rules, in the order of RULE's fields


def rules_of(rules: tuple[Rule, ...], kind: str) -> list[int]:
    """The rules that look at events of a type; a tier's multiplier looks at all."""
    return [
        number for number, it in enumerate(rules)
        if it.section not in ("rewards", "draws")
        and (kind in it.when or (it.section == "tiers" and not it.when))
    ]  # fmt: skip


def _framed(
    rules: tuple[Rule, ...], frames: Frames, kind: str
) -> Iterator[tuple[int, dict[str, int]]]:
    """The rules that look at events of a type: their bit, their record by its fields' names."""
    for bit, number in enumerate(rules_of(rules, kind)):
        yield bit, dict(zip(t.RULE.names or (), frames[number], strict=True))


def asked(rules: tuple[Rule, ...], frames: Frames, kind: str) -> list[tuple[int, int, int]]:
    """The tests of the rules that look at events of a type, in the order of ASKED_OF's fields."""
    found = []
    for bit, frame in _framed(rules, frames, kind):
        word, mask = bit // 64, _signed(1 << bit % 64)
        found += [(word, mask, test) for test in range(frame["tests_from"], frame["tests_to"])]
    return found


def _signed(word: int) -> int:
    """A word of 64 bits as a whole number with a sign."""
    return word - (1 << 64) if word >> 63 else word


def jobs(
    book: Book, rules: tuple[Rule, ...], frames: Frames, kind: str
) -> list[tuple[int, int, int, int]]:
    """What is worked out of events of a type alone, in the order of JOB's fields."""
    columns = {column: pair for pair, column in book.columns.items()}
    found = []
    wanted: dict[int, None] = {}
    for bit, frame in _framed(rules, frames, kind):
        looks = range(frame["looks_from"], frame["looks_to"])
        found += [(t.TESTED, look, -1, bit) for look in looks]
        if frame["early"] >= 0:
            found.append((frame["early"], -1, -1, bit))
        for give in book.rows["gives"][frame["gives_from"] : frame["multiplies_to"]]:
            steps = book.rows["steps"][give[2] : give[3]]
            wanted |= dict.fromkeys(step[4] for step in steps if step[3] == t.COLUMN)
        wanted |= dict.fromkeys(compile_tasks.columns(book, frame["task"]))
    wanted |= dict.fromkeys(
        it[3] for it in compile_members.intakes(book, kind) if it[2] == t.COLUMN
    )
    return found + [(*columns[column], column, -1) for column in wanted]
