"""The rules on common-expression-language: one compiled expression gives what every rule does."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any

from benchmarks.peers import expressions
from benchmarks.peers.python_loop import Decide, Visit

NAME = "common-expression-language"


def start() -> tuple[Decide, Visit]:
    """What decides an order, and a check-in; ImportError where the engine is missing."""
    engine = import_module("cel")
    rules = expressions.orders(both="&&", then="?", otherwise=":")
    order = engine.compile(f"[{', '.join(rules)}]")
    check_in = engine.compile(expressions.VISIT)

    def decide(*values: int) -> Sequence[Any]:
        found: list[int] = order.execute(dict(zip(expressions.NAMES, values, strict=True)))
        return found

    return decide, lambda: check_in.execute({})
