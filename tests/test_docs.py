"""The documentation runs: every block of commands, rules and Python in it does what it says.

A comment before a block says what it is: `<!-- file: PATH -->` is a file of the reader's folder,
`<!-- wrong -->` are rules with a problem, `<!-- exit: 1 -->` are commands that end so. Rules that
are a part only are read beside a program that has the rest.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from engine.language import rules

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([*ROOT.glob("README*.md"), *(ROOT / "docs").glob("*.md")])
BLOCK = re.compile(r"^(?P<indent> *)```(?P<kind>[a-z]*)\n(?P<text>.*?)^ *```$", re.DOTALL | re.M)
MARK = re.compile(r"<!-- *(file|wrong|exit|fragment)(?:: *(.*?))? *-->\s*$")
NOT_HERE = ("git clone", "cd perkbook", "sudo apt-get", "make ")

CONTEXT = """
program: {name: Shop, timezone: Asia/Shanghai, money: CNY}
events:
  order: {amount: money, category: text, channel: text, store: text, items: whole}
  refund: {reverses: order, amount: money}
  check_in: {}
  login: {}
  review: {photo: flag}
members: {city: text, birthday: date, likes: texts, phone: text}
wallets:
  points: {value: 0.01}
  growth: {expires: 12 months}
facts:
  orders: {count: order}
  spend: {sum: order.amount}
  last_order: {last: order}
tiers: {measure: growth, ladder: {member: 0, silver: 1000, gold: 3000}}
privileges: {ships_first: {name: Ships first}}
earn:
  purchase: {when: order, give: {points: amount, growth: amount}}
rewards:
  five_off: {coupon: 5.00, cost: {points: 500}}
referral: {levels: 2}
"""


def name(page: Path) -> str:
    """A page as people say it."""
    return page.relative_to(ROOT).as_posix()


@dataclass(frozen=True)
class Block:
    """One fenced block: its page, line, language, text and the comment before it."""

    page: Path
    line: int
    kind: str
    text: str
    mark: str
    value: str

    def __str__(self) -> str:
        return f"{name(self.page)}:{self.line}"


def blocks(page: Path) -> list[Block]:
    """Every fenced block of a page, in order."""
    said = page.read_text(encoding="utf-8")
    found = []
    for match in BLOCK.finditer(said):
        marked = MARK.search(said[: match.start()])
        mark, value = marked.groups() if marked else ("", "")
        text = re.sub(rf"^{match['indent']}", "", match["text"], flags=re.MULTILINE)
        line = said.count("\n", 0, match.start()) + 1
        found.append(Block(page, line, match["kind"], text, mark, value or ""))
    return found


RULES = [b for p in PAGES for b in blocks(p) if b.kind == "yaml" and b.mark != "file"]


@pytest.mark.parametrize("block", RULES, ids=str)
def test_rules_on_a_page_are_read(block: Block) -> None:
    reading = rules.read_texts({"context.yaml": _context(block.text), "block.yaml": block.text})
    wrong = [p.show(block.text) for p in reading.problems if p.severity == "error"]
    assert bool(wrong) == (block.mark == "wrong"), "\n".join(wrong)


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_the_commands_on_a_page_run(page: Path, tmp_path: Path) -> None:
    folder = _workspace(tmp_path)
    said = ""
    for block in blocks(page):
        if block.mark == "file":
            target = folder / block.value
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(block.text, encoding="utf-8")
        elif block.kind == "sh":
            said = _run(block, ["bash", "-eo", "pipefail", "-c", _commands(block)], folder)
        elif block.kind == "python":
            said = _run(block, [sys.executable, "-c", block.text], folder)
        elif block.kind == "text":
            _expect(block, said)
        elif block.kind == "json":
            json.loads(block.text)
        else:
            assert block.kind in ("yaml", "csv"), f"{block}: what is a block of {block.kind!r}?"


def test_both_readmes_show_the_same_commands() -> None:
    english, chinese = (
        [b.text for b in blocks(ROOT / readme) if b.kind == "sh"]
        for readme in ("README.md", "README.zh-CN.md")
    )
    assert english == chinese


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_link_to_a_file_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def _context(text: str) -> str:
    """The program beside a block of rules, without what the block has itself."""
    context = yaml.load(CONTEXT, yaml.BaseLoader)
    written = yaml.load(text, yaml.BaseLoader)
    for section, said in (written if isinstance(written, dict) else {}).items():
        if section in ("program", "tiers"):
            context.pop(section, None)
        elif isinstance(said, dict) and section in context:
            context[section] = {k: v for k, v in context[section].items() if k not in said}
    return yaml.safe_dump({k: v for k, v in context.items() if v}, sort_keys=False)


def _workspace(folder: Path) -> Path:
    """A reader's folder: the starter rules, the sample, the environment."""
    for part in ("rules", "sample_data"):
        shutil.copytree(ROOT / part, folder / part)
    (folder / ".venv").symlink_to(Path(sys.executable).parent.parent)
    return folder


def _commands(block: Block) -> str:
    """The commands without those that set up what the test has already."""
    made = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"^make (\w+)", block.text, re.MULTILINE):
        assert f"\n{target}:" in made, f"{block}: there is no `make {target}`"
    lines = block.text.splitlines()
    return "\n".join(line for line in lines if not line.startswith(NOT_HERE))


def _run(block: Block, command: list[str], folder: Path) -> str:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"PATH": path, "PYTHONPATH": str(ROOT), "COLUMNS": "100"}
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    expected = int(block.value) if block.mark == "exit" else 0
    assert done.returncode == expected, f"{block}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


def _expect(block: Block, said: str) -> None:
    """Every line that a page shows stands in what was printed, in this order; `...` skips some."""
    lines = iter(line.rstrip() for line in said.splitlines())
    for shown in block.text.splitlines():
        wanted = shown.rstrip()
        if wanted and wanted != "...":
            assert wanted in lines, f"{block}: {wanted!r} was not printed, but\n{said}"
