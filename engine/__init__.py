"""Perkbook's public face: `rules`, `replay`, `explain`, imported when they are first asked for.

`program = rules.load("rules")`, then `replay.run(program, "members.csv", "events.csv")`.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.language import rules
    from engine.machine import explain, replay

__all__ = ["explain", "replay", "rules"]

_HOMES = {
    "explain": "engine.machine.explain",
    "replay": "engine.machine.replay",
    "rules": "engine.language.rules",
}


def __getattr__(name: str) -> ModuleType:
    """The module of that name; the machine takes a second to load, so nobody waits unasked."""
    if name in _HOMES:
        return import_module(_HOMES[name])
    raise AttributeError(f"module 'engine' has no attribute {name!r}")


def __dir__() -> list[str]:
    """The three names that there are."""
    return __all__
