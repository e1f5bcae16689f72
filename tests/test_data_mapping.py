"""A section `data` makes members and events of somebody's own files, whatever their columns."""

from __future__ import annotations

import random
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from pyarrow import parquet

from engine.data import history
from engine.data.columns import History
from engine.data.error import DataError
from tests.data_program import events, program, reasons

INVOICES = """Inv,Cust,When,Qty,Price,Cat
i1,c1,2026-01-01 10:00,2,9.99,a
i1,c1,2026-01-01 10:05,1,0.005,b
i2,c2,2026-01-01 11:00,1,1.50,b
i2,c2,2026-01-01 11:00,-1,1.50,b
i3,,2026-01-01 12:00,1,5.00,b
"""


def mapped(tmp_path: Path, mapping: str, text: str = INVOICES, name: str = "inv.csv") -> History:
    """The history that a mapping of one file gives."""
    (tmp_path / name).write_text(text)
    shop = program(f"data:\n  events:\n    - {{file: {name}, {mapping}}}\n")
    return history.read(shop, None, None, workspace=tmp_path)


def test_rows_are_put_together_and_amounts_are_exact(tmp_path: Path) -> None:
    got = mapped(
        tmp_path,
        "type: order, where: Qty > 0 and Cust is not null, group by: Inv, columns: "
        "{event_id: Inv, member_id: Cust, at: When, amount: sum(Qty * Price), items: sum(Qty)}",
    )
    # 2 x 9.99 + 0.005 = 19.985, half away from zero 19.99.
    assert [(e["id"], e["amount"], e["items"]) for e in events(got, program())] == [
        ("i1", 1999, 3),
        ("i2", 150, 1),
    ]
    assert got.events.row.tolist() == [1, 3]
    assert got.left_out == {"inv.csv": 2}


def test_a_bare_column_is_the_smallest_value_of_its_group_and_groups_with_several_are_counted(
    tmp_path: Path,
) -> None:
    got = mapped(
        tmp_path,
        "type: order, group by: Inv, columns: {event_id: Inv, member_id: Cust, at: When,"
        " amount: max(Price), category: upper(Cat)}",
    )
    assert [(e["at"], e["category"]) for e in events(got, program())] == [
        ("2026-01-01T02:00:00+00:00", "A"),
        ("2026-01-01T03:00:00+00:00", "B"),
    ]
    assert got.mixed == {"inv.csv": {"Cat": 1, "When": 1}}
    assert reasons(got) == [(5, "member_id", "empty")]


def test_row_is_the_number_and_with_the_file_the_id(tmp_path: Path) -> None:
    got = mapped(
        tmp_path,
        "type: order, columns: {event_id: row, member_id: Cust, at: When, items: row * 10}",
    )
    said = [(e["id"], e["items"]) for e in events(got, program())]
    assert said == [("inv.csv:1", 10), ("inv.csv:2", 20), ("inv.csv:3", 30), ("inv.csv:4", 40)]


def test_the_type_may_be_an_expression(tmp_path: Path) -> None:
    got = mapped(
        tmp_path,
        "type: \"case when Qty > 0 then 'order' else 'refund' end\", columns: {event_id: row,"
        " member_id: Cust, at: When, amount: abs(Qty) * Price, order: Inv}",
    )
    assert [e["type"] for e in events(got, program())] == ["order", "order", "order", "refund"]
    assert events(got, program())[3]["order"] == "i2"


def test_naive_times_may_be_of_another_zone(tmp_path: Path) -> None:
    got = mapped(
        tmp_path,
        "type: login, zone: UTC, columns: {event_id: row, member_id: Cust, at: When}",
    )
    assert events(got, program())[0]["at"] == "2026-01-01T10:00:00+00:00"


def test_a_result_with_more_places_than_the_currency_is_rounded(tmp_path: Path) -> None:
    text = "a,b\n1,2.675\n2,-0.005\n3,1.0049\n4,ten\n"
    got = mapped(
        tmp_path,
        "type: order, columns: {event_id: a, member_id: a, at: \"'2026-01-01'\", amount: b}",
        text,
    )
    assert [e["amount"] for e in events(got, program())] == [268, -1, 100]
    assert reasons(got) == [(4, "amount", "not a number, written like -1234.56")]


