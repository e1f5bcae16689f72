"""Finds out how a text is encoded, and gives it as UTF-8 in blocks of whole lines."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from engine.data.error import DataError

UTF8, UTF16, GB18030 = "UTF-8", "UTF-16", "GB18030"
UTF8_MARK = b"\xef\xbb\xbf"
WIDE_MARKS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
LOOKED_AT = 4096  # bytes in which the zeros of UTF-16 are counted
FEWEST = 16  # UTF-16 without a mark: one byte in so many is zero
MARKS = b"\r\n\t,;|"
LONGEST = 1 << 28  # bytes without an end of line
NO_TEXT = b"\xff"  # stands in UTF-8 for bytes that are no text
PAIR = re.compile(rb"[\x81-\xfe][\x40-\x7e\x80-\xfe]")  # a letter of GB18030 in two bytes
USUAL = re.compile(rb"[\xa1-\xfe][\xa1-\xfe]")  # one of those that texts are made of


@dataclass(frozen=True, slots=True)
class Block:
    """Whole lines in UTF-8, each with a newline at its end.

    What is no text in the file's own encoding is no UTF-8 here: a reader finds it line by line.
    """

    text: bytes
    encoding: str  # of the file


def read(name: str, given: Iterable[bytes]) -> Iterator[Block]:
    """The text that the bytes `given` hold; raises DataError where a line never ends.

    A mark at the beginning says the encoding. Without one, zeros in every second byte mean
    UTF-16; else the first lines that hold more than ASCII decide between UTF-8 and GB18030, by
    how many of them are text; UTF-8 where both are as good.
    """
    blocks, looked, first = iter(given), [], b""
    while len(first) < LOOKED_AT and (more := next(blocks, b"")):
        looked.append(more)
        first += more
    every = chain(looked, blocks)
    wide = WIDE_MARKS.get(first[:2])
    if wide is not None:
        return _wide(name, _after(2, every), wide)
    if first.startswith(UTF8_MARK):
        lines = _lines(name, _after(len(UTF8_MARK), every))
        return (Block(text, UTF8) for text in lines)
    wide = _without_mark(first)
    return _wide(name, every, wide) if wide is not None else _narrow(_lines(name, every))


def _after(count: int, blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The blocks without their first bytes."""
    for block in blocks:
        yield block[count:]
        count = max(0, count - len(block))


def _without_mark(first: bytes) -> str | None:
    """UTF-16 by its zeros: Python's name of it, None where this is something else.

    One byte in sixteen is zero at least, nearly all of them in every second place, and most
    commas and ends of line have a zero beside them.
    """
    sample = first[: min(LOOKED_AT, len(first) // 2 * 2)]
    even, odd = sample[::2], sample[1::2]
    zeros = even.count(0) + odd.count(0)
    if zeros * FEWEST < len(sample) or min(even.count(0), odd.count(0)) * 20 > zeros:
        return None
    little = odd.count(0) > even.count(0)
    pairs = zip(even, odd, strict=True) if little else zip(odd, even, strict=True)
    marks = sum(1 for low, high in pairs if low in MARKS and not high)
    if marks * 2 <= sum(1 for byte in sample if byte in MARKS):
        return None
    return "utf-16-le" if little else "utf-16-be"


def _wide(name: str, blocks: Iterable[bytes], encoding: str) -> Iterator[Block]:
    """Lines of UTF-16; halves of letters, and half a letter at the end, are no text."""
    decoder = codecs.getincrementaldecoder(encoding)("surrogatepass")

    def narrow() -> Iterator[bytes]:
        for block in blocks:
            yield decoder.decode(block).encode("utf-8", "surrogatepass")
        if decoder.getstate()[0]:
            yield NO_TEXT

    return (Block(text, UTF16) for text in _lines(name, narrow()))


def _lines(name: str, blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes cut where lines end; lone carriage returns end lines where nothing else does.

    The last line gets the newline that it may lack.
    """
    rest, returns = [b""], None
    for block in blocks:
        if returns is None and (b"\n" in block or b"\r" in block[:-1]):
            returns = b"\n" not in block
        if returns:
            block = block.replace(b"\r", b"\n")
        end = block.rfind(b"\n") + 1
        if end:
            yield b"".join([*rest, block[:end]])
            rest = []
        rest.append(block[end:])
        if sum(map(len, rest)) > LONGEST:
            what = f"There is no end of line within {LONGEST >> 20} MiB."
            raise DataError(name, what, "Expected a text file with a row in a line.")
    last = b"".join(rest)
    if last:
        yield last + b"\n"


def _narrow(lines: Iterable[bytes]) -> Iterator[Block]:
    """Lines in UTF-8 or GB18030."""
    found: str | None = None
    for text in lines:
        if found is None and not text.isascii():
            found = _guess(text)
        yield Block(_from_gb18030(text) if found == GB18030 else text, found or UTF8)


def _guess(text: bytes) -> str:
    """The encoding in which more lines of `text` are text."""
    if _is(text, "utf-8"):
        return UTF8
    pairs = PAIR.findall(text)
    usual = sum(1 for pair in pairs if USUAL.match(pair))
    # In Latin letters with accents an ASCII letter follows: that is a letter in Chinese, too.
    if usual * 2 <= len(pairs):
        return UTF8
    if _is(text, "gb18030"):
        return GB18030
    lines = text.split(b"\n")
    bad = {kind: sum(not _is(line, kind) for line in lines) for kind in ("utf-8", "gb18030")}
    return GB18030 if bad["gb18030"] < bad["utf-8"] else UTF8


def _is(text: bytes, encoding: str) -> bool:
    """True where the bytes are text in an encoding."""
    try:
        text.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _from_gb18030(text: bytes) -> bytes:
    """GB18030 as UTF-8, line by line where something in it is none."""
    try:
        return text.decode("gb18030").encode()
    except UnicodeDecodeError:
        return b"\n".join(_line(line) for line in text.split(b"\n"))


def _line(line: bytes) -> bytes:
    """One line; what is no text in it stays none."""
    try:
        return line.decode("gb18030").encode()
    except UnicodeDecodeError:
        return line.decode("gb18030", "replace").encode().replace("\ufffd".encode(), NO_TEXT)
