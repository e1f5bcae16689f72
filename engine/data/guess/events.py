"""Guesses how a file of events is mapped: whose, when, which, of what type and worth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import pyarrow as pa

from engine.data.guess import columns as guess_columns
from engine.data.guess import doubts as guess_doubts
from engine.data.guess import fields as guess_fields
from engine.data.guess import kinds as guess_kinds
from engine.data.guess import roles as guess_roles
from engine.data.guess import when as guess_when
from engine.data.guess import words
from engine.data.guess.fields import Chosen
from engine.data.guess.found import Found
from engine.data.guess.kinds import Back, Kinds
from engine.data.guess.look import Look, Sheet, text
from engine.data.guess.mapping import Doubt, EventsGuess, Guessed
from engine.data.guess.names import FACTS, TYPES, WALLET, Names
from engine.data.guess.roles import Identity, Ranked
from engine.data.guess.when import When

OURS = ("event_id", "member_id", "type", "at")  # the columns of a file in our own words
RETURNED = "returned"
UTC = "utc|gmt"
BOUGHT = "order|purchase|sale|transaction|购|订|消费"


def missing(sheet: Sheet, known: pa.Array | None) -> tuple[str, ...]:
    """What a file of events needs and this one does not show: members, times."""
    whens = guess_when.events(sheet)
    lack = [] if whens else ["at"]
    taken = whens[0].columns if whens else ()
    return (*([] if guess_roles.members(sheet, known, taken) else ["member_id"]), *lack)


def find(sheet: Sheet, known: pa.Array | None) -> Found:
    """The columns that are more than fields; nothing may be `missing`."""
    when = guess_when.events(sheet)[0]
    ranked = guess_roles.members(sheet, known, when.columns)
    member = ranked[0].look
    taken = (*when.columns, member.name)
    who = guess_roles.identity(sheet, member, when, taken)
    taken = (*taken, *((who.look.name,) if who.look else ()))
    kinds = guess_kinds.kinds(sheet, taken, ours=_is_ours(sheet))
    who = _by_type(sheet, who, kinds)
    amount = guess_roles.amount(sheet, who.look if who.lines else None, taken)
    taken = (*taken, *(amount.columns if amount else ()))
    reverses = _reverses(sheet, who, taken) if kinds and kinds.back else None
    return Found(member, when, who, amount, kinds, reverses, _rivals(ranked))


def _by_type(sheet: Sheet, who: Identity, kinds: Kinds | None) -> Identity:
    """The identity where rows of one id are of several types: a sale, and what came back of it."""
    if kinds is None or who.look is None or not who.lines:
        return who
    rows, pairs, ids = sheet.ask(
        f"select count(*), count(distinct ({who.look.sql}, {kinds.look.sql})),"
        f" count(distinct {who.look.sql}) from given where {who.look.sql} is not null"
    )
    return replace(who, lines=pairs < rows, by_type=True) if pairs > ids else who


def _rivals(ranked: list[Ranked]) -> tuple[str, ...]:
    first, *others = ranked
    named = words.score(first.look.called, "member")
    return tuple(
        one.look.name
        for one in others
        if first.score - one.score <= 4
        and (named < 5 or words.score(one.look.called, "member") >= 5)
    )


def _reverses(sheet: Sheet, who: Identity, taken: tuple[str, ...]) -> Look | None:
    """The column that names the event which is given back: its values are ids of others."""
    if who.look is None:
        return None
    for look in sheet.looks:
        named = words.score(look.called, "reverses") or look.called in ("order", "order_id")
        if look.name in taken or not named or not look.filled:
            continue
        share = sheet.ask(
            f"select avg(cast(x in (select cast({who.look.sql} as varchar) from given) as int))"
            f" from (select cast({look.sql} as varchar) as x from given"
            f" where {look.sql} is not null)"
        )[0]
        if share and share >= 0.8:
            return look
    return None


def guess(sheet: Sheet, file: str, found: Found, names: Names, type_: str | None) -> EventsGuess:
    """The mapping or mappings of a file of events, and what is not sure about them.

    `type_` is the type of all its events; None where a column says it.
    """
    where, doubts = [*_of_somebody(found), *_readable(sheet, found)], []
    dead = guess_kinds.dead(sheet, found.taken) if found.kinds is None else None
    if dead is not None:
        where.append(dead[0])
        doubts.append(dead[1])
    back = None
    if found.amount is not None and found.kinds is None:
        back = guess_kinds.back(sheet, found.who, found.amount, where)
    fields, differ = guess_fields.of_events(sheet, found.taken, found.key, _field_names(sheet))
    if differ:
        listed = ", ".join(f"`{name}`" for name in differ)
        doubts.append(f"left out because they differ between the lines of one order: {listed}")
    types = _types(sheet, found, fields, type_ or "")
    main = type_ or _main(found, types)
    mappings: tuple[Guessed, ...] = (_mapping(sheet, file, found, fields, where, main),)
    given_back = next(iter(found.kinds.back), None) if found.kinds else None
    if back is not None:
        given_back = names.give(RETURNED, fixed=TYPES)
        types[given_back] = {"amount": "money"}
        mappings = _split(mappings[0], back, found, given_back)
        doubts.append(f"{back.said}: of the type `{given_back}`, which takes no points back;"
                      " if they are no returns, leave out the second mapping")  # fmt: skip
    reverses = main if given_back is not None and found.reverses is not None else None
    told = tuple(Doubt(sheet.name, said) for said in (*guess_doubts.of(sheet, found), *doubts))
    return EventsGuess(
        sheet.name, mappings, types, main, "amount" if "amount" in types[main] else None,
        given_back, reverses, _roles(found, fields), told,
    )  # fmt: skip


def _mapping(
    sheet: Sheet, file: str, found: Found, fields: list[Chosen], where: list[str], main: str
) -> Guessed:
    """The mapping of all the rows that are events."""
    return Guessed(
        "events", file, guess_columns.of(sheet, found, fields), _type(found, main),
        " and ".join(where) or None, _group(found), _zone(found.when),
        tuple(_notes(sheet, found)),
    )  # fmt: skip


def _group(found: Found) -> str | None:
    """What stands at `group by`."""
    if found.key is None or found.kinds is None or not found.who.by_type:
        return found.key.sql if found.key else None
    return f"{found.key.sql}, {found.kinds.look.sql}"


def _field_names(sheet: Sheet) -> Names:
    """Names for fields; in a file of our own words ours stay as they are."""
    return Names(("amount", "order") if _is_ours(sheet) else ("amount", WALLET, *FACTS))


def _is_ours(sheet: Sheet) -> bool:
    """True for a file written in our own words."""
    return {*OURS} <= {look.name for look in sheet.looks}


def _of_somebody(found: Found) -> Iterator[str]:
    """The condition for rows that have a member."""
    member = found.member
    if member.empty or member.gaps:
        yield f"{member.sql} is not null"
    if member.gaps:
        yield f"{member.sql} not in ({', '.join(text(gap) for gap in member.gaps)})"


def _readable(sheet: Sheet, found: Found) -> Iterator[str]:
    """The condition without which one bad number would spoil a sum over rows."""
    amount = found.amount
    bad = amount is not None and any(k.bad for k in sheet.looks if k.name in amount.columns)
    if found.key is not None and amount is not None and bad:
        yield f"({amount.lenient}) is not null"


def _main(found: Found, types: Mapping[str, Mapping[str, str]]) -> str:
    """The type of event that earns, of those that a column tells: one with money, if any has."""
    assert found.kinds is not None
    rows = found.kinds.rows
    forward = [name for name in rows if name not in found.kinds.back] or [*rows]
    forward = [name for name in forward if "amount" in types[name]] or forward
    bought = [name for name in forward if words.says(name, BOUGHT)]
    return max(bought or forward, key=lambda name: rows[name])


def _type(found: Found, main: str) -> str:
    """What stands at `type`: a type, or the expression that gives it."""
    if found.kinds is None:
        return main
    sql = found.kinds.sql
    return f'"{sql}"' if sql in found.kinds.types.values() else sql


def _types(
    sheet: Sheet, found: Found, fields: list[Chosen], main: str
) -> dict[str, dict[str, str]]:
    """The types of event with the fields that they carry."""
    own = {field.name: field.type for field in fields}
    if found.kinds is None:
        return {main: ({"amount": "money"} if found.amount else {}) | own}
    asked = [field.sql for field in fields]
    asked += [found.amount.lenient] if found.amount else []
    counts = "".join(f", count({sql})" for sql in asked)
    said = found.kinds.look.sql
    rows = sheet.every(f"select cast({said} as varchar){counts} from given group by 1")
    types: dict[str, dict[str, str]] = {}
    for value, *filled in rows:
        name = found.kinds.types.get(str(value))
        if name is None:
            continue
        carried = {"amount": "money"} if found.amount and filled[-1] else {}
        carried |= {f.name: f.type for f, n in zip(fields, filled, strict=False) if n}
        types[name] = carried
    return {name: types[name] for name in found.kinds.rows if name in types}


def _split(mapping: Guessed, back: Back, found: Found, type_: str) -> tuple[Guessed, Guessed]:
    """The mapping as two: of what was bought, and of what came back."""
    assert found.amount is not None
    base = [mapping.where] if mapping.where else []
    own = found.amount.group if found.key is not None else found.amount.sql
    single = " * " not in own or own.startswith(("sum(", "max("))
    columns = {name: mapping.columns[name] for name in ("event_id", "member_id", "at")}
    if not back.own_ids:
        columns["event_id"] = f"'{type_}-' || {columns['event_id']}"
    columns["amount"] = f"-{own}" if single else f"-({own})"
    kept = replace(mapping, where=" and ".join([*base, back.keep]))
    given = replace(
        mapping, columns=columns, type=type_, where=" and ".join([*base, back.back]),
        notes=(f"{back.said}: what came back, as a type of its own.",),
    )  # fmt: skip
    return kept, given


def _zone(when: When) -> str | None:
    """UTC where a column's name says so."""
    return "UTC" if any(words.says(name, UTC) for name in when.columns) else None


def _notes(sheet: Sheet, found: Found) -> Iterator[str]:
    """What stands above the mapping as a comment."""
    if found.key is not None:
        yield f"Rows with the same `{found.key.name}` are the lines of one event."
    if found.member.empty:
        yield f"Without a member, so left out: {found.member.empty:,} of {sheet.rows:,} rows."
    if found.who.look is None:
        yield "The file has no ids: the id is the file and the row's number."
    if found.when.said:
        yield f"Times are {found.when.said}."


def _roles(found: Found, fields: list[Chosen]) -> Mapping[str, tuple[str, ...]]:
    """Which of the file's columns become what."""
    roles = {
        "member_id": (found.member.name,),
        "event_id": (found.who.look.name,) if found.who.look else (),
        "at": found.when.columns,
        "amount": found.amount.columns if found.amount else (),
        "type": (found.kinds.look.name,) if found.kinds else (),
        "order": (found.reverses.name,) if found.reverses else (),
    } | {field.name: (field.look.name,) for field in fields if field.look}
    return {role: names for role, names in roles.items() if names}
