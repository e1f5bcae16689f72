"""The laws that hold for every program and every history, on random ones; and the auditor."""

from __future__ import annotations

import ast
import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from engine.machine import replay
from tests import random_worlds
from tests.generator import cover, yaml_text
from tests.generator.expected_cover import KEYS, KINDS
from tests.random_worlds import audited, folded, outcome, world
from tests.reading.referral import fact_of
from tests.reading.values import rounded

ACCOUNTS = {
    "earn": "issued", "bonus": "issued", "post": "issued", "spend": "spent", "restore": "spent",
    "expire": "expired", "reverse": "reversed", "adjust": "adjusted",
}  # fmt: skip
seeds = random_worlds.seeds(300, 1300)


def entries(seed: int) -> list[dict[str, Any]]:
    return outcome(seed).ledger.to_pylist()  # type: ignore[no-any-return]


@seeds
def test_all_accounts_of_a_wallet_sum_to_zero(seeds: range) -> None:
    for seed in seeds:
        accounts: dict[str, Counter[str]] = defaultdict(Counter)
        for row in entries(seed):
            accounts[row["wallet"]][ACCOUNTS[row["kind"]]] -= row["amount"]
            accounts[row["wallet"]]["members"] += row["amount"]
        for wallet, sums in accounts.items():
            told = outcome(seed).summary["wallets"][wallet]
            assert sum(sums.values()) == 0
            assert told["issued"] == -sums["issued"], (seed, wallet)
            assert told["spent"] == sums["spent"], (seed, wallet)
            assert told["expired"] == sums["expired"], (seed, wallet)
            assert told["reversed"] == sums["reversed"], (seed, wallet)
            assert told["outstanding"] == sums["members"], (seed, wallet)


@seeds
def test_the_amounts_of_a_member_sum_to_the_balance(seeds: range) -> None:
    for seed in seeds:
        sums: Counter[tuple[str, str]] = Counter()
        for row in entries(seed):
            sums[row["member_id"], row["wallet"]] += row["amount"]
        for member in outcome(seed).members.to_pylist():
            for wallet in world(seed).plain["wallets"]:
                assert sums[member["member_id"], wallet] == member[wallet], (seed, member, wallet)


@seeds
def test_lots_equal_balances(seeds: range) -> None:
    for seed in seeds:
        made = audited(seed)
        for member in outcome(seed).members.to_pylist():
            kept = made.members.get(member["member_id"])
            if kept is None:
                continue
            for wallet in world(seed).plain["wallets"]:
                own = [lot for lot in kept.lots if lot.wallet == wallet]
                pending = sum(lot.left for lot in own if lot.pending)
                left = sum(lot.left for lot in own)  # of one without an id what is owed
                assert (member[wallet], member[f"{wallet}_pending"]) == (left, pending), seed


@seeds
def test_nothing_goes_below_zero_that_may_not(seeds: range) -> None:
    for seed in seeds:
        wallets = world(seed).plain["wallets"]
        below = {name for name, spec in wallets.items() if spec.get("on refund") == "below zero"}
        free = below | {n for n, spec in wallets.items() if spec.get("below zero", "no") != "no"}
        sums: Counter[tuple[str, str]] = Counter()
        lots: Counter[str] = Counter()
        for at, rows in groupby(entries(seed), lambda row: row["at"]):
            for row in rows:
                sums[row["member_id"], row["wallet"]] += row["amount"]
                lots[row["lot"]] += row["amount"] if row["lot"] else 0
            assert [k for k, n in sums.items() if n < 0 and k[1] not in free] == [], (seed, at)
            assert [lot for lot, left in lots.items() if left < 0] == [], (seed, at)


def same(seed: int, second: replay.Outcome, *, rows: bool = True) -> None:
    """Asserts that another way of running gives the same tables; `rows` have the same numbers."""
    first = outcome(seed)
    for name in ("ledger", "members", "grants", "refused"):
        assert getattr(first, name).equals(getattr(second, name)), (seed, name)
    one, two = (made.rejected.drop_columns([] if rows else "row") for made in (first, second))
    order = [(name, "ascending") for name in one.column_names]
    assert one.sort_by(order).equals(two.sort_by(order)), seed
    assert first.summary == second.summary, seed


