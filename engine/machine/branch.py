"""A branch of invitations: a member, whom he brought, whom they brought, and what that gave."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from engine.data.error import DataError
from engine.machine.folding import Outcome


@dataclass(frozen=True, slots=True)
class Twig:
    """A member of a branch, `below` steps below the one it begins with.

    `at` is when he was brought, None where nobody brought him; `qualified_at` when a referral rule
    held for him first. `given` and `taken_back` are in the smallest units of the wallets: what his
    events gave, to him and to those above. `last`: nobody else stands behind him under the same
    referrer. `role` and `boss` are his in a chain.
    """

    member: str
    referrer: str | None
    below: int
    at: datetime | None
    qualified_at: datetime | None
    given: Mapping[str, int]
    taken_back: Mapping[str, int]
    friends: int
    last: bool
    role: str | None = None
    boss: str | None = None


def of(outcome: Outcome, member: str, depth: int | None = None) -> tuple[Twig, ...]:
    """The branch that begins with a member, each before those he brought, in order of invitations.

    `depth` is how many steps down it goes. Raises DataError for an unknown member, and where the
    rules have no section `referral`.
    """
    table = outcome.referrals
    if table is None:
        what = "The rules have no section `referral`."
        raise DataError("rules", what, "Without it nobody brings anybody.")
    if member not in outcome.members["member_id"].to_pylist():
        what = f"There is no member {member}."
        raise DataError("members", what, "Expected the id of a member of the history.")
    rows = _accepted(table)
    friends: dict[str, list[str]] = {}
    for name, row in rows.items():
        friends.setdefault(str(row["referrer_id"]), []).append(name)
    found: list[Twig] = []
    waiting = [(member, 0, True)]
    while waiting:
        name, below, last = waiting.pop()
        own = friends.get(name, [])
        found.append(_twig(name, rows.get(name), below, len(own), last=last))
        if depth is None or below < depth:
            waiting += [(one, below + 1, one == own[-1]) for one in reversed(own)]
    return tuple(found)


def _accepted(table: pa.Table) -> dict[str, dict[str, object]]:
    return {row["member_id"]: row for row in table.to_pylist() if row["refused"] is None}


def _twig(
    name: str, row: Mapping[str, object] | None, below: int, friends: int, *, last: bool
) -> Twig:
    if row is None:
        return Twig(name, None, below, None, None, {}, {}, friends, last)
    return Twig(
        member=name,
        referrer=str(row["referrer_id"]),
        below=below,
        at=row["at"] if isinstance(row["at"], datetime) else None,
        qualified_at=row["qualified_at"] if isinstance(row["qualified_at"], datetime) else None,
        given=json.loads(str(row["given"])),
        taken_back=json.loads(str(row["taken_back"])),
        friends=friends,
        last=last,
        role=_text(row.get("role")),
        boss=_text(row.get("boss_id")),
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value)
