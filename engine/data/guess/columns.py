"""Says our columns of an event as expressions over the columns of a file."""

from __future__ import annotations

from engine.data.guess.fields import Chosen
from engine.data.guess.found import Found
from engine.data.guess.look import Sheet, text
from engine.data.guess.roles import Amount


def of(sheet: Sheet, found: Found, fields: list[Chosen]) -> dict[str, str]:
    """Our columns with expressions."""
    grouped = found.key is not None
    bare = found.when.sql in {look.sql for look in sheet.looks}
    at = f"min({found.when.lenient})" if grouped and not bare else found.when.sql
    columns = {"event_id": _event_id(found)}
    columns |= {"member_id": found.member.sql, "at": at}
    if found.amount is not None:
        turned = _is_turned(sheet, found)
        single = found.amount.sql if turned else _plain(found.amount)
        worth = found.amount.group if grouped else single
        columns["amount"] = f"abs({worth})" if turned else worth
    if found.reverses is not None:
        columns["order"] = found.reverses.sql
    return columns | {field.name: field.sql for field in fields}


def _event_id(found: Found) -> str:
    """What tells one event from another, as an expression."""
    if found.who.look is None:
        return "row"
    if found.who.by_type and found.kinds is not None:
        return f"{found.kinds.look.sql} || '-' || {found.who.look.sql}"
    return found.who.look.sql


def _is_turned(sheet: Sheet, found: Found) -> bool:
    """True where what is given back, and nothing else, is below zero."""
    if found.kinds is None or found.amount is None or not found.kinds.back:
        return False
    values = [value for value, name in found.kinds.types.items() if name in found.kinds.back]
    listed = ", ".join(text(value) for value in values)
    back = f"cast({found.kinds.look.sql} as varchar) in ({listed})"
    below, others = sheet.ask(
        f"select count(*) filter ({back}), count(*) filter (not {back}) from given"
        f" where ({found.amount.lenient}) < 0"
    )
    return bool(below) and not others


def _plain(amount: Amount) -> str:
    """The amount by row: the column itself where it holds plain numbers."""
    if len(amount.columns) > 1 or "(" in amount.sql.removeprefix("cast(").partition(" as ")[0]:
        return amount.sql
    return amount.sql.removeprefix("cast(").partition(" as decimal")[0]
