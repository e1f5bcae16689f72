"""A branch of invitations as a person reads it, as a Mermaid graph, and as values for machines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from engine.language.program import Program
from engine.machine.branch import Twig
from engine.machine.values import money, shown


def text(branch: Sequence[Twig], program: Program) -> str:
    """One line a member, below the one who brought him."""
    lines, open_ = [], list[bool]()  # by step, whether more of that step follow
    for twig in branch:
        del open_[max(twig.below - 1, 0) :]
        lead = "".join("│  " if more else "   " for more in open_)
        mark = "" if not twig.below else "└─ " if twig.last else "├─ "
        lines.append(f"{lead}{mark}{_line(twig, program)}")
        if twig.below:
            open_.append(not twig.last)
    return "\n".join(lines)


def _line(twig: Twig, program: Program) -> str:
    said = [twig.member]
    if twig.at is not None:
        by = "" if twig.below else f" by {twig.referrer}"
        said.append(f"brought{by} {_day(twig.at, program)}")
    if twig.qualified_at is not None:
        said.append(f"qualified {_day(twig.qualified_at, program)}")
    if twig.role is not None:
        said.append(twig.role + (f" of {twig.boss}" if twig.boss else ""))
    if twig.friends:
        said.append("1 friend" if twig.friends == 1 else f"{twig.friends:,} friends")
    for word, amounts in (("gave", twig.given), ("taken back", twig.taken_back)):
        if amounts:
            said.append(f"{word} {', '.join(_amounts(amounts, program))}")
    return ", ".join(said)


def _day(at: datetime, program: Program) -> str:
    return f"{at.astimezone(ZoneInfo(program.zone)):%Y-%m-%d}"


def _amounts(amounts: Mapping[str, int], program: Program) -> Iterator[str]:
    for wallet, amount in amounts.items():
        places = program.wallets[wallet].decimals
        yield f"{shown(money(Fraction(amount, 10**places), places))} {wallet}"


def mermaid(branch: Sequence[Twig]) -> str:
    """A Mermaid graph; who qualified has a thick frame."""
    number = {twig.member: place for place, twig in enumerate(branch)}
    lines = ["graph TD"]
    for place, twig in enumerate(branch):
        name = f"{twig.member}, {twig.role}" if twig.role else twig.member
        label = name.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
        lines.append(f'  m{place}["{label}"]')
        if twig.below and twig.referrer is not None:
            lines.append(f"  m{number[twig.referrer]} --> m{place}")
    qualified = [f"m{place}" for place, twig in enumerate(branch) if twig.qualified_at is not None]
    if qualified:
        lines += [
            "  classDef qualified stroke-width:3px",
            f"  class {','.join(qualified)} qualified",
        ]
    return "\n".join(lines)


def values(branch: Sequence[Twig], program: Program) -> dict[str, Any]:
    """The same as plain values; amounts in the wallets' smallest units, as in referrals.parquet."""
    zone = ZoneInfo(program.zone)

    def said(at: datetime | None) -> str | None:
        return None if at is None else at.astimezone(zone).isoformat()

    return {
        "member_id": branch[0].member,
        "members": [
            {
                "member_id": twig.member,
                "referrer_id": twig.referrer,
                "below": twig.below,
                "at": said(twig.at),
                "qualified_at": said(twig.qualified_at),
                "friends": twig.friends,
                "role": twig.role,
                "boss_id": twig.boss,
                "given": dict(twig.given),
                "taken_back": dict(twig.taken_back),
            }
            for twig in branch
        ],
    }
