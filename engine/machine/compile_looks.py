"""Compiles what is plainly asked of an event: a field, or a part of its day, beside constants."""

from __future__ import annotations

from collections.abc import Sequence

from engine.language.expression.tree import AT, TODAY, Expr, Name, Type
from engine.machine import tables as t
from engine.machine.compile_book import Book
from engine.machine.compile_ready import number

_PARTS = {
    "weekday": t.OF_WEEKDAY, "month": t.OF_MONTH, "day": t.OF_DOM, "year": t.OF_YEAR,
    "hour": t.OF_HOUR,
}  # fmt: skip
_LEAST, _MOST = -(2**63), 2**63 - 1
_TURNED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}
_ORDERED = (Type.WHOLE, Type.DECIMAL, Type.MONEY, Type.DATE)


def add(book: Book, part: Expr) -> bool:
    """Adds a condition that the event alone decides to the looks, if it is as plain as that."""
    negated = part.op == "not"
    tree = part.args[0] if negated else part
    found = _null(book, tree) or _listed(book, tree) or _within(book, tree)
    if found is None:
        return False
    *look, turned = found
    book.rows["looks"].append((*look, int(turned != negated)))
    return True


Look = tuple[int, int, int, int, int, int, bool]  # LOOK's fields


def _source(book: Book, tree: Expr) -> tuple[int, int, int] | None:
    """What is looked at: where it is from, and a field's column, and its slot."""
    if tree.op == "name" and tree.value in book.fields:
        name = tree.value
        if not isinstance(name, Name) or name.ratio:
            return None
        return t.OF_FIELD, book.fields[name], book.assembler.layout.slots[name]
    if tree.op in _PARTS and tree.args[0].value in (AT, TODAY):
        local = tree.args[0].value == AT or tree.op != "hour"
        source = _PARTS[tree.op]
        return (source, 0, book.assembler.layout.size + source) if local else None
    return None


def _null(book: Book, tree: Expr) -> Look | None:
    if tree.op != "is_null":
        return None
    source = _source(book, tree.args[0])
    return None if source is None else (*source, t.IS_NULL, 0, 0, False)


def _numbers(book: Book, tree: Expr, consts: Sequence[Expr]) -> list[int] | None:
    """The constants as what is looked at is counted."""
    name = tree.value if isinstance(tree.value, Name) else Name(TODAY.source, "part", Type.WHOLE)
    found = [number(name, const, book.assembler.texts) for const in consts if const.op == "const"]
    whole = [it for it in found if it is not None]
    return whole if len(whole) == len(consts) else None


def _listed(book: Book, tree: Expr) -> Look | None:
    source = _source(book, tree.args[0]) if tree.op == "in" else None
    numbers = None if source is None else _numbers(book, tree.args[0], tree.args[1:])
    if source is None or numbers is None:
        return None
    start = len(book.rows["listed"])
    book.rows["listed"] += [(it,) for it in numbers]
    return (*source, t.AMONG, start, start + len(numbers), False)


def _within(book: Book, tree: Expr) -> Look | None:
    """A comparison with a constant, or between two."""
    if tree.op not in ("=", "<>", "<", "<=", ">", ">=", "between"):
        return None
    op, (left, *consts) = tree.op, tree.args
    if left.op == "const":
        op, left, consts = _TURNED.get(op, op), consts[0], [left]
    source = _source(book, left)
    if source is None:
        return None
    kind = left.value.type if isinstance(left.value, Name) else Type.WHOLE
    numbers = _numbers(book, left, consts)
    if numbers is None or (op not in ("=", "<>") and kind not in _ORDERED):
        return None
    first, last = numbers[0], numbers[-1]
    low, high = {
        "<": (_LEAST, first - 1), "<=": (_LEAST, first), ">": (first + 1, _MOST),
        ">=": (first, _MOST),
    }.get(op, (first, last))  # fmt: skip
    return (*source, t.WITHIN, low, high, op == "<>")
