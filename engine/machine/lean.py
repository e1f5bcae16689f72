"""Spares the compiler work for functions that Python never calls: they run as parts of others.

Numba optimises and translates every function by itself, with all that it calls inside, before it
does so again inside each of its callers. For the machine that is half of the time it takes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from numba.core.codegen import CPUCodeLibrary, JITCPUCodegen

_PATCHED = ((CPUCodeLibrary, "finalize"), (CPUCodeLibrary, "_optimize_final_module"),
            (CPUCodeLibrary, "_finalize_final_module"), (JITCPUCodegen, "set_env"))  # fmt: skip


@contextmanager
def compiling() -> Iterator[None]:
    """While it lasts only functions that Python calls are optimised and become machine code.

    Where this numba is made otherwise, everything is compiled as numba does it.
    """
    if not all(hasattr(kind, name) for kind, name in _PATCHED):
        yield
        return
    whole, optimize, emit, set_env = (getattr(kind, name) for kind, name in _PATCHED)
    inner: set[int] = set()

    def finalize(library: Any) -> None:
        """Notes which functions have no entrance for Python, before others are linked in."""
        names = [it.name for it in library._final_module.functions if not it.is_declaration]
        if not any(name.startswith("_ZN7cpython") for name in names):
            inner.add(id(library))
        whole(library)

    def optimize_outer(library: Any) -> None:
        if id(library) not in inner:
            optimize(library)

    def emit_outer(library: Any) -> None:
        if id(library) in inner:
            library._finalize_dynamic_globals()
            library._finalized = True
        else:
            emit(library)

    def set_known(codegen: Any, name: str, env: Any) -> None:
        if codegen._engine.get_global_value_address(name):
            set_env(codegen, name, env)

    with (
        patch.object(CPUCodeLibrary, "finalize", finalize),
        patch.object(CPUCodeLibrary, "_optimize_final_module", optimize_outer),
        patch.object(CPUCodeLibrary, "_finalize_final_module", emit_outer),
        patch.object(JITCPUCodegen, "set_env", set_known),
    ):
        yield
