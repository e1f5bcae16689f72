"""The workspaces that ship: their rules hold, their data is made again, their READMEs say so."""

from __future__ import annotations

import csv
import functools
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from engine.language import checks, rules
from engine.language.program import Program, Rule
from engine.machine import examples, replay
from engine.machine.replay import Outcome

ROOT = Path(__file__).resolve().parent.parent
WORKSPACES = sorted(p.parent for p in (ROOT / "sample_data/workspaces").glob("*/README.md"))
HEAD = "| 说法 | 规则 | 例子 | 条数 |"
NOT_BUILT = "not yet"

every_workspace = pytest.mark.parametrize("folder", WORKSPACES, ids=lambda folder: folder.name)


@dataclass(frozen=True)
class Replayed:
    """A workspace's program, its ledger, and how much each rule has made, by its id."""

    program: Program
    outcome: Outcome
    made: Counter[str]


@functools.cache
def replayed(folder: Path) -> Replayed:
    """One replay of a workspace, for all that is asked of it."""
    program = rules.load(folder / "rules")
    outcome = replay.run(program, folder / "members.csv", folder / "events.csv")
    return Replayed(program, outcome, made(program, outcome))


def made(program: Program, outcome: Outcome) -> Counter[str]:
    """By rule: entries that gave and grants; of a reward its grants, of a draw its spins."""
    ledger = outcome.ledger.select(["rule", "kind"]).to_pylist()
    spins = set(program.draws)
    paying = {name for name, it in program.rewards.items() if it.kind == "pay"}
    found = Counter(
        row["rule"] for row in ledger
        if (row["kind"] in ("earn", "bonus") and row["rule"] not in spins)
        or (row["kind"] == "spend" and row["rule"] in paying)
    )  # fmt: skip
    for row in outcome.grants.select(["rule", "kind", "id"]).to_pylist():
        by = row["rule"]
        found.update({by} if by not in spins or row["kind"] == "prize" else set())
        found.update({row["id"]} & set(program.rewards) - {by})
    return found


def every_rule(program: Program) -> dict[str, Rule]:
    """What may give, by the place that a README names it with."""
    goods = [it.rule for it in program.rewards.values()]
    found = (*program.rules, *goods, *(it.rule for it in program.draws.values()))
    return {f"rules/{Path(it.place.file).name}:{it.place.line}": it for it in found}


def table(folder: Path) -> Iterator[list[str]]:
    """The cells of each row of the README's table that is built."""
    lines = (folder / "README.md").read_text(encoding="utf-8").splitlines()
    for line in lines[lines.index(HEAD) + 2 :]:
        if not line.startswith("|"):
            return
        if NOT_BUILT not in line:
            yield [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def rows(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_there_are_workspaces() -> None:
    assert WORKSPACES


@every_workspace
def test_check_has_nothing_to_say(folder: Path) -> None:
    reading = rules.read(folder / "rules")
    assert reading.problems == ()
    assert reading.program is not None
    assert checks.warnings(reading.program) == ()


@every_workspace
def test_its_examples_pass(folder: Path) -> None:
    results = examples.run(rules.load(folder / "rules"))
    assert len(results) >= 12
    failed = {r.example.name: [d.said for d in r.differences] for r in results if not r.passed}
    assert failed == {}


@every_workspace
def test_its_data_is_made_again_byte_for_byte(folder: Path, tmp_path: Path) -> None:
    subprocess.run([sys.executable, folder / "make.py", tmp_path], check=True, cwd=tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["events.csv", "members.csv"]
    for path in tmp_path.iterdir():
        assert path.read_bytes() == (folder / path.name).read_bytes(), path.name


@every_workspace
def test_its_history_is_a_year_of_many_people(folder: Path) -> None:
    people, happened = rows(folder / "members.csv"), rows(folder / "events.csv")
    assert len(people) >= 300
    assert len(happened) >= 10_000
    times = [row["at"] for row in happened]
    assert times == sorted(times)
    months = {at[:7] for at in times}
    assert 12 <= len(months) <= 19


@every_workspace
def test_no_row_is_set_aside_that_its_readme_does_not_name(folder: Path) -> None:
    said = (folder / "README.md").read_text(encoding="utf-8")
    rejected = replayed(folder).outcome.rejected.to_pylist()
    aside = {f"{Path(r['file']).name}:{r['row']}" for r in rejected}
    assert {place for place in aside if f"`{place}`" not in said} == set()


@every_workspace
def test_no_rule_never_fires(folder: Path) -> None:
    it = replayed(folder)
    assert {rule.id for rule in every_rule(it.program).values()} - set(it.made) == set()


@every_workspace
def test_its_readme_says_how_to_run_it(folder: Path) -> None:
    said = (folder / "README.md").read_text(encoding="utf-8")
    assert f"perkbook replay sample_data/workspaces/{folder.name}/rules" in said


@every_workspace
def test_every_row_of_its_table_is_true(folder: Path) -> None:
    it = replayed(folder)
    places, names = every_rule(it.program), {e.name for e in it.program.examples}
    true = {place: f"{it.made[rule.id]:,}" for place, rule in places.items()}
    told = list(table(folder))
    assert told
    for row in told:
        phrase, place, example, count = (cell.strip("`") for cell in row)
        assert phrase, row
        assert place in places, f"{row}: rules begin at {', '.join(sorted(places))}"
        assert example in names, f"{row}: there is no example of this name"
        assert count == true[place], f"{row}: {places[place].id} made {true[place]}"
