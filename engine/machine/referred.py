"""Referrals as a table: who was brought by whom, when that paid, and what it gave (S31, S32)."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from engine.data.columns import History
from engine.language.expression.tree import Type
from engine.language.program import Program
from engine.machine import results
from engine.machine import state as s
from engine.machine.compile_rules import LED, ROLES
from engine.machine.compiled import Compiled
from engine.machine.invitations import ACCEPTED, NOBODY, REFERRER, Invitations, depths
from engine.machine.ledger import INSTANT, TEXT
from engine.machine.run import Ran
from engine.machine.timeline import Timeline

Sums = NDArray[np.int64]  # members by wallets: of each friend what his events gave, to whomever


def table(
    compiled: Compiled, history: History, timeline: Timeline, ran: Ran, ids: pa.Array
) -> pa.Table | None:
    """A row for each invitation, in their order; None where the program has no referral.

    `given` and `taken_back` are JSON, in the smallest units of the wallets.
    """
    if compiled.program.referral is None:
        return None
    said = timeline.invitations
    accepted = said.code == ACCEPTED
    brought = dict(
        zip(said.member[accepted].tolist(), said.referrer[accepted].tolist(), strict=True)
    )
    depth = depths(brought)
    qualified = ran.state.members["qualified"].astype(np.int64)[said.member]
    first = timeline.feed.at[np.maximum(qualified, 0)]
    given, taken = (_amounts(compiled, timeline, ran, kind) for kind in (s.BONUS, s.REVERSE))
    depth_of = [
        depth[member] if fine else None
        for member, fine in zip(said.member.tolist(), accepted.tolist(), strict=True)
    ]
    names = list(compiled.program.wallets)
    found = pa.table({
        "member_id": ids.take(pa.array(said.member)),
        "referrer_id": _referrers(history, said, ids),
        "depth": pa.array(depth_of, pa.int64()),
        "at": pa.array(said.at).cast(INSTANT),
        "qualified_at": pa.array(first, mask=~accepted | (qualified < 0)).cast(INSTANT),
        "given": _json(given, said.member, accepted, names),
        "taken_back": _json(-taken, said.member, accepted, names),
        "refused": pa.array(s.CODES, TEXT).take(
            pa.array(said.code % s.REASON, mask=accepted)
        ),
    })  # fmt: skip
    return found if compiled.program.chain is None else _chained(found, said, ran, ids)


def _chained(told: pa.Table, said: Invitations, ran: Ran, ids: pa.Array) -> pa.Table:
    """The table with what each member is in the chain in the end, and with which boss he is."""
    records = ran.state.members[said.member]
    role, boss = (records[name].astype(np.int64) for name in ("role", "boss"))
    roles = pa.array(ROLES, TEXT).take(pa.array(np.maximum(role - 1, 0), mask=role == 0))
    return told.append_column("role", roles).append_column(
        "boss_id", ids.take(pa.array(boss, mask=boss < 0))
    )


def _amounts(compiled: Compiled, timeline: Timeline, ran: Ran, kind: int) -> Sums:
    """What entries of a kind came to that referral rules wrote, by friend and wallet."""
    pays = np.array([rule.section in LED for rule in compiled.rules], np.bool_)
    rows = ran.rows[(ran.rows["kind"] == kind) & (ran.rows["rule"] >= 0)]
    rows = rows[pays[rows["rule"]]]
    found = np.zeros((len(ran.state.members), len(compiled.program.wallets)), np.int64)
    friend = timeline.feed.member[rows["event"]]
    np.add.at(found, (friend, rows["wallet"]), rows["amount"])
    return found


def _json(
    sums: Sums, member: NDArray[np.int64], accepted: NDArray[np.bool_], names: list[str]
) -> pa.Array:
    texts = []
    for amounts, fine in zip(sums[member].tolist(), accepted.tolist(), strict=True):
        some = {n: a for n, a in zip(names, amounts, strict=True) if a} if fine else {}
        texts.append(json.dumps(some, ensure_ascii=False) if some else "{}")
    return pa.array(texts, TEXT)


def _referrers(history: History, said: Invitations, ids: pa.Array) -> pa.Array:
    """Who invited; where nobody of this name is known the name that was written."""
    found = ids.take(pa.array(said.referrer, mask=said.referrer == NOBODY))
    return pc.coalesce(found, named(history, said.row))


def named(history: History, rows: NDArray[np.int64]) -> pa.Array:
    """The referrers as joins have them written; null where there is none, or no row (-1)."""
    column = history.events.fields.get((REFERRER[0], Type.TEXT))
    if column is None:
        return pa.nulls(len(rows), TEXT)
    at = np.maximum(rows, 0)
    empty = (rows < 0) | column.null[at]
    texts = history.texts.values
    codes = column.values[at].tolist()
    return pa.array(
        [None if no else texts[code] for code, no in zip(codes, empty.tolist(), strict=True)], TEXT
    )


def summary(program: Program, told: pa.Table, day: date) -> dict[str, Any]:
    """How many were invited, brought, refused by reason, and qualified; what that cost.

    `given` and `taken_back` are in the smallest units of the wallets; `cost` is what is left of
    them in money, by the wallets' `value`, in minor units, and `cost_per_new_customer` that by the
    friends who qualified, rounded half away from zero; null where none did.
    """
    refused = Counter(code for code in told["refused"].to_pylist() if code is not None)
    given, back = (_together(told[name].to_pylist()) for name in ("given", "taken_back"))
    qualified = len(told) - told["qualified_at"].null_count
    cost = results.worth(program, {w: given[w] - back[w] for w in given}, day)
    return {
        "invited": len(told),
        "brought": len(told) - sum(refused.values()),
        "refused": dict(sorted(refused.items())),
        "qualified": qualified,
        "given": dict(given),
        "taken_back": dict(back),
        "cost": results.nearest(cost),
        "cost_per_new_customer": results.nearest(cost / qualified) if qualified else None,
    }


def _together(texts: list[str]) -> Counter[str]:
    found: Counter[str] = Counter()
    for text in texts:
        if text != "{}":
            found.update(json.loads(text))
    return found
