"""Whatever bytes come in: a message or rows set aside, in its time and room, never a traceback."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import strategies as st

from engine import cli_inspect
from engine.data import history
from engine.data.columns import Texts
from engine.data.error import DataError
from engine.language import checks, sentences
from engine.language import rules as rules_
from engine.language.expression import Want, denominator, read
from engine.language.program import Program
from engine.machine import compiled, examples
from tests import fuzz, fuzz_files
from tests.data_program import RULES, program
from tests.expression_machine import worked
from tests.expression_random import Writer
from tests.expression_world import SCOPE
from tests.fuzz import mutated
from tests.test_expression_hostile import reads

Inputs = st.SearchStrategy[bytes]
Body = Callable[[bytes], None]
SMALL, LARGE = 3_000, 200_000
# What is fuzzed, and its share of a hundred inputs.
SHARES = {
    "texts": 20, "lines": 3, "packed": 7, "workbook": 5, "sheets": 5, "parquet": 9, "inspect": 1,
    "rules": 17, "mappings": 3, "expressions": 30,
}  # fmt: skip
COLUMNS = "event_id: Inv, member_id: Cust, at: When, "
MAPPINGS = (
    "{file: inv.csv, type: order, where: Qty > 0, group by: Inv, columns: {"
    + COLUMNS
    + "amount: sum(Qty * Price), items: sum(Qty)}}",
    "{file: inv.csv, type: \"case when Qty > 0 then 'order' else 'refund' end\", zone: Asia/Tokyo,"
    " columns: {" + COLUMNS + "amount: abs(Qty) * Price, order: row}}",
    "{file: more.jsonl, type: login, columns: {event_id: event_id, member_id: upper(member_id),"
    " at: \"strptime(at, '%Y-%m-%d %H:%M')\", amount: \"replace(amount, ',', '')\"}}",
)


@pytest.mark.parametrize(
    "count", [SMALL, pytest.param(LARGE, marks=pytest.mark.soak)], ids=["small", "soak"]
)
@pytest.mark.parametrize("name", SHARES)
def test_nothing_crashes_hangs_or_grows(
    name: str, count: int, project: Path, tmp_path: Path, tell: Callable[[str], None]
) -> None:
    inputs, body = TARGETS[name](project, tmp_path)
    size = count * SHARES[name] // 100
    grown = fuzz.run(inputs, body, size)
    tell(f"{size:,} inputs, {grown:.0f} MiB more")


def reader(path: Path) -> Body:
    """Reads bytes as events, or as members, as their length will have it."""
    shop = program()
    other = path.with_name("plain.csv")
    other.write_text(fuzz_files.EVENTS, encoding="utf-8")

    def body(text: bytes) -> None:
        path.write_bytes(text)
        members, events = (None, path) if len(text) % 2 else (path, other)
        try:
            got = history.read(shop, members, events)
        except DataError as error:
            said = [(1, error.what.rstrip("."))]
        else:
            said = [(row.row, row.reason) for row in got.rejected]
        assert all(row > 0 and reason for row, reason in said), said

    return body


def texts(project: Path, home: Path) -> tuple[Inputs, Body]:
    return mutated(fuzz_files.texts(project)), reader(home / "e.csv")


def lines(project: Path, home: Path) -> tuple[Inputs, Body]:
    return mutated([fuzz_files.LINES, *fuzz_files.LINES.splitlines(True)]), reader(home / "e.jsonl")


def packed(project: Path, home: Path) -> tuple[Inputs, Body]:
    plain = fuzz_files.texts(project)
    inside = mutated(plain).map(fuzz_files.packed)
    return inside | mutated([fuzz_files.packed(one) for one in plain]), reader(home / "e.csv.gz")


def workbook(project: Path, home: Path) -> tuple[Inputs, Body]:
    return mutated([fuzz_files.workbook()]), reader(home / "e.xlsx")


def sheets(project: Path, home: Path) -> tuple[Inputs, Body]:
    """Workbooks of which one part is changed, and packed again."""
    parts = fuzz_files.unpacked(fuzz_files.workbook())
    part = st.sampled_from(sorted(parts)).flatmap(
        lambda name: st.tuples(st.just(name), mutated([parts[name]]))
    )
    books = part.map(lambda made: fuzz_files.book_of({**parts, made[0]: made[1]}))
    return books, reader(home / "e.xlsx")


def parquet(project: Path, home: Path) -> tuple[Inputs, Body]:
    return mutated(fuzz_files.parquets()), reader(home / "e.parquet")


def inspect(project: Path, home: Path) -> tuple[Inputs, Body]:
    def body(text: bytes) -> None:
        (home / "e.csv").write_bytes(text)
        with suppress(DataError):
            assert cli_inspect.text(cli_inspect.look([str(home / "e.csv")], home / "rules"))

    return mutated(fuzz_files.texts(project)), body


def rules(project: Path, home: Path) -> tuple[Inputs, Body]:
    """Whatever `check` and `test` do with a file of rules."""
    folders = ("rules", "tests/rejected", "tests/gallery", "tests")
    files = [path for folder in folders for path in sorted((project / folder).glob("*.yaml"))]

    def body(text: bytes) -> None:
        (home / "rules.yaml").write_bytes(text)
        reading = rules_.read(home)
        assert all(p.show(reading.texts[p.place.file]) for p in reading.problems)
        if reading.program is not None:
            uses(reading.program)

    return mutated([path.read_bytes() for path in files]), body


def uses(shop: Program) -> None:
    """Checks, tells, compiles a program and runs its examples."""
    assert all(problem.what for problem in checks.warnings(shop))
    for language in ("en", "zh"):
        assert all(told.text for told in sentences.all(shop, language))
    compiled.compile(shop, Texts())
    with suppress(DataError):
        examples.run(shop)


def mappings(project: Path, home: Path) -> tuple[Inputs, Body]:
    """Sections `data` over files that are there."""
    for name, text in fuzz_files.mapping_files().items():
        (home / name).write_bytes(text)
    start = RULES.encode() + b"data:\n  events:\n    - "

    def body(text: bytes) -> None:
        reading = rules_.read_texts({"shop.yaml": (start + text).decode("utf-8", "replace")})
        if reading.program is None or not reading.program.data:
            return
        with suppress(DataError):
            history.read(reading.program, None, None, workspace=home, confined=True)

    return mutated([one.encode() for one in MAPPINGS]), body


def expressions(project: Path, home: Path) -> tuple[Inputs, Body]:
    """Expressions as what they might be wanted for; what is read is worked out too."""
    writer = Writer(random.Random(7))
    seeds = [writer.any(depth)[1] for depth in (1, 2, 3, 4) for _ in range(60)]

    def body(raw: bytes) -> None:
        text = raw.decode("utf-8", "replace")
        for want in Want:
            reads(text, want)
            tree = read(text, SCOPE, want)[0]
            # An average has no fixed places: whoever wants an amount is told to round it.
            if tree is not None and not (tree.type.is_number and denominator(tree) is None):
                worked(text, want)

    return mutated([one.encode() for one in seeds]), body


TARGETS = {
    one.__name__: one
    for one in (
        texts, lines, packed, workbook, sheets, parquet, inspect, rules, mappings, expressions,
    )
}  # fmt: skip