def test_columns_may_have_any_name(tmp_path: Path) -> None:
    text = '会员 号,order,"a ""b"""\nm1,2026-01-01,x\n'
    got = mapped(
        tmp_path,
        "type: order, columns: {event_id: row, member_id: 会员 号, at: order, category: 'a \"b\"'}",
        text,
    )
    assert events(got, program())[0]["category"] == "x"


def test_members_are_mapped_too(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("No,Town,Code\n007,上海,x\n008,,y\n")
    (tmp_path / "inv.csv").write_text("Who\n007\n9\n")
    shop = program("""
data:
  members: {file: people.csv, where: Code <> 'z', columns: {member_id: No, city: lower(Town)}}
  events:
    - {file: inv.csv, type: login, columns: {event_id: row, member_id: Who, at: "'2026-01-01'"}}
""")
    got = history.read(shop, None, None, workspace=tmp_path)
    assert got.members.ids.to_pylist() == ["007", "008"]
    assert reasons(got) == [(2, "member_id", "unknown member")]


def test_rows_for_which_an_expression_fails_are_set_aside(tmp_path: Path) -> None:
    text = "a,b\n1,5\n2,x\n3,7\n"
    got = mapped(
        tmp_path,
        "type: order, where: cast(b as integer) > 5 or a = 1, columns: {event_id: a, member_id: a,"
        " at: \"'2026-01-01'\", items: cast(b as integer)}",
        text,
    )
    said = "the mapping cannot be worked out for it"
    assert [e["items"] for e in events(got, program())] == [5, 7]
    assert reasons(got) == [(2, "where", said)]
    got = mapped(
        tmp_path,
        "type: order, columns: {event_id: a, member_id: a, at: \"'2026-01-01'\","
        " items: cast(b as integer)}",
        text,
    )
    assert reasons(got) == [(2, "items", said)]


def test_rows_that_one_of_two_mappings_takes_are_not_left_out(tmp_path: Path) -> None:
    (tmp_path / "inv.csv").write_text(INVOICES)
    shop = program("""
data:
  events:
    - {file: inv.csv, type: order, where: Qty > 0,
       columns: {event_id: row, member_id: Cust, at: When}}
    - {file: inv.csv, type: refund, where: Qty < 0 and Cat = 'b',
       columns: {event_id: row, member_id: Cust, at: When, order: Inv}}
""")
    got = history.read(shop, None, None, workspace=tmp_path)
    assert got.left_out == {}
    assert [e["type"] for e in events(got, shop)] == ["order", "order", "order", "refund"]


def test_sums_do_not_depend_on_the_order_of_rows(tmp_path: Path) -> None:
    chance = random.Random(3)
    rows = [(f"i{n % 50}", chance.random() * 10 ** chance.randint(-8, 8)) for n in range(5000)]
    found = []
    for _ in range(3):
        chance.shuffle(rows)
        table = pa.table({"i": [r[0] for r in rows], "v": [r[1] for r in rows]})
        parquet.write_table(table, tmp_path / "inv.parquet")
        shop = program("""
data:
  events:
    - {file: inv.parquet, type: order, group by: i,
       columns: {event_id: i, member_id: i, at: "'2026-01-01'", weight: sum(v / 3)}}
""")
        got = history.read(shop, None, None, workspace=tmp_path)
        found.append([e["weight"] for e in events(got, shop)])
    assert found[0] == found[1] == found[2]


def test_json_lines_are_mapped(tmp_path: Path) -> None:
    text = '{"id":1,"n":2,"p":9.99,"t":"2026-01-01T00:00:00Z"}\n{"id":2,"n":3,"p":0.335}\nbad\n'
    got = mapped(
        tmp_path,
        "type: order, columns: {event_id: id, member_id: id, at: \"coalesce(t, '2026-01-02"
        " 00:00:00Z')\", amount: n * p}",
        text,
        "inv.jsonl",
    )
    # 3 x 0.335 = 1.005, half away from zero 1.01.
    assert [e["amount"] for e in events(got, program())] == [1998, 101]
    assert reasons(got) == [(3, "", "it is not an object in JSON")]


def test_a_folder_of_files_is_mapped_file_by_file(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name in ("b", "a"):
        (tmp_path / "in" / f"{name}.csv").write_text("x\n1\n")
    shop = program("""
data:
  events:
    - {file: in, type: login, columns: {event_id: row, member_id: x, at: "'2026-01-01'"}}
""")
    got = history.read(shop, None, None, workspace=tmp_path)
    assert got.events.ids.to_pylist() == ["in/a.csv:1", "in/b.csv:1"]


WRONG = {
    "amount: sum(Prize)": "The file has no column `Prize`. Did you mean `Price`?",
    "amount: sum(Qty": "This cannot be read as an expression near `Qty`.",
    "amount: summ(Qty)": "There is no function `summ`. Did you mean `sum`?",
    "amount: 'Qty, Price'": "Several expressions stand here. Expected one.",
    "amount: sum(Cat * 2)": "The values do not fit together.",
    "amount: sum(cast(Cat as integer))": "A value cannot be converted.",
}


@pytest.mark.parametrize("written", WRONG)
def test_a_wrong_mapping_is_told_at_its_place(tmp_path: Path, written: str) -> None:
    (tmp_path / "inv.csv").write_text(INVOICES)
    shop = program(f"""
data:
  events:
    - file: inv.csv
      type: order
      group by: Inv
      columns:
        event_id: Inv
        member_id: Cust
        at: When
        {written}
""")
    with pytest.raises(DataError) as caught:
        history.read(shop, None, None, workspace=tmp_path)
    lines = shop.texts["shop.yaml"].splitlines()
    line = lines.index(f"        {written}") + 1
    assert str(caught.value).startswith(f"rules/shop.yaml:{line}:17: {WRONG[written]}")


def test_an_aggregate_needs_groups(tmp_path: Path) -> None:
    columns = "columns: {event_id: Inv, member_id: Cust, at: When, amount: sum(Price)}"
    with pytest.raises(DataError, match="An aggregate stands here without `group by`"):
        mapped(tmp_path, f"type: order, {columns}")
    with pytest.raises(DataError, match="`where` looks at rows, so it may not hold an aggregate"):
        mapped(tmp_path, f"type: order, where: sum(Qty) > 1, group by: Inv, {columns}")


@pytest.mark.parametrize("key", ["sum(Qty)", "1", "'x'"])
def test_groups_are_made_by_columns(tmp_path: Path, key: str) -> None:
    columns = "columns: {event_id: Inv, member_id: Cust, at: When}"
    with pytest.raises(DataError, match="`group by` needs columns of the file"):
        mapped(tmp_path, f'type: order, group by: "{key}", {columns}')


def test_a_file_that_is_not_there_is_told_in_the_rules() -> None:
    shop = program("""
data:
  events:
    - {file: nowhere.csv, type: login, columns: {event_id: row, member_id: x, at: y}}
""")
    with pytest.raises(DataError, match=r"rules/shop\.yaml:14:14: There is no file `nowhere\.csv`"):
        history.read(shop, None, None, workspace=Path("/"))


def test_a_mapping_agrees_with_duckdb(tmp_path: Path) -> None:
    chance = random.Random(5)
    lines = ["Inv,Cust,Qty,Price"]
    for _ in range(3000):
        price = f"{chance.randint(0, 99999) / 100:.2f}"
        lines.append(f"i{chance.randint(1, 400)},c1,{chance.randint(1, 9)},{price}")
    got = mapped(
        tmp_path,
        "type: order, where: Qty % 2 = 1 and Price < 900, group by: Inv, columns: {event_id: Inv,"
        " member_id: Cust, at: \"'2026-01-01'\", amount: sum(Qty * Price)}",
        "\n".join(lines) + "\n",
    )
    query = f"""
        select Inv, cast(sum(Qty * cast(Price as decimal(18, 2))) * 100 as bigint)
        from read_csv('{tmp_path}/inv.csv') where Qty % 2 = 1 and Price < 900 group by Inv
    """
    expected = dict(duckdb.connect().execute(query).fetchall())
    assert {e["id"]: e["amount"] for e in events(got, program())} == expected
