"""The rules on rule-engine: one rule whose value is what every rule comes to."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any

from benchmarks.peers import expressions
from benchmarks.peers.python_loop import Decide, Visit

NAME = "rule-engine"


def start() -> tuple[Decide, Visit]:
    """What decides an order, and a check-in; ImportError where the engine is missing."""
    engine = import_module("rule_engine")
    rules = expressions.orders(both="and", then="?", otherwise=":")
    order = engine.Rule(f"[{', '.join(rules)}]")
    check_in = engine.Rule(expressions.VISIT)

    def decide(*values: int) -> Sequence[Any]:
        found = order.evaluate(dict(zip(expressions.NAMES, values, strict=True)))
        return [int(v) for v in found]

    return decide, lambda: int(check_in.evaluate({}))
