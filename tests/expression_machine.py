"""Asks the machine what an expression gives, row by row and as a block, which must be the same."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

import numpy as np
from numba import njit

from engine.data.columns import Texts
from engine.language.expression import AT, TODAY, Want, denominator, read
from engine.language.expression.tree import Expr, Name, Type
from engine.machine import evaluate, zone
from engine.machine.bytecode import Assembler, Code
from tests.expression_world import EPOCH, HAS, LAYOUT, NAMES, SCOPE, Cell, Columns, columns

TOO_LARGE = "too large"
Answer = Cell | str


def worked(text: str, want: Want = Want.FLAG, *, zone_name: str = "UTC", **cells: Cell) -> Answer:
    """The value of an expression where the named cells are given and all others are null."""
    tree, faults = read(text, SCOPE, want)
    assert tree is not None, faults
    row: dict[Name, Cell] = {n: cells.get(n.name) for n in (*NAMES, *HAS)}
    row = {**row, AT: cells.get("at"), TODAY: cells.get("today")}
    texts = Texts()
    assembler = Assembler(LAYOUT, zone.of(zone_name), texts)
    number = assembler.add(tree)
    values = columns([row, row], texts)
    return answered(tree, assembler.build(), number, values, texts)[0]


def answered(tree: Expr, code: Code, number: int, cells: Columns, texts: Texts) -> list[Answer]:
    """What the machine says of every row, asserted to be the same row by row and as a block."""
    count = cells.env.shape[1]
    out = [np.zeros((2, count), dtype=np.int64) for _ in range(2)]
    state = np.zeros((2, count), dtype=np.int8)
    env, null = cells.env, cells.null
    evaluate.block(code, number, env, null, 0, count, out[0][0], out[1][0], state[0])
    env, null = np.ascontiguousarray(env.T), np.ascontiguousarray(null.T)
    every_row(code, number, env, null, out[0][1], out[1][1], state[1])
    found = [
        [
            read_back(tree, *halves, texts)
            for halves in zip(out[0][way], out[1][way], state[way], strict=True)
        ]
        for way in range(2)
    ]
    assert found[0] == found[1], (tree, found)
    return found[0]


def read_back(tree: Expr, hi: int, lo: int, state: int, texts: Texts) -> Answer:
    """A result of the machine as Python's value."""
    if state != evaluate.VALUE:
        return None if state == evaluate.NULL else TOO_LARGE
    if tree.type.is_number:
        whole = (int(hi) << 64) + (int(lo) & (2**64 - 1))
        return Fraction(whole, denominator(tree) or 0)
    match tree.type:
        case Type.TEXT:
            return texts.values[lo]
        case Type.DATE:
            return EPOCH.date() + timedelta(days=int(lo))
        case Type.TIME:
            return EPOCH + timedelta(microseconds=int(lo))
    return bool(lo)


@njit(cache=True)
def every_row(code, number, env, null, out_hi, out_lo, out_state):  # type: ignore[no-untyped-def]
    """`evaluate.row` for each row of the environments [row, slot]."""
    for at in range(len(env)):
        out_hi[at], out_lo[at], out_state[at] = evaluate.row(code, number, env[at], null[at])
