"""Compiles what is kept of a member: wallets, facts and the ladder."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.language.expression import denominator
from engine.language.program import Duration, Fact, Program, Wallet
from engine.machine import compile_ready, wide
from engine.machine import tables as t
from engine.machine.calendar import UNITS
from engine.machine.compile_book import Book, period

KINDS = (
    "count", "sum", "average", "min", "max", "last", "first", "previous", "distinct",
    "most frequent", "streak", "median gap", "held", "unused",
)  # fmt: skip
_SLIDING = ("count", "sum", "average")
_ROUND = {"down": wide.DOWN, "nearest": wide.NEAREST, "up": wide.UP}
_ON_REFUND = ("clamp", "below zero", "pending only")
_DOWN = ("never", "one step", "reassess")
_REVIEW = ("at once", "yearly", "on anniversary")
_ON_CHANGE = ("keep", "upgrade only", "reassess")


def wallet(book: Book, it: Wallet) -> tuple[int, ...]:
    """The record of a wallet, in the order of WALLET's fields."""
    without = [term.without for _, term in it.expires.steps if term is not None and term.without]
    return (
        *book.terms(it.expires),
        *book.terms(it.pending),
        _ROUND[it.round],
        int(it.spend == "oldest first"),
        int(it.below_zero == "yes"),
        _ON_REFUND.index(it.on_refund),
        int(it.restore == "new expiry"),
        book.scale(it.name),
        book.positions["types"][without[0]] if without else -1,
        0,  # worked out of all gifts: see compile_hints
        int(it.transfer),
    )


def fact(book: Book, it: Fact) -> tuple[int, ...]:
    """The record of a fact, in the order of FACT's fields."""
    types = book.positions["types"]
    return (
        KINDS.index("count" if it.kind == "used" else it.kind),
        types.get(it.event, -1),
        book.expression(it.value),
        book.expression(it.condition),
        types[it.less[0]] if it.less else -1,
        book.expression(it.less[1]) if it.less else -1,
        *_span(it.over),
        *_span(it.before),
        types[it.since] if it.since else -1,
        period(it.this)[0] if it.this else 0,
        period(it.by)[0] if it.by else 0,
        it.of_last or 0,
        it.starts_over or 0,
        it.freeze[0] if it.freeze else 0,
        period(it.freeze[1])[0] if it.freeze else 0,
        int(it.kind in ("count", "sum", "used") and it.over is None and it.this is None),
        int(it.kind in (*_SLIDING, "used") and it.over is not None and not it.before),
        -1 if it.reward is None else book.positions["rewards"][it.reward],
    )


def _span(it: Duration | None) -> tuple[int, int]:
    return (it.count, UNITS[it.unit]) if it is not None else (0, 0)


def scale(it: Fact) -> int:
    """What a fact's whole number is counted in; of an average its numerator's."""
    if it.kind == "median gap":
        return 2
    if it.kind in ("count", "streak", "distinct") or it.reward is not None:
        return 1
    if it.value is None or not it.value.tree.type.is_number:
        return 1
    return denominator(it.value.tree) or 1


def intakes(book: Book, kind: str) -> list[tuple[int, ...]]:
    """What each fact takes of an event of a type, in the order of INTAKE's fields."""
    found: list[tuple[int, ...]] = []
    for number, it in enumerate(book.program.facts.values()):
        friend = int(it.of_friends)
        if it.since == kind:
            found.append((number, t.ROLE_SINCE, t.CONSTANT, 0, t.AS_IT_IS, 0, friend))
        if it.event == kind:
            found.append((number, t.ROLE_TAKES, *_taken(book, it), *_way(it), friend))
        if it.less is not None and it.less[0] == kind:
            less = it.less[1]
            found.append((number, t.ROLE_LESS, *book.taken(less.tree), t.AS_IT_IS, 0, friend))
    return found


def _way(it: Fact) -> tuple[int, int]:
    """How a fact keeps what it takes, where that is simple, and the days of one that slides."""
    if it.kind not in _SLIDING or it.since or it.less or it.this:
        return t.AS_IT_IS, 0
    if it.over is None:
        return t.ADDED, 0
    days = it.over.count if it.over.unit == "day" and it.before is None else 0
    return (t.SLIDING, days) if days else (t.AS_IT_IS, 0)


def _taken(book: Book, it: Fact) -> tuple[int, int]:
    """How what a fact takes is come by, and where."""
    itself = {"last": t.ITS_INSTANT, "first": t.ITS_INSTANT, "previous": t.ITS_INSTANT,
              "median gap": t.ITS_DAY}.get(it.kind, t.CONSTANT)  # fmt: skip
    if it.value is None and it.condition is None:
        return itself, 1
    trees = [source.tree for source in (it.value, it.condition) if source is not None]
    counts = it.value is not None and it.kind in ("count", "streak")
    if counts or not all(map(compile_ready.is_ready, trees)):
        return t.ASKED, 0
    if it.value is not None and it.condition is None:
        return book.taken(it.value.tree)
    plain = {t.CONSTANT: -1, t.ITS_INSTANT: -2, t.ITS_DAY: -3}[itself]
    number = plain if it.value is None else book.expression(it.value)
    return t.COLUMN, book.column(number, book.expression(it.condition))


def _grows(program: Program, measure: str) -> bool:
    """Whether a measure may grow by the passing of time alone: when a refund leaves its window."""
    fact = program.facts.get(measure)
    return fact is not None and (fact.over is not None or fact.this is not None)


def ladder(book: Book, program: Program) -> tuple[list[tuple[int, ...]], NDArray[np.int64]]:
    """The rungs' records and the ladder's settings, by the codes T_*."""
    settings = np.zeros(13, dtype=np.int64)
    it = program.tiers
    if it is None:
        return [], settings
    by_wallet = it.measure in program.wallets
    parts = book.scale(it.measure) if by_wallet else scale(program.facts[it.measure])
    rungs: list[tuple[int, ...]] = [book.numbers(rung.threshold, parts) for rung in it.ladder]
    kind = "wallets" if by_wallet else "facts"
    settings[t.T_BY] = t.BY_WALLET if by_wallet else t.BY_FACT
    settings[t.T_MEASURE] = book.positions[kind][it.measure]
    settings[t.T_BEFORE] = it.upgrade == "before"
    settings[t.T_DOWN] = _DOWN.index(it.downgrade)
    if isinstance(it.review, Duration):
        settings[t.T_REVIEW] = t.REVIEW_TERM
        settings[t.T_REVIEW_TERM] = book.term(it.review)
    else:
        settings[t.T_REVIEW] = _REVIEW.index(it.review)
    settings[t.T_GRACE] = book.term(it.grace)
    settings[t.T_ON_CHANGE] = _ON_CHANGE.index(it.on_change)
    dated = any(len(rung.threshold.steps) > 1 for rung in it.ladder)
    settings[t.T_STAYS] = dated and it.on_change == "keep" and not _grows(program, it.measure)
    return rungs, settings


def rung_privileges(program: Program) -> NDArray[np.int64]:
    """Tiers by privileges: 1 where the tier has the privilege."""
    rungs = program.tiers.ladder if program.tiers else ()
    found = np.zeros((len(rungs), len(program.privileges)), dtype=np.int64)
    for number, rung in enumerate(rungs):
        for column, privilege in enumerate(program.privileges):
            found[number, column] = privilege in rung.privileges
    return found
