"""The public face: `docs/python.md` names all of it and nothing else, and takes tables as files."""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

import engine
from engine import explain, replay, rules
from engine.language.problem import Problem
from engine.machine.parts import Part

# Its home is inside; whoever runs a replay finds it where it is raised.
DATA_ERROR: type[Exception] = vars(replay)["DataError"]
MODULES: dict[str, ModuleType] = {"explain": explain, "replay": replay, "rules": rules}
# What the engine's own parts use of one another; everybody else is promised the page alone.
INSIDE = {"Outcome.counts", "Outcome.entries", "explain.explained"}
VALUES = {
    "Reading": rules.Reading, "RulesError": rules.RulesError, "Problem": Problem,
    "Outcome": replay.Outcome, "Written": replay.Written, "Explanation": explain.Explanation,
    "EventStory": explain.EventStory, "RuleStory": explain.RuleStory, "Gift": explain.Gift,
    "Part": Part, "DataError": DATA_ERROR,
}  # fmt: skip


@pytest.fixture(scope="module")
def page(project: Path) -> str:
    """The page on Python."""
    return (project / "docs/python.md").read_text(encoding="utf-8")


def documented(page: str) -> dict[str, str | None]:
    """The names in the tables of the page, with the parameters of those that are called."""
    found = re.findall(r"^\| `((?:rules|replay|explain)\.\w+)(?:\(([^)]*)\))?` \|", page, re.M)
    return dict(found)


def public(module: ModuleType) -> list[str]:
    """The names that a module shows: those it lists, or all that are its own."""
    own = [
        thing for thing, value in vars(module).items()
        if not thing.startswith("_") and getattr(value, "__module__", None) == module.__name__
    ]  # fmt: skip
    return getattr(module, "__all__", own)


def test_the_face_is_three_modules() -> None:
    assert sorted(engine.__all__) == sorted(MODULES)
    assert dir(engine) == engine.__all__
    with pytest.raises(AttributeError, match="nothing"):
        _ = engine.nothing


def test_every_public_name_is_documented_and_every_documented_name_is_there(page: str) -> None:
    own = {f"{name}.{thing}" for name, module in MODULES.items() for thing in public(module)}
    assert own - INSIDE == set(documented(page))
    for name in documented(page):
        module, thing = name.split(".")
        assert hasattr(MODULES[module], thing), name


def test_the_parameters_on_the_page_are_those_of_the_functions(page: str) -> None:
    for name, said in documented(page).items():
        module, thing = name.split(".")
        value = getattr(MODULES[module], thing)
        if not inspect.isfunction(value):
            assert not said, name
            continue
        written = re.findall(r"(?:^|, )(?:\*, )?(\w+)", said or "")
        assert written == list(inspect.signature(value).parameters), name


def test_everything_that_a_value_offers_is_documented(page: str) -> None:
    parts = re.split(r"^### ", page, flags=re.MULTILINE)[1:]
    told = {
        part.splitlines()[0].strip("`"): re.findall(r"^\| `(\w+)(?:\([^)]*\))?` \|", part, re.M)
        for part in parts
    }
    assert set(told) == set(VALUES)
    for name, kind in VALUES.items():
        there = {thing for thing in vars(kind) if not thing.startswith("_")}
        if dataclasses.is_dataclass(kind):
            there |= {field.name for field in dataclasses.fields(kind)}
        if kind is rules.RulesError:
            there = {"problems", "texts"}
        assert {n for n in there if f"{name}.{n}" not in INSIDE} == set(told[name]), name


