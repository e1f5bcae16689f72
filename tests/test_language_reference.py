"""The reference is whole: every key, word and code stands in it, and what it says comes out."""

from __future__ import annotations

import re
from datetime import date, datetime
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from engine.language import checks, expression, rules
from engine.language.expression import AT, TODAY, Scope, Want
from engine.language.expression.tree import From, Name, Type
from engine.language.expression.words import FUNCTIONS
from engine.language.linking.expectations import CODES, GRANTS
from engine.language.linking.sections import LATER, SECTIONS
from engine.language.program import BUILT_IN
from engine.language.shapes import giving, history, program, tasks
from engine.language.shapes.shape import Shape, keys_of
from engine.machine import examples
from tests.expression_plain import value
from tests.expression_world import Cell

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "docs" / "language.md", ROOT / "docs" / "language.zh-CN.md"]
ZONE = ZoneInfo("Asia/Shanghai")

# The event of the reference's examples, as it stands above its tables.
EVENT: dict[Name, Cell] = {
    Name(From.FIELD, "amount", Type.MONEY): Fraction("120.50"),
    Name(From.FIELD, "items", Type.WHOLE): Fraction(3),
    Name(From.FIELD, "category", Type.TEXT): "crab",
    Name(From.FIELD, "channel", Type.TEXT): None,
    Name(From.FIELD, "gift", Type.FLAG): True,
    Name(From.ATTRIBUTE, "birthday", Type.DATE): date(1990, 9, 20),
    Name(From.ATTRIBUTE, "likes", Type.TEXTS): ("crab", "cake"),
    Name(From.FACT, "orders", Type.WHOLE): Fraction(3),
    Name(From.FACT, "previous_order", Type.TIME): datetime(2026, 7, 1, 9, tzinfo=ZONE),
    Name(From.TIER, "tier", Type.TEXT, values=("member", "gold")): "gold",
    Name(From.PRIVILEGE, "ships_first", Type.FLAG): True,
    AT: datetime(2026, 9, 5, 10, 30, tzinfo=ZONE),
    TODAY: date(2026, 9, 5),
}
SCOPE = Scope({name.name: name for name in EVENT}, privileges=("ships_first",))
ROW = re.compile(r"^\| .*? \| `(?P<text>[^|]+)` \| (?P<is>[^|]+) \| [^|]+ \|$", re.MULTILINE)


def coded(page: Path) -> set[str]:
    """All that stands between backticks, and each word of it."""
    found = re.findall(r"`([^`\n]+)`", page.read_text(encoding="utf-8"))
    return {*found, *(word for text in found for word in re.findall(r"\w+", text))}


def shapes() -> list[type[Shape]]:
    """Every shape of a section or of a part of one."""
    modules = (giving, history, program, tasks)
    kinds = [kind for module in modules for kind in vars(module).values()]
    return [k for k in kinds if isinstance(k, type) and issubclass(k, Shape) and k is not Shape]


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_every_key_stands_in_the_reference(page: Path) -> None:
    keys = {key for shape in shapes() for key in keys_of(shape)}
    assert keys - coded(page) == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_every_word_of_the_language_stands_in_the_reference(page: Path) -> None:
    words = {*SECTIONS, *LATER, *BUILT_IN, *FUNCTIONS, *CODES, *GRANTS, *program.TYPES}
    words |= {word for shape in shapes() for word in shape.later}
    assert words - coded(page) == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_every_code_of_a_problem_stands_in_the_reference(page: Path, tmp_path: Path) -> None:
    codes = set()
    for number, file in enumerate(sorted((ROOT / "tests" / "rejected").glob("*.yaml"))):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / file.name).write_bytes(file.read_bytes())
        codes |= {problem.code for problem in rules.read(folder).problems}
    for file in (ROOT / "tests" / "gallery").glob("*.yaml"):
        found = rules.read_texts({file.name: file.read_text(encoding="utf-8")}).program
        assert found is not None
        codes |= {problem.code for problem in checks.warnings(found, date.max)}
    assert codes - coded(page) == set()
    assert len(codes) > 80


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_every_choice_of_a_key_stands_in_the_reference(page: Path) -> None:
    schema = (ROOT / "docs" / "schema.json").read_text(encoding="utf-8")
    choices = {w for found in re.findall(r'"enum": \[([^\]]*)\]', schema) for w in found.split(",")}
    words = {w.strip().strip('"') for w in choices if '"' in w}
    assert words - coded(page) == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_what_the_tables_of_expressions_say_is_what_comes_out(page: Path) -> None:
    rows = ROW.findall(page.read_text(encoding="utf-8"))
    assert len(rows) == 12 + len(FUNCTIONS)
    for text, said in rows:
        tree, faults = expression.read(text, SCOPE, Want.ANY)
        assert tree is not None, (text, faults)
        assert shown(value(tree, EVENT, ZONE)) == said.strip(), text


def shown(cell: Cell) -> str:
    """A value as the reference writes it."""
    if cell is None:
        return "null"
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, str):
        return f"'{cell}'"
    assert isinstance(cell, Fraction)
    return str(int(cell)) if cell.denominator == 1 else str(float(cell))


@pytest.mark.parametrize("kind", ["yaml", "sh"])
def test_both_languages_show_the_same_blocks(kind: str) -> None:
    english, chinese = (
        re.findall(rf"```{kind}\n.*?```", page.read_text(encoding="utf-8"), re.DOTALL)
        for page in PAGES
    )
    assert len(english) == len(chinese) > 0


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_the_examples_of_the_reference_come_out(page: Path) -> None:
    shown_examples = re.findall(r"```yaml\n(examples:.*?)```", page.read_text("utf-8"), re.DOTALL)
    assert len(shown_examples) == 1
    around = """
program: {name: Shop, timezone: Asia/Shanghai, money: CNY}
events: {order: {amount: money}, refund: {reverses: order, amount: money}}
wallets: {points: {}, growth: {}}
facts: {orders: {count: order}}
tiers: {measure: growth, ladder: {member: 0, gold: 3000}}
earn: {purchase: {when: order, give: {points: amount}}}
"""
    found = rules.read_texts({"around.yaml": around, "shown.yaml": shown_examples[0]}).program
    assert found is not None
    assert [result.differences for result in examples.run(found)] == [(), ()]
