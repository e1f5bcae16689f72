"""The fingerprint of a program: what it means, not how it is written."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass

from engine.language.program import Program

# Where things stand, what they are called for people, and what is not rules.
_SILENT = frozenset(
    {"place", "places", "note", "text", "texts", "start_text", "examples", "data", "folder"}
)


def of(program: Program) -> str:
    """16 hex digits; comments, spacing, notes, examples and mappings do not count."""
    return hashlib.sha256(_told(program).encode()).hexdigest()[:16]


def _told(value: object) -> str:
    """A value as text, the same for equal meanings."""
    if is_dataclass(value) and not isinstance(value, type):
        # `start` and `stop` of an expression are offsets in its text.
        silent = _SILENT | {"start", "stop"} if hasattr(value, "op") else _SILENT
        said = (_told(getattr(value, f.name)) for f in fields(value) if f.name not in silent)
        return f"{type(value).__name__}({','.join(said)})"
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{_told(k)}:{_told(v)}" for k, v in value.items()) + "}"
    if isinstance(value, tuple):
        return "(" + ",".join(map(_told, value)) + ")"
    return repr(value)
