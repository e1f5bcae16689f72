"""A real shop's year: every figure that follows from its file alone agrees with queries of its own.

`paid` says what DuckDB finds in the file without any part of the engine: an invoice per row, its
money in pence, the customer's net spend before it, and the points that the rules promise for it.
The policy for cancellations stands in tests/online_retail/README.md.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.real_data import Replayed, workspace
from tests.shell import perkbook

FILE = "online_retail/invoices.parquet"
PAID = """
create table paid as
with invoice as (
    select InvoiceNo as id, cast(cast(any_value(CustomerID) as bigint) as varchar) as who,
        min(InvoiceDate) as paid_at, InvoiceNo like 'C%' as cancels, count(*) as lines,
        abs(sum(cast(Quantity as bigint) * cast(UnitPrice as decimal(18, 3)))) as pounds
    from read_parquet('{file}') where CustomerID is not null group by InvoiceNo
), pence as (
    select *, cast(round(pounds * 100) as bigint) as pence from invoice
), path as (
    select *, sum(case when cancels then -pence else pence end)
        over (partition by who order by paid_at, id) as net from pence
)
select *, cast(paid_at as date) as day,
    net - case when cancels then -pence else pence end as net_before,
    case when net_before >= 500000 then 6 when net_before >= 100000 then 5 else 4 end as quarters,
    case when cancels then 0 else pence * quarters // 400 end as points
