"""Where the records of a CSV text begin and end, and which of them are broken."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LIMIT = 1 << 20  # bytes that one record may have; more is an unclosed quote
NEWLINE, RETURN, QUOTE = 10, 13, 34

FINE = ""
UNCLOSED = "a quote that is opened is never closed"
AFTER_QUOTE = "there is text after a closing quote"
LONE_RETURN = "there is a carriage return in the middle of the row"

Bytes = NDArray[np.uint8]
Longs = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Records:
    """The records of a text in order: bytes from `start` to `stop`, cells, what is wrong.

    Empty lines are no records. A record that is badly quoted ends with its line.
    """

    start: Longs
    stop: Longs  # without the end of the line
    cells: Longs
    wrong: dict[int, str]  # position of a record: the reason


def split(text: bytes, delimiter: str, last: bool = True) -> tuple[Records, bytes]:
    """The records of `text`, and what is left of it: nothing where it is the `last` text.

    It must use newlines and may quote as RFC 4180 says. Left is what begins with a quote that
    may be closed by what follows.
    """
    data = np.frombuffer(text, dtype=np.uint8)
    start, stop = _lines(data)
    quotes = np.flatnonzero(data == QUOTE)
    marks = np.flatnonzero(data == ord(delimiter))
    cells = np.searchsorted(marks, stop) - np.searchsorted(marks, start) + 1
    odd = _odd(data, start, stop)
    quoted = _quoted_lines(start, stop, quotes)
    plain = _well_quoted(data, start, stop, quotes, ord(delimiter))
    if len(quotes):
        cells = cells - _hidden_marks(start, stop, quotes, marks)
    slow = np.flatnonzero((quoted & ~plain) | odd)
    return _merge(text, delimiter, (start, stop, cells), slow, last)


def _lines(data: Bytes) -> tuple[Longs, Longs]:
    """Start and stop of every line that is not empty."""
    ends = np.flatnonzero(data == NEWLINE)
    if len(data) and (not len(ends) or ends[-1] != len(data) - 1):
        ends = np.append(ends, len(data))
    start = np.concatenate((np.zeros(min(1, len(ends)), np.int64), ends[:-1] + 1))
    stop = ends.astype(np.int64)
    has_return = (stop > start) & (data[np.maximum(stop, 1) - 1] == RETURN)
    stop = stop - has_return
    kept = stop > start
    return start[kept], stop[kept]


def _odd(data: Bytes, start: Longs, stop: Longs) -> NDArray[np.bool_]:
    """Which lines hold a carriage return before their end."""
    returns = np.flatnonzero(data == RETURN)
    return _holds(returns, start, stop)


def _quoted_lines(start: Longs, stop: Longs, quotes: Longs) -> NDArray[np.bool_]:
    """Which lines hold a quote."""
    return _holds(quotes, start, stop)


def _holds(places: Longs, start: Longs, stop: Longs) -> NDArray[np.bool_]:
    """Which lines hold one of the places."""
    holds: NDArray[np.bool_] = np.searchsorted(places, stop) > np.searchsorted(places, start)
    return holds


def _well_quoted(
    data: Bytes, start: Longs, stop: Longs, quotes: Longs, delimiter: int
) -> NDArray[np.bool_]:
    """Which lines have every quote closed, opened at a cell's start and closed at its end."""
    fine = np.ones(len(start), dtype=np.bool_)
    if not len(quotes):
        return fine
    line = np.searchsorted(start, quotes, side="right") - 1
    inside = (line >= 0) & (quotes < stop[np.maximum(line, 0)])
    quotes, line = quotes[inside], line[inside]
    first = np.searchsorted(quotes, start)
    opens = (np.arange(len(quotes)) - first[line]) % 2 == 0
    before = data[np.maximum(quotes, 1) - 1]
    after = data[np.minimum(quotes + 1, len(data) - 1)]
    at_start = (quotes == start[line]) | (before == delimiter) | (before == QUOTE)
    at_end = (quotes + 1 == stop[line]) | (after == delimiter) | (after == QUOTE)
    # A quote after a quote is half of an escaped one, or opens nothing: `""abc` ends in `"a`.
    bad = np.where(opens, ~at_start, ~at_end)
    fine[line[bad]] = False
    count = np.bincount(line, minlength=len(start))
    even: NDArray[np.bool_] = count % 2 == 0
    return fine & even


def _hidden_marks(start: Longs, stop: Longs, quotes: Longs, marks: Longs) -> Longs:
    """How many delimiters of each line stand inside quotes."""
    line = np.searchsorted(start, marks, side="right") - 1
    inside = (line >= 0) & (marks < stop[np.maximum(line, 0)])
    marks, line = marks[inside], line[inside]
    before = np.searchsorted(quotes, marks) - np.searchsorted(quotes, start)[line]
    return np.bincount(line[before % 2 == 1], minlength=len(start))


def _merge(
    text: bytes, delimiter: str, lines: tuple[Longs, Longs, Longs], slow: Longs, last: bool
) -> tuple[Records, bytes]:
    """The lines as records, those at `slow` read one by one: they may span several lines."""
    start, stop, cells = (a.copy() for a in lines)
    kept = np.ones(len(start), dtype=np.bool_)
    wrong: dict[int, str] = {}
    cell = _cell(delimiter)
    done = 0
    rest = b""
    for position in slow.tolist():
        begin = int(start[position])
        if begin < done:
            continue
        end, count, reason = _record(text, begin, cell, delimiter.encode())
        if reason == UNCLOSED and not last and begin + LIMIT > len(text):
            rest = text[begin:]
            kept[position:] = False
            break
        if reason:
            wrong[position] = reason
            done = int(stop[position])
            continue
        done = end
        cells[position], stop[position] = count, end
        following = int(np.searchsorted(start, end, side="left"))
        kept[position + 1 : following] = False
    place = np.cumsum(kept) - 1
    shifted = {int(place[p]): reason for p, reason in wrong.items()}
    return Records(start[kept], stop[kept], cells[kept], shifted), rest


def _cell(delimiter: str) -> re.Pattern[bytes]:
    """One cell, quoted or not."""
    mark = re.escape(delimiter).encode()
    return re.compile(rb'"(?:[^"]++|"")*+"|[^' + mark + rb'"\r\n][^' + mark + rb"\r\n]*+|")


def _record(text: bytes, start: int, cell: re.Pattern[bytes], mark: bytes) -> tuple[int, int, str]:
    """Where the record from `start` ends, how many cells it has, and what is wrong with it."""
    place, count = start, 0
    limit = min(len(text), start + LIMIT)
    while True:
        found = cell.match(text, place, limit)
        stop = place if found is None else found.end()
        count += 1
        if stop == place and text[stop : stop + 1] == b'"':
            return stop, count, UNCLOSED
        if stop >= len(text) or text[stop : stop + 1] == b"\n":
            return stop, count, FINE
        if text[stop : stop + 2] in (b"\r\n", b"\r"):  # the latter only at the very end
            return stop, count, FINE
        if text[stop : stop + 1] != mark:
            lone = text[stop : stop + 1] == b"\r"
            return stop, count, LONE_RETURN if lone else AFTER_QUOTE
        place = stop + 1
