"""A real shop's year with redemptions and refunds, under each policy for what a refund may take.

The orders are the file's, see test_online_retail.py; what is made up stands in shop_year.py. What
an order earns and what its refunds must take is asked of the file by DuckDB.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pytest

from tests import auditor, shop_year
from tests.real_data import Replayed, place
from tests.shell import perkbook, write
from tests.shop_year import POLICIES

FILE = "online_retail/invoices.parquet"
ZONE = "Europe/London"
SAMPLE = 120  # members that the auditor works through for each policy in `make test`
one_policy = pytest.mark.parametrize(
    "policy",
    [pytest.param(name, marks=[pytest.mark.soak] * (name != "below zero")) for name in POLICIES],
    indirect=True,
)
# What each order earns, by the customer's net spend before it; and what each refund must take.
MUST = """
create table must as
with path as (
    select *, sum(case when cancels then -pence else pence end) over own
        - case when cancels then -pence else pence end as net
    from sold window own as (partition by who order by clock, id)
), earned as (
    select id, clock::date as day, pence, pence *
        case when net >= 500000 then 6 when net >= 100000 then 5 else 4 end // 400 as points
    from path where not cancels
), back as (
    select b.id, b.clock, b.clock::date as day, o.day as bought, o.points, o.pence, b.invoice,
        least(o.pence, sum(b.pence) over (partition by b.invoice order by b.clock, b.id)) as upto
    from sold b join earned o on b.invoice = o.id where b.cancels
), taken as (
    select *, points * upto // pence as whole from back
)
select id, day, day as bought, null as invoice, pence, points, pence as upto from earned
union all
select id, day, bought, invoice, pence, whole - coalesce(lag(whole) over (
    partition by invoice order by clock, id), 0), upto from taken
