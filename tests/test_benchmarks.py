"""The benchmarks at a hundredth of their size: every stage runs, and every result is equal."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmarks import measure, ours, programs, rows, run, workload

SCALE = 0.01


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("benchmarks")


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    for place in ("one", "other"):
        workload.make(tmp_path / place, members=50, events=2_000, seed=7)
    for name in ("members.parquet", "events.parquet"):
        one, other = (tmp_path / p / "50-2000-7" / name for p in ("one", "other"))
        assert one.read_bytes() == other.read_bytes()
    assert workload.event_table(50, 2_000, 8) != workload.event_table(50, 2_000, 7)


def test_the_events_have_seven_columns_and_ids_of_ten_characters() -> None:
    table = workload.event_table(1_000, 20_000, 1)
    assert len(table.column_names) == 7
    for name in ("event_id", "member_id", "order"):
        lengths = {len(text) for text in table[name].to_pylist() if text is not None}
        assert lengths == {10}
    assert len(set(table["event_id"].to_pylist())) == 20_000 - 20  # one in a thousand comes again


def test_a_few_members_act_much_more_than_most() -> None:
    acts = workload.event_table(20_000, 200_000, 1)["member_id"].value_counts().field("counts")
    counts = sorted(acts.to_pylist(), reverse=True)
    assert sum(counts[:2_000]) > 2 * sum(counts[10_000:])


@pytest.mark.parametrize("count", programs.SIZES)
def test_a_program_has_as_many_rules_as_it_says(count: int) -> None:
    assert len(ours.program(count).rules) == count


def test_two_ledgers_that_differ_in_one_amount_are_not_equal() -> None:
    one = {name: pa.array(["a", "b"]) for name in rows.COMPARED} | {"amount": pa.array([1, 2])}
    other = one | {"amount": pa.array([1, 3])}
    assert rows.difference(pa.table(one), pa.table(one)) == ""
    assert rows.difference(pa.table(one), pa.table(other)) == "entry 1: `amount` is 2 here, 3 there"


def test_all_engines_that_are_there_give_the_same_ledger(folder: Path) -> None:
    figures = run.run(["in-memory"], scale=SCALE, times=1, folder=folder)
    named = {it.what: it for it in figures}
    for always in ("numba, written by hand", "plain Python, tuned"):
        assert named[always].equal
    for peer in ("zen-engine", "common-expression-language", "rule-engine", "Drools"):
        assert named[peer].equal or named[peer].missing.startswith("missing: ")


def test_the_loop_by_hand_leaves_the_same_ledger_in_its_files(folder: Path) -> None:
    figures = run.run(["end-to-end"], scale=SCALE / 10, times=1, folder=folder)
    assert [it.equal for it in figures if it.what.startswith("by hand")] == [True, True]
    assert {it.stage for it in figures} == {"end to end", "memory"}
    written = pq.read_schema(folder / "out-1000" / "ours" / "ledger.parquet")
    assert "entry_id" in written.names


def test_the_other_stages_run_and_tell_in_json(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "figures.json"
    stages = ("--only", "many-rules", "--only", "one-event", "--only", "warm")
    arguments = [*stages, "--scale", "0.01", "--times", "1"]
    assert run.main([*arguments, "--json", str(file), "--folder", str(folder)]) == 0
    told = json.loads(file.read_text(encoding="utf-8"))
    assert all(it["seconds"] > 0 for it in told)
    assert {it["stage"] for it in told} == {"many rules", "one event", "warm"}


def test_one_member_is_explained_from_files(folder: Path) -> None:
    figures = run.run(["explain"], scale=SCALE / 10, times=1, folder=folder)
    told = {it.what: it for it in figures}
    assert told["the usual member, 10,000 rows of Parquet"].bound == "<= 2 s"
    for what in ("the usual member", "the busiest member"):
        assert told[f"{what}, memory"].value.endswith(" GiB")
    assert told["the usual member, 1,000 rows of CSV"].seconds


def test_a_bound_that_is_not_met_says_so() -> None:
    missed = measure.Figure("s", "w", 1.5, 10, **measure.at_most(1.5, 1, "s"))
    assert "| s | w | 1.5 | 7 | 1.50 s | <= 1 s | NO |  |" in measure.table([missed])
