"""An airline's fifteen months: every row's points follow from a program of a few lines.

The rule that the columns show: 1 point for every full 10 of the distance; from February 2018 on an
Aurora card makes it 1.5 times as many, Nova 1.25, Star 1.08. What the file says each row earned,
`Points Accumulated`, is what the ledger must say, to the hundredth; none of it is worked out here.
"""

from __future__ import annotations

from collections import defaultdict

import pytest

from tests.real_data import Replayed, workspace
from tests.shell import perkbook

FILES = {
    "flights.parquet": "airline/flight_activity_2017_to_2018_03.parquet",
    "members.parquet": "airline/members.parquet",
}
SAID = """
create table said as
select 'flights.parquet:' || (file_row_number + 1) as id, file_row_number + 1 as row,
    cast("Loyalty Number" as varchar) as who, make_date(Year, Month, 1) as month,
    cast(round("Points Accumulated" * 100) as bigint) as earned, "Points Accumulated" as points,
    cast("Points Redeemed" as bigint) as paid
from read_parquet('{file}', file_row_number = true)
"""


@pytest.fixture(scope="module")
def airline(tmp_path_factory: pytest.TempPathFactory) -> Replayed:
    """The fifteen months replayed by one command, and the file as DuckDB reads it."""
    folder = workspace(tmp_path_factory.mktemp("airline"), "workspaces/airline", FILES)
    replayed = Replayed(folder, "America/Toronto", {"people": "members.parquet"})
    replayed.do(SAID.format(file=folder / "flights.parquet"))
    return replayed


def test_the_program_is_sound_and_its_examples_hold(airline: Replayed) -> None:
    checked = perkbook("check", "rules", folder=airline.folder)
    assert "0 problems, 0 warnings" in checked.stdout, checked.stderr
    tried = perkbook("test", "rules", folder=airline.folder)
    assert "2 examples passed, 0 failed" in tried.stdout, tried.stderr


def test_the_file_has_two_places_and_no_more(airline: Replayed) -> None:
    assert airline.one("select count(*) from said where earned / 100 <> points") == 0


def test_every_row_earns_the_points_that_the_file_says(airline: Replayed) -> None:
    ledger = """
        select event_id, member_id, cast("at" as date), cast(sum(amount) as bigint) from ledger
        where kind in ('earn', 'bonus') group by all order by 1
    """
    rows = airline.ask(ledger)
    assert len(rows) == 253_515
    assert rows == airline.ask("select id, who, month, earned from said order by 1")


def test_rows_that_the_file_repeats_count_each(airline: Replayed) -> None:
    repeated = airline.one("""
        select sum(times) from (select count(*) as times from said group by who, month)
        where times > 1
    """)
    assert repeated == 4_905
    assert airline.summary["duplicates"] == airline.summary["rejected"] == 0
    wallet = airline.summary["wallets"]["points"]
    assert wallet["issued"] == airline.one("select sum(earned) from said") == 2_884_155_479


def test_the_promotion_gives_from_february_2018_on_and_by_the_card(airline: Replayed) -> None:
    given = """
        select "Loyalty Card" as card, min(cast("at" as date)), cast(sum(amount) as bigint)
        from ledger join people on member_id = cast("Loyalty Number" as varchar)
        where rule = 'promotion' group by 1 order by 1
    """
    # What the file says beyond the whole points of these two months, which end in `.00`.
    found = """
        with held as (
            select cast("Loyalty Number" as varchar) as who, "Loyalty Card" as card,
                case "Loyalty Card" when 'Star' then 108 when 'Nova' then 125 else 150 end as rate
            from people
        )
        select card, min(month), cast(sum(earned - earned // rate * 100) as bigint)
        from said join held using (who) where month >= date '2018-02-01' group by 1 order by 1
    """
    assert airline.ask(given) == airline.ask(found)


def test_members_pay_with_what_they_hold_and_no_more(airline: Replayed) -> None:
    held: defaultdict[str, int] = defaultdict(int)
    refused = {}
    # Within a month the flights come first; of several rows the ids decide, as texts.
    query = """
        select month, false as pays, id, who, earned from said
        union all
        select month, true, 'paid ' || row, who, paid * 100 from said where paid > 0
        order by 1, 2, 3
    """
    for _month, pays, event, who, amount in airline.ask(query):
        if pays and amount > held[who]:
            refused[event] = f'{{"missing": {amount - held[who]}}}'
        else:
            held[who] += -amount if pays else amount
    said = "select event_id, facts from refused where code = 'insufficient_balance'"
    assert dict(airline.ask(said)) == refused
    assert airline.summary["refused"] == {"insufficient_balance": len(refused)}
    assert dict(airline.ask("select member_id, points from members where points > 0")) == {
        who: points for who, points in held.items() if points
    }


def test_half_a_point_is_explained(airline: Replayed) -> None:
    event, who = airline.ask("select id, who from said where earned % 100 = 50 limit 1")[0]
    done = perkbook("explain", "rules", "--member", who, "--event", event, folder=airline.folder)
    assert done.returncode == 0, done.stderr
    assert "+ promotion (rules/airline.yaml:" in done.stdout
    assert ".50 points bonus by promotion" in done.stdout
