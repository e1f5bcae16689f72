"""Compiles what tasks gather: their parts, what each takes of an event, and their goals."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from engine.language.expression import denominator
from engine.language.expression.tree import Expr, From, Name, Source, Type
from engine.language.program import Progress, Rule
from engine.machine import compile_ready
from engine.machine import tables as t
from engine.machine.calendar import HOUR, MINUTE, SECOND, UNITS
from engine.machine.compile_book import Book, den, period

_MICROS = {SECOND: 10**6, MINUTE: 60 * 10**6, HOUR: 3600 * 10**6}


def task(book: Book, number: int, it: Rule, rules: Mapping[str, int]) -> int:
    """The position of the record of rule `number`'s progress, which is added; -1 without one."""
    progress = it.progress
    if progress is None:
        return -1
    start = len(book.rows["parts"])
    goal = math.ceil(progress.goal * scale(progress))
    if progress.needs:
        goal = 1
        for need in progress.needs:
            event = -1 if need.event is None else book.positions["types"][need.event]
            before = len(book.rows["needed"])
            book.rows["needed"] += [(rules[id_],) for id_ in need.rules]
            book.rows["parts"].append((t.NEEDED, 0, event, before, len(book.rows["needed"])))
    else:
        taken = (t.CONSTANT, 1) if progress.sum is None else book.taken(progress.sum.tree)
        book.rows["parts"].append((*taken, -1, 0, 0))
    book.rows["tasks"].append((
        number, start, len(book.rows["parts"]), goal, int(progress.repeats),
        period(progress.per)[0], _start(book, number, start, progress), _of_runs(book, it),
    ))  # fmt: skip
    return len(book.rows["tasks"]) - 1


def _start(book: Book, number: int, part: int, it: Progress) -> int:
    """The position of what begins a task's runs, which is added; -1 where it has none."""
    if it.start is None:
        return -1
    goal, within = it.start.goal, it.start.within
    unit = UNITS[within[1]] if within is not None else 0
    book.rows["starts"].append((
        book.positions["types"][it.start.event], number, part,
        book.expression(it.start.condition),
        book.expression(goal), 1 if goal is None else den(goal.tree), scale(it), scale(it),
        book.expression(within[0] if within else None),
        1 if within is None else den(within[0].tree),
        _MICROS.get(unit, 0), unit,
    ))  # fmt: skip
    return len(book.rows["starts"]) - 1


def begun(name: Name) -> tuple[str, Type]:
    """The column of the event that began a run which `start.x` reads."""
    return name.name.removeprefix("start."), name.type


def is_of_a_run(part: Expr) -> bool:
    """Whether a part of a condition asks for what began a run, so that each is asked by itself."""
    return any(name.source is From.START for name in part.names())


def _of_runs(book: Book, it: Rule) -> int:
    """The expression that is asked of each run, or -1."""
    tree = None if it.condition is None else it.condition.tree
    found = compile_ready.together(filter(is_of_a_run, compile_ready.parts(tree)))
    return -1 if found is None else book.tree(found)


def sources(it: Rule) -> list[Source | None]:
    """The expressions by which a task gathers and its runs begin."""
    if it.progress is None:
        return []
    start = it.progress.start
    if start is None:
        return [it.progress.sum]
    within = start.within[0] if start.within is not None else None
    return [it.progress.sum, start.condition, start.goal, within]


def scale(it: Progress) -> int:
    """What is gathered is counted in so many parts of one."""
    return (denominator(it.sum.tree) or 1) if it.sum is not None else 1


def columns(book: Book, task: int) -> Iterator[int]:
    """The columns of Ready from which the parts of a task take what they gather."""
    if task < 0:
        return
    record = dict(zip(t.TASK.names or (), book.rows["tasks"][task], strict=True))
    for how, value, *_ in book.rows["parts"][record["parts_from"] : record["parts_to"]]:
        if how == t.COLUMN:
            yield value


def room_of_a_run(rules: tuple[Rule, ...]) -> int:
    """How much room in a pool a run may need when it is done; 0 where no task has runs."""
    found = [it for it in rules if it.progress is not None and it.progress.start is not None]
    return max((1 + sum(award.count for award in it.awards) for it in found), default=0)


def room(book: Book, rules: tuple[Rule, ...]) -> int:
    """How much room in a pool one event may need for what its tasks gather and give."""
    several = [it for it in rules if it.progress is not None and it.progress.repeats]
    awards = sum(award.count for it in several for award in it.awards)
    return 2 * len(book.rows["parts"]) + t.TIMES_MAX * awards
