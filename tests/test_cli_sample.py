"""`perkbook sample` and `perkbook schema` as a user calls them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.shell import perkbook


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    asked = ["sample", "--members", "50", "--events", "400", "--out"]
    for name in ("one", "two"):
        assert perkbook(*asked, name, folder=tmp_path).returncode == 0
    assert perkbook(*asked, "three", "--seed", "2", folder=tmp_path).returncode == 0
    one, two, three = (
        [(tmp_path / folder / name).read_bytes() for name in ("members.csv", "events.csv")]
        for folder in ("one", "two", "three")
    )
    assert one == two
    assert one != three


def test_a_sample_has_as_many_rows_as_were_asked_for(tmp_path: Path) -> None:
    done = perkbook("sample", "--members", "50", "--events", "400", "--out", "a/b", folder=tmp_path)
    assert done.stdout == "a/b/members.csv\na/b/events.csv\n"
    assert (tmp_path / "a/b/members.csv").read_text().count("\n") == 51
    assert (tmp_path / "a/b/events.csv").read_text().count("\n") == 401


def test_json_names_the_files(tmp_path: Path) -> None:
    done = perkbook(
        "sample", "--members", "1", "--events", "0", "--out", "a", "--json", folder=tmp_path
    )
    assert json.loads(done.stdout) == {"members": "a/members.csv", "events": "a/events.csv"}


@pytest.mark.parametrize(
    "arguments",
    [
        ["--members", "0", "--events", "5", "--out", "a"],
        ["--members", "many", "--events", "5", "--out", "a"],
        ["--members", "5", "--events", "-1", "--out", "a"],
        ["--members", "5", "--out", "a"],
    ],
    ids=" ".join,
)
def test_a_sample_that_cannot_be_is_wrong_usage(arguments: list[str], tmp_path: Path) -> None:
    done = perkbook("sample", *arguments, folder=tmp_path)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "a").exists()


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    done = perkbook("sample", "--members", "1", "--events", "1", "--out", "taken", folder=tmp_path)
    assert done.returncode == 1
    assert done.stderr == "taken: There is a file of this name where a folder is needed.\n"


def test_the_schema_that_ships_is_the_one_that_is_printed(project: Path) -> None:
    done = perkbook("schema", folder=project)
    assert done.returncode == 0
    assert done.stdout == (project / "docs/schema.json").read_text(encoding="utf-8")
    assert json.loads(done.stdout)["title"] == "Perkbook rules"


def test_every_starter_file_points_to_the_schema_that_ships(project: Path) -> None:
    for path in sorted((project / "rules").glob("*.yaml")):
        first = path.read_text(encoding="utf-8").splitlines()[0]
        mark, _, target = first.partition("$schema=")
        assert mark == "# yaml-language-server: "
        assert (path.parent / target).resolve() == project / "docs/schema.json"
