"""Folds a program and events into entries and grants, and explains any of them."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import numba

# Files without compiled functions that change what is compiled.
_CONSTANTS = (
    "tables.py", "state.py", "bytecode_steps.py", "handles.py", "handle_types.py",
    "handle_code.py", "compiling.py", "lean.py",
)  # fmt: skip


def _cache_folder() -> Path:
    """Where compiled functions are kept: one folder per state of the machine's own files.

    Numba looks only at the file a function stands in; what it calls may have changed as well.
    """
    seen = hashlib.sha256(numba.__version__.encode())
    for file in sorted(Path(__file__).parent.glob("*.py")):
        text = file.read_bytes()
        if b"@njit" in text or file.name in _CONSTANTS:
            seen.update(text)
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "perkbook" / seen.hexdigest()[:16]


if not os.environ.get("NUMBA_CACHE_DIR"):
    numba.config.CACHE_DIR = str(_cache_folder())  # type: ignore[attr-defined]
