"""One row, a block of rows, DuckDB and exact fractions give the same for random expressions."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

import duckdb
import pytest

from engine.data.columns import Texts
from engine.language import sql
from engine.language.expression import Want, denominator, read
from engine.language.expression.tree import Expr, From, Name, Type
from engine.language.expression.words import FUNCTIONS
from engine.machine import zone
from engine.machine.bytecode import Assembler
from tests import expression_plain as plain
from tests.expression_machine import TOO_LARGE, Answer, answered
from tests.expression_random import Writer
from tests.expression_world import LAYOUT, SCOPE, Row, columns, rows, table

OPERATORS = (
    "= <> < <= > >= + - * / % neg and or not in between like ilike is_null is_true is_false case"
)
ZONES = ("Asia/Shanghai", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo", "UTC")
ROWS = 24
# What a text of an expression may hold that goes wrong easily; the rows hold all of it, too.
TEXTS = {
    "Chinese": re.compile("[\u4e00-\u9fff]"),
    "ß": re.compile("[ßẞ]"),
    "emoji": re.compile("😀"),
    "'%'": re.compile("%"),
    "'_'": re.compile("_"),
    "''": re.compile(r"\A\Z"),
}
LEAST = 200


def test_twenty_thousand_random_expressions_are_equal_everywhere(
    tell: Callable[[str], None],
) -> None:
    cover, counts = all_equal(20_000, seed=2026, batch=500)
    tell(report(cover, counts))
    assert min(cover.values()) >= LEAST
    assert counts[TOO_LARGE] == 0


@pytest.mark.soak
def test_two_hundred_thousand_random_expressions_are_equal_everywhere(
    tell: Callable[[str], None],
) -> None:
    cover, counts = all_equal(200_000, seed=7, batch=500)
    tell(report(cover, counts))
    assert min(cover.values()) >= LEAST


def test_huge_values_give_the_exact_answer_or_none() -> None:
    chance = random.Random(3)
    texts = Texts()
    made = [huge(chance, row) for row in rows(chance, "UTC", 25)]
    cells = columns(made, texts)
    writer = Writer(chance)
    written = [[writer.arithmetic(chance.choice((1, 2))) for _ in range(3)] for _ in range(1_000)]
    read_all = [
        read(f"({a}) * amount * quantity > ({b}) * ({c})", SCOPE, Want.FLAG)[0]
        for a, b, c in written
    ]
    trees = [tree for tree in read_all if tree is not None]
    assembler = Assembler(LAYOUT, zone.of("UTC"), texts)
    numbers = [assembler.add(tree) for tree in trees]
    code = assembler.build()
    counts: Counter[bool] = Counter()
    for tree, number in zip(trees, numbers, strict=True):
        for row, answer in zip(made, answered(tree, code, number, cells, texts), strict=True):
            counts[answer == TOO_LARGE] += 1
            if answer != TOO_LARGE:
                exact = plain.value(tree, row, ZoneInfo("UTC"))
                assert answer == exact, shown(tree, "UTC", row, answer, exact)
    assert min(counts.values()) > 500, counts


def huge(chance: random.Random, row: Row) -> Row:
    """The row with numbers as large as a column holds."""
    sizes = (2**63 - 1, -(2**63) + 1, 2**62 + 1, 10**15, -(10**12) - 7, 3)
    return {
        name: Fraction(chance.choice(sizes), name.denominator)
        if isinstance(cell, Fraction) and not isinstance(cell, bool)
        else cell
        for name, cell in row.items()
    }


def all_equal(many: int, *, seed: int, batch: int) -> tuple[Counter[str], Counter[str]]:
    """Compares `many` expressions; how often each operator and function stood in them."""
    chance = random.Random(seed)
    cover = Counter(dict.fromkeys((*OPERATORS.split(), *FUNCTIONS, *TEXTS, "null"), 0))
    counts: Counter[str] = Counter()
    for number in range(many // batch):
        name = ZONES[number % len(ZONES)]
        trees = [tree for _, tree in zip(range(batch), expressions(chance), strict=False)]
        cover.update(word for tree in trees for node in tree.walk() for word in words_of(node))
        compare(trees, rows(chance, name, ROWS), name, counts)
    return cover, counts


def words_of(node: Expr) -> list[str]:
    """What a node counts for: its operator or function, or what its text holds."""
    if isinstance(node.value, Name):
        return ["has"] if node.value.source is From.PRIVILEGE else []
    if node.op != "const":
        return [node.op]
    if isinstance(node.value, str):
        return [word for word, pattern in TEXTS.items() if pattern.search(node.value)]
    return ["null"] if node.value is None else []


def expressions(chance: random.Random) -> Iterator[Expr]:
    """Random expressions, half of them conditions, as the language reads them."""
    writer = Writer(chance)
    while True:
        type = chance.choice((Type.FLAG, Type.FLAG, Type.FLAG, *writer.some))
        text = writer.some[type](chance.choice((1, 2, 2, 3, 3)))
        want = Want.FLAG if type is Type.FLAG else Want.ANY
        tree, faults = read(text, SCOPE, want)
        if tree is None and want is Want.ANY and type is Type.DECIMAL:
            # No constant denominator of at most 10^9: what the message advises.
            tree, faults = read(f"round({text}, 2)", SCOPE, want)
        sizes = ("more decimal places", "too large")
        if tree is None and any(s in f.what for f in faults for s in sizes):
            continue
        assert tree is not None, (text, faults)
        yield tree


def compare(trees: Sequence[Expr], made: Sequence[Row], name: str, counts: Counter[str]) -> None:
    """Asserts that all four agree on every row."""
    texts = Texts()
    cells = columns(made, texts)
    assembler = Assembler(LAYOUT, zone.of(name), texts)
    numbers = [assembler.add(tree) for tree in trees]
    code = assembler.build()
    answers = [
        answered(tree, code, n, cells, texts) for tree, n in zip(trees, numbers, strict=True)
    ]
    for tree, answer, said in zip(trees, answers, asked(trees, made, name), strict=True):
        counts["expressions"] += 1
        counts[TOO_LARGE] += TOO_LARGE in answer or said is None
        for at, row in enumerate(made):
            if answer[at] == TOO_LARGE:
                continue
            if said is not None:
                assert answer[at] == said[at], shown(tree, name, row, answer[at], said[at])
            if at % 8 == 0 or said is None:
                exact = plain.value(tree, row, ZoneInfo(name))
                assert answer[at] == exact, shown(tree, name, row, answer[at], exact)


def asked(trees: Sequence[Expr], made: Sequence[Row], name: str) -> list[list[Answer] | None]:
    """What DuckDB says of every row; None where it cannot, for its numbers end at 128 bits too."""
    connection = table(made)
    printed = [f"({sql.show(tree, zone=name)})" for tree in trees]
    found: list[list[Answer] | None] = []
    for start in range(0, len(trees), 100):
        part = slice(start, start + 100)
        found += _queried(connection, trees[part], printed[part])
    return found


def _queried(
    connection: duckdb.DuckDBPyConnection, trees: Sequence[Expr], printed: Sequence[str]
) -> list[list[Answer] | None]:
    try:
        result = connection.execute(f"select {', '.join(printed)} from t order by row").fetchall()
    except (duckdb.OutOfRangeException, duckdb.ConversionException):
        if len(trees) == 1:
            return [None]
        half = len(trees) // 2
        first = _queried(connection, trees[:half], printed[:half])
        return first + _queried(connection, trees[half:], printed[half:])
    return [[said(tree, row[at]) for row in result] for at, tree in enumerate(trees)]


def said(tree: Expr, cell: object) -> Answer:
    """A cell of DuckDB as Python's value."""
    if cell is None:
        return None
    if tree.type.is_number:
        assert isinstance(cell, int)
        return Fraction(cell, denominator(tree) or 0)
    if isinstance(cell, datetime):
        return cell.astimezone(UTC)
    assert isinstance(cell, bool | str | date)
    return cell


def shown(tree: Expr, name: str, row: Row, machine: Answer, other: Answer) -> str:
    """Everything needed to see why two answers differ."""
    values = {n.name: row[n] for n in tree.names()}
    printed = sql.show(tree, zone=name)
    return f"{machine!r} is not {other!r} in {name}\n{tree}\n{values}\n{printed}"


def report(cover: Counter[str], counts: Counter[str]) -> str:
    """What was covered."""
    large = f"{counts[TOO_LARGE]} too large"
    words = ", ".join(f"{name} {count}" for name, count in sorted(cover.items()))
    return f"{counts['expressions']} expressions on {ROWS} rows each, {large}\n{words}"
