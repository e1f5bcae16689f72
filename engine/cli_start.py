"""Spares a command, whose process is short, what only a longer life would have something of."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

UNUSED = "pandas"


@contextmanager
def loading() -> Iterator[None]:
    """While it lasts libraries load with less work, and no garbage is looked for.

    What was made meanwhile stays to the end, so that nobody looks through it later either.
    """
    refusal = _Refusal()
    sys.meta_path.insert(0, refusal)
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
        sys.meta_path.remove(refusal)


def leave() -> None:
    """Has nobody look for garbage while the process ends: its memory goes all at once."""
    gc.freeze()


class _Refusal:
    """Stands before those who find modules, and lets nobody have pandas who has not got it.

    Arrow asks for it with the first array that it makes, to know a frame when it meets one. Who
    needs it himself may import it later: Arrow then asks again.
    """

    def find_spec(self, name: str, path: object, target: object = None) -> None:
        """Finds nothing, like one who does not know the module."""
        if name == UNUSED:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
