"""What every test shares: its place, what it tells, who runs it; and that CI skips nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest

from tests import random_worlds
from tests.postgres import postgres as postgres
from tests.shop_database import shop_db as shop_db
from tests.shop_database import shop_server as shop_server

LAST = [0]  # the first seed of the last test that took some
SAID = "said"
NO_SKIPS = os.environ.get("PERKBOOK_NO_SKIPS") == "1"


@pytest.fixture(scope="session")
def project() -> Path:
    """The project's own folder."""
    return Path(__file__).resolve().parent.parent


@pytest.fixture
def tell(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Says something at the end of the run, whichever worker found it out."""
    return lambda said: record_property(SAID, said)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Prints what tests have told."""
    reports = [r for some in terminalreporter.stats.values() for r in some]
    tests = [(r.nodeid, r.user_properties) for r in reports if isinstance(r, pytest.TestReport)]
    told = [(test, said) for test, properties in tests for name, said in properties if name == SAID]
    if told:
        terminalreporter.section("what tests tell")
    for test, said in sorted(set(told)):
        terminalreporter.line(f"{test.split('::')[-1]}\n{said}\n")


@pytest.fixture(autouse=True)
def other_worlds(request: pytest.FixtureRequest) -> None:
    """Lets random worlds go when a test takes others than the one before."""
    taken = getattr(request.node, "callspec", None)
    seeds = taken.params.get("seeds") if taken is not None else None
    if seeds is not None and seeds.start != LAST[-1]:
        random_worlds.forget()
        LAST[:] = [seeds.start]


# Whoever works alone needs none of this: it is loaded where there are several workers.
@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Says which tests each of several workers takes."""
    from tests import workers

    return workers.scheduler(config, log) if config.option.dist == "loadfile" else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Puts the tests of a worker in the order in which all take them."""
    if hasattr(config, "workerinput"):
        from tests import workers

        workers.order(items)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that was skipped while it ran counts as failed where nothing may be skipped."""
    report = yield
    if NO_SKIPS and report.outcome == "skipped" and not hasattr(report, "wasxfail"):
        report.outcome, report.longrepr = "failed", _refusal(report.longrepr)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for a file that skips itself as a whole."""
    report = yield
    if NO_SKIPS and report.outcome == "skipped":
        report.outcome, report.longrepr = "failed", _refusal(report.longrepr)
    return report


def _refusal(reason: object) -> str:
    return f"Nothing may be skipped here, and this was: {reason}"
