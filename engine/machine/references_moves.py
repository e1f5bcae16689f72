"""What adjustments, transfers and spins name: wallets with amounts, members, draws, prizes."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from engine.data.columns import History
from engine.language.expression.tree import Type
from engine.machine import chance
from engine.machine.compile_rules import SENT_TO
from engine.machine.compiled import Compiled
from engine.machine.references_rows import (
    References,
    column_of,
    members,
    named_in,
    rows_of,
    set_aside,
    whole_parts,
)


def adjustments(compiled: Compiled, history: History, found: References) -> None:
    rows = _amounts(compiled, history, found, "adjust")
    expires = column_of(history, "expires", Type.DATE)
    found.last_day[rows] = np.where(expires.null[rows], -1, expires.values[rows])


def transfers(compiled: Compiled, history: History, found: References) -> None:
    rows = _amounts(compiled, history, found, "transfer")
    none = rows[found.quantity[rows] <= 0]
    set_aside(history, found, none, "amount", "what is sent is above zero")


def _amounts(
    compiled: Compiled, history: History, found: References, kind: str
) -> NDArray[np.int64]:
    """The events of a type that say a wallet and an amount; both go into what was found."""
    rows = rows_of(compiled, history, found, kind)
    names = pa.array(list(compiled.program.wallets), pa.large_string())
    found.wallet[rows] = named_in(history, column_of(history, "wallet", Type.TEXT), rows, names)
    set_aside(history, found, rows[found.wallet[rows] < 0], "wallet", "unknown wallet")
    amount = column_of(history, "amount", Type.DECIMAL)
    set_aside(history, found, rows[amount.null[rows]], "amount", "no amount")
    for number, name in enumerate(compiled.program.wallets):
        own = rows[found.wallet[rows] == number]
        found.quantity[own] = whole_parts(
            history, found, amount, own, compiled.book.scale(name), "amount"
        )
    return rows


def spins(compiled: Compiled, history: History, found: References) -> None:
    """The draw that each spin names, behind the rewards, and the prize that chance gives it."""
    rows = rows_of(compiled, history, found, "draw")
    draws = pa.array(list(compiled.program.draws), pa.large_string())
    number = named_in(history, column_of(history, "draw", Type.TEXT), rows, draws)
    rows, number = rows[number >= 0], number[number >= 0]
    found.reward[rows] = len(compiled.program.rewards) + number
    members = history.members.ids.take(pa.array(history.events.member[rows])).to_pylist()
    events = history.events.ids.take(pa.array(rows)).to_pylist()
    wheels = chance.wheels(compiled.program)
    each = zip(number.tolist(), members, events, strict=True)
    found.wallet[rows] = [wheels[n].prize(member, event) for n, member, event in each]


def receivers(
    compiled: Compiled, history: History, found: References, name: str
) -> NDArray[np.int64]:
    """The members whom a field names; of SENT_TO those that transfers do."""
    every, field = np.arange(len(history.events.at)), name
    if name == SENT_TO:
        every, field = rows_of(compiled, history, found, "transfer"), "to"
    receivers = np.full(len(history.events.at), -1, np.int64)
    receivers[every] = members(history, (field, Type.TEXT), every)
    return receivers