PROGRAM = """\
program: {name: Shop, timezone: Asia/Shanghai, money: CNY}
events:
  order: {amount: money, category: text, pieces: whole, weight: decimal, gift: flag, due: date}
members: {city: text, birthday: date, likes: texts}
wallets: {points: {expires: 12 months, value: 0.01}}
facts: {spend: {sum: order.amount}, pieces: {sum: order.pieces}, weight: {sum: order.weight}}
earn:
  purchase: {when: order, give: {points: amount}}
  crab: {when: order, if: category = 'crab' and not gift, give: {points: 5}}
  city: {when: order, if: "city = '上海'", give: {points: 7}}
  long: {when: order, if: due > '2026-03-15', give: {points: 11}}
"""
EVENTS = """\
event_id,member_id,type,at,amount,category,pieces,weight,gift,due
1001,17,order,2026-03-01 10:00:00,19.99,crab,2,0.5,false,2026-04-01
1002,17,order,2026-03-02 23:30:00,120.00,,1,,true,
1003,18,order,2026-03-03 00:15:00,7.25,大闸蟹,,1.125,,2026-03-10
1004,19,order,2026-03-04 12:00:00,,crab,3,2.0,true,2026-03-20
"""
MEMBERS = """\
member_id,city,birthday,likes
17,上海,1990-05-01,crab;cake
18,,,
19,Paris,1985-01-31,crab
"""
ZONE = ZoneInfo("Asia/Shanghai")


