"""How the machine's functions are compiled: what numba is told for each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from numba.core.decorators import _JITOptions

# Called from Python and kept on disk (with `cache=True`). No divisor is 0, so none is looked at.
OUTER: _JITOptions = {"nogil": True, "error_model": "numpy"}
# Called from compiled functions alone: they become part of their callers, which are kept.
INNER: _JITOptions = {  # type: ignore[typeddict-unknown-key]
    "nogil": True, "error_model": "numpy", "no_cpython_wrapper": True, "no_cfunc_wrapper": True,
}  # fmt: skip
# The same for what is so small that calling it takes longer than doing it.
SMALL: _JITOptions = {  # type: ignore[typeddict-unknown-key]
    "nogil": True, "error_model": "numpy", "no_cpython_wrapper": True, "no_cfunc_wrapper": True,
    "forceinline": True,
}  # fmt: skip
