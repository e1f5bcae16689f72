"""Prints a program of plain values as the YAML that a user would write, in one of two ways."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from tests.generator import trees

PLAIN = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_ .<>=()*/+-]*[A-Za-z0-9_)])?")
ORDERED = {
    "give", "give referrer", "give second referrer", "multiply", "cost", "ladder", "wallets",
    "earn", "tiers", "rewards", "facts",
}  # fmt: skip


def written(program: dict[str, Any], *, other: bool = False) -> str:
    """The YAML text; `other` writes equal rules differently: keys turned round, trees rewritten."""
    return "".join(_block(key, value, 0, other) for key, value in program.items())


def _block(key: Any, value: Any, depth: int, other: bool) -> str:
    """One key and what it holds, each entry of a mapping on its own line where it is deep."""
    start = "  " * depth + f"{key}:"
    if not isinstance(value, dict) or not value or (depth > 1 and not other):
        return f"{start} {_flow(value, other)}\n"
    items = list(value.items())
    turn = other and depth == 2 and key not in ORDERED and not isinstance(items[0][0], date)
    lines = (_block(k, v, depth + 1, other) for k, v in (reversed(items) if turn else items))
    return start + "\n" + "".join(lines)


def _flow(value: Any, other: bool) -> str:
    """A value on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k}: {_flow(v, other)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_flow(v, other) for v in value) + "]"
    if isinstance(value, bool):
        return ("true" if value else "false") if other else ("yes" if value else "no")
    if isinstance(value, tuple):
        value = trees.sql(trees.other(value) if other else value)
    text = str(value)
    return text if PLAIN.fullmatch(text) else "'" + text.replace("'", "''") + "'"
