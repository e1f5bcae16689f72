"""Whatever is installed of the locked packages has a licence that the README allows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest

PERMISSIVE = {
    "0BSD", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD-2-Clause", "BSD-3-Clause",
    "CC0-1.0", "ISC", "MIT", "PSF-2.0", "Zlib",
}  # fmt: skip
# Those that ask for more, and the packages that may have them: tests alone use the first two, and
# a driver of PostgreSQL is installed as it comes, by those who ask for it.
ASKING = {
    "MPL-2.0": {"hypothesis", "pathspec"},
    "LGPL-3.0-only": {"psycopg", "psycopg-binary"},
}
# Older words for the same. `BSD` alone leaves two or three clauses open; both are allowed.
OLDER = {
    "Apache 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD": "BSD-3-Clause",
    "BSD License": "BSD-3-Clause",
    "ISC License": "ISC",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}
CLASSIFIER = "License :: OSI Approved :: "


def locked(project: Path) -> dict[str, str]:
    """The packages of the lock with their versions."""
    text = (project / "requirements.lock").read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", text, re.MULTILINE))


def installed(project: Path) -> Iterator[tuple[str, str]]:
    """Those of them that this machine has, each with its licence in the words of SPDX."""
    for name in locked(project):
        try:
            yield name, licence(metadata.distribution(name).metadata)
        except metadata.PackageNotFoundError:
            continue  # one for another system


def licence(told: metadata.PackageMetadata) -> str:
    """A licence in the words of SPDX; empty where a package says none."""
    for expression in told.get_all("License-Expression") or []:
        return str(expression)
    said = "".join(told.get_all("License") or []).strip()
    classifiers = told.get_all("Classifier") or []
    named = [one.removeprefix(CLASSIFIER) for one in classifiers if one.startswith(CLASSIFIER)]
    words = named or [said]
    return " AND ".join(OLDER.get(word, word) for word in words)


def allowed(name: str, said: str) -> bool:
    """Whether a package may have a licence: one of those it lets choose, all that it puts together.

    Without brackets: an expression that needs them is looked at by a person.
    """
    fine = PERMISSIVE | {one for one, names in ASKING.items() if name in names}
    return any(all(one in fine for one in part.split(" AND ")) for part in said.split(" OR "))


def test_every_installed_package_has_a_licence_that_is_allowed(project: Path) -> None:
    found = dict(installed(project))
    refused = {name: said for name, said in found.items() if not allowed(name, said)}
    assert refused == {}
    assert len(found) > 0.8 * len(locked(project))


@pytest.mark.parametrize(
    ("name", "said", "fine"),
    [
        ("some", "MIT", True),
        ("some", "BSD-2-Clause AND Apache-2.0 WITH LLVM-exception", True),
        ("some", "GPL-3.0-only OR MIT", True),
        ("some", "MIT AND GPL-3.0-only", False),
        ("some", "MPL-2.0", False),
        ("hypothesis", "MPL-2.0", True),
        ("hypothesis", "LGPL-3.0-only", False),
        ("some", "(MIT)", False),
        ("some", "", False),
    ],
)
def test_a_licence_is_allowed_as_its_expression_says(name: str, said: str, fine: bool) -> None:
    assert allowed(name, said) is fine


@pytest.mark.parametrize("page", ["README.md", "README.zh-CN.md"])
def test_the_readme_names_the_licences_that_are_allowed(project: Path, page: str) -> None:
    text = (project / page).read_text(encoding="utf-8")
    told = set(re.findall(r"`([^`]+)`", text[text.index("[Apache-2.0](LICENSE)") :]))
    assert told == {*PERMISSIVE, *ASKING, *(name for names in ASKING.values() for name in names)}
