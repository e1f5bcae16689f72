"""An explanation as a person reads it, and as values for machines."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from engine.language.expression.tree import Expr
from engine.language.program import Program
from engine.machine.explain import EventStory, Explanation, Gift, RuleStory
from engine.machine.parts import Part, split
from engine.machine.values import Said, decimal_text, money, shown


def text(told: Explanation, program: Program, folder: str) -> str:
    """The member first, then every event with its rules and entries, then what time did."""
    lines = [*_person(told, program)]
    for event in told.events:
        lines += ["", *_event(event, told.member, program, folder)]
    if told.timers:
        lines += ["", "By the passing of time"]
        lines += [f"  {_entry(row, told.member, program)}" for row in told.timers]
    return "\n".join(lines)


def _person(told: Explanation, program: Program) -> Iterator[str]:
    tier = told.person["tier"]
    when = f" on {told.until}" if told.until else ", to whom nothing has happened"
    yield f"{told.member}{when}" + (f", tier {tier}" if tier else "")
    for name in program.wallets:
        pending = told.person[f"{name}_pending"]
        waits = f", {_parts(pending, name, program)} of it pending" if pending else ""
        yield f"  {name}: {_parts(told.person[name], name, program)}{waits}"


def _event(event: EventStory, member: str, program: Program, folder: str) -> Iterator[str]:
    whose = "" if event.member == member else f" of {event.member}"
    yield f"{event.at:%Y-%m-%d %H:%M:%S}  {event.type} {event.event_id}{whose}"
    for story in event.rules:
        yield from _rule(story, program, folder)
    for refusal in event.refused:
        yield f"  refused: {refusal['code']} {refusal['facts']}"
    for row in event.entries:
        yield f"  = {_entry(row, member, program)}"
    if not event.rules and not event.entries:
        yield "  no rule looks at it"


def _rule(story: RuleStory, program: Program, folder: str) -> Iterator[str]:
    rule = story.rule
    mark, why = ("+", "") if story.held else ("-", f": {story.why}")
    place = f"{folder}/{rule.place.file}:{rule.place.line}"
    yield f"  {mark} {rule.id} ({place}){_side(story)}{why}"
    for part, lack in _lacks(story):
        yield f"      {_part(part, lack)}"
    for gift in story.gifts:
        yield f"      {_gift(gift, program, multiplies=bool(rule.multiplies))}"


def _side(story: RuleStory) -> str:
    """Whom a rule pays where it is not the event's member alone."""
    whose = "".join(side.whose for side in story.rule.sides)
    nth = sum(side.nth for side in story.rule.sides)
    said = f", {whose}" + (f", at friend {nth}" if nth else "") if whose else ""
    return f"{said}, to {story.to}" if story.to is not None else said


def _lacks(story: RuleStory) -> Iterator[tuple[Part, str]]:
    """Each part of the condition, with what it lacked: `29.50 more`; empty where it held."""
    condition = story.rule.condition
    trees = split(condition.tree) if condition is not None and story.parts else ()
    for part, tree in zip(story.parts, trees, strict=True):
        yield part, "" if part.missing is None else _lack(tree, part.missing)


def _lack(tree: Expr, missing: Fraction | Decimal) -> str:
    """How far the side that can move is from the other; in `50 <= amount` the right one moves."""
    rises = (tree.op in (">", ">=")) == bool(tree.args[0].names())
    return f"{shown(missing)} {'more' if rises else 'less'}" if missing else "just not"


def _part(part: Part, lack: str) -> str:
    held = {True: "yes", False: "no", None: "null"}[part.held]
    saw = [f"{name} = {shown(value)}" for name, value in part.saw]
    seen = ", ".join([*saw, lack] if lack else saw)
    return f"{part.text}  {held}" + (f" ({seen})" if seen else "")


def _gift(gift: Gift, program: Program, *, multiplies: bool) -> str:
    exact = "null" if gift.exact is None else decimal_text(gift.exact)
    sign = "x " if multiplies else ""
    said = f"{gift.wallet}: {sign}{gift.text}" + ("" if gift.text == exact else f" = {exact}")
    if gift.amount is not None:
        said += f", entry {_units(gift.amount, gift.wallet, program)}"
    if gift.wanted is not None:
        said += f" (cut by its limit from {_units(gift.wanted, gift.wallet, program)})"
    return said


