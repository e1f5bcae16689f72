"""An explanation as a person reads it, and as values for machines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from engine.language.expression.tree import Expr
from engine.language.program import Program
from engine.machine.explain import EventStory, Explanation, Gift, RuleStory
from engine.machine.parts import Part, split
from engine.machine.values import decimal_text, shown


def text(told: Explanation, program: Program, folder: str) -> str:
    """The member first, then every event with its rules and entries, then what time did."""
    lines = [*_person(told, program)]
    for event in told.events:
        lines += ["", *_event(event, program, folder)]
    if told.timers:
        lines += ["", "By the passing of time"]
        lines += [f"  {_entry(row, program)}" for row in told.timers]
    return "\n".join(lines)


def _person(told: Explanation, program: Program) -> Iterator[str]:
    tier = told.person["tier"]
    when = f" on {told.until}" if told.until else ", to whom nothing has happened"
    yield f"{told.member}{when}" + (f", tier {tier}" if tier else "")
    for name, wallet in program.wallets.items():
        parts = 10**wallet.decimals
        pending = told.person[f"{name}_pending"]
        balance = decimal_text(Fraction(told.person[name], parts))
        waits = f", {decimal_text(Fraction(pending, parts))} of it pending" if pending else ""
        yield f"  {name}: {balance}{waits}"


def _event(event: EventStory, program: Program, folder: str) -> Iterator[str]:
    yield f"{event.at:%Y-%m-%d %H:%M:%S}  {event.type} {event.event_id}"
    for story in event.rules:
        yield from _rule(story, folder)
    for refusal in event.refused:
        yield f"  refused: {refusal['code']} {refusal['facts']}"
    for row in event.entries:
        yield f"  = {_entry(row, program)}"
    if not event.rules and not event.entries:
        yield "  no rule looks at it"


def _rule(story: RuleStory, folder: str) -> Iterator[str]:
    rule = story.rule
    mark, why = ("+", "") if story.held else ("-", f": {story.why}")
    place = f"{folder}/{rule.place.file}:{rule.place.line}"
    yield f"  {mark} {rule.id} ({place}){why}"
    for part, lack in _lacks(story):
        yield f"      {_part(part, lack)}"
    for gift in story.gifts:
        yield f"      {_gift(gift, multiplies=bool(rule.multiplies))}"


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


def _gift(gift: Gift, *, multiplies: bool) -> str:
    exact = "null" if gift.exact is None else decimal_text(gift.exact)
    sign = "x " if multiplies else ""
    said = f"{gift.wallet}: {sign}{gift.text}" + ("" if gift.text == exact else f" = {exact}")
    if gift.amount is not None:
        said += f", entry {decimal_text(gift.amount)}"
    if gift.wanted is not None:
        said += f" (cut by its limit from {decimal_text(gift.wanted)})"
    return said


def _entry(row: Mapping[str, Any], program: Program) -> str:
    parts = 10 ** program.wallets[row["wallet"]].decimals
    amount = decimal_text(Fraction(row["amount"], parts))
    sign = "+" if row["amount"] > 0 else ""
    said = f"{sign}{amount} {row['wallet']} {row['kind']}"
    if row["event_id"] is None:
        said = f"{row['at'].astimezone(ZoneInfo(program.zone)):%Y-%m-%d}  {said}"
    if row["rule"]:
        said += f" by {row['rule']}"
    if row["lot"]:
        said += f", lot {row['lot']}"
    if row["missing"] is not None:
        said += f", {decimal_text(Fraction(row['missing'], parts))} missing"
    return said


def values(told: Explanation, folder: str) -> dict[str, Any]:
    """The same as plain values: numbers in units as texts, rows as in the files."""
    return {
        "member": told.member,
        "until": told.until.isoformat() if told.until else None,
        "person": _plain(told.person),
        "events": [_event_values(event, folder) for event in told.events],
        "timers": [_plain(row) for row in told.timers],
    }


def _event_values(event: EventStory, folder: str) -> dict[str, Any]:
    return {
        "event_id": event.event_id,
        "type": event.type,
        "at": event.at.isoformat(),
        "rules": [_rule_values(story, folder) for story in event.rules],
        "entries": [_plain(row) for row in event.entries],
        "refused": [_plain(row) for row in event.refused],
    }


def _rule_values(story: RuleStory, folder: str) -> dict[str, Any]:
    place = story.rule.place
    return {
        "rule": story.rule.id,
        "file": f"{folder}/{place.file}",
        "line": place.line,
        "held": story.held,
        "why": story.why,
        "parts": [
            {
                "text": part.text,
                "held": part.held,
                "saw": {name: shown(value) for name, value in part.saw},
                "missing": None if part.missing is None else shown(part.missing),
            }
            for part in story.parts
        ],
        "gifts": [
            {
                name: decimal_text(value) if isinstance(value, Fraction) else value
                for name, value in (
                    ("wallet", gift.wallet), ("text", gift.text), ("exact", gift.exact),
                    ("amount", gift.amount), ("wanted", gift.wanted),
                )
            }
            for gift in story.gifts
        ],
    }  # fmt: skip


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row with what JSON has no form for as text."""
    simple = (str, int, bool, type(None))
    return {k: v if isinstance(v, simple) else str(v) for k, v in row.items()}
