"""`perkbook check` as a user calls it: real folders, exit codes, JSON, and never a traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.shell import SHOP, Done, perkbook, write


def problems(done: Done) -> list[dict[str, Any]]:
    """The list that `check --json` prints."""
    said = json.loads(done.stdout)
    assert isinstance(said, list)
    return said


def test_rules_without_a_problem_are_counted(tmp_path: Path) -> None:
    done = perkbook("check", folder=write(tmp_path, {"rules/shop.yaml": SHOP}))
    assert done.returncode == 0
    assert done.stdout == (
        "小店: 1 rule, 1 reward, 0 tiers, 0 examples, in 1 file; 0 problems, 0 warnings.\n"
    )
    assert done.stderr == ""


def test_a_problem_is_told_with_its_place_line_and_caret(tmp_path: Path) -> None:
    wrong = SHOP.replace("give: {points: amount}", "give: {points: amuont}")
    done = perkbook("check", folder=write(tmp_path, {"rules/shop.yaml": wrong}))
    assert done.returncode == 1
    place, line, caret, *_ = done.stdout.splitlines()
    assert place.startswith("rules/shop.yaml:5:54: ")
    assert "amount" in place
    assert line == "      purchase: {name: 每元一分, when: order, give: {points: amuont}}"
    assert (
        caret.index("^") == 4 + len("  purchase: {name: 每元一分, when: order, give: {points: ") + 4
    )
    assert done.stdout.endswith("1 problem, 0 warnings.\n")


def test_all_problems_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    more = "earn:\n  bonus: {when: ordre, give: {points: 5}}\n  gift: {wen: order}\n"
    wrong = SHOP.replace("CNY", "YUAN")
    done = perkbook("check", folder=write(tmp_path, {"rules/a.yaml": wrong, "rules/b.yaml": more}))
    assert done.returncode == 1
    for place in ("rules/a.yaml:1:", "rules/b.yaml:2:", "rules/b.yaml:3:"):
        assert place in done.stdout


def test_json_lists_problems_with_their_places(tmp_path: Path) -> None:
    wrong = SHOP.replace("give: {points: amount}", "give: {points: amuont}")
    done = perkbook("check", "rules", "--json", folder=write(tmp_path, {"rules/shop.yaml": wrong}))
    assert done.returncode == 1
    (problem,) = problems(done)
    assert set(problem) == {"file", "line", "column", "code", "severity", "what", "expected"}
    assert (problem["file"], problem["line"], problem["column"]) == ("rules/shop.yaml", 5, 54)
    assert problem["severity"] == "error"


def test_json_of_good_rules_is_an_empty_list(tmp_path: Path) -> None:
    done = perkbook("check", "--json", folder=write(tmp_path, {"rules/shop.yaml": SHOP}))
    assert (done.returncode, problems(done)) == (0, [])


def test_rules_are_told_as_sentences(tmp_path: Path) -> None:
    folder = write(tmp_path, {"rules/shop.yaml": SHOP})
    english = perkbook("check", "--say", "en", folder=folder)
    chinese = perkbook("check", "--say", "zh", folder=folder)
    assert "rules/shop.yaml:5:3: earn.purchase\n" in english.stdout
    assert "Each order earns 1 point per yuan." in english.stdout
    assert "每笔订单每 1 元得 1 积分。" in chinese.stdout


def test_the_starter_rules_have_neither_problem_nor_warning(project: Path) -> None:
    done = perkbook("check", "rules", "--json", folder=project)
    assert (done.returncode, problems(done)) == (0, [])


NONSENSE: dict[str, Mapping[str, str | bytes]] = {
    "empty file": {"rules/a.yaml": ""},
    "only a comment": {"rules/a.yaml": "# nothing\n"},
    "binary": {"rules/a.yaml": bytes(range(256)) * 8},
    "a list": {"rules/a.yaml": "- one\n- two\n"},
    "one word": {"rules/a.yaml": "积分"},
    "a picture by name": {"rules/a.yaml": b"\x89PNG\r\n\x1a\n\x00\x00"},
    "GB18030": {"rules/a.yaml": "program: {name: 店}".encode("gb18030")},
    "UTF-16": {"rules/a.yaml": SHOP.encode("utf-16")},
    "brackets": {"rules/a.yaml": "a: " + "[" * 10_000},
    "half a line": {"rules/a.yaml": "earn: {purchase: {when: order"},
    "wrong types": {"rules/a.yaml": "program: 5\nevents: yes\nwallets: [a]\nearn: text\n"},
    "nulls": {"rules/a.yaml": "program:\nevents:\nwallets:\nearn:\nexamples:\n"},
    "no rules in the folder": {"rules/readme.txt": "hello"},
    "a folder called like a file": {"rules/a.yaml/x": "hello"},
}


@pytest.mark.parametrize("files", NONSENSE.values(), ids=NONSENSE.keys())
def test_nonsense_is_told_in_words_and_never_as_a_traceback(
    files: Mapping[str, str | bytes], tmp_path: Path
) -> None:
    done = perkbook("check", folder=write(tmp_path, files))
    assert done.returncode == 1
    assert "Traceback" not in done.stdout + done.stderr
    assert "mistake of Perkbook" not in done.stderr
    assert done.stdout.startswith("rules")


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    done = perkbook("check", "rulse", folder=tmp_path)
    assert done.returncode == 1
    assert "rulse:1:1: There is no such folder." in done.stdout


def test_a_file_in_the_place_of_a_folder_is_told(tmp_path: Path) -> None:
    done = perkbook("check", "shop.yaml", folder=write(tmp_path, {"shop.yaml": SHOP}))
    assert done.returncode == 1
    assert "shop.yaml:1:1: This is a file, not a folder." in done.stdout


@pytest.mark.skipif(os.name == "nt", reason="folders are locked otherwise there")
def test_a_file_that_may_not_be_read_is_told(tmp_path: Path) -> None:
    folder = write(tmp_path, {"rules/shop.yaml": SHOP})
    (folder / "rules/gone.yaml").symlink_to(folder / "nowhere.yaml")
    done = perkbook("check", folder=folder)
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    "arguments",
    [["check", "--jsn"], ["check", "a", "b"], ["chek"], ["check", "--say", "fr"]],
    ids=" ".join,
)
def test_wrong_usage_has_exit_code_two(arguments: list[str], tmp_path: Path) -> None:
    done = perkbook(*arguments, folder=tmp_path)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_every_command_says_what_it_does(tmp_path: Path) -> None:
    done = perkbook("--help", folder=tmp_path)
    assert done.returncode == 0
    for command in ("check", "test", "schema", "replay", "explain", "sample"):
        assert command in done.stdout
        assert perkbook(command, "--help", folder=tmp_path).returncode == 0


def test_checking_does_not_load_the_machine(tmp_path: Path) -> None:
    write(tmp_path, {"rules/shop.yaml": SHOP})
    code = (
        "import sys; sys.argv = ['perkbook', 'check']\n"
        "from engine.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print(*({'numba', 'pandas', 'pyarrow', 'duckdb', 'numpy'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == ""
