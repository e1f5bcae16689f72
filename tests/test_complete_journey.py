"""A grocer's year: baskets on the shop's own days, weight goods, households, campaigns' windows.

The file's times are UTC without saying so, the shops are on the US east coast: about every sixth
line is of another day there than in UTC. A line of goods by weight or volume (fuel above all) has a
quantity in the thousands; points go by money, and such a line is one piece. `basket` says what
DuckDB finds in the files without any part of the engine.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pytest

from tests.real_data import Replayed, place, workspace
from tests.shell import perkbook, write

FILES = {
    "transactions.parquet": "complete_journey/transactions_sample.parquet",
    "demographics.parquet": "complete_journey/demographics.parquet",
    "redemptions.parquet": "complete_journey/coupon_redemptions.parquet",
}
CAMPAIGNS = "complete_journey/campaign_descriptions.parquet"
SHIFT = "to_days(cast((row * 37) % 121 - 60 as integer))"  # two months earlier to two later
BASKET = """
create table basket as
with line as (
    select *, quantity >= 1000 as weighed, cast(round(sales_value * 100) as bigint) as cents,
        cast(round(coupon_disc * 100) as bigint) as coupon,
        timezone('America/New_York', timezone('UTC', transaction_timestamp)) as local
    from transactions
), basket as (
    select basket_id as id, any_value(household_id) as who, any_value(local) as local,
        any_value(local)::date as day, sum(cents) as amount, sum(coupon) as coupons,
        coalesce(sum(cents) filter (weighed), 0) as fuel,
        cast(sum(case when weighed then 1 else quantity end) as bigint) as pieces
    from line group by basket_id
), judged as (
    select *, case when isodow(local) = 7 then 2 else 1 end as sunday,
        case when kids_count <> '0' then 11 else 10 end as family,
        case when age = '65+' and isodow(local) = 3 then 3 else 2 end as senior,
        row_number() over (partition by who, day order by local, id) = 1 as first
    from basket left join demographics on who = household_id
)
select id, who, local, day, amount, pieces, cast((
    2 * greatest(amount - coupons - fuel, 0) + fuel + case when first then 1000 else 0 end
) * sunday * family * senior // 4000 as bigint) as points
from judged
"""


def campaigns() -> Sequence[tuple[str, str, str]]:
    """The campaigns with their first and last days."""
    query = f"""
        select campaign_id, cast(start_date as varchar), cast(end_date as varchar)
        from read_parquet('{place(CAMPAIGNS)}') order by cast(campaign_id as integer)
    """
    with duckdb.connect() as connection:
        return connection.execute(query).fetchall()


def windows() -> str:
    """A rule for each campaign, as a shop would write its calendar down."""
    rules = [
        f"  campaign_{name}:\n    when: coupon\n    if: campaign = '{name}'\n"
        f"    from: {first}\n    until: {last}\n    give: {{redeemed: 1}}\n"
        for name, first, last in campaigns()
    ]
    return "earn:\n" + "".join(rules)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workspace of the grocer, its campaigns' calendar beside its rules."""
    made = tmp_path_factory.mktemp("complete_journey")
    texts = {"rules/campaigns.yaml": windows()}
    return workspace(made, "workspaces/complete_journey", FILES, texts)


@pytest.fixture(scope="module")
def journey(folder: Path) -> Replayed:
    """The year replayed by one command, and the files as DuckDB reads them."""
    replayed = Replayed(folder, "America/New_York", {Path(file).stem: file for file in FILES})
    replayed.do(BASKET)
    replayed.do(f"create view campaigns as select * from read_parquet('{place(CAMPAIGNS)}')")
    return replayed


def test_the_program_is_sound_and_its_examples_hold(folder: Path) -> None:
    assert "0 problems" in perkbook("check", "rules", folder=folder).stdout
    assert "2 examples passed, 0 failed" in perkbook("test", "rules", folder=folder).stdout


def test_there_is_one_event_for_each_basket_profile_and_redemption(journey: Replayed) -> None:
    assert journey.one("select count(*) from basket") == 47_243
    assert journey.summary["events"] == 47_243 + 801 + 2_102
    assert journey.summary["members"] == journey.one("select count(distinct who) from basket")
    assert (journey.summary["rejected"], journey.summary["duplicates"]) == (0, 0)
    assert journey.summary["mixed"] == journey.summary["left_out"] == {}


def test_baskets_stand_on_the_days_of_the_shop(journey: Replayed) -> None:
    said = """
        select event_id, timezone('America/New_York', "at") from ledger where rule = 'goods'
        order by 1
    """
    assert journey.ask(said) == journey.ask("select id, local from basket order by 1")
    other = """
        select count(*) from transactions join basket on basket_id = id
        where transaction_timestamp::date <> day
    """
    assert journey.one(other) == 12_699
    first, last = journey.ask("select min(day), max(day) from basket")[0]
    assert (str(first), str(last)) == ("2017-01-01", "2017-12-31")
    assert journey.summary["until"] == str(last)


def test_every_basket_earns_what_the_rules_promise_on_its_day(journey: Replayed) -> None:
    said = """
        select event_id, member_id, cast("at" as date), cast(sum(amount) as bigint) from ledger
        where kind in ('earn', 'bonus') and wallet = 'points' group by all order by 1
    """
    assert journey.ask(said) == journey.ask("select id, who, day, points from basket order by 1")
    issued = journey.summary["wallets"]["points"]["issued"]
    assert issued == journey.one("select sum(points) from basket")


def test_weight_goods_do_not_explode(journey: Replayed) -> None:
    said = """
        select event_id, cast(sum(amount) as bigint) from ledger
        where kind = 'earn' and wallet = 'stamps' group by 1 order by 1
    """
    assert journey.ask(said) == journey.ask("select id, pieces from basket order by 1")
    raw = journey.one("select cast(sum(quantity) as bigint) from transactions")
    issued = journey.summary["wallets"]["stamps"]["issued"]
    assert raw > 50 * issued
    assert journey.one("select max(pieces) from basket") <= 100


def test_points_go_when_the_months_of_the_shop_end(journey: Replayed) -> None:
    # Three months on, to the end of that month: gone on the first of the next one.
    found = """
        with lot as (
            select points, date_trunc('month', day) + interval 4 month as gone from basket
        )
        select cast(gone as date), cast(-sum(points) as bigint) from lot
        where gone <= (select max(day) from basket) group by 1 order by 1
    """
    said = """
        select cast("at" as date), cast(sum(amount) as bigint) from ledger
        where kind = 'expire' and wallet = 'points' group by 1 order by 1
    """
    assert journey.ask(said) == journey.ask(found)
    assert len(journey.ask(found)) == 8


def test_what_is_known_of_each_household_is_exact(journey: Replayed) -> None:
    said = """
        select member_id, baskets, spend, timezone('America/New_York', last_basket), coupons_used,
            said_age, said_income, said_kids from members order by 1
    """
    found = """
        with bought as (
            select who, count(*) as baskets, sum(amount) as spend, max(local) as last_basket
            from basket group by who
        ), used as (select household_id as who, count(*) as coupons from redemptions group by 1)
        select who, baskets, cast(spend as bigint), last_basket, coalesce(coupons, 0), age, income,
            kids_count
        from bought left join used using (who) left join demographics on household_id = who
        order by 1
    """
    assert journey.ask(said) == journey.ask(found)
    assert journey.one("select count(*) from members where said_age is not null") == 801


def test_only_households_with_children_have_the_tenth_more(journey: Replayed) -> None:
    said = "select distinct member_id from ledger where rule = 'families' order by 1"
    found = """
        select distinct who from basket join demographics on household_id = who
        where kids_count <> '0' order by 1
    """
    assert journey.ask(said) == journey.ask(found)


def test_all_redemptions_are_inside_their_campaigns_windows(journey: Replayed) -> None:
    outside = """
        select count(*) from redemptions left join campaigns using (campaign_id)
        where (redemption_date between start_date and end_date) is not true
    """
    assert journey.one(outside) == 0
    said = """
        select rule, count(*), cast(sum(amount) as bigint) from ledger
        where wallet = 'redeemed' and kind = 'earn' group by 1 order by 1
    """
    found = """
        select 'campaign_' || campaign_id, count(*), count(*) from redemptions group by 1 order by 1
    """
    assert journey.ask(said) == journey.ask(found)
    assert journey.summary["wallets"]["redeemed"]["issued"] == 2_102


def test_of_redemptions_moved_about_only_those_inside_count(
    folder: Path, tmp_path: Path, journey: Replayed
) -> None:
    files = {"redemptions.parquet": FILES["redemptions.parquet"]}
    moved = workspace(tmp_path / "moved", "workspaces/complete_journey", files)
    mapping = (folder / "rules" / "data.yaml").read_text()
    mapping = "data:\n  events:\n" + mapping[mapping.index("    - file: redemptions") :]
    mapping = mapping.replace("at: redemption_date", f"at: redemption_date + {SHIFT}")
    write(moved, {"rules/data.yaml": mapping, "rules/campaigns.yaml": windows()})
    replayed = Replayed(moved, "America/New_York")
    replayed.do(f"create view campaigns as select * from read_parquet('{place(CAMPAIGNS)}')")
    found = f"""
        with moved as (
            select *, file_row_number + 1 as row, cast(redemption_date + {SHIFT} as date) as day
            from read_parquet('{moved / "redemptions.parquet"}', file_row_number = true)
        )
        select 'coupon ' || row, household_id, day from moved join campaigns using (campaign_id)
        where day between start_date and end_date order by 1
    """
    said = """
        select event_id, member_id, cast("at" as date) from ledger where kind = 'earn' order by 1
    """
    inside = replayed.ask(found)
    assert replayed.ask(said) == inside
    assert 0 < len(inside) < replayed.summary["events"] == 2_102
