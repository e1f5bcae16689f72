"""What a replay leaves beside the ledger: members, grants, refusals and the summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
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
from engine.language.program import USABLE, Program
from engine.machine import compile_members, compile_tasks, facts_read, progress_read
from engine.machine import state as s
from engine.machine.compiled import Compiled
from engine.machine.handles import handle
from engine.machine.ledger import INSTANT, TEXT
from engine.machine.run import Ran
from engine.machine.tables import BY_NOTHING, T_BY, Records
from engine.machine.timeline import Timeline

EPOCH = date(1970, 1, 1)
PLACES = 6  # of a fact that is no whole number
LAST_DAY = 10**7  # a grant that lasts beyond it lasts for ever
ROOM = 1 << 61  # factors up to here leave room for their double
PRIVILEGES = "privileges"  # a column of members; nothing else may be called so
GRANTED = ("coupon", "item", "voucher", "badge", "privilege", "prize", "tier")


def members(compiled: Compiled, history: History, ran: Ran, until: int) -> pa.Table:
    """Each member's tier, balances and facts when the day `until` is over."""
    ids = history.members.ids.cast(TEXT)
    tables = handle(compiled.tables)
    rungs = _rungs(compiled, ran, until)
    columns: dict[str, pa.Array] = {
        "member_id": ids,
        "tier": pa.array([*compiled.names.tiers], TEXT).take(pa.array(rungs, mask=rungs < 0)),
    }
    for number, name in enumerate(compiled.program.wallets):
        purse = ran.state.purses[:, number]
        columns[name] = pa.array(purse["active"] + purse["pending"])
        columns[f"{name}_pending"] = pa.array(purse["pending"].copy())
    for number, fact in enumerate(compiled.program.facts.values()):
        values, dens = (np.zeros(len(ids), np.int64) for _ in range(2))
        null = np.zeros(len(ids), np.bool_)
        for (first, stop), part in zip(ran.members, ran.states, strict=True):
            facts_read.read_all(
                handle(part), tables, number, until, first, stop, values, null, dens
            )
        kind, parts = fact.type, compile_members.scale(fact)
        columns[fact.name] = _column(kind, parts, compiled.program, history, values, null, dens)
    for name, progress in compiled.program.progress.items():
        number = compiled.book.positions["progress"][name]
        values, null = np.zeros(len(ids), np.int64), np.zeros(len(ids), np.bool_)
        for (first, stop), state in zip(ran.members, ran.states, strict=True):
            progress_read.read_all(handle(state), tables, number, until, first, stop, values)
        parts, ones = compile_tasks.scale(progress), np.ones_like(values)
        columns[name] = _column(progress.type, parts, compiled.program, history, values, null, ones)
    if compiled.program.privileges:
        columns[PRIVILEGES] = _privileges(compiled, ran, rungs, until)
    return pa.table(columns)


def _privileges(compiled: Compiled, ran: Ran, rungs: NDArray[np.int64], until: int) -> pa.Array:
    """The privileges that each member holds on a day, given or by his tier, in the rules' order."""
    by_tier = compiled.tables.rung_privileges
    held = ran.state.rights[: len(rungs)] >= until
    if len(by_tier):
        held |= (by_tier[rungs] == 1) & (rungs >= 0)[:, np.newaxis]
    names = pa.array(list(compiled.program.privileges), TEXT)
    starts = np.append(0, np.cumsum(held.sum(axis=1))).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(starts), names.take(pa.array(np.nonzero(held)[1])))


def _rungs(compiled: Compiled, ran: Ran, until: int) -> NDArray[np.int64]:
    """The tier each member holds on a day: what he reached, or a higher one given to him."""
    floors = ran.state.floors
    if compiled.tables.tiers[T_BY] == BY_NOTHING:
        return np.full(len(floors), -1, np.int64)
    rungs = np.array(ran.state.members["rung"], np.int64)
    for rung in range(floors.shape[1]):
        lasts = floors[:, rung] >= until
        rungs[lasts] = np.maximum(rungs[lasts], rung)
    return rungs


