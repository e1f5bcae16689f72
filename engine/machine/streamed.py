"""Replays a history that is larger than memory: partition by partition, into sorted files."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from engine.data import arrays, parts, people
from engine.data import history as histories
from engine.data.columns import History, Rejected, Texts
from engine.data.parts import Files
from engine.data.people import People
from engine.data.spool import NEVER, Spool
from engine.language.program import Program
from engine.machine import compiled as programs
from engine.machine import files, fingerprint, folding, ledger, merged, summary, timeline
from engine.machine.summary import EPOCH, Counts

PARTITION = 200_000  # events, about
MOST = 200  # partitions, and files that are open at a time
THREADS = 2
SPOOLED = ("ledger", "grants", "refused")


def can(program: Program) -> bool:
    """Whether members can be folded apart: nothing that one gets depends on another."""
    return not programs.compile(program, Texts()).crosses_members


def run(
    program: Program, found: tuple[Files, Files], until: date | None, folder: Path,
    partition: int = PARTITION, months_in: str | None = None,
) -> tuple[Mapping[str, Any], pa.Table]:  # fmt: skip
    """Writes the files of a replay; the summary and the rows that were set aside.

    Raises DataError and OSError; then nothing is written.
    """
    folding.prepare()
    known = histories.named(program, found)
    with _room(folder) as place:
        count = min(MOST, max(1, found[1].about // partition))
        spool = Spool(place, program, count)
        for rows in parts.worked(found[1].frames, program):
            spool.add(rows)
        spool.close()
        once = (replace(found[0], frames=(), mapped=()), replace(found[1], frames=(), mapped=()))
        work = _Work(program, once, spool, known, until)
        with ThreadPoolExecutor(min(THREADS, os.cpu_count() or 1)) as pool:
            shares = list(pool.map(work.share, range(count + 1)))
        return _written(work, shares, found, folder, months_in)


@contextmanager
def _room(folder: Path) -> Iterator[Path]:
    """A folder for what waits, in the one that is written or above it; what fails there says so."""
    whole = folder.absolute()
    near = next(one for one in (whole, *whole.parents) if one.is_dir())
    with tempfile.TemporaryDirectory(prefix=".perkbook-", dir=near) as room:
        try:
            yield Path(room)
        except OSError as error:
            if error.filename is None:
                raise OSError(error.errno, error.strerror, str(folder)) from error
            raise


@dataclass(frozen=True, slots=True)
class _Share:
    """What a partition came to, beside its sorted files."""

    ids: pa.Array
    members: pa.Table
    counts: Counts
    unread: Sequence[Rejected]  # rows that could not be read
    rejected: Sequence[Rejected]  # events that refer to nothing
    noted: Mapping[str, NDArray[np.int64]]


class _Work:
    """Folds one partition after the other."""

    def __init__(
        self, program: Program, found: tuple[Files, Files], spool: Spool, known: People | None,
        until: date | None,
    ) -> None:  # fmt: skip
        self.program, self.found, self.spool, self.known = program, found, spool, known
        self.until = until
        self.members: list[NDArray[np.int64]] = []  # of each partition, where they are given
        if known is not None:
            own = spool.partitions(known.ids)
            order = np.argsort(own, kind="stable")
            self.members = np.split(order, np.searchsorted(own[order], range(1, spool.count + 1)))
        self.last = (until - EPOCH).days if until is not None else self._last_day()

    def share(self, number: int) -> _Share:
        """Folds a partition and leaves its entries, grants and refusals in files."""
        history = self._history(number)
        last = EPOCH + timedelta(self.last)
        it = folding.fold(self.program, history, last, partitions=1)
        outcome = folding.tell(it)
        tables = {
            "ledger": outcome.entries.plain(),
            "grants": [outcome.grants],
            "refused": [outcome.refused],
        }
        return _Share(
            ids=history.members.ids,
            members=outcome.members,
            counts=outcome.counts,
            unread=history.rejected,
            rejected=it.rejected[len(history.rejected) :],
            noted={name: merged.write(self.path(name, number), t) for name, t in tables.items()},
        )

    def path(self, name: str, number: int) -> Path:
        """The file of a partition's entries, grants or refusals."""
        return self.spool.folder / f"{name}-{number}"

    def _history(self, number: int) -> History:
        known = None if self.known is None else people.picked(self.known, self.members[number])
        rows = self.spool.read(number)
        return histories.of_rows(self.program, self.found, known, rows, self.until)

    def _last_day(self) -> int:
        """The day of the last event that counts; only partitions that may hold it are read."""
        compiled = programs.compile(self.program, Texts())
        last: int | None = None
        for number in np.argsort(-self.spool.latest, kind="stable").tolist():
            bound = self.spool.latest[number : number + 1]
            if bound[0] == NEVER:
                break
            day = int(timeline.days(compiled, bound)[0])
            if last is not None and day <= last:
                break
            at = self._history(number).events.at
            if len(at):
                own = int(timeline.days(compiled, at[-1:])[0])
                last = own if last is None else max(last, own)
        return last or 0