"""
# Refunds while nothing of the order has expired: what expired counts as taken first.
IN_TIME = "invoice is not null and day <= cast(bought + interval 3 day as date) + interval 6 month"


@pytest.fixture(scope="module")
def happened() -> list[dict[str, Any]]:
    """Orders of the file with the wishes that are made up, plain."""
    with duckdb.connect() as connection:
        return shop_year.events(connection, place(FILE))


@pytest.fixture(scope="module", params=POLICIES)
def policy(request: pytest.FixtureRequest) -> str:
    """What a refund may take: the year is worked once for each."""
    return str(request.param)


@pytest.fixture(scope="module")
def year(
    policy: str, happened: list[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory
) -> Replayed:
    """The year replayed by one command."""
    replayed = Replayed(laid_out(tmp_path_factory.mktemp("year"), policy, happened), ZONE)
    replayed.do(shop_year.INVOICES.format(file=replayed.folder / "invoices.parquet"))
    replayed.do(MUST)
    return replayed


def laid_out(folder: Path, policy: str, happened: list[dict[str, Any]]) -> Path:
    """The workspace of one policy in a folder."""
    write(folder, {"rules/shop.yaml": shop_year.rules(policy)})
    (folder / "invoices.parquet").symlink_to(place(FILE))
    shop_year.write(happened, folder / "wishes.parquet")
    return folder


def test_everything_that_happened_is_an_event(
    year: Replayed, happened: list[dict[str, Any]]
) -> None:
    assert year.summary["events"] == len(happened) > 35_000
    assert year.summary["members"] == len({event["member"] for event in happened}) == 4_339
    assert (year.summary["rejected"], year.summary["duplicates"]) == (0, 0)


def test_what_orders_earn_does_not_depend_on_the_policy(year: Replayed) -> None:
    said = """
        select event_id, cast(sum(amount) as bigint) from ledger
        where kind in ('earn', 'bonus') group by 1 order by 1
    """
    found = "select id, cast(points as bigint) from must where invoice is null order by 1"
    assert year.ask(said) == year.ask(found)


def test_a_refund_takes_its_share_of_what_the_order_gave(year: Replayed) -> None:
    # Or takes less and says what is missing, as the policy has it.
    said = f"""
        select id, cast(sum(coalesce(-amount, 0) + coalesce(missing, 0)) as bigint)
        from must left join ledger on event_id = id and kind = 'reverse'
        where {IN_TIME} group by 1 order by 1
    """
    found = year.ask(f"select id, cast(points as bigint) from must where {IN_TIME} order by 1")
    assert year.ask(said) == found
    assert len(found) > 3_000


def test_what_is_still_pending_is_taken_whole_and_the_rest_by_the_policy(
    year: Replayed, policy: str
) -> None:
    rest = {"pending only": "0", "below zero": "points"}.get(policy, "null")
    said = """
        select id, cast(coalesce(-sum(amount), 0) as bigint)
        from must left join ledger on event_id = id and kind = 'reverse'
        where invoice is not null group by 1 order by 1
    """
    found = f"""
        select id, cast(case when day < bought + interval 3 day then points else {rest} end
            as bigint) from must where {IN_TIME} order by 1
    """
    taken = dict(year.ask(said))
    must = {refund: points for refund, points in year.ask(found) if points is not None}
    assert {refund: taken[refund] for refund in must} == must
    assert len(must) > 500


def test_what_a_refund_does_not_find_follows_the_policy(year: Replayed, policy: str) -> None:
    short, least = year.ask("""
        select count(*) filter (missing > 0), cast(min(running) as bigint) from (
            select missing, sum(amount) over (partition by member_id order by place) as running
            from (select *, row_number() over () as place from ledger)
        )
    """)[0]
    refused = year.summary["refused"].get("insufficient_balance", 0)
    assert (least < 0) == (policy in ("below zero", "spends below zero"))
    assert (short > 0) == (policy != "below zero")
    assert (refused > 0) == (policy != "spends below zero")


def test_points_that_paid_for_an_order_come_back_with_it(year: Replayed) -> None:
    # What paid is spent by `<order>p`; its share comes back with each refund of the order.
    said = """
        select invoice, cast(sum(amount) as bigint) from ledger join must on event_id = id
        where kind = 'restore' group by 1 order by 1
    """
    found = """
        with paid as (
            select replace(event_id, 'p', '') as invoice, -sum(amount) as points from ledger
            where rule = 'pay_with_points' and kind = 'spend' group by 1
        ), back as (select invoice, pence, max(upto) as upto from must group by all)
        select invoice, cast(points * upto // pence as bigint) as came
        from paid join back using (invoice) where came > 0 order by 1
    """
    assert year.ask(said) == year.ask(found)
    assert len(year.ask(found)) > 100


def test_all_accounts_sum_to_zero_and_lots_hold_what_is_left(year: Replayed) -> None:
    sums = dict(year.ask("select kind, cast(sum(amount) as bigint) from ledger group by 1"))
    wallet = year.summary["wallets"]["points"]
    assert wallet["issued"] == sums["earn"] + sums["bonus"]
    assert wallet["spent"] == -sums["spend"] - sums["restore"]
    assert wallet["expired"] == -sums["expire"]
    assert wallet["reversed"] == -sums["reverse"]
    gone = wallet["spent"] + wallet["expired"] + wallet["reversed"]
    assert wallet["outstanding"] == wallet["issued"] - gone == sum(sums.values())
    said = "select member_id, cast(sum(amount) as bigint) from ledger group by 1 order by 1"
    held = "select member_id, points from members order by 1"
    assert year.ask(said) == year.ask(held)
    lots = "select lot, sum(amount) as rest from ledger where lot <> '' group by 1 having rest < 0"
    assert year.ask(lots) == []


@one_policy
def test_the_same_wishes_in_another_order_leave_the_same_bytes(
    year: Replayed, policy: str, happened: list[dict[str, Any]], tmp_path: Path
) -> None:
    mixed = Random(1).sample(happened, len(happened))
    again = Replayed(laid_out(tmp_path / "again", policy, mixed), ZONE)
    for name in ("ledger", "members", "grants", "refused"):
        first, second = (y.folder / "out" / f"{name}.parquet" for y in (year, again))
        assert first.read_bytes() == second.read_bytes(), name


@one_policy
def test_half_the_year_leaves_the_first_half_of_the_ledger(year: Replayed) -> None:
    day = "2011-06-30"
    done = perkbook("replay", "rules", "--out", "half", "--until", day, folder=year.folder)
    assert done.returncode == 0, done.stderr
    half = f"read_parquet('{year.folder / 'half' / 'ledger.parquet'}')"
    first = year.ask(f"""select * from ledger where "at" < timestamptz '{day}' + interval 1 day""")
    assert year.ask(f"select * from {half}") == first
    assert len(first) > 10_000


@one_policy
def test_a_refund_is_explained(year: Replayed) -> None:
    who, event = year.ask("""
        select member_id, event_id from ledger where kind = 'reverse' and amount < 0
        order by entry_id limit 1
    """)[0]
    done = perkbook("explain", "rules", "--member", who, "--event", event, folder=year.folder)
    assert done.returncode == 0, done.stderr
    assert "reverse" in done.stdout


@pytest.mark.parametrize("size", [SAMPLE, pytest.param(None, marks=pytest.mark.soak)])
def test_the_auditor_agrees_entry_by_entry(
    year: Replayed, policy: str, happened: list[dict[str, Any]], size: int | None
) -> None:
    whose = defaultdict[str, list[dict[str, Any]]](list)
    for event in happened:
        whose[event["member"]].append(event)
    names = chosen(whose, size)
    drawn = "member_id in (" + ", ".join(f"'{who}'" for who in names) + ")"
    ours = defaultdict[str, Counter[tuple[Any, ...]]](Counter)
    for who, *row in year.ask(f"select member_id, {COLUMNS} from ledger where {drawn}"):
        ours[who][tuple(row)] += 1
    refused = Counter(year.ask(f"select event_id, code from refused where {drawn}"))
    last = max(event["clock"] for event in happened).date()
    for who in names:
        theirs = auditor.audit(shop_year.program(policy), whose[who], None, last)
        assert ours[who] == Counter(map(told, theirs.rows)), who
        refused.subtract((row["event_id"], row["code"]) for row in theirs.refused)
    assert set(refused.values()) == {0}


COLUMNS = """"at", kind, amount, nullif(rule, ''), nullif(event_id, ''), wanted, missing,
    coalesce(split_part(lot, '/', 1), '')"""


def told(row: dict[str, Any]) -> tuple[Any, ...]:
    """An entry of the auditor's in the same words; a lot by the event that opened it."""
    words = (row[name] for name in ("kind", "amount", "rule", "event_id", "wanted", "missing"))
    return row["at"], *words, (row["lot"] or "").split("/")[0]


def chosen(whose: dict[str, list[dict[str, Any]]], size: int | None) -> list[str]:
    """Everybody, or as many drawn from a seed, half of them customers with a refund."""
    backs = {who for who, own in whose.items() if any(e["type"] == "refund" for e in own)}
    if size is None:
        return sorted(whose)
    rng = Random(shop_year.SEED)
    halves = (sorted(backs), sorted(whose.keys() - backs))
    return [who for half in halves for who in rng.sample(half, size // 2)]