@seeds
def test_the_same_input_gives_the_same_whatever_the_order_of_its_rows(seeds: range) -> None:
    for seed in seeds:
        made = world(seed)
        places = list(range(len(made.events)))
        Random(seed).shuffle(places)
        mixed = made.events.take(places)
        same(seed, replay.run(made.program, made.members, mixed), rows=False)


@seeds
@pytest.mark.parametrize("batch", [1, 1000])
def test_the_size_of_batches_does_not_matter(seeds: range, batch: int) -> None:
    for seed in seeds:
        same(seed, folded(seed, batch=batch))


@seeds
def test_two_threads_give_the_same_as_one(seeds: range) -> None:
    for seed in seeds:
        same(seed, folded(seed, threads=2))


@seeds
def test_sixteen_partitions_give_the_same_as_one(seeds: range) -> None:
    for seed in seeds:
        same(seed, folded(seed, partitions=16))


def test_the_same_input_gives_the_same_files_byte_for_byte(tmp_path: Path) -> None:
    for seed in range(10):
        made, sums = world(seed), []
        for name in ("one", "two"):
            replay.run(made.program, made.members, made.events).write(tmp_path / name)
            files = sorted((tmp_path / name).iterdir())
            sums.append([(f.name, hashlib.sha256(f.read_bytes()).hexdigest()) for f in files])
        assert sums[0] == sums[1]


