"""Every real data set that is at hand becomes a replay with nothing but `inspect` and `replay`.

What is expected of each comes from queries of its files by DuckDB, without the engine.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.inspected import inspected
from tests.real_data import Replayed, place
from tests.shell import perkbook, write


def linked(folder: Path, files: Iterable[str]) -> list[str]:
    """The names under which real files stand in a folder."""
    paths = [place(file) for file in files]
    for path in paths:
        (folder / path.name).symlink_to(path)
    return [path.name for path in paths]


def columns(said: Mapping[str, Any], number: int = 0) -> dict[str, str]:
    """The columns of one of the mappings of events."""
    events = [one for one in said["data"] if one["target"] == "events"]
    found: dict[str, str] = events[number]["columns"]
    return found


def asked(file: Path, query: str) -> tuple[Any, ...]:
    """The first row of a query over a file, called `f`."""
    row = duckdb.execute(f"with f as (from '{file}') {query}").fetchone()
    assert row is not None
    return row


def replay(folder: Path) -> Replayed:
    """The replay of what was written, whose check and examples pass."""
    for command in ("check", "test"):
        done = perkbook(command, "rules", folder=folder)
        assert done.returncode == 0, done.stdout
    return Replayed(folder, "UTC")


def test_invoice_lines_of_a_gift_shop(tmp_path: Path) -> None:
    (name,) = linked(tmp_path, ["online_retail/invoices.parquet"])
    said = inspected(tmp_path, name)
    found = columns(said)
    assert (found["event_id"], found["member_id"], found["at"]) == (
        "InvoiceNo", "CustomerID", "InvoiceDate",
    )  # fmt: skip
    assert found["amount"] == "sum(Quantity * UnitPrice)"
    year = replay(tmp_path)
    # Per invoice of a known customer in pence; C begins the number of a cancellation.
    query = """, invoice as (select starts_with(InvoiceNo, 'C') as back, CustomerID,
        abs(round(sum(cast(Quantity as bigint) * cast(UnitPrice as decimal(18, 3))) * 100)) as pence
        from f where CustomerID is not null group by InvoiceNo, CustomerID)
        select sum(pence) filter (not back), sum(pence) filter (back), count(*),
        count(distinct CustomerID) from invoice"""
    bought, back, count, who = asked(tmp_path / name, query)
    assert year.one("select sum(spend) from members") == bought - back
    assert {k: v.replace(".", "") for k, v in said["amounts"].items()} == {
        "order": str(int(bought)), "returned": str(int(back)),
    }  # fmt: skip
    assert (year.summary["events"], year.summary["members"]) == (count, who)
    nobody = asked(tmp_path / name, "select count(*) from f where CustomerID is null")[0]
    assert year.summary["left_out"] == {name: nobody}


def test_baskets_of_households(tmp_path: Path) -> None:
    files = ("transactions_sample", "demographics", "campaigns", "products")
    names = linked(tmp_path, [f"complete_journey/{file}.parquet" for file in files])
    said = inspected(tmp_path, *names)
    found = columns(said)
    assert (found["event_id"], found["member_id"], found["at"], found["amount"]) == (
        "basket_id", "household_id", "transaction_timestamp", "sum(sales_value)",
    )  # fmt: skip
    # Two in five baskets are of households that tell nothing: so the members are not used.
    assert [one["used"] for one in said["data"]] == [False, True]
    what = {one["file"].removesuffix(".parquet"): one["what"] for one in said["files"]}
    assert (what["transactions_sample"], what["demographics"]) == ("events", "members")
    assert "no column says when it happened" in what["campaigns"]
    assert "no column says whose a row is" in what["products"]
    query = "select sum(round(sales_value * 100)), count(distinct basket_id),\
 count(distinct household_id) from f"
    cents, baskets, households = asked(tmp_path / names[0], query)
    year = replay(tmp_path)
    assert year.one("select sum(spend) from members") == cents
    assert (year.summary["events"], year.summary["members"]) == (baskets, households)


def test_days_on_which_coupons_were_redeemed(tmp_path: Path) -> None:
    (name,) = linked(tmp_path, ["complete_journey/coupon_redemptions.parquet"])
    found = columns(inspected(tmp_path, name))
    assert (found["event_id"], found["member_id"], found["at"]) == (
        "row", "household_id", "redemption_date",
    )  # fmt: skip
    rows, households = asked(
        tmp_path / name, "select count(*), count(distinct household_id) from f"
    )
    year = replay(tmp_path)
    assert (year.summary["events"], year.summary["members"]) == (rows, households)


def test_the_cohort_of_a_cd_shop(tmp_path: Path) -> None:
    # The file has no heading and spaces for commas, so it is saved as CSV first.
    lines = place("cdnow/CDNOW_sample.txt").read_text().splitlines()
    rows = [",".join(line.split()) for line in lines if line.split()]
    write(tmp_path, {"cdnow.csv": "\n".join(["id,sample_id,date,cds,dollars", *rows]) + "\n"})
    said = inspected(tmp_path, "cdnow.csv")
    found = columns(said)
    # `id` comes back, so it is the member and not the event.
    assert (found["event_id"], found["member_id"], found["amount"]) == ("row", "id", "dollars")
    assert found["at"] == "strptime(cast(date as varchar), '%Y%m%d')".replace("(date", '("date"')
    assert any("it could be `sample_id`" in one["said"] for one in said["unsure"])
    cents, who, last = asked(
        tmp_path / "cdnow.csv",
        "select sum(round(dollars * 100)), count(distinct id), max(date) from f",
    )
    year = replay(tmp_path)
    assert year.one("select sum(spend) from members") == cents
    assert year.summary["members"] == who
    assert year.summary["until"].replace("-", "") == str(last)


def test_flights_by_member_and_month(tmp_path: Path) -> None:
    names = linked(
        tmp_path, ["airline/flight_activity_2017_to_2018_03.parquet", "airline/members.parquet"]
    )
    said = inspected(tmp_path, *names)
    found = columns(said)
    assert (found["event_id"], found["member_id"], found["at"]) == (
        "row", '"Loyalty Number"', "make_date(Year, Month, 1)",
    )  # fmt: skip
    assert "amount" not in found
    assert any("no column is an amount of money" in one["said"] for one in said["unsure"])
    members = next(one for one in said["data"] if one["target"] == "members")["columns"]
    assert members["joined_at"] == 'make_date("Enrollment Year", "Enrollment Month", 1)'
    # Told to keep the sum of a field, the replay has the file's own.
    first = tmp_path / "rules" / "first.yaml"
    more = "facts:\n  flown: {sum: flight_activity.distance}\n"
    first.write_text(first.read_text().replace("facts:\n", more))
    query = 'select sum(Distance), count(*), count(distinct "Loyalty Number") from f'
    distance, rows, who = asked(tmp_path / names[0], query)
    year = replay(tmp_path)
    assert year.one("select sum(flown) from members") == distance
    assert (year.summary["events"], year.summary["members"]) == (rows, who)


def test_offers_and_purchases_of_a_coffee_house(tmp_path: Path) -> None:
    names = linked(tmp_path, ["starbucks/events_hours_0_18.jsonl", "starbucks/members.jsonl"])
    said = inspected(tmp_path, *names)
    found = columns(said)
    assert (found["event_id"], found["member_id"]) == ("row", "person")
    assert found["at"] == "timestamp '2000-01-01' + to_hours(\"time\")"
    assert found["amount"] == "cast(json_extract_string(value, '$.amount') as decimal(18, 2))"
    assert any("no calendar times" in one["said"] for one in said["unsure"])
    query = """select sum(round(value.amount * 100)), count(*),
        count(*) filter (event = 'offer viewed') from f"""
    cents, rows, viewed = asked(tmp_path / names[0], query)
    assert said["events"]["offer_viewed"] == viewed
    year = replay(tmp_path)
    assert year.one("select sum(spend) from members") == cents
    assert (year.summary["events"], year.summary["members"]) == (rows, 17_000)


def test_orders_of_the_rfm_example(tmp_path: Path) -> None:
    (name,) = linked(tmp_path, ["rfm_orders/orders.parquet"])
    found = columns(inspected(tmp_path, name))
    assert found == {
        "event_id": "row", "member_id": "customer_id", "at": "order_date", "amount": "revenue",
    }  # fmt: skip
    revenue, rows, who = asked(
        tmp_path / name, "select sum(revenue), count(*), count(distinct customer_id) from f"
    )
    year = replay(tmp_path)
    assert year.one("select sum(spend) from members") == 100 * revenue
    assert (year.summary["events"], year.summary["members"]) == (rows, who)


def test_ratings_of_one_another(tmp_path: Path) -> None:
    (name,) = linked(tmp_path, ["trust_alpha/edges.csv"])
    said = inspected(tmp_path, name)
    found = columns(said)
    assert (found["event_id"], found["member_id"]) == ("row", '"from"')
    assert found["at"] == 'to_timestamp("time")'
    assert any("it could be `to`" in one["said"] for one in said["unsure"])
    rows, who, last = asked(
        tmp_path / name,
        'select count(*), count(distinct "from"),'
        ' cast(max(make_timestamp("time" * 1000000)) as date) from f',
    )
    year = replay(tmp_path)
    assert (year.summary["events"], year.summary["members"]) == (rows, who)
    assert year.summary["until"] == str(last)


@pytest.mark.parametrize("file", ["hillstrom/mens_vs_none.parquet", "cdnow/donations.csv"])
def test_files_without_members_and_times_are_not_guessed(file: str, tmp_path: Path) -> None:
    (name,) = linked(tmp_path, [file])
    done = perkbook("inspect", name, folder=tmp_path)
    assert done.returncode == 1
    assert f"{name}: no column says whose a row is" in done.stderr
    assert "no column says when it happened" in done.stderr
    assert not (tmp_path / "rules").exists()
