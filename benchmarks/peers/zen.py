"""The rules on zen-engine: one compiled expression that gives what every rule comes to."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any

from benchmarks.peers import expressions
from benchmarks.peers.python_loop import Decide, Visit

NAME = "zen-engine"


def start() -> tuple[Decide, Visit]:
    """What decides an order, and a check-in; ImportError where the engine is missing."""
    engine = import_module("zen")
    rules = expressions.orders(both="and", then="?", otherwise=":")
    order = engine.compile_expression(f"[{', '.join(rules)}]")
    check_in = engine.compile_expression(expressions.VISIT)

    def decide(*values: int) -> Sequence[Any]:
        return [int(v) for v in order.evaluate(dict(zip(expressions.NAMES, values, strict=True)))]

    return decide, lambda: int(check_in.evaluate({}))
