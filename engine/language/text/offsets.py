"""Where each character of a YAML value stands in the text that it was read from."""

from __future__ import annotations

import re
from collections.abc import Iterator

BREAKS = "\r\n\x85\u2028\u2029"  # what ends a line in YAML
_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
_BLANKS = " \t" + BREAKS
_ESCAPED = "\0"  # stands for the character of an escape, which may be a blank too
_ESCAPE = re.compile(
    r"\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|(?:\r\n|[\r\n\x85\u2028\u2029])[ \t]*|.)"
)


def line_starts(text: str) -> tuple[int, ...]:
    """The offset at which each line of `text` begins."""
    return (0, *(found.end() for found in _BREAK.finditer(text)))


def origins(raw: str, style: str, value: str) -> list[int]:
    """For each offset of `value`, its end too, the offset in `raw` that it came from.

    `raw` is the scalar as it stands in the file, with its quotes or its `|` or `>`. Folding changes
    nothing but blanks, so all other characters follow one another in both.
    """
    if style == "" and raw == value:
        return list(range(len(value) + 1))
    pieces = [*_pieces(raw, style)]
    found: list[int] = []
    at = 0
    for letter in value:
        if letter not in _BLANKS:
            while at < len(pieces) and pieces[at][1] in _BLANKS:
                at += 1
        found.append(pieces[at][0] if at < len(pieces) else len(raw))
        if at < len(pieces) and (letter not in _BLANKS or pieces[at][1] in _BLANKS + _ESCAPED):
            at += 1
    return [*found, _after(pieces, at, raw)]


def _after(pieces: list[tuple[int, str]], at: int, raw: str) -> int:
    """Where the value ends: behind its last character."""
    if at < len(pieces):
        return pieces[at][0]
    return pieces[-1][0] + 1 if pieces else len(raw)


def _pieces(raw: str, style: str) -> Iterator[tuple[int, str]]:
    """What stands in `raw` for characters of the value, each with its offset."""
    if style == '"':
        yield from _double_quoted(raw)
    elif style == "'":
        yield from _single_quoted(raw)
    else:
        head = _BREAK.search(raw) if style else None
        skip = head.end() if head else 0
        yield from ((index, raw[index]) for index in range(skip, len(raw)))


def _single_quoted(raw: str) -> Iterator[tuple[int, str]]:
    index = 1
    while index < len(raw) - 1:
        yield index, raw[index]
        index += 2 if raw[index] == "'" else 1


def _double_quoted(raw: str) -> Iterator[tuple[int, str]]:
    index = 1
    while index < len(raw) - 1:
        escape = _ESCAPE.match(raw, index) if raw[index] == "\\" else None
        if escape is None:
            yield index, raw[index]
            index += 1
            continue
        if escape.group()[1] not in BREAKS:
            yield index, _ESCAPED
        index = escape.end()
