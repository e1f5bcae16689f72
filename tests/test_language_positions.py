"""Every problem stands at its line and column, also inside quoted, block and folded values."""

from __future__ import annotations

import pytest

from engine.language import rules
from engine.language.complaints import Complaints
from engine.language.text.nodes import Page, Pairs, Scalar
from engine.language.text.offsets import origins
from engine.language.text.parse import parse

HEAD = """\
program: {name: Shop, timezone: Asia/Shanghai, money: CNY}
events: {order: {amount: money, category: text, 类别: text}}
wallets: {points: {}}
"""


def marked(text: str) -> list[str]:
    """What the carets of all problems underline."""
    reading = rules.read_texts({"rules.yaml": text})
    lines = text.splitlines()
    return [
        lines[p.place.line - 1][p.place.column - 1 : p.place.column - 1 + p.length]
        for p in reading.problems
    ]


def places(text: str) -> list[tuple[int, int]]:
    """Line and column of all problems."""
    reading = rules.read_texts({"rules.yaml": text})
    return [(p.place.line, p.place.column) for p in reading.problems]


@pytest.mark.parametrize(
    ("condition", "line", "column"),
    [
        ("if: amount > 5 and categry = 'a'", 6, 24),
        ("if: \"amount > 5 and categry = 'a'\"", 6, 25),
        ("if: 'amount > 5 and categry = ''a'''", 6, 25),
        ("if: 'category = ''a'' and categry = ''b'''", 6, 31),
        ("if: |\n      amount > 5\n      and categry = 'a'", 8, 11),
        ("if: |-\n\n      amount > 5\n\n        and categry = 'a'", 10, 13),
        ("if: >\n      amount > 5\n      and categry = 'a'", 8, 11),
        ("if: >-\n      amount > 5\n\n      and categry = 'a'", 9, 11),
        ("if: amount > 5\n      and categry = 'a'", 7, 11),
        ("if: amount > 5\n\n      and\n        categry = 'a'", 9, 9),
        ("if: \"amount > 5\n      and categry = 'a'\"", 7, 11),
        ("if: \"amount > 5 \\\n      and categry = 'a'\"", 7, 11),
        ("if: \"\\x61mount > 5 and categry = 'a'\"", 6, 28),
        ("if: \"\\u0061mount > 5 and categry = 'a'\"", 6, 30),
        ("if: 'amount > 5\n\n      and categry = ''a'''", 8, 11),
        ("if: 类别 = '蟹' and categry = 'a'", 6, 22),
        ("if: 类别 = '🦀' and categry = 'a'", 6, 22),
    ],
)
def test_a_fault_stands_where_it_is_in_the_file(condition: str, line: int, column: int) -> None:
    text = f"{HEAD}earn:\n  a:\n    {condition}\n    when: order\n    give: {{points: amount}}\n"
    assert places(text) == [(line, column)]
    assert marked(text) == ["categry"]


def test_lines_may_end_as_on_windows() -> None:
    text = HEAD + "earn:\n  a:\n    when: ordr\n    give: {points: 1}\n"
    assert places(text.replace("\n", "\r\n")) == places(text) == [(6, 11)]


def test_the_caret_stands_under_wide_characters() -> None:
    text = HEAD + "earn:\n  蟹: {name: 买大闸蟹, whn: order, when: order, give: {points: 1}}\n"
    reading = rules.read_texts({"rules.yaml": text})
    shown = reading.problems[0].show(text).splitlines()
    assert shown[0].startswith("rules.yaml:5:19: `whn` is not a key")
    before = "  蟹: {name: 买大闸蟹, "
    assert len(before) == 18  # and five of them take two columns
    assert shown[2] == "    " + " " * (18 + 5) + "^^^"


def test_all_problems_are_said_at_once_in_the_order_of_the_file() -> None:
    text = """\
program: {name: Shop, timezone: Asia/Shanghay, money: CNY}
events: {order: {amount: mony}}
wallets: {points: {round: half, expires: soon}}
earn:
  a: {when: order, if: nothing_known > 3, give: {pints: 1}}
  b: {when: ordr, give: {points: 1}, limit: some}
"""
    assert marked(text) == [
        "Asia/Shanghay", "mony", "half", "soon", "nothing_known", "pints", "ordr", "some",
    ]  # fmt: skip


def test_an_event_that_is_wrong_itself_is_not_called_unknown() -> None:
    text = HEAD.replace("order: {", "order: amount, review: {")
    text += "earn: {a: {when: order, give: {points: 1}}}\n"
    assert marked(text) == ["amount"]


@pytest.mark.parametrize(
    "written",
    [
        "plain words",
        "'it''s'",
        '"a\\tb \\u4e2d \\\\ c"',
        "a\n   b\n\n   c",
        "'a\n   b'",
        '"a\n\n   b"',
    ],
)
def test_every_character_of_a_value_is_found_in_the_file(written: str) -> None:
    page = Page("a.yaml", f"k: {written}\n")
    root = parse(page, Complaints())
    assert isinstance(root, Pairs)
    node = root.get("k")
    assert isinstance(node, Scalar)
    raw = page.text[node.start : node.stop]
    found = origins(raw, node.style, node.text)
    assert len(found) == len(node.text) + 1
    assert found == sorted(found)
    for letter, index in zip(node.text, found, strict=False):
        if not letter.isspace() and raw[index] != "\\":
            assert raw[index] == letter
