"""What was refused, as a table: the code and its facts (S27)."""

from __future__ import annotations

import json
from fractions import Fraction

import pyarrow as pa

from engine.data.columns import History
from engine.machine import state as s
from engine.machine import values
from engine.machine.compiled import Compiled
from engine.machine.ledger import INSTANT, TEXT
from engine.machine.parts import Reader
from engine.machine.redeem import NO_GRANT
from engine.machine.run import Ran
from engine.machine.timeline import Timeline


def table(
    compiled: Compiled, history: History, timeline: Timeline, ran: Ran, ids: pa.Array
) -> pa.Table:
    """Refusals in the order of their events; `facts` is JSON, amounts in the wallet's unit."""
    order = sorted(range(len(ran.refusals)), key=lambda n: (int(ran.refusals[n]["event"]), n))
    found = ran.refusals[order]
    reader = Reader(compiled, history.texts)
    told = [_facts(compiled, timeline, ran, reader, n) for n in order]
    rules = pa.array([it.id for it in compiled.rules], TEXT)
    return pa.table({
        "at": pa.array(timeline.feed.at[found["event"]]).cast(INSTANT),
        "member_id": ids.take(pa.array(found["member"].copy())),
        "event_id": timeline.ids.take(pa.array(found["event"].copy())),
        "rule": rules.take(pa.array(found["rule"].copy(), mask=found["rule"] < 0)),
        "code": pa.array([s.CODES[code] for code in found["code"]], TEXT),
        "facts": pa.array([json.dumps(it, ensure_ascii=False) for it in told], TEXT),
    })  # fmt: skip


def _facts(
    compiled: Compiled, timeline: Timeline, ran: Ran, reader: Reader, n: int
) -> dict[str, object]:
    """What belongs to a refusal's code."""
    one = ran.refusals[n]
    rule = compiled.rules[one["rule"]] if one["rule"] >= 0 else None
    match int(one["code"]):
        case s.NO_BALANCE:
            return {"missing": int(one["missing"])}
        case s.LIMIT_REACHED:
            return {"over": int(one["missing"])}
        case s.NOT_IN_WINDOW if rule is not None:
            return {"from": _day(rule.start), "until": _day(rule.end)}
        case s.NOT_ELIGIBLE if int(one["missing"]) == NO_GRANT:
            return {"open_grants": 0}
        case s.NOT_ELIGIBLE if rule is not None and rule.condition is not None:
            parts = reader.parts(rule.condition, ran.snapshots[n], ran.snapshots_null[n])
            failed = [part for part in parts if part.held is not True]
            if failed:
                saw = {name: _plain(value) for part in failed for name, value in part.saw}
                return {"failed": [part.text for part in failed], **saw}
    return {}


def _day(day: object) -> str | None:
    return None if day is None else str(day)


def _plain(value: values.Said) -> object:
    """A value as JSON has it."""
    if isinstance(value, Fraction):
        return int(value) if value.denominator == 1 else values.decimal_text(value)
    return value if value is None or isinstance(value, bool) else values.shown(value)
