"""A spin that was drawn again, as a person reads it, and as values for machines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from engine.language.program import Program
from engine.machine.chance import WHOLE
from engine.machine.redraw import Chance, Spin, decimals, percent
from engine.machine.values import decimal_text


def text(told: Spin, program: Program, folder: str) -> str:
    """Who spun what, the number that chance gave, and the prizes with their bounds."""
    return "\n".join(_lines(told, program, folder))


def _lines(told: Spin, program: Program, folder: str) -> Iterator[str]:
    rule, at = told.draw.rule, told.at.astimezone(ZoneInfo(program.zone))
    place = f"{folder}/{rule.place.file}:{rule.place.line}"
    yield f"{at:%Y-%m-%d %H:%M:%S}  {told.member_id} spins {rule.id} ({place})"
    yield f"  salt {told.draw.salt}, unit {told.member_id}, occurrence {told.event_id}"
    yield f"  u = {decimals(told.number)} ({told.number} / {WHOLE})"
    width = max(len(prize.id) for prize in told.prizes)
    number = told.number
    for prize in told.prizes:
        is_drawn = 0 <= number < prize.below * WHOLE
        number = -1 if is_drawn else number
        yield f"  {'>' if is_drawn else ' '} {prize.id:<{width}}  {_bounds(prize)}"
    yield f"  {told.prize}: {told.state.replace('_', ' ')}"


def _bounds(prize: Chance) -> str:
    said = f"{percent(prize.share)}, u below {decimal_text(prize.below)}"
    return said if prize.left is None else f"{said}, {prize.left:,} left"


def values(told: Spin, program: Program, folder: str) -> dict[str, Any]:
    """The same as plain values: exact numbers as texts, the instant in the program's zone."""
    rule = told.draw.rule
    return {
        "event_id": told.event_id,
        "member_id": told.member_id,
        "at": told.at.astimezone(ZoneInfo(program.zone)).isoformat(),
        "draw": rule.id,
        "file": f"{folder}/{rule.place.file}",
        "line": rule.place.line,
        "salt": told.draw.salt,
        "unit": told.member_id,
        "occurrence": told.event_id,
        "u": decimals(told.number),
        "number": str(told.number),
        "prizes": [
            {
                "id": prize.id,
                "chance": percent(prize.share),
                "below": decimal_text(prize.below),
                "left": prize.left,
            }
            for prize in told.prizes
        ],
        "prize": told.prize,
        "state": told.state,
    }
