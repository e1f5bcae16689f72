"""`check --fix`: a draw without a salt gets one, once, and nothing else of the file changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.language import fixes, rules
from tests.shell import perkbook, write

HEAD = """\
program: {name: Shop, timezone: Asia/Shanghai, money: CNY}  # 店
rewards: {cup: {item: cup}}
"""
PRIZES = "prizes: {cup: 5%, nothing: 95%}"


def fixed(text: str) -> str:
    """The text, with prizes for `P`, and then with `new1` and so on as salts, from behind."""
    made = iter(f"new{n}" for n in range(1, 99))
    return fixes.salts(whole(text), "a.yaml", lambda: next(made))[0]


def whole(text: str) -> str:
    """The text with prizes for each `P`."""
    return text.replace("P", PRIZES)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("draws: {wheel: {P}}", "draws: {wheel: {salt: new1, P}}"),
        ("draws: {wheel: {}}", "draws: {wheel: {salt: new1}}"),
        (
            "draws:\n  # ours\n  wheel:  # it\n    # first\n    P  # small\n",
            "draws:\n  # ours\n  wheel:  # it\n    # first\n    salt: new1\n    P  # small\n",
        ),
        (
            "draws:\r\n    轮:\r\n        name: 一\r\n        P\r\n",
            "draws:\r\n    轮:\r\n        salt: new1\r\n        name: 一\r\n        P\r\n",
        ),
        (
            "draws:\n  a: {P}\n  b: {salt: x}\n  c:\n    P\n",
            "draws:\n  a: {salt: new2, P}\n  b: {salt: x}\n  c:\n    salt: new1\n    P\n",
        ),
        ("draws:\n  wheel:\n", "draws:\n  wheel:\n"),
        ("draws: [1]\nearn: {x: {y: 1}}\n", "draws: [1]\nearn: {x: {y: 1}}\n"),
        ("draws: {wheel: {", "draws: {wheel: {"),
    ],
)
def test_only_the_salt_is_written(before: str, after: str) -> None:
    assert fixed(before) == whole(after)
    assert fixed(after) == whole(after)


def test_the_command_writes_a_salt_once_and_then_the_rules_are_fine(tmp_path: Path) -> None:
    text = HEAD + f"draws:\n  wheel: {{{PRIZES}}}\n"
    write(tmp_path, {"rules/a.yaml": text})
    assert perkbook("check", folder=tmp_path).returncode == 1
    done = perkbook("check", "--fix", folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "rules/a.yaml:4: `wheel` has a new salt.\n")
    once = (tmp_path / "rules/a.yaml").read_text(encoding="utf-8")
    salt = rules.load(tmp_path / "rules").draws["wheel"].salt
    assert once == text.replace("{prizes", f"{{salt: {salt}, prizes")
    again = perkbook("check", "--fix", folder=tmp_path)
    assert (again.returncode, again.stderr) == (0, "")
    assert (tmp_path / "rules/a.yaml").read_text(encoding="utf-8") == once


def test_a_file_keeps_its_mark_and_its_rights(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + HEAD.encode())
    path.chmod(0o640)
    fixes.write(tmp_path, {"a.yaml": HEAD}, {"a.yaml": HEAD + "# new\n"})
    assert path.read_bytes() == b"\xef\xbb\xbf" + HEAD.encode() + b"# new\n"
    assert path.stat().st_mode & 0o777 == 0o640
    assert [it.name for it in tmp_path.iterdir()] == ["a.yaml"]


def test_where_one_file_has_changed_meanwhile_none_is_written(tmp_path: Path) -> None:
    before = {"a.yaml": "a: 1\n", "b.yaml": "b: 1\n"}
    write(tmp_path, before)
    (tmp_path / "b.yaml").write_text("b: 2\n", encoding="utf-8")
    with pytest.raises(fixes.ChangedError, match=r"b\.yaml"):
        fixes.write(tmp_path, before, {"a.yaml": "a: 3\n", "b.yaml": "b: 3\n"})
    assert (tmp_path / "a.yaml").read_text(encoding="utf-8") == "a: 1\n"
    assert (tmp_path / "b.yaml").read_text(encoding="utf-8") == "b: 2\n"
