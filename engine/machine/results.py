"""What a replay leaves beside the ledger: members, grants, refusals and the summary."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from engine.data.columns import History
from engine.language.expression.tree import Type
from engine.language.program import Fact, Program
from engine.machine import compile_members, facts_read, tiers
from engine.machine import state as s
from engine.machine.compiled import Compiled
from engine.machine.handles import handle
from engine.machine.ledger import INSTANT, TEXT
from engine.machine.run import Ran
from engine.machine.timeline import Timeline

EPOCH = date(1970, 1, 1)
_GRANTED = ("coupon", "item", "voucher", "badge", "privilege", "tier")


def members(compiled: Compiled, history: History, ran: Ran, until: int) -> pa.Table:
    """Each member's tier, balances and facts when the day `until` is over."""
    ids = history.members.ids.cast(TEXT)
    state, tables = handle(ran.state), handle(compiled.tables)
    columns: dict[str, pa.Array] = {"member_id": ids}
    rungs = [tiers.tier_of(state, tables, m, until) for m in range(len(ids))]
    names = pa.array([*compiled.names.tiers], TEXT)
    columns["tier"] = names.take(pa.array([None if r < 0 else r for r in rungs], pa.int64()))
    for number, name in enumerate(compiled.program.wallets):
        purse = ran.state.purses[:, number]
        columns[name] = pa.array(purse["active"] + purse["pending"])
        columns[f"{name}_pending"] = pa.array(purse["pending"].copy())
    for number, fact in enumerate(compiled.program.facts.values()):
        values, dens = (np.zeros(len(ids), np.int64) for _ in range(2))
        null = np.zeros(len(ids), np.bool_)
        for first, part in enumerate(ran.states):
            step = len(ran.states)
            facts_read.read_all(
                handle(part), tables, number, until, first, step, values, null, dens
            )
        columns[fact.name] = _fact(fact, compiled.program, history, values, null, dens)
    return pa.table(columns)


def _fact(
    fact: Fact, program: Program, history: History, values: NDArray[np.int64],
    null: NDArray[np.bool_], dens: NDArray[np.int64],
) -> pa.Array:  # fmt: skip
    """A fact's column in the type of the files: money in minor units, other fractions exact."""
    match fact.type:
        case Type.TEXT | Type.TEXTS:
            texts = pa.array(history.texts.values or [""], TEXT)
            return texts.take(pa.array(values, mask=null))
        case Type.TIME:
            return pa.array(values, mask=null).cast(INSTANT)
        case Type.DATE:
            return pa.array(values.astype(np.int32), mask=null).cast(pa.date32())
        case Type.FLAG:
            return pa.array(values == 1, mask=null)
    parts = compile_members.scale(fact)
    places = program.money_decimals if fact.type is Type.MONEY else 0
    if (dens == 1).all() and parts == 10**places and fact.type in (Type.MONEY, Type.WHOLE):
        return pa.array(values, mask=null)
    found = [
        None if gone else Fraction(int(v), int(d) * parts)
        for v, d, gone in zip(values, dens, null, strict=True)
    ]
    if fact.type is Type.MONEY:
        return pa.array(
            [None if f is None else _nearest(f * 10**places) for f in found], pa.int64()
        )
    exact = [None if f is None else Decimal(_nearest(f * 10**6)).scaleb(-6) for f in found]
    return pa.array(exact, pa.decimal128(38, 6))


def _nearest(value: Fraction) -> int:
    """The nearest whole number, half away from zero."""
    whole = int(abs(value) + Fraction(1, 2))
    return whole if value >= 0 else -whole


def grants(compiled: Compiled, timeline: Timeline, ran: Ran, ids: pa.Array, until: int) -> pa.Table:
    """Every grant with the state it is in when the day `until` is over."""
    found = ran.grants[ran.grants["kind"] < _GRANTED.index("tier")]
    found = found[np.lexsort((found["number"], found["rule"], found["event"]))]
    rules = [it.id for it in compiled.rules]
    sources = (
        [list(compiled.program.rewards)] * 3
        + [list(compiled.names.badges), list(compiled.program.privileges)]
    )  # fmt: skip
    what = [sources[g["kind"]][g["id"]] for g in found]
    event = timeline.ids.take(pa.array(found["event"]))
    rule = pa.array([rules[r] for r in found["rule"]], TEXT)
    number = pa.array(found["number"].copy()).cast(TEXT)
    states = [_state(g, until) for g in found]
    last = pa.array(
        [None if g["until"] > 10**7 else EPOCH + timedelta(int(g["until"])) for g in found],
        pa.date32(),
    )
    return pa.table({
        "grant_id": pc.binary_join_element_wise(event, rule, number, pa.scalar("/", TEXT)),
        "at": pa.array(timeline.feed.at[found["event"]]).cast(INSTANT),
        "member_id": ids.take(pa.array(found["member"].copy())),
        "kind": pa.array([_GRANTED[k] for k in found["kind"]], TEXT),
        "id": pa.array(what, TEXT),
        "rule": rule,
        "event_id": event,
        "until": last,
        "state": pa.array(states, TEXT),
    })  # fmt: skip


def _state(grant: Any, until: int) -> str:
    if grant["state"] == s.GRANT_OPEN and grant["until"] < until:
        return "expired"
    return s.STATES[grant["state"]]


def balances(
    ledger: pa.Table, members: pa.Table, program: Program, until: date
) -> dict[str, dict[str, int]]:
    """Per wallet what was issued, spent, expired, reversed, adjusted; what stands out, its worth.

    Whole numbers of the wallet's unit; the liability in minor units of the program's money.
    """
    sums = ledger.group_by(["wallet", "kind"]).aggregate([("amount", "sum")]).to_pylist()
    by_kind = Counter({(r["wallet"], r["kind"]): r["amount_sum"] for r in sums})
    found = {}
    for name, wallet in program.wallets.items():
        outstanding = pc.sum(members[name]).as_py() or 0
        worth = wallet.value.on(until) if wallet.value is not None else None
        if worth is None:
            worth = Fraction(1 if wallet.unit == "money" else 0)
        units = Fraction(outstanding, 10**wallet.decimals)
        found[name] = {
            "issued": by_kind[name, "earn"] + by_kind[name, "bonus"],
            "spent": -by_kind[name, "spend"] - by_kind[name, "restore"],
            "expired": -by_kind[name, "expire"],
            "reversed": -by_kind[name, "reverse"],
            "adjusted": by_kind[name, "adjust"],
            "outstanding": outstanding,
            "liability": _nearest(units * worth * 10**program.money_decimals),
        }
    return found


def budgets(it: Compiled, ran: Ran) -> dict[str, dict[str, Any]]:
    """By rule: what its budget has spent, and the day on which it first ran out."""
    found = {}
    for record, spent in zip(it.tables.budgets, ran.state.spent, strict=True):
        ended = EPOCH + timedelta(int(spent["ended_day"])) if spent["ended"] else None
        found[it.rules[record["rule"]].id] = {
            "spent": int(spent["total"]),
            "ended": ended.isoformat() if ended else None,
        }
    return found
