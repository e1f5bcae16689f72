"""Which tests each of several workers takes: whole files, those that take longest first."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

# Longest first, so that at the end no worker waits for another.
FIRST = (
    "laws", "docs", "online_retail_redeemed", "inspect_real", "benchmarks", "cli_replay",
    "expression_equal", "tidy", "cli_months", "inspect", "fuzz", "single_laws", "streamed",
)  # fmt: skip
# Files that share with another what is made once: random worlds, a server.
SHARED = {"checks_worlds": "laws", "data_database_refused": "data_database"}


def scheduler(config: pytest.Config, log: Any) -> Any:
    """Gives each worker a group of tests after the other, in the order in which they stand."""
    config.option.loadscopereorder = False  # by how many tests a group has
    made = LoadScopeScheduling(config, log)
    made._split_scope = group
    return made


def order(items: list[pytest.Item]) -> None:
    """Puts the tests in the order in which workers take them."""
    places = {name: place for place, name in enumerate(FIRST)}
    items.sort(key=lambda item: places.get(group(item.nodeid), len(places)))


def group(nodeid: str) -> str:
    """A test's file, or the one that its file shares with."""
    name = PurePosixPath(nodeid.split("::")[0]).stem.removeprefix("test_")
    return SHARED.get(name, name)
