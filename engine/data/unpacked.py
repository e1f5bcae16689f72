"""Gives the bytes of a file in blocks, unpacked where it is gzip, within bounds."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from engine.data.error import DataError

BLOCK = 1 << 24  # bytes at a time
GZIP_MARK = b"\x1f\x8b"
FREE = 1 << 28  # bytes that any packed file may unpack to
TIMES = 200  # its own size that a packed file may unpack to beyond that; CSV comes to 5 to 20


def blocks(path: Path, name: str, size: int = BLOCK) -> Iterator[bytes]:
    """The contents of a file, `size` bytes at a time; raises DataError where it cannot be read."""
    try:
        with path.open("rb") as file:
            packed = file.read(len(GZIP_MARK)) == GZIP_MARK
            file.seek(0)
            if not packed:
                while block := file.read(size):
                    yield block
                return
            yield from _unpacked(file, name, path.stat().st_size, size)
    except OSError:
        said = "The file cannot be opened."
        raise DataError(name, said, "Expected a file that may be read.") from None


def most(packed: int) -> int:
    """How many bytes a file of so many packed bytes may unpack to."""
    return max(FREE, TIMES * packed)


def too_large(name: str) -> DataError:
    """What is said of a file that unpacks to more than it may."""
    what = f"This file is packed, and unpacks to more than {TIMES} times its size."
    return DataError(name, what, "Expected a file that is not packed, or packs less.")


def _unpacked(file: BinaryIO, name: str, packed: int, size: int) -> Iterator[bytes]:
    """What a gzip file holds."""
    done = 0
    try:
        with gzip.GzipFile(fileobj=file) as inside:
            while block := inside.read(size):
                done += len(block)
                if done > most(packed):
                    raise too_large(name)
                yield block
    except (EOFError, zlib.error, gzip.BadGzipFile):
        what = "This gzip file is damaged, or it ends too early."
        raise DataError(name, what, "Expected the whole file.") from None
