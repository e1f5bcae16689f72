"""Guesses how a file of members is mapped, and tells such a file from one of events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pyarrow as pa

from engine.data.guess import fields, when, words
from engine.data.guess import roles as guess_roles
from engine.data.guess.files import Work
from engine.data.guess.look import Look, Sheet
from engine.data.guess.mapping import Doubt, Guessed, MembersGuess
from engine.data.guess.names import FACTS, WALLET, Names

COVERED = 0.9  # of the events' rows must be of known members, else the file is left out
ROLES = ("known", "birthday", "joined", "personal")


def key(sheet: Sheet, others: Sequence[Sheet]) -> Look | None:
    """The column that names each member once, where this is a file of members.

    Of several it is the one whose values stand in the `others`, then the one called so.
    """
    unique = [
        look for look in sheet.looks
        if look.type in ("text", "whole") and not look.fractions and look.filled > 0
        and look.filled - look.different <= 0.01 * look.filled and look.empty <= 0.01 * look.rows
        and words.score(look.called, "member") >= 2
    ]  # fmt: skip
    if not unique:
        return None
    met = {look.name: _met(sheet, look, others) for look in unique} if len(unique) > 1 else {}
    best = max(
        unique,
        key=lambda look: (met.get(look.name, 0), words.score(look.called, "member")),
    )
    told = sum(
        any(words.score(look.called, role) for role in ROLES)
        for look in sheet.looks if look is not best
    )  # fmt: skip
    return best if told and not _has_events(sheet, best, told) else None


def _met(sheet: Sheet, look: Look, others: Sequence[Sheet]) -> float:
    """The largest share of a column of another file whose values are among those of `look`."""
    known = ids(sheet, look)
    return max(
        (
            guess_roles.share_known(other, one, known)
            for other in others if other is not sheet
            for one in other.looks if words.score(one.called, "member") >= 2
        ),
        default=0.0,
    )  # fmt: skip


def _has_events(sheet: Sheet, best: Look, told: int) -> bool:
    """True where the rows are orders, if of customers who came once."""
    ids = [look for look in sheet.looks if look is not best
           and words.score(look.called, "id") >= 10]  # fmt: skip
    if ids:
        return True
    times = any(w.score >= 7 for w in when.events(sheet))
    worth = guess_roles.amount(sheet, None, (best.name,)) is not None
    return times and worth and (sheet.rows < 20 or told < 2)


def ids(sheet: Sheet, look: Look) -> pa.Array:
    """The members' ids as text."""
    rows = sheet.every(f"select distinct cast({look.sql} as varchar) from given")
    return pa.array([str(v) for (v,) in rows if v is not None], pa.large_string())


def guess(sheet: Sheet, file: str, look: Look) -> MembersGuess:
    """The mapping of a file of members whose ids are in `look`."""
    columns = {"member_id": look.sql}
    roles: dict[str, tuple[str, ...]] = {"member_id": (look.name,)}
    taken = [look.name]
    joined = when.joined(sheet)
    if joined is not None:
        columns["joined_at"], roles["joined_at"] = joined.sql, joined.columns
        taken += joined.columns
    named = [one for one in sheet.looks if words.score(one.called, "referrer")]
    referrer = next((one for one in named if one.name not in taken and one.filled), None)
    if referrer is not None:
        columns["referrer_id"], roles["referrer_id"] = referrer.sql, (referrer.name,)
        taken.append(referrer.name)
    names = Names((WALLET, *FACTS, "amount"))
    chosen = fields.of_members(sheet, taken, names)
    columns |= {one.name: one.sql for one in chosen}
    roles |= {one.name: (one.look.name,) for one in chosen if one.look}
    attributes = {one.name: (one.type, one.personal) for one in chosen}
    return MembersGuess(sheet.name, Guessed("members", file, columns), attributes, roles)


def checked(
    members: MembersGuess, sheet: Sheet, works: Sequence[Work], known: pa.Array
) -> tuple[MembersGuess, list[Doubt]]:
    """The members, kept out of use where the events are of many others; and what is said of it."""
    doubts = []
    for work in works:
        look = work.found.member
        share = guess_roles.share_known(work.sheet, look, known)
        if share >= 1:
            continue
        strange = round((1 - share) * look.filled)
        rows = f"{strange:,} of {look.filled:,} rows of {work.sheet.name}"
        said = f"{rows} are of nobody in {sheet.name}"
        if share >= COVERED:
            doubts.append(Doubt(sheet.name, f"{said}; these events are set aside"))
            continue
        said += "; the members are left out, else these events would be set aside"
        doubts.append(Doubt(sheet.name, f"{said}. To use them, take the # away in data.yaml"))
        members = replace(members, mapping=replace(members.mapping, used=False))
    return members, doubts
