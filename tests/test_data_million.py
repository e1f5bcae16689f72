"""A million rows are read in seconds, and each of a hundred thousand broken ones is told."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.data import history, source
from tests.data_program import program

ROWS = 1_000_000
SECONDS = 60  # of work; a tenth of it is what it takes
HEAD = b"event_id,member_id,type,at,amount\n"
# What is wrong with every tenth row, in turn, and what is said of it.
BROKEN = (
    (b'o,m,order,"2026-01-02,5\n', "a quote that is opened is never closed"),
    (b'o,"m"1,order,2026-01-02,5\n', "there is text after a closing quote"),
    (b"o,m,order\n", "it has 3 cells, the first line has 5"),
    (b"o,m,order,2026-01-02,5,6\n", "it has 6 cells, the first line has 5"),
    (b"o,\xff\xfe,order,2026-01-02,5\n", "it is not UTF-8 text"),
    (b"o,\0,order,2026-01-02,5\n", "it holds a NUL byte"),
    (b"o,m,order,2026-13-02,5\n", "not a time, written like 2026-01-31 18:30:00 or"
                                  " 2026-01-31T18:30:00+08:00"),
    (b"o,m,order,2026-01-02,five\n", "not a number, written like -1234.56"),
    (b",m,order,2026-01-02,5\n", "empty"),
    (b"o,m,ordre,2026-01-02,5\n", "unknown type"),
)  # fmt: skip


def lines() -> Iterator[bytes]:
    """The rows."""
    for number in range(1, ROWS + 1):
        if number % 10:
            yield b"o%d,m%d,order,2026-01-%02d,5.25\n" % (number, number % 5000, number % 28 + 1)
        else:
            yield BROKEN[number // 10 % 10][0]


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of a million rows, every tenth of which is broken."""
    path = tmp_path_factory.mktemp("million") / "broken.csv"
    path.write_bytes(HEAD + b"".join(lines()))
    return path


def test_of_a_million_rows_every_tenth_is_broken_and_told(broken: Path) -> None:
    start = time.process_time()
    got = history.read(program(), None, str(broken))
    assert time.process_time() - start < SECONDS
    assert len(got.events.at) == ROWS * 9 // 10
    assert [r.row for r in got.rejected] == list(range(10, ROWS + 1, 10))
    wanted = [BROKEN[row // 10 % 10][1] for row in range(10, ROWS + 1, 10)]
    # An open quote ends at the quote of the next broken row, unless nothing comes after it.
    closed = [BROKEN[1][1] if reason == BROKEN[0][1] else reason for reason in wanted]
    wanted = [*closed[:-1], wanted[-1]]
    assert [r.reason for r in got.rejected] == wanted


def test_a_million_rows_come_in_parts(broken: Path) -> None:
    frames = list(source.frames(source.Source("x", broken), ["amount"]))
    assert len(frames) > 1
    assert max(len(frame.rows) for frame in frames) < ROWS
    rows = [row for frame in frames for row in frame.rows.tolist()]
    assert rows == sorted(rows)
    assert sum(len(frame.rows) + len(frame.broken) for frame in frames) == ROWS
