"""What a replay came to in numbers, and the rows that were set aside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from engine.data.columns import Rejected
from engine.language.program import USABLE, Program
from engine.machine import referred, results
from engine.machine.ledger import TEXT

EPOCH = date(1970, 1, 1)
COUPON_WORDS = ("given", "used", "returned", "expired", "cancelled", "worth")


@dataclass(slots=True)
class Counts:
    """What adds up over the parts of a history."""

    events: int = 0
    read: int = 0  # events, also those that refer to nothing
    duplicates: int = 0
    later: int = 0
    sums: Counter[tuple[str, str]] = field(default_factory=Counter)  # by wallet and kind of entry
    refused: Counter[str] = field(default_factory=Counter)  # by code
    coupons: Counter[tuple[str, str]] = field(default_factory=Counter)  # by reward and word

    def add(self, other: Counts) -> None:
        """Adds what another part came to."""
        self.events += other.events
        self.read += other.read
        self.duplicates += other.duplicates
        self.later += other.later
        self.sums.update(other.sums)
        self.refused.update(other.refused)
        self.coupons.update(other.coupons)


def of(
    program: Program, counts: Counts, members: pa.Table, *, until: int, rejected: int,
    budgets: Mapping[str, Any], left_out: Mapping[str, int], mixed: Mapping[str, Mapping[str, int]],
    invited: pa.Table | None = None,
) -> dict[str, Any]:  # fmt: skip
    """The summary of LANGUAGE 4; `until` is a day since 1970-01-01."""
    day = EPOCH + timedelta(until)
    tiers = counted(members["tier"])
    ladder = program.tiers.ladder if program.tiers else ()
    return {
        "events": counts.events,
        "rejected": rejected,
        "duplicates": counts.duplicates,
        "members": len(members),
        "until": day.isoformat() if until or counts.read else None,
        "wallets": results.balances(counts.sums, members, program, day),
        "tiers": {rung.name: tiers[rung.name] for rung in ladder},
        "budgets": budgets,
        "coupons": _coupons(program, counts),
        "refused": dict(sorted(counts.refused.items())),
        "later": counts.later,
        "left_out": dict(left_out),
        "mixed": {file: dict(columns) for file, columns in mixed.items()},
    } | ({} if invited is None else {"referrals": referred.summary(program, invited, day)})


def _coupons(program: Program, counts: Counts) -> dict[str, dict[str, int]]:
    """What came of each reward that is used on orders; its worth in the money's smallest unit."""
    ids = (name for name, it in program.rewards.items() if it.kind in USABLE)
    return {name: {word: counts.coupons[name, word] for word in COUPON_WORDS} for name in ids}


def counted(names: pa.ChunkedArray) -> Counter[str]:
    """How often each name is there."""
    found = pc.value_counts(names.drop_null()).to_pylist()
    return Counter({it["values"]: it["counts"] for it in found})


def rejected(files: Sequence[str], set_aside: Iterable[Rejected]) -> pa.Table:
    """The rows that were set aside, in order of the files, of their rows and columns."""
    place = {name: n for n, name in reversed(list(enumerate(files)))}
    rows = sorted(set_aside, key=lambda r: (place[r.file], r.row, r.column, r.reason, r.text))
    return pa.table({
        "file": pa.array([r.file for r in rows], TEXT),
        "row": pa.array([r.row for r in rows], pa.int64()),
        "column": pa.array([r.column for r in rows], TEXT),
        "reason": pa.array([r.reason for r in rows], TEXT),
        "text": pa.array([r.text for r in rows], TEXT),
    })  # fmt: skip