@seeds
def test_the_first_events_give_the_first_part_of_the_ledger(seeds: range) -> None:
    for seed in seeds:
        made = world(seed)
        happened = sorted(made.happened, key=lambda e: (e["at"], e["id"]))
        known: dict[str, dict[str, Any]] = {}
        for event in happened[: len(happened) * (seed % 7 + 1) // 9]:
            known.setdefault(event["id"], event)  # of rows with one id the earliest counts
        last = max(e["at"] for e in known.values())
        names = pa.array(list(known), pa.string())
        first = made.events.filter(pa.compute.is_in(made.events["event_id"], names))
        # The last of them may be one that is set aside: then no event says how far time went.
        day = last.astimezone(ZoneInfo(made.plain["program"]["timezone"])).date()
        people = made.members  # where there are none, whom later events name is known as well
        if people is None and "referral" not in made.plain:
            people = outcome(seed).members.select(["member_id"])
        part = replay.run(made.program, people, first, day).ledger.to_pylist()
        whole = [row for row in entries(seed) if begins(row, known, last)]
        assert [told(row) for row in part] == [told(row) for row in whole], seed


def begins(row: dict[str, Any], known: dict[str, Any], last: Any) -> bool:
    """Whether an entry belongs to the first events: its event is one, or its timer was due."""
    event = row["event_id"]
    said = known.get(event, {})
    reversed_ = said.get("order") or said.get("redeem")
    if reversed_ is not None and row["at"] != said["at"]:  # worked right after what it reverses
        return row["at"] <= last and reversed_ in known
    return row["at"] <= last and (event is None or event in known or event.startswith("!join:"))


def told(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(value for name, value in row.items() if name != "rules")


@seeds
def test_equal_rules_written_differently_give_equal_ledgers(seeds: range) -> None:
    for seed in seeds:
        made = world(seed)
        other = random_worlds.program(yaml_text.written(made.plain, other=True))
        ledger = replay.run(other, made.members, made.events).ledger
        assert ledger.drop_columns("rules").equals(outcome(seed).ledger.drop_columns("rules")), seed


COLUMNS = ("at", "member_id", "wallet", "kind", "amount", "rule", "event_id", "wanted", "missing")


def plain(row: dict[str, Any]) -> tuple[Any, ...]:
    """An entry as the auditor says it; a lot by the event and the wallet that opened it."""
    lot = row["lot"] and "/".join(row["lot"].split("/")[:2])
    return *(
        row[name] or None if name in ("rule", "event_id") else row[name] for name in COLUMNS
    ), lot


def in_order(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """Entries of events as they stand, those of one member's timer at one instant sorted."""
    told = [plain(row) for row in rows]
    return sorted(
        told, key=lambda r: (r[0], r[6] is not None, r[6] or r[1], () if r[6] else repr(r))
    )


@seeds
def test_the_auditor_agrees_entry_by_entry(seeds: range) -> None:
    for seed in seeds:
        engine, second = in_order(entries(seed)), in_order(audited(seed).rows)
        for place, (ours, theirs) in enumerate(zip(engine, second, strict=False)):
            assert ours == theirs, (seed, place)
        assert len(engine) == len(second), seed


@seeds
def test_the_auditor_agrees_on_every_tier(seeds: range) -> None:
    for seed in seeds:
        second = audited(seed)
        for row in outcome(seed).members.to_pylist():
            kept = second.members.get(row["member_id"])
            if kept is not None:
                assert row["tier"] == second.tiers.of(kept, second.last), (seed, row["member_id"])


@seeds
def test_the_auditor_agrees_on_every_fact(seeds: range) -> None:
    for seed in seeds:
        second, facts = audited(seed), world(seed).plain["facts"].items()
        for row in outcome(seed).members.to_pylist():
            kept = second.members.get(row["member_id"])
            for name, spec in facts:
                ours, theirs = row[name], fact_of(kept, spec, second.last)
                if isinstance(theirs, datetime):
                    theirs = theirs.astimezone(UTC)
                elif isinstance(ours, int | Decimal):  # money in minor units, others of 6 places
                    money = isinstance(ours, int) and "order.amount" in str(spec)
                    places = 2 if money else 6 * isinstance(ours, Decimal)
                    theirs = rounded(theirs * 10**places, "nearest")
                    ours = int(ours * (1 if money else 10**places))
                assert ours == theirs, (seed, row["member_id"], name)


@seeds
def test_the_auditor_agrees_on_every_refusal(seeds: range) -> None:
    for seed in seeds:
        ours, theirs = outcome(seed).refused.to_pylist(), audited(seed).refused
        assert Counter(map(wish, ours)) == Counter(map(wish, theirs)), seed


def wish(row: dict[str, Any]) -> tuple[Any, ...]:
    """A refusal as it is compared."""
    return row["at"], row["member_id"], row["event_id"], row["code"], row["rule"] or None


@seeds
def test_the_auditor_agrees_on_every_grant(seeds: range) -> None:
    for seed in seeds:
        ours = [tuple(map(row.get, GRANT)) for row in outcome(seed).grants.to_pylist()]
        theirs = [row | {"until": forever(row["until"])} for row in audited(seed).grants.rows]
        told = [tuple(map(row.get, GRANT)) for row in theirs if row["kind"] != "tier"]
        assert Counter(ours) == Counter(told), seed


GRANT = ("at", "member_id", "kind", "id", "rule", "event_id", "until", "state")


def forever(day: date) -> date | None:
    return None if day == date.max else day


def test_every_key_and_every_kind_of_entry_is_covered(tell: Callable[[str], None]) -> None:
    keys: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    for seed in range(300):
        keys.update(cover.used(world(seed).plain))
        kinds.update(row["kind"] for row in audited(seed).rows)
    programs = [f"{name} {keys[name]}" for name in sorted(KEYS)]
    entries = [f"{name} {kinds[name]}" for name in sorted(KINDS)]
    tell(f"programs with a key: {', '.join(programs)}\nentries: {', '.join(entries)}")
    assert {name: keys[name] for name in KEYS if keys[name] < 20} == {}
    assert {name: kinds[name] for name in KINDS if kinds[name] < 50} == {}


def test_the_second_reading_is_short_and_imports_nothing_of_the_engine() -> None:
    folder = Path(__file__).parent
    auditor, *parts = (folder / "auditor.py", *sorted((folder / "reading").glob("*.py")))
    assert len(auditor.read_text(encoding="utf-8").splitlines()) <= 400
    for path in (auditor, *parts):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names.append(node.module or "")
            ours = [n for n in names if n.split(".")[0] in ("engine", "benchmarks", "tests")]
            assert [n for n in ours if n.split(".")[:2] != ["tests", "reading"]] == [], path
    assert len(parts) > 5
