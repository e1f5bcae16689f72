"""Tells what could be otherwise about a file of events."""

from __future__ import annotations

from collections.abc import Iterator

from engine.data.guess import words
from engine.data.guess.found import Found
from engine.data.guess.look import Sheet, text
from engine.data.guess.words import count

BUSY = 0.2  # of all rows: a member with more may be everybody who is none


def of(sheet: Sheet, found: Found) -> Iterator[str]:
    """What could be otherwise, each in one line with the alternative."""
    member, when = found.member, found.when
    if sheet.left:
        yield f"looked at the first {sheet.rows:,} rows; {sheet.left:,} more are mapped unseen"
    if found.rivals:
        listed = " or ".join(f"`{name}`" for name in found.rivals)
        yield f"the member is `{member.name}`; it could be {listed}: then `member_id:` is that"
    elif not words.score(member.called, "member"):
        yield f"`{member.name}` is taken for the member because its values come back"
    share, value = sheet.ask(
        f"select count(*), cast({member.sql} as varchar) as v from given where {member.sql} is not"
        " null group by v order by 1 desc, 2 limit 1"
    )
    if sheet.rows > 50 and share > BUSY * sheet.rows:
        yield (
            f"the member {value} has {share:,} of {sheet.rows:,} rows; if that is everybody without"
            f" a card, add `and {member.sql} <> {text(str(value))}` to `where`"
        )
    column = " and ".join(f"`{name}`" for name in when.columns)
    if when.doubt:
        yield f"{column}: {when.doubt}"
    if when.bad:
        wrong = f"{when.bad:,} in all, such as {when.bad_example}"
        yield f"{column}: set aside what is no time, {wrong}"
    yield from _of_worth(sheet, found)


def _of_worth(sheet: Sheet, found: Found) -> Iterator[str]:
    """What could be otherwise about ids and amounts."""
    amount = found.amount
    if found.who.again:
        yield f"said again by another row, so counted once: {count(found.who.again, 'row')}"
    if amount is not None and amount.doubt:
        yield f"`{amount.name}` {amount.doubt}"
    if amount is None:
        numbers = [k.name for k in sheet.looks if k.type in ("whole", "decimal", "money")
                   and k.name not in found.taken]  # fmt: skip
        which = f" such as `{numbers[0]}`" if numbers else ""
        yield (
            "no column is an amount of money, so each event earns 1 point; if points follow a"
            f" number{which}, write its field in `give`"
        )
        return
    rivals = [
        look.name for look in sheet.looks
        if look.name not in amount.columns and look.number
        and words.score(look.called, "amount") >= 7
    ]  # fmt: skip
    if rivals:
        listed = ", ".join(f"`{name}`" for name in rivals)
        yield f"the amount is `{amount.name}`; other columns of money: {listed}"
    for look in sheet.looks:
        if look.name in amount.columns and look.bad:
            fate = "left out" if found.key is not None else "set aside"
            said = f"{fate} what is no number, {look.bad:,} in all, such as {look.bad_example}"
            yield f"`{look.name}`: {said}"
