"""Inputs for fuzzing: real bytes that are cut, doubled, mixed and changed, and bytes of no kind."""

from __future__ import annotations

import faulthandler
import gc
import math
import resource
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

T = TypeVar("T")
SECONDS = 3.0  # of work for one input
HANGS = 120  # seconds after which the whole run says where it stands, and ends
ROOM = 128  # mebibytes by which the process may grow once warm
WARM = 20  # inputs before time and room are looked at: something may be compiled or loaded
ROUND = 2_500  # inputs that hypothesis has in mind at a time

PIECES = (
    *(b"", b"\x00", b"\xff", b"\xfe\xff", b"\xef\xbb\xbf", b"\r", b"\n", b"\r\n", b"\t", b" "),
    *(b'"', b"'", b",", b";", b":", b"{", b"}", b"[", b"]", b"(", b")", b"\\", b"\\ud800", b"#"),
    *(b"-", b"+", b"*", b"/", b"%", b"=", b"<", b">", b"|", b"&", b"!", b"@", b"`", b"$", b"?"),
    *(b"0", b"-1", b"1e999", b"0.1", b"99999999999999999999", b"9223372036854775808", b"NaN"),
    *(b"null", b"true", b"not ", b" and ", b"case when ", b" end", b"0001-01-01", b"9999-12-31"),
    *("海".encode(), "海".encode("gb18030"), "😀".encode(), b"\xed\xa0\x80", b"\xe2\x80\xae"),
)
KINDS = ("put", "over", "cut", "twice", "end", "splice", "flip")
Change = tuple[str, int, int, bytes]
CHANGE = st.tuples(
    st.sampled_from(KINDS), st.integers(0, 2**16), st.integers(1, 40), st.sampled_from(PIECES)
)


def mutated(seeds: Sequence[bytes], most: int = 6) -> st.SearchStrategy[bytes]:
    """One of the seeds with some changes, or now and then bytes of no kind."""
    changed = st.builds(
        _change, st.sampled_from(seeds), st.lists(CHANGE, max_size=most), st.sampled_from(seeds)
    )
    return st.one_of(*[changed] * 9, st.binary(max_size=400))


def _change(text: bytes, changes: Sequence[Change], other: bytes) -> bytes:
    for kind, where, length, piece in changes:
        at = where * len(text) >> 16
        before, here, after = text[:at], text[at : at + length], text[at + length :]
        match kind:
            case "put":
                text = before + piece + here + after
            case "over":
                text = before + piece + text[at + len(piece) :]
            case "cut":
                text = before + after
            case "twice":
                text = before + here * (1 + length % 7) + after
            case "end":
                text = before if length < 10 else text
            case "splice":
                text = before + other[where * len(other) >> 16 :][:200] + after
            case _:
                flipped = bytes(byte ^ (1 << length % 8) for byte in here[:1])
                text = before + flipped + text[at + 1 :]
    return text


def run(inputs: st.SearchStrategy[T], body: Callable[[T], None], count: int) -> float:
    """Gives `count` inputs to `body`, the same in every run.

    Each must be done in its time, none may raise, and once warm the process must not grow:
    returned is by how many mebibytes it did.
    """
    _round(inputs, body, WARM, 0, math.inf)
    done, warm = 0, memory()
    for number in range(-(-count // ROUND)):
        size = min(ROUND, count - done)
        _round(inputs, body, size, 1 + number, SECONDS)
        done += size
    gc.collect()
    grown = memory() - warm
    assert grown < ROOM, f"The process grew by {grown:.0f} MiB."
    return grown


def _round(
    inputs: st.SearchStrategy[T], body: Callable[[T], None], size: int, number: int, most: float
) -> None:
    @seed(number)
    @settings(
        max_examples=size, deadline=None, database=None, suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink),
    )  # fmt: skip
    @given(inputs)
    def one(given_: T) -> None:
        with in_time(most):
            body(given_)

    one()


@contextmanager
def in_time(most: float) -> Iterator[None]:
    """What is inside may not work longer than `most` seconds, and hang not at all."""
    faulthandler.dump_traceback_later(HANGS, exit=True)
    started = time.process_time()
    try:
        yield
        took = time.process_time() - started
        assert took < most, f"It took {took:.1f} seconds."
    finally:
        faulthandler.cancel_dump_traceback_later()


def memory() -> float:
    """The memory that this process has, in mebibytes; where that is not told, the most it had."""
    told = Path("/proc/self/statm")
    if told.exists():
        return int(told.read_text().split()[1]) * resource.getpagesize() / (1 << 20)
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
