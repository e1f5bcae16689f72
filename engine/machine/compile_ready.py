"""Takes conditions apart: what an event alone decides, what a table of tests decides, the rest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from fractions import Fraction

from engine.data.columns import Texts
from engine.language.expression.tree import AT, TODAY, Expr, From, Name, Type
from engine.language.program import Program
from engine.machine import tables as t
from engine.machine import zone
from engine.machine.bytecode_steps import EQUAL, LESS, MORE

OF_A_DAY = ("date", "year", "month", "day", "weekday")
_OF_THE_EVENT = frozenset({From.FIELD, From.AT, From.TODAY})
_HOLDS = {
    "=": EQUAL, "<>": LESS + MORE, "<": LESS, "<=": LESS + EQUAL, ">": MORE, ">=": MORE + EQUAL,
}  # fmt: skip
_TURNED = {LESS: MORE, MORE: LESS, LESS + EQUAL: MORE + EQUAL, MORE + EQUAL: LESS + EQUAL}
_TESTED = {
    From.FACT: t.N_FACT, From.WALLET: t.N_WALLET, From.ACTIVE: t.N_ACTIVE,
    From.PENDING: t.N_PENDING, From.ATTRIBUTE: t.N_ATTRIBUTE,
}  # fmt: skip
_WORD = 62  # rungs that fit into the bits of one number

Test = tuple[int, int, int, int, int, tuple[int, ...]]  # TEST's fields; `among` as constants


def is_ready(tree: Expr) -> bool:
    """Whether the event alone decides an expression: no member, no fact, no balance."""
    return all(name.source in _OF_THE_EVENT for name in tree.names())


def local(tree: Expr) -> Expr:
    """The same with the local day in the place of the event's instant, where only that is asked."""
    if tree.op in OF_A_DAY and tree.args[0].value == AT:
        return Expr(tree.op, tree.type, (Expr("name", Type.DATE, value=TODAY),), tree.value)
    return Expr(tree.op, tree.type, tuple(map(local, tree.args)), tree.value)


def parts(tree: Expr | None) -> Iterator[Expr]:
    """What must hold together."""
    if tree is None:
        return
    if tree.op == "and":
        for arg in tree.args:
            yield from parts(arg)
    else:
        yield tree


def together(trees: Iterable[Expr]) -> Expr | None:
    """The trees as one that holds where all do; None for none."""
    found = tuple(trees)
    if len(found) < 2:
        return found[0] if found else None
    return Expr("and", Type.FLAG, found)


def test(tree: Expr, program: Program, positions: dict[str, dict[str, int]], texts: Texts) -> (
    Test | None
):  # fmt: skip
    """A comparison of one thing known of the member with a constant; None for anything else."""
    if any(name.of_referrer for name in tree.names()):
        return None
    if tree.op == "name" and isinstance(tree.value, Name):
        name = tree.value
        if name.source is From.PRIVILEGE:
            return t.N_PRIVILEGE, positions["privileges"][name.name], EQUAL, 1, 0, ()
        return _compared(name, EQUAL, 1, positions) if name.type is Type.FLAG else None
    if tree.op == "in" or tree.op in _HOLDS:
        first, *others = tree.args
        if isinstance(first.value, Name) and first.value.source is From.TIER:
            return _rungs(tree.op, others, program)
    if tree.op == "in":
        return _among(tree, positions, texts)
    if tree.op not in _HOLDS:
        return None
    left, right = tree.args
    holds, over = _HOLDS[tree.op], 0
    if left.op == "%":
        left, over = _divided(left)
    if left.op == "const" and right.op == "name":
        left, right, holds = right, left, _TURNED.get(holds, holds)
    if left.op != "name" or right.op != "const" or not isinstance(left.value, Name):
        return None
    known = number(left.value, right, texts)
    if known is None or (left.value.type is Type.TEXT and holds & (LESS | MORE) in (LESS, MORE)):
        return None
    return _compared(left.value, holds, known, positions, over)


def _divided(tree: Expr) -> tuple[Expr, int]:
    """A whole number that is divided, and by what; the tree itself where it is another."""
    left, right = tree.args
    whole = isinstance(left.value, Name) and left.value.denominator == 1
    by = right.value
    if whole and right.op == "const" and isinstance(by, int | Fraction) and by.denominator == 1:
        return (left, int(by)) if 0 < by < 2**31 else (tree, 0)
    return tree, 0


def _among(tree: Expr, positions: dict[str, dict[str, int]], texts: Texts) -> Test | None:
    """Whether one of several constants is known of the member."""
    first, *others = tree.args
    if not isinstance(first.value, Name) or any(other.op != "const" for other in others):
        return None
    found = [number(first.value, other, texts) for other in others]
    numbers = tuple(number for number in found if number is not None)
    if len(numbers) < len(found):
        return None
    return _compared(first.value, EQUAL, 0, positions, 0, numbers)


def _compared(
    name: Name, holds: int, number: int, positions: dict[str, dict[str, int]], over: int = 0,
    among: tuple[int, ...] = (),
) -> Test | None:  # fmt: skip
    if name.source not in _TESTED or name.ratio:
        return None
    table = {From.FACT: "facts", From.ATTRIBUTE: "attributes"}.get(name.source, "wallets")
    return _TESTED[name.source], positions[table][name.name], holds, number, over, among


def number(name: Name, const: Expr, texts: Texts) -> int | None:
    """The constant as the name's values are counted."""
    value = const.value
    if name.type.is_number and isinstance(value, int | Fraction) and not isinstance(value, bool):
        counted = Fraction(value) * name.denominator
        fits = counted.denominator == 1 and abs(counted) < 2**62
        return int(counted) if fits else None
    if name.type is Type.TEXT and isinstance(value, str):
        return texts.code(value)
    if name.type is Type.DATE and type(value) is date:
        return zone.days(value)
    return None


def _rungs(op: str, others: list[Expr], program: Program) -> Test | None:
    """The tiers that are among those named, as bits."""
    ladder = [rung.name for rung in program.tiers.ladder] if program.tiers else []
    named = [other.value for other in others]
    if op not in ("=", "<>", "in") or len(ladder) > _WORD or None in named:
        return None
    bits = sum(1 << n for n, rung in enumerate(ladder) if (rung in named) != (op == "<>"))
    return t.N_TIER, 0, 0, bits, 0, ()
