"""Reads the files through a guess as a replay would, to show what comes of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from engine.data import history as histories
from engine.data.columns import DECIMAL_PLACES, TEXTS_MARK, History
from engine.language import rules
from engine.language.expression.tree import Type
from engine.language.program import Program

SHOWN = 10
FIRST = ("member_id", "event_id", "type", "at", "amount")  # the columns shown first
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Trial:
    """What a replay would read: ten events as they were mapped, counts, and what is set aside."""

    rows: tuple[Mapping[str, Any], ...]
    events: Mapping[str, int]  # by type
    sums: Mapping[str, Decimal]  # of the amounts, by type
    members: int
    rejected: Mapping[str, int]  # by reason
    left_out: Mapping[str, int]
    mixed: Mapping[str, Mapping[str, int]]
    duplicates: int


def run(texts: Mapping[str, str], folder: Path) -> Trial:
    """Reads what the rules' `data` names, seen from the folder above `folder`.

    Raises DataError where a file as a whole cannot be mapped.
    """
    program = program_of(texts, folder)
    history = histories.read(program, None, None, None, folder.parent)
    types = list(program.events)
    counts = Counter(types[position] for position in history.events.type.tolist())
    return Trial(
        tuple(_row(program, history, i) for i in _chosen(history)),
        dict(counts.most_common()),
        _sums(program, history),
        len(history.members.ids),
        dict(Counter(r.reason for r in history.rejected).most_common()),
        history.left_out,
        history.mixed,
        history.duplicates,
    )


def program_of(texts: Mapping[str, str], folder: Path) -> Program:
    """The program that was written; that it has no problems is promised here."""
    reading = rules.read_texts(texts, folder.as_posix())
    wrong = [p for p in reading.problems if p.severity == "error"]
    assert reading.program is not None, "\n".join(p.show("") for p in wrong)
    return reading.program


def _chosen(history: History) -> list[int]:
    """Ten events: the first ones of every type as the files have them."""
    events = history.events
    order = np.lexsort((events.row, events.file))
    kinds = np.unique(events.type)
    each = max(1, SHOWN // max(1, len(kinds)))
    of_kind = [order[events.type[order] == kind] for kind in kinds.tolist()]
    first = [i for places in of_kind for i in places[:each].tolist()]
    more = [i for i in order[: 2 * SHOWN].tolist() if i not in set(first)]
    place = {i: n for n, i in enumerate(order.tolist())} if first else {}
    return sorted([*first, *more][:SHOWN], key=lambda i: place[i])


def _row(program: Program, history: History, i: int) -> dict[str, Any]:
    """One event as a person reads it."""
    events = history.events
    at = EPOCH + timedelta(microseconds=int(events.at[i]))
    type_ = list(program.events)[events.type[i]]
    row: dict[str, Any] = {
        "member_id": history.members.ids[int(events.member[i])].as_py(),
        "event_id": events.ids[i].as_py(),
        "type": type_,
        "at": at.astimezone(ZoneInfo(program.zone)).replace(tzinfo=None).isoformat(" "),
    }
    for (name, kind), column in events.fields.items():
        if not column.null[i]:
            row[name] = _value(program, history, kind, int(column.values[i]))
    return row


def _value(program: Program, history: History, kind: Type, value: int) -> Any:
    """A field's value as a person reads it."""
    if kind in (Type.TEXT, Type.TEXTS):
        said = history.texts.values[value]
        return said.replace(TEXTS_MARK, ";") if kind is Type.TEXTS else said
    if kind is Type.MONEY:
        return Decimal(value).scaleb(-program.money_decimals)
    if kind is Type.DECIMAL:
        return f"{Decimal(value).scaleb(-DECIMAL_PLACES).normalize():f}"
    if kind is Type.FLAG:
        return bool(value)
    if kind is Type.DATE:
        return (EPOCH + timedelta(days=value)).date().isoformat()
    if kind is Type.TIME:
        at = (EPOCH + timedelta(microseconds=value)).astimezone(ZoneInfo(program.zone))
        return at.replace(tzinfo=None).isoformat(" ")
    return value


def _sums(program: Program, history: History) -> dict[str, Decimal]:
    """The sum of the amounts of every type that has them."""
    column = history.events.fields.get(("amount", Type.MONEY))
    found: dict[str, Decimal] = {}
    for position, name in enumerate(program.events):
        if column is None or "amount" not in program.events[name].fields:
            continue
        where = (history.events.type == position) & ~column.null
        if where.any():
            total = sum(column.values[where].tolist())
            found[name] = Decimal(total).scaleb(-program.money_decimals)
    return found
