"""Asks the second reading what a checked expression gives, to compare the machine with."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from engine.language.expression.tree import Expr, From, Name
from tests.expression_world import Cell, Row
from tests.reading.expressions import evaluate
from tests.reading.values import instant

TESTS = {"is_null": "is null", "is_true": "is true", "is_false": "is false"}


def value(expr: Expr, row: Row, zone: ZoneInfo) -> Cell:
    """The value of the expression for one row: None for null, numbers as fractions."""
    known = {said(name): name for name in row}
    found: Cell = evaluate(plain(expr, zone), lambda name: held(known[name], row, zone))
    return found.astimezone(UTC) if isinstance(found, datetime) else found


def plain(expr: Expr, zone: ZoneInfo) -> Any:
    """The expression as nested tuples."""
    if expr.op == "const":
        return constant(expr.value, zone)
    if isinstance(expr.value, Name):
        name = expr.value.name
        return ("has", ("text", name)) if expr.value.source is From.PRIVILEGE else name
    parts = [plain(part, zone) for part in expr.args]
    if expr.op == "case":
        return ("case", tuple(zip(parts[:-1:2], parts[1:-1:2], strict=True)), parts[-1])
    return (TESTS.get(expr.op, expr.op), *parts)


def constant(known: Any, zone: ZoneInfo) -> Any:
    """A constant in a tree: a text is marked, an instant is in the zone."""
    if isinstance(known, datetime):
        return known.astimezone(zone) if known.tzinfo else instant(known, zone)
    return ("text", known) if isinstance(known, str) else known


def said(name: Name) -> str:
    """A name as the second reading asks for it."""
    return f"has {name.name}" if name.source is From.PRIVILEGE else name.name


def held(name: Name, row: Row, zone: ZoneInfo) -> Any:
    """What a row holds: an average divided out, an instant in the zone."""
    cell = row[name]
    if name.ratio and cell is not None:
        assert isinstance(cell, tuple)
        return Fraction(cell[0]) / int(cell[1]) if cell[1] else None
    return cell.astimezone(zone) if isinstance(cell, datetime) else cell
