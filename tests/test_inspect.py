"""`perkbook inspect`: a stranger's files become rules that run, and what is unsure is told."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from engine.reports import width
from tests.inspected import (
    CHINESE,
    CHINESE_MEMBERS,
    ORDERS,
    THREE,
    guessed,
    inspected,
    mapping,
    replayed,
)
from tests.shell import Done, perkbook, write


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


def test_files_in_our_own_words_keep_what_built_in_events_say(tmp_path: Path) -> None:
    said = guessed(
        tmp_path,
        "event_id,member_id,type,at,amount,referrer,city\n"
        "j1,m1,join,2026-01-01 10:00,,m2,\n"
        "o1,m1,order,2026-01-02 10:00,5.00,,\n"
        "o2,m2,order,2026-01-03 10:00,7.00,,\n"
        "p1,m1,profile,2026-01-04 10:00,,,Paris\n",
    )
    columns = mapping(said)["columns"]
    assert columns["referrer"] == "referrer"
    assert "city" not in columns  # no event of one's own and no attribute is called so
    assert said["events"] == {"order": 2, "join": 1, "profile": 1}
