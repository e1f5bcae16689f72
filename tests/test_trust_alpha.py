"""Who trusts whom on a market of bitcoins, read as invitations: a forest, and what two levels earn.

By time a member joins when he first appears; whoever rates him well invites him. What must come of
it is worked out here by walking up from every referrer, and by recursive SQL.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from engine.language import rules
from engine.machine import replay
from tests.real_data import place

PROGRAM = """
program: {name: Market, timezone: UTC, money: USD}
events: {rate: {score: whole}}
wallets: {points: {}}
referral:
  levels: 2
  rated: {when: rate, if: score > 0, give referrer: {points: 10}, give second referrer: {points: 3}}
"""
Edge = tuple[str, str, str, int]  # id, who is invited, by whom, when


@pytest.fixture(scope="module")
def edges() -> Path:
    return place("trust_alpha/edges.csv")


@pytest.fixture(scope="module")
def base(edges: Path) -> duckdb.DuckDBPyConnection:
    """The ratings in order, with the instants in microseconds."""
    base = duckdb.connect()
    base.execute(
        'create table rating as select row_number() over (order by time, rowid) as n, "from" as a,'
        ' "to" as b, feature as score, time::bigint * 1000000 as ts from'
        f" (select *, row_number() over () as rowid from read_csv('{edges}'))"
    )
    return base


@pytest.fixture(scope="module")
def made(base: duckdb.DuckDBPyConnection) -> replay.Outcome:
    members = base.sql(
        "select id::varchar as member_id, make_timestamp(min(ts)) as joined_at from"
        " (select a as id, ts from rating union all select b, ts from rating) group by id"
    ).to_arrow_table()
    invited = base.sql(
        "select printf('j%06d', n) as event_id, b::varchar as member_id, 'join' as type,"
        ' make_timestamp(ts) as "at", a::varchar as referrer, null::bigint as score'
        " from rating where score > 0 union all"
        " select printf('r%06d', n), a::varchar, 'rate', make_timestamp(ts), null, score"
        " from rating"
    ).to_arrow_table()
    reading = rules.read_texts({"rules.yaml": PROGRAM})
    assert reading.program is not None
    return replay.run(reading.program, members, invited)


def invitations(base: duckdb.DuckDBPyConnection) -> list[Edge]:
    """Every good rating, in order of time."""
    return base.execute(
        "select printf('j%06d', n), b::varchar, a::varchar, ts from rating where score > 0"
        " order by n"
    ).fetchall()


def forest(said: list[Edge]) -> tuple[dict[str, tuple[str, int]], list[tuple[str, str, str]]]:
    """Who was brought by whom and when, and the others with their reasons; each walks up."""
    above: dict[str, tuple[str, int]] = {}
    refused = []
    for _, member, referrer, at in said:
        up, step = {referrer}, referrer
        while step in above:
            step = above[step][0]
            up.add(step)
        if referrer == member:
            refused.append((member, referrer, "self_referral"))
        elif member in above:
            if above[member][0] != referrer:
                refused.append((member, referrer, "second_referrer"))
        elif member in up:
            refused.append((member, referrer, "cycle"))
        else:
            above[member] = referrer, at
    return above, refused


def test_the_forest_is_accepted_and_every_other_edge_refused_with_its_reason(
    base: duckdb.DuckDBPyConnection, made: replay.Outcome
) -> None:
    assert made.referrals is not None
    above, refused = forest(invitations(base))
    told = made.referrals.select(["member_id", "referrer_id", "refused"]).to_pylist()
    accepted = {row["member_id"]: row["referrer_id"] for row in told if row["refused"] is None}
    assert accepted == {member: referrer for member, (referrer, _) in above.items()}
    others = [tuple(row.values()) for row in told if row["refused"] is not None]
    assert others == refused
    kinds = Counter(code for _, _, code in refused)
    assert kinds["cycle"] > 0
    assert kinds["second_referrer"] > 10_000
    assert made.summary["rejected"] + len(told) == len(invitations(base))


def test_nobody_stands_above_himself(made: replay.Outcome) -> None:
    base = duckdb.connect()
    base.register("referrals", made.referrals)
    deepest = base.execute(
        "with recursive up as (select member_id as m, referrer_id as r, 1 as depth from referrals"
        " where refused is null union all select up.m, t.referrer_id, up.depth + 1 from up join"
        " referrals t on t.member_id = up.r and t.refused is null)"
        " select m, max(depth) as deep, bool_or(m = r) from up group by m"
    ).fetchall()
    assert made.referrals is not None
    told = made.referrals.select(["member_id", "depth"]).to_pylist()
    assert {row["member_id"]: row["depth"] for row in told if row["depth"]} == {
        member: deep for member, deep, _ in deepest
    }
    assert not any(circle for _, _, circle in deepest)


def test_two_levels_earn_what_recursive_sql_says(
    base: duckdb.DuckDBPyConnection, made: replay.Outcome
) -> None:
    above, _ = forest(invitations(base))
    base.register("brought", pa.table({
        "member": list(above), "referrer": [r for r, _ in above.values()],
        "since": [at for _, at in above.values()],
    }))  # fmt: skip
    earned = base.execute(
        "with recursive up as (select n, ts, a::varchar as who, 0 as level from rating"
        " where score > 0 union all select up.n, up.ts, brought.referrer, up.level + 1 from up"
        " join brought on brought.member = up.who and brought.since <= up.ts where up.level < 2)"
        " select who, sum(case level when 1 then 10 when 2 then 3 end)::bigint from up"
        " where level > 0 group by who"
    ).fetchall()
    points = dict(
        zip(*made.members.select(["member_id", "points"]).to_pydict().values(), strict=True)
    )
    assert {member: n for member, n in points.items() if n} == dict(earned)
    assert sum(points.values()) > 100_000
