"""A small program for the tests of reading data, and a history as plain values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from engine.data.columns import TEXTS_MARK, Column, History
from engine.language import rules
from engine.language.expression.tree import Type
from engine.language.program import Program

RULES = """
program: {name: Shop, timezone: Asia/Shanghai, money: CNY}
events:
  order: {amount: money, category: text, items: whole, weight: decimal, gift: flag, tags: texts}
  refund: {reverses: order, amount: money}
  login: {}
members: {city: text, birthday: date, likes: texts}
wallets: {points: {}}
earn:
  purchase: {when: order, give: {points: amount}}
"""


def program(data: str = "", text: str = RULES) -> Program:
    """The program, with a section `data`."""
    reading = rules.read_texts({"shop.yaml": text + data})
    problems = [p for p in reading.problems if p.severity == "error"]
    assert reading.program is not None, problems
    return reading.program


def events(history: History, shop: Program) -> list[dict[str, Any]]:
    """The events as plain values, without what is null."""
    names, found = list(shop.events), []
    for i, event_id in enumerate(history.events.ids.to_pylist()):
        type_ = shop.events[names[history.events.type[i]]]
        said: dict[str, Any] = {"id": event_id, "type": type_.name}
        said["member"] = history.members.ids[int(history.events.member[i])].as_py()
        said["at"] = instant(int(history.events.at[i]))
        for field in type_.fields.values():
            value = plain(history, history.events.fields[field.name, field.type], field.type, i)
            if value is not None:
                said[field.name] = value
        found.append(said)
    return found


def plain(history: History, column: Column, kind: Type, row: int) -> Any:
    """One value of a column."""
    if column.null[row]:
        return None
    value = int(column.values[row])
    if kind is Type.TEXT:
        return history.texts.values[value]
    if kind is Type.TEXTS:
        text = history.texts.values[value]
        return text.split(TEXTS_MARK) if text else []
    return value


def instant(micros: int) -> str:
    """Microseconds since 1970 as text, in UTC."""
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)).isoformat()


def reasons(history: History) -> list[tuple[int, str, str]]:
    """Row, column and reason of what was set aside."""
    return [(r.row, r.column, r.reason) for r in history.rejected]