def _column(
    kind: Type, parts: int, program: Program, history: History, values: NDArray[np.int64],
    null: NDArray[np.bool_], dens: NDArray[np.int64],
) -> pa.Array:  # fmt: skip
    """A fact's column in the type of the files: money in minor units, other fractions exact.

    A number is counted in `parts`, over its own `dens`.
    """
    match kind:
        case Type.TEXT | Type.TEXTS:
            texts = pa.array(history.texts.values or [""], TEXT)
            return texts.take(pa.array(values, mask=null))
        case Type.TIME:
            return pa.array(values, mask=null).cast(INSTANT)
        case Type.DATE:
            return pa.array(values.astype(np.int32), mask=null).cast(pa.date32())
        case Type.FLAG:
            return pa.array(values == 1, mask=null)
    if kind is Type.MONEY:
        times = Fraction(10**program.money_decimals, parts)
        return pa.array(_rounded(values, dens, times).astype(np.int64), mask=null)
    if kind is Type.WHOLE and parts == 1 and (dens == 1).all():
        return pa.array(values, mask=null)
    return _decimals(_rounded(values, dens, Fraction(10**PLACES, parts)), null)


def _rounded(values: NDArray[np.int64], dens: NDArray[np.int64], times: Fraction) -> NDArray[Any]:
    """`values / dens * times`, each as the nearest whole number, half away from zero.

    Python's own whole numbers where 64 bits might be too few.
    """
    if times == 1 and (dens == 1).all():
        return values
    top, bottom = times.numerator, times.denominator
    if (np.abs(values) > ROOM // top).any() or (dens > ROOM // bottom).any():
        each = zip(values.tolist(), dens.tolist(), strict=True)
        return np.array([nearest(Fraction(v, d) * times) for v, d in each], object)
    above, below = np.abs(values) * (2 * top), dens * bottom
    return np.asarray(np.sign(values) * ((above + below) // (2 * below)), np.int64)


def _decimals(values: NDArray[Any], null: NDArray[np.bool_]) -> pa.Array:
    """Whole numbers of millionths as decimals."""
    kind = pa.decimal128(38, PLACES)
    if values.dtype == object:
        return pa.array([Decimal(v).scaleb(-PLACES) for v in values], kind, mask=null)
    words = np.column_stack((values, values >> 63))  # 128 bits, the sign in all of the upper ones
    known = pa.array(~null).buffers()[1]
    return pa.Array.from_buffers(kind, len(values), [known, pa.py_buffer(words)])


def nearest(value: Fraction) -> int:
    """The nearest whole number, half away from zero."""
    whole = int(abs(value) + Fraction(1, 2))
    return whole if value >= 0 else -whole


def grants(compiled: Compiled, timeline: Timeline, ran: Ran, ids: pa.Array, until: int) -> pa.Table:
    """Every grant with the state it is in when the day `until` is over."""
    found = ran.grants[ran.grants["kind"] < GRANTED.index("tier")]
    found = found[np.lexsort((found["number"], found["rule"], found["event"]))]
    what, where = _granted(compiled, found)
    event = timeline.ids.take(pa.array(_whole(found, "event")))
    rule = pa.array([it.id for it in compiled.rules], TEXT).take(pa.array(_whole(found, "rule")))
    number = pa.array(_whole(found, "number")).cast(TEXT)
    last, state = _whole(found, "until"), _whole(found, "state")
    ended = (state == s.GRANT_OPEN) & (last < until)
    state[ended] = len(s.STATES)
    ever = last > LAST_DAY
    return pa.table({
        "grant_id": pc.binary_join_element_wise(event, rule, number, pa.scalar("/", TEXT)),
        "at": pa.array(timeline.feed.at[found["event"]]).cast(INSTANT),
        "member_id": ids.take(pa.array(_whole(found, "member"))),
        "kind": pa.array(GRANTED, TEXT).take(pa.array(_whole(found, "kind"))),
        "id": what.take(pa.array(where)),
        "rule": rule,
        "event_id": event,
        "until": pa.array(np.where(ever, 0, last).astype(np.int32), pa.date32(), mask=ever),
        "state": pa.array([*s.STATES, "expired"], TEXT).take(pa.array(state)),
        "used_on": timeline.ids.take(_place(found, "used_on")).cast(TEXT),
        "used_at": pa.array(timeline.feed.at).take(_place(found, "used_event")).cast(INSTANT),
        "worth": pa.array(_whole(found, "worth"), mask=found["worth"] == s.NO_WORTH),
    })  # fmt: skip


def _place(found: Records, name: str) -> pa.Array:
    """The events that grants name in a field; null for none."""
    return pa.array(_whole(found, name), mask=found[name] < 0)


def coupons(compiled: Compiled, ran: Ran, until: int) -> Counter[tuple[str, str]]:
    """By reward that is used on orders, and by word, what came of its grants until a day is over.

    `used` and `worth` are of those that are used then, `returned` is how often one came back.
    """
    found = ran.grants[ran.grants["kind"] < GRANTED.index("badge")]
    counts: Counter[tuple[str, str]] = Counter()
    used = found["state"] == s.GRANT_USED
    ended = (found["state"] == s.GRANT_OPEN) & (found["until"] < until)
    said = {
        "given": np.ones(len(found), np.int64), "used": used, "returned": found["returned"],
        "expired": ended, "cancelled": found["state"] == s.GRANT_CANCELLED,
        "worth": np.where(used & (found["worth"] > 0), found["worth"], 0),
    }  # fmt: skip
    for number, (name, reward) in enumerate(compiled.program.rewards.items()):
        if reward.kind in USABLE:
            own = found["id"] == number
            counts.update({(name, word): int(it[own].sum()) for word, it in said.items()})
    return counts


def _granted(compiled: Compiled, found: Records) -> tuple[pa.Array, NDArray[np.int64]]:
    """The ids of all that can be granted, and which of them each grant is of."""
    sources = granted(compiled)
    starts = np.cumsum([0, *(len(source) for source in sources)])
    names = pa.array([name for source in sources for name in source], TEXT)
    return names, starts[_whole(found, "kind")] + _whole(found, "id")


def granted(compiled: Compiled) -> tuple[tuple[str, ...], ...]:
    """By kind of grant, but for tiers, the ids of all that can be granted."""
    rewards = tuple(compiled.program.rewards)
    badges, privileges = tuple(compiled.names.badges), tuple(compiled.program.privileges)
    prizes = tuple(prize.id for prize in compiled.program.prizes)
    return rewards, rewards, rewards, badges, privileges, prizes


def _whole(records: Records, name: str) -> NDArray[np.int64]:
    """A field of all records, in an array of its own."""
    return np.array(records[name], np.int64)


def balances(
    sums: Mapping[tuple[str, str], int], members: pa.Table, program: Program, until: date
) -> dict[str, dict[str, int]]:
    """Per wallet what was issued, spent, expired, reversed, adjusted; what stands out, its worth.

    `sums` are those of the entries by wallet and kind. Whole numbers of the wallet's unit; the
    liability in minor units of the program's money.
    """
    by_kind = Counter(sums)
    found = {}
    for name in program.wallets:
        held = members[name].cast(pa.decimal128(38))  # all of them may be more than 64 bits
        outstanding = int(pc.sum(held).as_py() or 0)
        found[name] = {
            "issued": by_kind[name, "earn"] + by_kind[name, "bonus"],
            "spent": -by_kind[name, "spend"] - by_kind[name, "restore"],
            "expired": -by_kind[name, "expire"],
            "reversed": -by_kind[name, "reverse"],
            "adjusted": by_kind[name, "adjust"],
            "outstanding": outstanding,
            "liability": nearest(worth(program, {name: outstanding}, until)),
        }
    return found


def worth(program: Program, amounts: Mapping[str, int], day: date) -> Fraction:
    """What amounts of wallets, in their smallest units, are in money's minor units on a day.

    A wallet of points without `value` is worth nothing.
    """
    total, minor = Fraction(0), Fraction(10**program.money_decimals)
    for name, amount in amounts.items():
        wallet = program.wallets[name]
        value = wallet.value.on(day) if wallet.value is not None else None
        if value is None:
            value = Fraction(1 if wallet.unit == "money" else 0)
        total += Fraction(amount, 10**wallet.decimals) * value
    return total * minor


def _budget_name(it: Compiled, number: int) -> str:
    """The rule's id; and whose it is, of a side of a referral rule that is not the main one."""
    rule = it.rules[number]
    if not rule.sides:
        return rule.id
    written = next(one for one in it.program.rules if one.id == rule.id)
    whose = rule.sides[0].whose
    return rule.id if whose == written.main_side else f"{rule.id} ({whose})"


def budgets(it: Compiled, ran: Ran) -> dict[str, dict[str, Any]]:
    """By budget: what it has spent, and the day on which it first ran out."""
    found = {}
    for record, spent in zip(it.tables.budgets, ran.state.spent, strict=True):
        if record["rule"] < 0:  # a prize's stock
            continue
        ended = EPOCH + timedelta(int(spent["ended_day"])) if spent["ended"] else None
        found[_budget_name(it, int(record["rule"]))] = {
            "spent": int(spent["total"]),
            "ended": ended.isoformat() if ended else None,
        }
    return found
