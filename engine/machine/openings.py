"""Sets what an example's members hold before its events: tier, balances, facts."""

from __future__ import annotations

from datetime import date, datetime
from fractions import Fraction

from engine.data.columns import Texts
from engine.language.expression.tree import Type
from engine.language.program import Example, Fact
from engine.machine import compile_members, facts, lots, zone
from engine.machine.calendar import add, period
from engine.machine.compiled import Compiled
from engine.machine.handles import handle
from engine.machine.state import State
from engine.machine.timeline import Timeline

Cell = str | tuple[str, ...] | None


def open(
    example: Example, compiled: Compiled, timeline: Timeline, state: State, texts: Texts
) -> None:
    """Writes the example's `member:` values into the state; members stand by their ids."""
    order = sorted(member.id for member in example.members)
    for member in example.members:
        who = order.index(member.id)
        day = int(timeline.first_day[who])
        for name, value in member.values.items():
            if value is not None:
                _set(compiled, state, who, name, value, day, texts)


def _set(
    compiled: Compiled, state: State, who: int, name: str, value: Cell, day: int, texts: Texts
) -> None:  # fmt: skip
    program = compiled.program
    if name == "tier":
        # His first look comes after his first event: till then he holds what was set.
        state.members[who]["rung"] = compiled.names.tiers[str(value)]
        state.members[who]["since"], state.members[who]["due"] = day, day + 1
    elif name in program.wallets:
        amount = int(Fraction(str(value)) * compiled.book.scale(name))
        wallet = compiled.book.positions["wallets"][name]
        if amount > 0:
            to, tables = handle(state), handle(compiled.tables)
            lots.credit(to, tables, who, wallet, amount, -1, day, -1, True, False)
        elif amount < 0:
            purse = state.purses[who, wallet]
            purse["active"], purse["deficit"] = amount, -amount
        state.members[who]["due"] = day
    elif name in program.facts:
        position = compiled.book.positions["facts"][name]
        _set_fact(compiled, state, who, position, program.facts[name], str(value), day, texts)


def _set_fact(
    compiled: Compiled, state: State, who: int, position: int, fact: Fact, value: str, day: int,
    texts: Texts,
) -> None:  # fmt: skip
    """Makes a fact read as `value` on the first day."""
    record, kept = compiled.tables.facts[position], state.facts[who, position]
    number = stored(compiled, fact, value, texts)
    kept["known"], kept["open"] = 1, 2
    if record["this"]:
        kept["key"] = period(record["this"], day, 0)
    if fact.kind == "streak":
        kept["a"], kept["key"] = number, period(record["by"], day, 0) - 1
    elif fact.kind in ("distinct", "most frequent", "median gap") or fact.over is not None:
        seen = add(day, -int(record["before"]), int(record["before_unit"])) if fact.before else day
        several = number if fact.kind == "distinct" else 1
        for n in range(several):
            item = -1 - n if fact.kind == "distinct" else number
            facts.append(handle(state), kept, seen, item, 1)
        if fact.kind in ("count", "sum", "average"):
            kept["a"], kept["b"] = number, 1
    else:
        kept["a"], kept["b"] = number, 1
        if fact.kind == "previous":
            kept["open"], kept["b"] = 2, number


def stored(compiled: Compiled, fact: Fact, value: str, texts: Texts) -> int:
    """A fact's value as the state keeps it."""
    match fact.type:
        case Type.TEXT | Type.TEXTS:
            return texts.code(value)
        case Type.FLAG:
            return int(value.lower() in ("yes", "true", "1"))
        case Type.DATE:
            return zone.days(date.fromisoformat(value))
        case Type.TIME:
            return zone.micros(datetime.fromisoformat(value), compiled.zone)
        case _:
            return int(Fraction(value) * compile_members.scale(fact))
