"""Compiles the machine, once per version of it and machine: one process works, others wait."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numba
from numba.core import event

try:
    import fcntl
except ImportError:  # Windows has none; there two processes may compile the same, to no harm
    fcntl = None  # type: ignore[assignment]

FUNCTIONS = 125  # about as many as are compiled, for the progress


def is_ready() -> bool:
    """Whether a process has compiled this version of the machine before."""
    return (_folder() / "ready").exists()


def prepare(work: Callable[[], None], report: Callable[[float], None] | None = None) -> None:
    """Calls `work`, which compiles everything it uses, unless that was done before.

    `report` is told the share that is done, 0 to 1. A process that finds another at work waits
    for it, so that two do not compile the same.
    """
    if is_ready():
        return
    with _alone():
        if is_ready():
            return
        from engine.machine import lean  # what it needs takes long to load

        with lean.compiling(), event.install_listener("numba:compile", _Counter(report)):
            work()
        (_folder() / "ready").touch()
    if report is not None:
        report(1.0)


class _Counter(event.Listener):
    """Counts functions as they are compiled."""

    def __init__(self, report: Callable[[float], None] | None) -> None:
        self.report = report
        self.seen = 0

    def on_start(self, told: event.Event) -> None:
        """Another function begins."""

    def on_end(self, told: event.Event) -> None:
        """Another function is done."""
        self.seen += 1
        if self.report is not None:
            self.report(min(self.seen / FUNCTIONS, 0.99))


def _folder() -> Path:
    return Path(os.environ.get("NUMBA_CACHE_DIR") or numba.config.CACHE_DIR)  # type: ignore[attr-defined]


@contextmanager
def _alone() -> Iterator[None]:
    """Holds the folder's lock, which the system lets go when a process ends, however it ends."""
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        if fcntl is not None:
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