from path
"""


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Replayed:
    """The year replayed by one command, and the file as DuckDB reads it."""
    folder = tmp_path_factory.mktemp("online_retail")
    workspace(folder, "online_retail", {"invoices.parquet": FILE})
    replayed = Replayed(folder, "Europe/London")
    replayed.do(PAID.format(file=folder / "invoices.parquet"))
    return replayed


def test_there_is_one_event_for_each_invoice_of_a_known_customer(year: Replayed) -> None:
    assert year.summary["events"] == year.one("select count(*) from paid") == 22_190
    assert year.summary["members"] == year.one("select count(distinct who) from paid") == 4_372
    assert year.summary["until"] == str(year.one("select max(day) from paid"))


def test_every_line_is_an_events_or_is_counted(year: Replayed) -> None:
    lines = year.one(f"select count(*) from read_parquet('{year.folder}/invoices.parquet')")
    taken = year.one("select sum(lines) from paid")
    assert year.summary["left_out"] == {"invoices.parquet": lines - taken}
    assert lines - taken == 135_080
    assert (year.summary["rejected"], year.summary["duplicates"]) == (0, 0)


def test_invoices_whose_lines_do_not_agree_are_counted(year: Replayed) -> None:
    mixed = year.one(f"""
        select count(*) from (select 1 from read_parquet('{year.folder}/invoices.parquet')
        where CustomerID is not null group by InvoiceNo having count(distinct InvoiceDate) > 1)
    """)
    assert year.summary["mixed"] == {"invoices.parquet": {"InvoiceDate": mixed}}


def test_what_each_customer_bought_and_cancelled_is_exact(year: Replayed) -> None:
    said = "select member_id, orders, spend, cancelled, net_spend, largest_order from members"
    found = """
        select who, count(*) filter (not cancels), coalesce(sum(pence) filter (not cancels), 0),
            coalesce(sum(pence) filter (cancels), 0),
            sum(case when cancels then -pence else pence end), max(pence) filter (not cancels)
        from paid group by who
    """
    assert year.ask(f"{said} order by 1") == year.ask(f"{found} order by 1")
    # The sum that others publish for this file's known customers, without cancellations.
    assert year.one("select sum(spend) from members") == 891_140_790


def test_every_order_earns_a_point_a_pound_times_its_tier(year: Replayed) -> None:
    said = """
        select event_id, member_id, "at", cast(sum(amount) as bigint) from ledger
        where kind in ('earn', 'bonus') group by all order by 1
    """
    found = """
        select id, who, cast(paid_at as timestamp with time zone), points from paid
        where not cancels order by 1
    """
    assert year.ask(said) == year.ask(found)
    assert year.one("select count(*) from ledger where kind = 'earn'") == year.one(
        "select count(*) from paid where not cancels"
    )


def test_what_is_issued_each_month_is_exact(year: Replayed) -> None:
    said = """
        select strftime("at", '%Y-%m') as month, cast(sum(amount) as bigint) from ledger
        where kind in ('earn', 'bonus') group by 1 order by 1
    """
    found = """
        select strftime(paid_at, '%Y-%m') as month, cast(sum(points) as bigint) from paid
        where not cancels group by 1 order by 1
    """
    assert year.ask(said) == year.ask(found)
    assert len(year.ask(said)) == 13
    assert year.summary["wallets"]["points"]["issued"] == year.one("select sum(points) from paid")


def test_what_each_customer_holds_at_the_end_is_what_has_not_expired(year: Replayed) -> None:
    # Active when day D + 14 begins, usable for six months from that day on, gone the day after.
    found = """
        with last as (select max(day) as until from paid), lot as (
            select who, points, cast(day + interval 14 day as date) as active, until
            from paid, last where not cancels
        )
        select who, coalesce(sum(points) filter (active + interval 6 month >= until), 0),
            coalesce(sum(points) filter (active > until), 0)
        from lot group by who
    """
    said = "select member_id, points, points_pending from members where orders > 0"
    assert year.ask(f"{said} order by 1") == year.ask(f"{found} order by 1")
    gone = year.one("select sum(points) from paid") - year.one("select sum(points) from members")
    assert year.summary["wallets"]["points"]["expired"] == gone > 0


def test_lots_expire_in_the_month_in_which_they_must(year: Replayed) -> None:
    # An expiry stands at the beginning of the first day on which the lot is no longer there.
    found = """
        with lot as (
            select points, cast(cast(day + interval 14 day as date) + interval 6 month
                + interval 1 day as date) as gone
            from paid where not cancels and points > 0
        )
        select gone, cast(-sum(points) as bigint) from lot
        where gone <= (select max(day) from paid) group by 1 order by 1
    """
    said = """
        select cast("at" as date), cast(sum(amount) as bigint) from ledger where kind = 'expire'
        group by 1 order by 1
    """
    assert year.ask(said) == year.ask(found)


def test_each_customers_tier_is_that_of_his_net_spend(year: Replayed) -> None:
    found = """
        select who, case when arg_max(net, (paid_at, id)) >= 500000 then 'gold'
            when arg_max(net, (paid_at, id)) >= 100000 then 'silver' else 'member' end
        from paid group by who order by 1
    """
    assert year.ask("select member_id, tier from members order by 1") == year.ask(found)


def test_the_coupon_comes_with_the_first_order_that_reaches_500_pounds_net(year: Replayed) -> None:
    found = """
        select who, id, cast(day + interval 60 day as date) from paid
        where not cancels and net >= 50000
        qualify row_number() over (partition by who order by paid_at, id) = 1 order by 1
    """
    assert year.ask("select member_id, event_id, until from grants order by 1") == year.ask(found)
    assert year.ask("select distinct kind, id, rule from grants") == [
        ("coupon", "ten_off", "thank_you")
    ]


def test_what_the_policy_for_cancellations_costs_is_known(
    year: Replayed, tell: Callable[[str], None]
) -> None:
    cancelled = year.one("select sum(cancelled) from members") // 100
    issued = year.summary["wallets"]["points"]["issued"]
    tell(f"{cancelled:,} of {issued:,} points stay at most though their money went back")
    assert year.one("select count(*) from ledger where kind = 'reverse'") == 0
    assert 0 < cancelled < issued * 0.07


def test_all_accounts_of_the_year_sum_to_the_balances(year: Replayed) -> None:
    said = "select member_id, cast(sum(amount) as bigint) from ledger group by 1"
    held = "select member_id, points from members where orders > 0"
    assert year.ask(f"{said} order by 1") == year.ask(f"{held} order by 1")


def test_one_order_is_explained(year: Replayed) -> None:
    who, event = year.ask("select who, id from paid where quarters = 6 and not cancels limit 1")[0]
    done = perkbook("explain", "rules", "--member", who, "--event", event, folder=year.folder)
    assert done.returncode == 0, done.stderr
    assert "tiers.gold" in done.stdout
