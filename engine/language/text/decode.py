"""The bytes of a rules file as text, or why they are none."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

LARGEST = 1024 * 1024
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Why a file is no text, with the offset of the first character that is to blame."""

    code: str
    what: str
    expected: str
    index: int = 0


def decode(data: bytes) -> tuple[str, Unreadable | None]:
    """The text of a file without its byte order mark, as far as it can be read."""
    if len(data) > LARGEST:
        return "", too_large(len(data))
    save = "Save it as UTF-8."
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\x00" in data[:200]:
        return "", Unreadable("encoding", "The file is saved as UTF-16.", save)
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        return readable(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        text = data[: error.start].decode("utf-8")
        what = "The file is not saved as UTF-8"
        what += "; it looks like GB18030 (GBK)." if _is_gb18030(data) else "."
        return text, Unreadable("encoding", what, save, len(text))


def too_large(size: int) -> Unreadable:
    """What is said about a file of `size` bytes that nobody reads to the end."""
    return Unreadable(
        "too-large",
        f"The file is {size / LARGEST:.1f} MiB large.",
        "A rules file may have up to 1 MiB; split it into several files.",
    )


def readable(text: str) -> tuple[str, Unreadable | None]:
    """The text without its byte order mark, and its first character that no text may have."""
    text = text.removeprefix("\ufeff")
    found = _UNPRINTABLE.search(text)
    if found is None:
        return text, None
    return text, Unreadable(
        "unprintable",
        f"Here stands a character that cannot be seen (U+{ord(found.group()):04X}).",
        "Take it out, or write the line anew.",
        found.start(),
    )


def _is_gb18030(data: bytes) -> bool:
    try:
        data.decode("gb18030")
    except UnicodeDecodeError:
        return False
    return True
