"""`perkbook test` as a user calls it: examples that pass, and where one comes out otherwise."""

from __future__ import annotations

import json
from pathlib import Path

from tests.shell import SHOP, perkbook, write

EXAMPLES = """
examples:
  - name: 120 yuan are 120 points
    events:
      - {at: 2026-03-02 10:15, order: {amount: 120}}
    expect: {points: 120}
  - name: 19.99 yuan are 19 points
    events:
      - {at: 2026-03-02 10:15, order: {amount: 19.99}}
    expect: {points: 20}
"""


def test_examples_that_pass_are_counted(tmp_path: Path) -> None:
    good = EXAMPLES.replace("points: 20", "points: 19")
    done = perkbook("test", folder=write(tmp_path, {"rules/shop.yaml": SHOP + good}))
    assert (done.returncode, done.stdout) == (0, "2 examples passed, 0 failed.\n")


def test_an_example_that_fails_is_told_with_its_place(tmp_path: Path) -> None:
    done = perkbook("test", folder=write(tmp_path, {"rules/shop.yaml": SHOP + EXAMPLES}))
    assert done.returncode == 1
    assert (
        done.stdout
        == """\
rules/shop.yaml:14:5: 19.99 yuan are 19 points
    rules/shop.yaml:17:14: points is 19, not 20.
1 example passed, 1 failed.
"""
    )


def test_json_counts_what_passed_and_lists_what_failed(tmp_path: Path) -> None:
    done = perkbook("test", "--json", folder=write(tmp_path, {"rules/shop.yaml": SHOP + EXAMPLES}))
    assert done.returncode == 1
    assert json.loads(done.stdout) == {
        "passed": 1,
        "failed": [
            {
                "name": "19.99 yuan are 19 points",
                "file": "rules/shop.yaml",
                "line": 14,
                "column": 5,
                "differences": [{"line": 17, "column": 14, "what": "points is 19, not 20"}],
            }
        ],
    }


def test_rules_without_examples_pass(tmp_path: Path) -> None:
    done = perkbook("test", folder=write(tmp_path, {"rules/shop.yaml": SHOP}))
    assert (done.returncode, done.stdout) == (0, "0 examples passed, 0 failed.\n")


def test_rules_with_problems_are_not_tried(tmp_path: Path) -> None:
    done = perkbook("test", folder=write(tmp_path, {"rules/shop.yaml": "earn: {a: 1}"}))
    assert done.returncode == 1
    assert done.stderr.startswith("rules/shop.yaml:1:")
    assert "Traceback" not in done.stderr


def test_the_examples_of_the_starter_rules_pass(project: Path) -> None:
    done = perkbook("test", "--json", folder=project)
    said = json.loads(done.stdout)
    assert said["failed"] == []
    assert said["passed"] >= 30


def test_the_example_of_the_contract_passes(project: Path, tmp_path: Path) -> None:
    text = (project / "tests/language_example.yaml").read_text(encoding="utf-8")
    write(tmp_path, {"rules/harvest.yaml": text})
    assert perkbook("check", folder=tmp_path).returncode == 0
    assert json.loads(perkbook("test", "--json", folder=tmp_path).stdout) == {
        "passed": 1,
        "failed": [],
    }