def read(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows as pandas reads them by itself, times as times."""
    events = pd.read_csv(folder / "events.csv", parse_dates=["at"])
    return pd.read_csv(folder / "members.csv"), events


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The rows as CSV and as Parquet."""
    place = tmp_path_factory.mktemp("rows")
    (place / "members.csv").write_text(MEMBERS, encoding="utf-8")
    (place / "events.csv").write_text(EVENTS, encoding="utf-8")
    members, events = read(place)
    members.to_parquet(place / "members.parquet")
    events.to_parquet(place / "events.parquet")
    return place


@pytest.fixture(scope="module")
def expected(folder: Path) -> dict[str, Any]:
    """What the CSV files come to; the numbers follow from the rules above."""
    found = told(folder / "members.csv", folder / "events.csv")
    # 19 + 5 + 7 + 11; 120 + 7; 7; and 11 of an order without an amount.
    assert {m["member_id"]: m["points"] for m in found["members"]} == {
        "17": 19 + 5 + 7 + 11 + 120 + 7, "18": 7, "19": 11,
    }  # fmt: skip
    assert [m["spend"] for m in found["members"]] == [13999, 725, 0]
    return found


def told(members: Any, events: Any) -> dict[str, Any]:
    """All that a replay says, but for the names of files."""
    reading = rules.read_texts({"shop.yaml": PROGRAM})
    assert reading.program is not None, reading.problems
    outcome = replay.run(reading.program, members, events)
    names = ("ledger", "members", "grants", "refused", "rejected")
    return {name: getattr(outcome, name).to_pylist() for name in names} | {
        "summary": dict(outcome.summary)
    }


def test_parquet_says_what_csv_says(folder: Path, expected: dict[str, Any]) -> None:
    assert told(folder / "members.parquet", folder / "events.parquet") == expected


def texts(kind: Any) -> Callable[[Any], Any]:
    """Every column as text of a kind that pandas has."""

    def as_text(frame: pd.DataFrame) -> pd.DataFrame:
        return pd.read_csv(frame.attrs["file"], dtype=kind)

    return as_text


def with_amounts(kind: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The amounts as another kind of number, nothing where there is none."""

    def changed(frame: pd.DataFrame) -> pd.DataFrame:
        if "amount" not in frame:
            return frame
        cells = [None if pd.isna(value) else kind(value) for value in frame["amount"]]
        return frame.assign(amount=pd.Series(cells, dtype=object, index=frame.index))

    return changed


def at(change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The instants written in another way."""
    return lambda frame: frame.assign(at=change(frame["at"])) if "at" in frame else frame


WAYS: dict[str, Callable[[pd.DataFrame], Any]] = {
    "as pandas reads it": lambda frame: frame,
    "text": texts("str"),
    "string": texts("string"),
    "string of pyarrow": texts("string[pyarrow]"),
    "objects": texts("object"),
    "categories": lambda frame: texts("str")(frame).astype("category"),
    "nullable": lambda frame: frame.convert_dtypes(),
    "nullable of pyarrow": lambda frame: frame.convert_dtypes(dtype_backend="pyarrow"),
    "Decimal": with_amounts(lambda value: Decimal(f"{value:.2f}")),
    "Decimal of four places": with_amounts(lambda value: Decimal(f"{value:.4f}")),
    "seconds": at(lambda column: column.astype("datetime64[s]")),
    "nanoseconds": at(lambda column: column.astype("datetime64[ns]")),
    "with a zone": at(lambda column: column.dt.tz_localize(ZONE)),
    "in UTC": at(lambda column: column.dt.tz_localize(ZONE).dt.tz_convert("UTC")),
    "in New York": at(lambda column: column.dt.tz_localize(ZONE).dt.tz_convert("America/New_York")),
    "datetimes as objects": at(lambda column: column.dt.to_pydatetime().astype(object)
                               if hasattr(column.dt, "to_pydatetime") else column),
    "another index": lambda frame: pd.concat([frame.iloc[:0], frame]).set_index(
        pd.Index(range(100, 100 + len(frame)))
    ),
    "rows backwards": lambda frame: frame.iloc[::-1],
    "Arrow": lambda frame: pa.Table.from_pandas(frame),
    "Arrow of several chunks": lambda frame: pa.concat_tables(
        [pa.Table.from_pandas(frame.iloc[:2]), pa.Table.from_pandas(frame.iloc[2:])],
        promote_options="permissive",
    ),
    "a batch": lambda frame: pa.RecordBatch.from_pandas(frame),
    "a reader": lambda frame: pa.Table.from_pandas(frame).to_reader(max_chunksize=1),
    "dictionaries": lambda frame: pa.table(
        {name: column.dictionary_encode() if pa.types.is_large_string(column.type)
         or pa.types.is_string(column.type) else column
         for name, column in zip(frame.columns, pa.Table.from_pandas(frame).columns, strict=True)}
    ),
    "Parquet's own dates": lambda frame: dated(frame),
}  # fmt: skip


def dated(frame: pd.DataFrame) -> pa.Table:
    """The days as days and the lists as lists."""
    table = pa.Table.from_pandas(frame)
    for name in ("due", "birthday"):
        if name in frame:
            cells = [None if pd.isna(v) else date.fromisoformat(v) for v in frame[name]]
            table = table.set_column(frame.columns.get_loc(name), name, pa.array(cells))
    if "likes" in frame:
        cells = [None if pd.isna(v) else v.split(";") for v in frame["likes"]]
        table = table.set_column(frame.columns.get_loc("likes"), "likes", pa.array(cells))
    return table


@pytest.mark.parametrize("way", WAYS)
def test_tables_say_what_files_say(way: str, folder: Path, expected: dict[str, Any]) -> None:
    tables = []
    for name, frame in zip(("members", "events"), read(folder), strict=True):
        frame.attrs["file"] = str(folder / f"{name}.csv")
        tables.append(WAYS[way](frame))
    assert told(*tables) == expected


def test_explain_takes_tables_too(folder: Path) -> None:
    program = rules.read_texts({"shop.yaml": PROGRAM}).program
    assert program is not None
    members, events = read(folder)
    files = explain.member(program, folder / "members.csv", folder / "events.csv", "17", "1001")
    frames = explain.member(program, members, events, "17", "1001")
    tables = explain.member(program, pa.Table.from_pandas(members), pa.table(events), "17", "1001")
    assert files == frames == tables


def test_tables_and_files_may_be_mixed(folder: Path, expected: dict[str, Any]) -> None:
    _, events = read(folder)
    parquet.write_table(pa.Table.from_pandas(events.iloc[2:]), folder / "later.parquet")
    mixed = [events.iloc[:1], folder / "later.parquet", pa.Table.from_pandas(events.iloc[1:2])]
    assert told(folder / "members.csv", mixed) == expected


def test_a_value_that_is_no_table_is_told(folder: Path) -> None:
    with pytest.raises(DATA_ERROR, match="neither a path nor a table: int"):
        told(None, 7)
    kinds = pd.DataFrame({"event_id": [1, "x"], "member_id": ["a", "b"], "type": "order",
                          "at": [datetime(2026, 1, 1), "tomorrow"]})  # fmt: skip
    with pytest.raises(DATA_ERROR, match="holds values of several kinds"):
        told(None, kinds)
