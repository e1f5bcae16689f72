"""Rules stand in the files of a folder: their order, their merging, and files that are none."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.language import rules
from engine.language.rules import RulesError

PROGRAM = "program: {name: Shop, timezone: Asia/Shanghai, money: CNY}\n"
EVENTS = "events: {order: {amount: money}}\nwallets: {points: {}}\n"
BUY = "earn: {buy: {when: order, give: {points: amount}}}\n"


def said(texts: dict[str, str]) -> list[str]:
    """Each problem with its file and line."""
    reading = rules.read_texts(texts)
    return [f"{p.place.file}:{p.place.line} {p.what}" for p in reading.problems]


def test_sections_of_all_files_merge() -> None:
    texts = {"a.yaml": PROGRAM + EVENTS, "b.yaml": BUY, "c.yaml": BUY.replace("buy", "again")}
    reading = rules.read_texts(texts)
    assert reading.program is not None
    assert [rule.id for rule in reading.program.rules] == ["buy", "again"]
    assert reading.program.texts == texts


def test_files_are_taken_by_name_in_code_point_order() -> None:
    texts = {
        "é.yaml": BUY.replace("buy", "third"),
        "b.yaml": BUY.replace("buy", "second"),
        "B.yaml": PROGRAM + EVENTS + BUY.replace("buy", "first"),
        "蟹.yaml": BUY.replace("buy", "fourth"),
    }
    reading = rules.read_texts(texts)
    assert reading.program is not None
    assert [rule.id for rule in reading.program.rules] == ["first", "second", "third", "fourth"]


def test_an_id_is_defined_once_over_all_files() -> None:
    found = said({"a.yaml": PROGRAM + EVENTS + BUY, "b.yaml": BUY})
    assert found == ["b.yaml:1 `buy` is defined twice; first in a.yaml:4."]


def test_a_key_of_the_program_stands_once_over_all_files() -> None:
    found = said({"a.yaml": PROGRAM, "b.yaml": "program: {money: EUR, stacking: add}\n"})
    assert found == ["b.yaml:1 `money` is defined twice; first in a.yaml:1."]


def test_tiers_may_have_their_benefits_in_another_file() -> None:
    texts = {
        "a.yaml": PROGRAM
        + EVENTS
        + BUY
        + "tiers: {measure: points, ladder: {member: 0, gold: 9}}\n",
        "b.yaml": "tiers: {benefits: {gold: {points: x2}}}\n",
    }
    assert said(texts) == []


def test_examples_and_files_of_data_are_put_together() -> None:
    more = (
        "examples:\n  - {name: one, events: [{at: 2026-01-01, order: {amount: 5}}],"
        " expect: {points: 5}}\n"
        "data: {events: {file: a.csv, type: order, columns: {event_id: a, member_id: b, at: c}}}\n"
    )
    texts = {"a.yaml": PROGRAM + EVENTS + BUY, "b.yaml": more, "c.yaml": more}
    reading = rules.read_texts(texts)
    assert reading.problems == ()
    assert reading.program is not None
    assert len(reading.program.examples) == 2
    assert len(reading.program.data) == 2


def test_a_file_that_is_not_yaml_has_one_problem_and_the_others_are_still_read() -> None:
    texts = {
        "a.yaml": PROGRAM + EVENTS,
        "b.yaml": "earn:\n  buy: {when: order, if: > 5, give: {points: amout}}\n  more: [",
        "c.yaml": "earn: {again: {when: ordr, give: {points: 1}}}\n",
    }
    assert said(texts) == [
        "b.yaml:2 `> 5, give: {points: amout}}` begins with `>`, which has a meaning of its own in"
        " YAML.",
        "c.yaml:1 There is no event `ordr`.",
    ]


def test_a_program_in_a_broken_file_is_not_called_missing() -> None:
    assert said({"a.yaml": "program: {name: 'Shop\n", "b.yaml": EVENTS}) == [
        "a.yaml:1 A quote is opened here and never closed."
    ]


def test_only_yaml_files_of_the_folder_itself_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(PROGRAM + EVENTS, encoding="utf-8")
    (tmp_path / "b.yml").write_text(BUY, encoding="utf-8")
    (tmp_path / "notes.txt").write_text("earn:", encoding="utf-8")
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "c.yaml").write_text("earn:", encoding="utf-8")
    (tmp_path / "d.yaml").mkdir()
    read = rules.load(tmp_path)
    assert [rule.id for rule in read.rules] == ["buy"]
    assert read.folder == str(tmp_path)


def test_a_byte_order_mark_counts_as_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(PROGRAM + EVENTS + BUY, encoding="utf-8-sig")
    assert rules.read(tmp_path).problems == ()


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-16"])
def test_utf_16_is_recognised(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "a.yaml").write_text(PROGRAM, encoding=encoding)
    reading = rules.read(tmp_path)
    assert [p.what for p in reading.problems] == ["The file is saved as UTF-16."]


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(PROGRAM.encode() + b"earn: \xff\xff\xff\n")
    problem = rules.read(tmp_path).problems[0]
    assert problem.what == "The file is not saved as UTF-8."
    assert (problem.place.line, problem.place.column) == (2, 7)


def test_a_folder_that_is_missing_empty_or_a_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(PROGRAM, encoding="utf-8")
    (tmp_path / "empty").mkdir()
    found = [rules.read(tmp_path / name).problems[0].what for name in ("none", "a.yaml", "empty")]
    assert found == [
        "There is no such folder.",
        "This is a file, not a folder.",
        "There are no rules in this folder.",
    ]


def test_an_empty_file_says_nothing() -> None:
    texts = {"a.yaml": PROGRAM + EVENTS, "b.yaml": "", "c.yaml": "# later\n", "d.yaml": "---\n"}
    assert said(texts) == []


def test_load_raises_with_all_errors_and_shows_them(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(PROGRAM + EVENTS + BUY.replace("order", "ordr"), "utf-8")
    with pytest.raises(RulesError) as refused:
        rules.load(tmp_path)
    assert [p.code for p in refused.value.problems] == ["unknown-name"]
    assert "a.yaml:4:20: There is no event `ordr`. Did you mean `order`?" in str(refused.value)


def test_a_warning_does_not_keep_a_program_from_being_used(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(PROGRAM + "events: {order: {desc: text}}\n", "utf-8")
    assert rules.load(tmp_path).events["order"].fields["desc"].name == "desc"
    assert [p.severity for p in rules.read(tmp_path).problems] == ["warning"]
