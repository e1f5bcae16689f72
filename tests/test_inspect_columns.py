"""What `perkbook inspect` makes of columns: by their names, and more by what stands in them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.inspected import ORDERS, TILL, guessed, inspected, mapping, replayed
from tests.shell import write


def test_columns_are_found_by_name_and_content(tmp_path: Path) -> None:
    said = guessed(tmp_path, ORDERS)
    assert mapping(said) == {
        "target": "events", "file": "file.csv", "type": "order", "used": True,
        "columns": {"event_id": '"Order"', "member_id": "Customer", "at": "Day", "amount": "Total"},
    }  # fmt: skip
    kinds = {
        c["name"]: (c["type"], c["empty"], c["different"]) for c in said["files"][0]["columns"]
    }
    assert kinds == {
        "Order": ("text", 0, 4), "Customer": ("text", 0, 3), "Day": ("time", 0, 4),
        "Total": ("money", 0, 4),
    }  # fmt: skip
    assert any("no number, 1 in all, such as ten" in one["said"] for one in said["unsure"])


def test_ten_rows_are_shown_as_they_were_mapped(tmp_path: Path) -> None:
    rows = guessed(tmp_path, ORDERS)["rows"]
    assert rows[0] == {
        "member_id": "Anna", "event_id": "A1", "type": "order", "at": "2026-03-02 10:15:00",
        "amount": "120.00",
    }  # fmt: skip
    many = "id,customer,date,amount\n" + "".join(
        f"{n},c{n % 7},2026-01-{n:02},5\n" for n in range(1, 29)
    )
    assert len(guessed(tmp_path / "many", many)["rows"]) == 10


def test_a_name_does_not_decide_against_the_content(tmp_path: Path) -> None:
    # `id` comes back with the person, so it is the member; the unique column is called anything.
    text = "id,reference,date,amount\n" + "".join(
        f"p{n % 5},x{n},2026-01-{n:02},{n}.50\n" for n in range(1, 29)
    )
    assert mapping(guessed(tmp_path, text))["columns"]["member_id"] == "id"
    # `customer_type` says customer, but there are two of them.
    text = "customer_type,buyer,date,amount\n" + "".join(
        f"{'ab'[n % 2]},p{n % 9},2026-01-{n:02},{n}.50\n" for n in range(1, 29)
    )
    assert mapping(guessed(tmp_path / "two", text))["columns"]["member_id"] == "buyer"


def test_lines_of_a_receipt_become_one_order(tmp_path: Path) -> None:
    said = guessed(tmp_path, TILL)
    order, back = mapping(said), mapping(said, 1)
    assert order["group by"] == "receipt"
    assert order["where"] == "card is not null and pieces * price >= 0"
    assert order["columns"]["amount"] == "sum(pieces * price)"
    # A receipt may hold both: what came back has ids of its own.
    assert back["columns"]["event_id"] == "'returned-' || receipt"
    assert back["where"] == "card is not null and pieces * price < 0"
    # 88 + 39, 176 and 19.50; 19.50 came back; the row without a card is left out and told.
    assert said["amounts"] == {"order": "322.50", "returned": "19.50"}
    assert said["left_out"] == {"file.csv": 1}
    assert replayed(tmp_path)["wallets"]["points"]["issued"] == 127 + 176 + 19


def test_an_orders_total_on_each_of_its_lines_is_not_added_up(tmp_path: Path) -> None:
    text = "Order ID,Buyer,Date,Item,Qty,Unit Price,Order Total\n"
    text += "1,anna,2026-01-05,Tea,2,10.00,25.50\n1,anna,2026-01-05,Cup,1,5.50,25.50\n"
    text += "2,ben,2026-01-06,Tea,1,10.00,10.00\n"
    text += "3,anna,2026-01-07,Tea,1,10.00,21.00\n3,anna,2026-01-07,Cup,2,5.50,21.00\n"
    said = guessed(tmp_path, text)
    assert mapping(said)["columns"]["amount"] == 'max("Order Total")'
    assert said["amounts"] == {"order": "56.50"}


@pytest.mark.parametrize(
    ("cells", "first", "last"),
    [
        (("2026/1/5 13:05", "2026/1/16 9:00"), "2026-01-05 13:05:00", "2026-01-16 09:00:00"),
        (("1/5/2026 9:05", "1/16/2026 13:30"), "2026-01-05 09:05:00", "2026-01-16 13:30:00"),
        (("5/1/2026 9:05 PM", "16/1/2026 1:30 AM"), "2026-01-05 21:05:00", "2026-01-16 01:30:00"),
        (("05.01.26", "16.01.26"), "2026-01-05 00:00:00", "2026-01-16 00:00:00"),
        (("20260105", "20260116"), "2026-01-05 00:00:00", "2026-01-16 00:00:00"),
        (("20260105130507", "20260116000000"), "2026-01-05 13:05:07", "2026-01-16 00:00:00"),
        (("2026年1月5日", "2026年1月16日"), "2026-01-05 00:00:00", "2026-01-16 00:00:00"),
        (("5 Jan 2026", "16 Jan 2026"), "2026-01-05 00:00:00", "2026-01-16 00:00:00"),
        (("1767618300", "1768521600"), "2026-01-05 13:05:00", "2026-01-16 00:00:00"),
        (("1767618300000", "1768521600000"), "2026-01-05 13:05:00", "2026-01-16 00:00:00"),
        (("46027.545138888891", "46038"), "2026-01-05 13:05:00", "2026-01-16 00:00:00"),
        (("2026-1-5 9:05", "2026-1-16 10:00"), "2026-01-05 09:05:00", "2026-01-16 10:00:00"),
        (("2026-01-05T13:05:00+08:00", "2026-01-16"), "2026-01-05 05:05:00", "2026-01-16 00:00:00"),
    ],
)
def test_times_are_read_however_they_are_written(
    cells: tuple[str, str], first: str, last: str, tmp_path: Path
) -> None:
    rows = [f"o{n},c{n % 2},{cell},5.50\n" for n, cell in enumerate((*cells, cells[0]))]
    said = guessed(tmp_path, "order id,customer,order date,amount\n" + "".join(rows))
    assert [row["at"] for row in said["rows"]] == [first, last, first]


def test_which_comes_first_of_month_and_day_is_said_where_no_day_shows_it(tmp_path: Path) -> None:
    text = "id,customer,date,amount\n1,a,03/04/2026,5\n2,b,03/05/2026,5\n3,a,03/06/2026,5\n"
    said = guessed(tmp_path, text)
    # Month first they are three days in a row, day first they would be months apart.
    assert [row["at"][:10] for row in said["rows"]] == ["2026-03-04", "2026-03-05", "2026-03-06"]
    told = " ".join(one["said"] for one in said["unsure"])
    assert "no day shows whether the month or the day comes first" in told
    assert "strptime(date, '%d/%m/%Y')" in told or "strptime(\"date\", '%d/%m/%Y')" in told


def test_a_day_and_a_time_of_day_in_two_columns_are_one_instant(tmp_path: Path) -> None:
    text = "id,customer,Date,Time,amount\n1,a,05.01.2026,13:05,5\n2,b,16.01.2026,8:30,5\n"
    rows = guessed(tmp_path, text)["rows"]
    assert [row["at"] for row in rows] == ["2026-01-05 13:05:00", "2026-01-16 08:30:00"]


def test_types_of_event_stand_in_a_column(tmp_path: Path) -> None:
    text = "user,event,timestamp,amount,page\n"
    text += "a,sign in,2026-01-01 10:00,,\na,order placed,2026-01-01 10:05,12.50,\n"
    text += "b,page view,2026-01-02 10:00,,home\nb,order placed,2026-01-02 10:05,7.50,\n"
    said = guessed(tmp_path, text)
    assert said["events"] == {"order_placed": 2, "sign_in": 1, "page_view": 1}
    assert said["amounts"] == {"order_placed": "20.00"}
    assert "when: order_placed" in (tmp_path / "rules/first.yaml").read_text()


def test_a_sale_and_what_came_back_of_it_may_share_a_number(tmp_path: Path) -> None:
    text = "单号,会员卡号,时间,金额,类型\n"
    text += "1,8001,2024-01-05 10:05,18.00,销售\n1,8001,2024-01-05 12:05,-8.00,退货\n"
    text += "2,8002,2024-01-05 11:05,40.00,销售\n"
    said = guessed(tmp_path, text)
    assert mapping(said)["columns"]["event_id"] == "类型 || '-' || 单号"
    assert said["amounts"] == {"销售": "58.00", "退货": "8.00"}
    assert "spend: {sum: 销售.amount, less: 退货.amount}" in (
        tmp_path / "rules/first.yaml"
    ).read_text()  # fmt: skip
    assert replayed(tmp_path)["wallets"]["points"]["issued"] == 58


def test_a_web_shops_export_with_its_own_ways_is_read(tmp_path: Path) -> None:
    # The total stands on the first line of an order only, instants carry an offset, and what was
    # refunded earns nothing.
    head = "Name,Email,Financial Status,Currency,Total,Created at,Lineitem quantity,Lineitem name\n"
    said = guessed(
        tmp_path,
        head + "#1001,a@x.org,paid,EUR,35.00,2024-01-05 10:00:00 +0100,2,Tea\n"
        "#1001,a@x.org,,,,2024-01-05 10:00:00 +0100,1,Cup\n"
        "#1002,b@x.org,refunded,EUR,15.00,2024-01-06 10:00:00 +0100,1,Cup\n"
        "#1003,a@x.org,paid,EUR,25.00,2024-02-06 10:00:00 +0100,2,Cup\n",
    )
    assert mapping(said)["group by"] == "Name"
    assert said["amounts"] == {"order": "60.00"}
    assert said["left_out"] == {"file.csv": 1}
    assert said["rows"][0]["at"] == "2024-01-05 09:00:00"  # in UTC
    assert any("the money is EUR, because `Currency`" in one["said"] for one in said["unsure"])


def test_json_objects_inside_a_column_are_opened(tmp_path: Path) -> None:
    rows = "".join(
        json.dumps({"person": f"p{n % 3}", "day": f"2026-01-0{n}", "value": {"amount": n + 0.5}})
        + "\n"
        for n in range(1, 7)
    )
    write(tmp_path, {"log.jsonl": rows})
    said = inspected(tmp_path, "log.jsonl")
    assert said["amounts"] == {"order": "24.00"}  # 1.5 + 2.5 + ... + 6.5


def test_without_an_id_the_row_is_the_id(tmp_path: Path) -> None:
    said = guessed(
        tmp_path, "customer,date,amount\na,2026-01-01,5\nb,2026-01-01,5\na,2026-01-02,5\n"
    )
    assert mapping(said)["columns"]["event_id"] == "row"
    assert said["events"] == {"order": 3}


def test_rows_that_only_say_it_again_are_no_lines(tmp_path: Path) -> None:
    rows = [f"{n},c{n % 5},2026-01-{n % 28 + 1:02},{n}.25\n" for n in range(1, 60)]
    said = guessed(tmp_path, "order_id,customer,date,amount\n" + "".join([*rows, rows[3]]))
    assert "group by" not in mapping(said)
    assert said["duplicates"] == 1
