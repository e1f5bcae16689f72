"""`perkbook inspect`: a stranger's files become rules that run, and what is unsure is told."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from engine import replay, rules
from engine.machine import examples
from engine.reports import width
from tests.inspected import inspected
from tests.shell import Done, perkbook, write

ORDERS = """\
Order,Customer,Day,Total
A1,Anna,2026-03-02 10:15,120.00
A2,Li Na,2026-03-05 18:40,88.50
A3,Anna,2026-04-11 09:05,60.00
A4,Tom,2026-04-12 12:00,ten
"""
TILL = """\
receipt,card,time,goods,pieces,price
R1,C17,2026-03-02 10:15,Longjing,1,88.00
R1,C17,2026-03-02 10:15,Tea cup,2,19.50
R2,,2026-03-02 11:40,Oolong,1,45.00
R3,C21,2026-03-05 18:05,Longjing,2,88.00
R3,C21,2026-03-05 18:05,Tea cup,-1,19.50
R4,C17,2026-03-09 09:30,Tea cup,1,19.50
"""
CHINESE = """\
订单号,会员手机号,下单时间,商品,渠道,门店,原价,实付金额,订单状态
D1,13800138000,2026/1/5 13:05,大闸蟹,小程序,南京路店,¥200.00,¥188.00,已完成
D2,13800138001,2026/1/6 9:05,月饼,天猫,,¥120.00,¥100.00,已完成
D3,13800138000,2026/1/16 19:45,鲜花饼,小程序,南京路店,"¥1,300.00","¥1,234.50",已完成
D4,13800138002,2026/2/1 8:00,月饼,门店,徐汇店,¥50.00,¥50.00,已取消
D5,,2026/2/3 8:00,月饼,门店,徐汇店,¥50.00,¥45.00,已完成
"""
CHINESE_MEMBERS = """\
手机号,姓名,生日,城市,注册时间,推荐人
13800138000,王丽,1990-05-01,上海,2025-01-01 10:00:00,
13800138001,李雷,1988-12-12,杭州,2025-03-01 10:00:00,13800138000
13800138002,韩梅,,苏州,2025-06-01 10:00:00,
"""
THREE = {
    "orders.csv": "id,customer_id,created_at,total\n1,7,2026-01-01T10:00:00Z,10.00\n"
    "2,7,2026-01-02T10:00:00Z,20.00\n3,8,2026-01-03T10:00:00Z,30.00\n",
    "refunds.csv": "id,order_id,customer_id,refunded_at,amount\n"
    "1,2,7,2026-01-05T10:00:00Z,20.00\n2,3,8,2026-01-06T10:00:00Z,5.00\n",
    "customers.csv": "id,email,city,created_at\n7,a@x.org,Paris,2025-01-01\n"
    "8,b@x.org,Lyon,2025-01-02\n",
}


def guessed(folder: Path, text: str) -> dict[str, Any]:
    """What the command says of one CSV file."""
    return inspected(write(folder, {"file.csv": text}), "file.csv")


def mapping(said: dict[str, Any], number: int = 0) -> dict[str, Any]:
    """One of the mappings of events."""
    events: list[dict[str, Any]] = [one for one in said["data"] if one["target"] == "events"]
    return events[number]


def replayed(folder: Path) -> Mapping[str, Any]:
    """The summary of a replay of what was written, whose examples pass too."""
    program = rules.load(folder / "rules")
    assert all(result.passed for result in examples.run(program))
    return replay.run(program).summary


def test_a_file_becomes_a_ledger_in_three_commands(tmp_path: Path) -> None:
    write(tmp_path, {"orders.csv": ORDERS})
    done = perkbook("inspect", "orders.csv", folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "becomes" in done.stdout
    assert "Written: rules/data.yaml and rules/first.yaml" in done.stdout
    next_two = [line.strip().split() for line in done.stdout.splitlines()[-2:]]
    assert next_two == [
        ["perkbook", "check", "rules"], ["perkbook", "replay", "rules", "--out", "out"],
    ]  # fmt: skip
    for command in next_two:
        assert perkbook(*command[1:], folder=tmp_path).returncode == 0
    summary = json.loads((tmp_path / "out/summary.json").read_text())
    # 120 + 88 + 60 points; the order of `ten` is set aside.
    assert (summary["events"], summary["rejected"]) == (3, 1)
    assert summary["wallets"]["points"]["issued"] == 268


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


def test_chinese_files_are_read_in_their_own_words(tmp_path: Path) -> None:
    write(tmp_path, {"订单.csv": CHINESE, "会员.csv": CHINESE_MEMBERS})
    said = inspected(tmp_path, "订单.csv", "会员.csv")
    members, orders = said["data"]
    assert members["columns"] == {
        "member_id": "手机号", "joined_at": "注册时间", "referrer_id": "推荐人", "name": "姓名",
        "birthday": "生日", "city": "城市",
    }  # fmt: skip
    named = {
        ours: orders["columns"][ours] for ours in ("event_id", "member_id", "channel", "store")
    }
    assert named == {
        "event_id": "订单号", "member_id": "会员手机号", "channel": "渠道", "store": "门店",
    }  # fmt: skip
    # Paid, not listed; what was cancelled and what has no member is left out.
    assert said["amounts"] == {"order": "1522.50"}
    assert said["left_out"] == {"订单.csv": 2}
    first = (tmp_path / "rules/first.yaml").read_text()
    assert "money: CNY" in first
    assert "timezone: Asia/Shanghai" in first
    assert "name: {type: text, personal: yes}" in first
    assert replayed(tmp_path)["wallets"]["points"]["issued"] == 188 + 100 + 1234


def test_chinese_stands_in_straight_columns(tmp_path: Path) -> None:
    write(tmp_path, {"订单.csv": CHINESE})
    lines = perkbook("inspect", "订单.csv", folder=tmp_path).stdout.splitlines()
    table = lines[2 : lines.index("As events:") - 1]
    kinds = (" text ", " money ", " time ")
    ends = {width(line[: line.index(kind)]) for line in table for kind in kinds if kind in line}
    assert len(ends) == 1


def test_refunds_in_a_file_of_their_own_name_their_orders(tmp_path: Path) -> None:
    write(tmp_path, THREE)
    said = inspected(tmp_path, "orders.csv", "refunds.csv", "customers.csv")
    refunds = mapping(said, 1)
    assert refunds["columns"]["order"] == "order_id"
    assert refunds["columns"]["event_id"] == "'refunds-' || id"  # orders have the ids 1 and 2 too
    assert said["data"][0]["columns"]["member_id"] == "id"
    # 10 + 20 + 30, less 20 and 5 of the very orders.
    summary = replayed(tmp_path)
    points = summary["wallets"]["points"]
    assert (summary["rejected"], points["issued"], points["reversed"]) == (0, 60, 25)


def test_a_folder_gives_all_its_files(tmp_path: Path) -> None:
    write(tmp_path, {f"export/{name}": text for name, text in THREE.items()})
    said = inspected(tmp_path, "export")
    assert {one["file"]: one["what"] for one in said["files"]} == {
        "export/customers.csv": "members", "export/orders.csv": "events",
        "export/refunds.csv": "events",
    }  # fmt: skip
    assert mapping(said)["file"] == "export/orders.csv"


def test_members_that_cover_few_events_are_kept_as_a_comment(tmp_path: Path) -> None:
    people = "customer_id,city\n7,Paris\n"
    write(tmp_path, {"orders.csv": THREE["orders.csv"], "customers.csv": people})
    said = inspected(tmp_path, "orders.csv", "customers.csv")
    assert [one["used"] for one in said["data"]] == [False, True]
    assert any("1 of 3 rows of orders.csv are of nobody" in o["said"] for o in said["unsure"])
    assert "  # members:" in (tmp_path / "rules/data.yaml").read_text()
    assert replayed(tmp_path)["events"] == 3


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


def missing(folder: Path, text: str) -> Done:
    """A file of which nothing can be made."""
    done = perkbook("inspect", "file.csv", folder=write(folder, {"file.csv": text}))
    assert done.returncode == 1
    assert not (folder / "rules").exists()
    assert "Nothing was written." in done.stderr
    return done


def test_what_is_missing_is_said_and_nothing_is_written(tmp_path: Path) -> None:
    done = missing(tmp_path / "a", "date,amount\n2026-01-01,5\n2026-01-02,7.5\n")
    assert "no column says whose a row is" in done.stderr
    done = missing(tmp_path / "b", "customer,amount\na,5\na,7.5\n")
    assert "no column says when it happened" in done.stderr
    done = missing(tmp_path / "c", "1,2026-01-01,5\n2,2026-01-02,6\n")
    assert "its first line holds values" in done.stderr
    done = missing(tmp_path / "d", "customer,date,amount\n")
    assert "it has no rows" in done.stderr
    done = missing(tmp_path / "e", THREE["customers.csv"])
    assert "it holds members; name a file of events beside it" in done.stderr
    done = missing(tmp_path / "f", "customer,date,row\na,2026-01-01,5\na,2026-01-02,5\n")
    assert "rows cannot be numbered" in done.stderr


def test_nothing_is_ever_overwritten(tmp_path: Path) -> None:
    write(tmp_path, {"orders.csv": ORDERS, "rules/mine.yml": "program: {}\n"})
    done = perkbook("inspect", "orders.csv", folder=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("rules: Rules stand here already (mine.yml)")
    assert [p.name for p in (tmp_path / "rules").iterdir()] == ["mine.yml"]
    done = perkbook("inspect", "orders.csv", "--out", "orders.csv/rules", folder=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("orders.csv: There is a file of this name")


def test_rules_elsewhere_name_the_file_from_there(tmp_path: Path) -> None:
    write(tmp_path, {"in/orders.csv": ORDERS})
    done = perkbook("inspect", "in/orders.csv", "--out", "my shop/rules", folder=tmp_path)
    assert done.returncode == 0
    assert "file: ../in/orders.csv" in (tmp_path / "my shop/rules/data.yaml").read_text()
    assert 'perkbook replay "my shop/rules" --out "my shop/out"' in done.stdout
    assert perkbook(
        "replay", "my shop/rules", "--out", "my shop/out", folder=tmp_path
    ).returncode == 0  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.csv", b"", "The file is empty."),
        ("a.parquet", b"PAR1 but not really", "This is not a Parquet file"),
        ("a.doc", b"x", "This kind of file cannot be read."),
        ("a.csv", b"member,date,date\na,2026-01-01,2026-01-01\n", "`date` stands there twice"),
    ],
)
def test_a_file_that_cannot_be_read_is_told(
    name: str, content: bytes, said: str, tmp_path: Path
) -> None:
    done = perkbook("inspect", name, folder=write(tmp_path, {name: content}))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(name)
    assert said in done.stderr
    assert not (tmp_path / "rules").exists()


def test_no_file_is_wrong_usage(tmp_path: Path) -> None:
    assert perkbook("inspect", folder=tmp_path).returncode == 2


def test_columns_with_any_name_are_mapped(tmp_path: Path) -> None:
    names = [
        'a"b', "c d #x", ": y", "- z", "o'clock", "select", "order", "points", "orders", "spend",
        "tier", "at", "today", "from", "not", "row", "{x}", "a: b", "9 lives", "积 分", "\u2028sep",
        "%", "null", "yes", "true", "*", "&a", "!t",
    ]  # fmt: skip
    head = ",".join('"' + name.replace('"', '""') + '"' for name in names)
    rows = "".join(f"m{n % 2},{n},2026-01-0{n},5.50{',v' * len(names)}\n" for n in range(1, 4))
    said = guessed(tmp_path, f"member,order id,date,amount,{head}\n{rows}")
    assert said["events"] == {"order": 3}
    assert replayed(tmp_path)["rejected"] == 0


def test_values_with_any_text_are_mapped(tmp_path: Path) -> None:
    kinds = ['it\'s a "sale"', "购 买: #1", "join", "9"]
    lines = [f'a,"{kind.replace(chr(34), chr(34) * 2)}",2026-01-0{n},5.50\n'
             for n, kind in enumerate(kinds * 2, 1)]  # fmt: skip
    said = guessed(tmp_path, "member,event,date,amount\n" + "".join(lines))
    assert sum(said["events"].values()) == 8
    assert Decimal(sum(map(Decimal, said["amounts"].values()))) == Decimal("44.00")
    assert replayed(tmp_path)["rejected"] == 0
