"""Hostile and huge files are refused in seconds, with a message that says why."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from engine.language import rules
from engine.language.problem import Problem
from engine.language.rules import Reading

SECONDS = 5.0
HEAD = "program: {name: Shop, timezone: Asia/Shanghai, money: CNY}\n"
EVENTS = "events: {order: {amount: money}}\nwallets: {points: {}}\n"


def read_in_time(text: str) -> Reading:
    """What is said about one file, which may not take longer than `SECONDS`."""
    started = time.process_time()
    reading = rules.read_texts({"rules.yaml": text})
    assert time.process_time() - started < SECONDS
    assert reading.program is None
    return reading


def only(reading: Reading) -> Problem:
    """The one problem that there is."""
    assert len(reading.problems) == 1, [p.what for p in reading.problems]
    return reading.problems[0]


@pytest.mark.parametrize("bracket", ["[", "{", "{a: ", "[[{a: "])
def test_ten_thousand_brackets_are_too_deep(bracket: str) -> None:
    problem = only(read_in_time(HEAD + "earn: " + bracket * 10_000))
    assert problem.what == "Brackets or levels are nested more than 40 deep."


def test_ten_thousand_brackets_in_a_condition_are_refused() -> None:
    for condition in ("(" * 4_900 + "1" + ")" * 4_900, "not " * 2_400 + "true", "1+" * 4_900 + "1"):
        rule = f"earn: {{a: {{when: order, if: '{condition} = 1', give: {{points: 1}}}}}}\n"
        assert read_in_time(HEAD + EVENTS + rule).problems


def test_deep_lines_are_too_deep() -> None:
    lines = "".join(f"{' ' * depth}k:\n" for depth in range(600))
    assert "nested" in only(read_in_time(lines)).what


def test_a_bomb_of_anchors_is_refused_at_its_first_anchor() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 40)]
    found = [p.code for p in read_in_time(HEAD + "\n".join(lines) + "\n").problems]
    assert set(found) == {"anchor", "alias", "unknown-section"}


def test_two_mebibytes_are_too_large(tmp_path: Path) -> None:
    text = HEAD + "# " + "x" * (2 * 1024 * 1024) + "\n"
    assert only(read_in_time(text)).what == "The file is 2.0 MiB large."
    (tmp_path / "large.yaml").write_text(text, encoding="utf-8")
    problem = only(rules.read(tmp_path))
    assert problem.what == "The file is 2.0 MiB large."
    assert problem.expected == "A rules file may have up to 1 MiB; split it into several files."


@pytest.mark.parametrize("number", ["9" * 500_000, "1." + "0" * 500_000 + "1", "1e999999999"])
def test_huge_numbers_are_refused(number: str) -> None:
    for text in (
        f"wallets: {{points: {{value: {number}}}}}\n",
        f"tiers: {{measure: points, ladder: {{member: 0, gold: {number}}}}}\n"
        "wallets: {points: {}}\n",
        f"rewards: {{a: {{coupon: {number}}}}}\n",
        f"events: {{o: {{}}}}\nwallets: {{points: {{}}}}\n"
        f"earn: {{a: {{when: o, give: {{points: {number}}}}}}}\n",
        f"events: {{o: {{}}}}\nwallets: {{points: {{}}}}\n"
        f"earn: {{a: {{when: o, give: {{points: 1}}, limit: {number} per day}}}}\n",
        f"wallets: {{points: {{expires: {number} days}}}}\n",
    ):
        problem = only(read_in_time(HEAD + text))
        assert len(problem.what) + len(problem.expected) < 300


def test_a_name_of_a_hundred_thousand_letters_is_refused() -> None:
    problem = only(read_in_time(HEAD + f"wallets: {{{'x' * 100_000}: {{}}}}\n"))
    assert len(problem.what) < 100


def test_a_file_of_nothing_but_mistakes_is_read_in_time() -> None:
    keys = "".join(f"    whn{n}: order\n" for n in range(40_000))
    reading = read_in_time(HEAD + EVENTS + "earn:\n  a:\n" + keys)
    assert len(reading.problems) == 1001
    assert {p.what for p in reading.problems} >= {
        "There are more than 1,000 problems in this file."
    }


def test_thousands_of_unknown_names_among_thousands_are_read_in_time() -> None:
    gives = "".join(f"  rule_{n}: {{when: order, give: {{points: {n}}}}}\n" for n in range(8_000))
    wrong = "".join(
        f"  double_{n}: {{when: order, multiply: {{points: 2}}, of: [rul_{n}]}}\n"
        for n in range(8_000)
    )
    started = time.process_time()
    reading = rules.read_texts(
        {"a.yaml": HEAD + EVENTS, "b.yaml": "earn:\n" + gives, "c.yaml": "earn:\n" + wrong}
    )
    assert time.process_time() - started < 20
    assert reading.program is None


@pytest.mark.parametrize("mark", ["[", "{", "- ", "? ", ": ", "'", '"', "&a ", "*a ", "!a ", "|\n"])
def test_a_mebibyte_of_one_mark_is_read_in_time(mark: str) -> None:
    read_in_time(mark * (1_000_000 // len(mark)))


def test_a_mebibyte_of_short_values_is_read_in_time() -> None:
    for text in (
        "[" + "a," * 500_000 + "]",
        "\n" + "- a\n" * 250_000,
        "{" + "a: b," * 200_000 + "}",
    ):
        found = [p.code for p in read_in_time(f"{HEAD}earn: {text}\n").problems]
        assert "too-many-values" in found


def test_ten_thousand_rules_are_read_in_time() -> None:
    texts = {"a.yaml": HEAD + EVENTS}
    for part in range(10):
        texts[f"r{part}.yaml"] = "earn:\n" + "".join(
            f"  rule_{part}_{n}:\n    when: order\n    if: amount > {n} and amount < {n + 9}\n"
            f"    give: {{points: amount * {n}}}\n    limit: 3 per month\n"
            for n in range(1_000)
        )
    started = time.process_time()
    reading = rules.read_texts(texts)
    assert time.process_time() - started < 8
    assert reading.program is not None
    assert len(reading.program.rules) == 10_000
