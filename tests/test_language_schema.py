"""The JSON Schema of rules files takes right rules and marks wrong ones."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from engine.language import schema

CHECKER = jsonschema.Draft7Validator(schema.schema())


def complaints(text: str) -> list[str]:
    """What the schema marks in a text, as an editor with YAML 1.2 would see it."""
    return [error.message for error in CHECKER.iter_errors(yaml.load(text, yaml.BaseLoader))]


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft7Validator.check_schema(schema.schema())


def test_the_file_in_docs_is_the_schema(project: Path) -> None:
    written = json.loads((project / "docs" / "schema.json").read_text(encoding="utf-8"))
    assert written == schema.schema()


def test_every_key_has_a_description() -> None:
    for name, shape in schema.schema()["definitions"].items():
        for key, form in shape["properties"].items():
            assert form.get("description", "").endswith("."), f"{name}: {key}"


def test_the_starter_program_and_the_example_have_no_marks(project: Path) -> None:
    files = [*(project / "rules").glob("*.yaml"), project / "tests" / "language_example.yaml"]
    assert len(files) > 4
    for file in files:
        assert complaints(file.read_text(encoding="utf-8")) == [], file.name


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("programm: {}", "'programm' was unexpected"),
        ("earn: {a: {when: order, giv: {points: 1}}}", "'giv' was unexpected"),
        ("earn: {a: {give: {points: 1}}}", "'when' is a required property"),
        ("wallets: {p: {round: dwn}}", "'dwn' is not one of ['down', 'nearest', 'up']"),
        ("members: {a: txt}", "'txt' is not"),
        ("facts: {a: {count: order, over: soon}}", "'soon' does not match"),
        ("tiers: {review: each year}", "'each year' does not match"),
        ("earn: {five off: {when: order, give: {points: 1}}}", "'five off' does not match"),
        ("earn: {a: {when: order, give: {points: 1}, from: tomorrow}}", "'tomorrow' does not"),
        ("examples: {name: a}", "is not of type 'array'"),
        ("data: {members: {file: a.csv}}", "is not valid under any"),
    ],
)
def test_mistakes_are_marked(text: str, said: str) -> None:
    found = complaints(text)
    assert len(found) == 1
    assert said in found[0]


@pytest.mark.parametrize(
    "text",
    [
        "wallets: {p: {below zero: no, value: 0.01, decimals: 014}}",
        "rewards: {a: {coupon: 18.00, stacks: no, cost: {points: {2026-01-01: 5}}}}",
        "members: {phone: {type: text, personal: yes}, 城市: text}",
        "earn: {买: {when: [order, review], give: {points: amount, coupon: {a: 2}}, limit: 3}}",
    ],
)
def test_values_that_an_editor_reads_as_numbers_or_flags_are_taken(text: str) -> None:
    assert complaints(text) == []
    as_editor = yaml.safe_load(text.replace("2026-01-01", "'2026-01-01'"))
    assert [error.message for error in CHECKER.iter_errors(as_editor)] == []