def _entry(row: Mapping[str, Any], member: str, program: Program) -> str:
    """An entry, with whose it is where it is another's: what was sent to him, or given."""
    wallet, sign = row["wallet"], "+" if row["amount"] > 0 else ""
    said = f"{sign}{_parts(row['amount'], wallet, program)} {wallet} {row['kind']}"
    if row["event_id"] is None:
        said = f"{row['at'].astimezone(ZoneInfo(program.zone)):%Y-%m-%d}  {said}"
    if row["member_id"] != member:
        said += f" of {row['member_id']}"
    if row["rule"]:
        said += f" by {row['rule']}"
    if row["lot"]:
        said += f", lot {row['lot']}"
    if row["missing"] is not None:
        said += f", {_parts(row['missing'], wallet, program)} missing"
    return said


def _parts(amount: int, wallet: str, program: Program) -> str:
    """So many of a wallet's smallest unit, with all the places that it has: 12.50."""
    return _units(Fraction(amount, 10 ** program.wallets[wallet].decimals), wallet, program)


def _units(amount: Fraction, wallet: str, program: Program) -> str:
    """An amount of a wallet, in the same way."""
    return shown(money(amount, program.wallets[wallet].decimals))


def values(told: Explanation, program: Program, folder: str) -> dict[str, Any]:
    """The same as plain values: numbers in units as texts, rows as in the files, facts opened.

    Instants are ISO 8601 in the program's zone.
    """
    zone = ZoneInfo(program.zone)
    return {
        "member": told.member,
        "until": told.until.isoformat() if told.until else None,
        "person": _plain(told.person, zone),
        "events": [_event_values(event, program, folder) for event in told.events],
        "timers": [_plain(row, zone) for row in told.timers],
    }


def _event_values(event: EventStory, program: Program, folder: str) -> dict[str, Any]:
    zone = ZoneInfo(program.zone)
    refused = [{**row, "facts": json.loads(row["facts"])} for row in event.refused]
    return {
        "event_id": event.event_id,
        "member": event.member,
        "type": event.type,
        "at": _said(event.at, zone),
        "rules": [_rule_values(story, program, folder) for story in event.rules],
        "entries": [_plain(row, zone) for row in event.entries],
        "refused": [_plain(row, zone) for row in refused],
    }


def _rule_values(story: RuleStory, program: Program, folder: str) -> dict[str, Any]:
    place, zone = story.rule.place, ZoneInfo(program.zone)
    return {
        "rule": story.rule.id,
        "file": f"{folder}/{place.file}",
        "line": place.line,
        "held": story.held,
        "why": story.why,
        "to": story.to,
        "parts": [
            {
                "text": part.text,
                "held": part.held,
                "saw": {name: _seen(value, zone) for name, value in part.saw},
                "missing": None if part.missing is None else shown(part.missing),
            }
            for part in story.parts
        ],
        "gifts": [_gift_values(gift, program) for gift in story.gifts],
    }


def _gift_values(gift: Gift, program: Program) -> dict[str, str | None]:
    amount, wanted = (
        None if it is None else _units(it, gift.wallet, program)
        for it in (gift.amount, gift.wanted)
    )
    exact = None if gift.exact is None else decimal_text(gift.exact)
    said = {"wallet": gift.wallet, "text": gift.text, "exact": exact}
    return said | {"amount": amount, "wanted": wanted}


def _seen(value: Said, zone: ZoneInfo) -> str:
    """What a condition saw, as the text tells it; instants as everywhere here."""
    return _said(value, zone) if isinstance(value, datetime) else shown(value)


def _plain(row: Mapping[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    """A row with what JSON has no form for as text."""
    simple = (str, int, bool, type(None), dict)
    return {k: v if isinstance(v, simple) else _said(v, zone) for k, v in row.items()}


def _said(value: object, zone: ZoneInfo) -> str:
    """A value that JSON has no form for; an instant in a zone."""
    return value.astimezone(zone).isoformat() if isinstance(value, datetime) else str(value)