def _written(
    work: _Work, shares: Sequence[_Share], found: tuple[Files, Files], folder: Path,
    months_in: str | None,
) -> tuple[Mapping[str, Any], pa.Table]:  # fmt: skip
    """Merges what the partitions left, into the files of a replay."""
    positions = _positions(work, shares)
    order = pa.array(np.argsort(np.concatenate(positions)))
    members = _members([share.members for share in shares]).take(order).combine_chunks()
    rejected = _rejected(work, shares, tuple(name for one in found for name in one.names))
    mapped = [m for one in found for m in one.mapped]
    told = summary.of(
        work.program, _counts(work, shares), members,
        until=work.last, rejected=len(rejected), budgets={},
        left_out=parts.left_out(mapped), mixed=parts.mixed(mapped),
    )  # fmt: skip
    compiled, rules = programs.compile(work.program, Texts()), fingerprint.of(work.program)
    entries, grants, refused = (_merged(work, shares, name, positions) for name in SPOOLED)
    ids = members["member_id"].combine_chunks()
    tables = {
        "ledger": (ledger.told(compiled, ids, rules, part) for part in entries),
        "members": [members],
        "grants": grants,
        "refused": refused,
        "rejected": [rejected],
    }
    files.write(tables, told, folder, months_in)
    return told, rejected


def _positions(work: _Work, shares: Sequence[_Share]) -> list[NDArray[np.int32]]:
    """For each partition where its members stand among all."""
    if work.known is not None:
        return [own.astype(np.int32) for own in work.members]
    ids = pa.concat_arrays([share.ids.cast(ledger.TEXT) for share in shares])
    rank = np.empty(len(ids), np.int32)
    rank[arrays.whole(pc.sort_indices(ids))] = np.arange(len(ids))
    return np.split(rank, np.cumsum([len(share.ids) for share in shares])[:-1])


def _members(tables: Sequence[pa.Table]) -> pa.Table:
    """The members of all partitions; a fact that has fractions in one has them in all."""
    kinds = {}
    for table in tables:
        for field in table.schema:
            if field.name not in kinds or pa.types.is_decimal(field.type):
                kinds[field.name] = field.type
    return pa.concat_tables([table.cast(pa.schema(kinds)) for table in tables])


def _rejected(work: _Work, shares: Sequence[_Share], names: tuple[str, ...]) -> pa.Table:
    """Every row that was set aside."""
    unread = [*work.spool.rejected, *(r for share in shares for r in share.unread)]
    if work.known is not None:
        unread += work.known.rejected
    strange = [r for share in shares for r in share.rejected]
    return summary.rejected(names, [*histories.in_order(unread, names), *strange])


def _counts(work: _Work, shares: Sequence[_Share]) -> Counts:
    """What all partitions came to."""
    found = Counts(duplicates=0 if work.known is None else work.known.duplicates)
    for share in shares:
        found.add(share.counts)
    return found


def _merged(
    work: _Work, shares: Sequence[_Share], name: str, positions: Sequence[NDArray[np.int32]]
) -> Iterator[pa.Table]:  # fmt: skip
    """The entries, grants or refusals of all partitions; their files are opened when asked for."""
    yield from merged.read(
        [work.path(name, number) for number in range(len(shares))],
        [share.noted[name] for share in shares],
        ledger.PART,
        positions if name == "ledger" else None,
    )
