"""What was refused, as a table: the code and its facts (S27)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from engine.data.columns import History
from engine.language.expression.tree import TODAY, Source
from engine.machine import state as s
from engine.machine import values
from engine.machine.compiled import Compiled
from engine.machine.ledger import INSTANT, TEXT
from engine.machine.parts import Part, Reader
from engine.machine.redeem import NO_GRANT
from engine.machine.run import Ran
from engine.machine.timeline import Timeline


def table(
    compiled: Compiled, history: History, timeline: Timeline, ran: Ran, ids: pa.Array
) -> pa.Table:
    """Refusals in the order of their events; `facts` is JSON, amounts in the wallet's unit."""
    order = np.argsort(ran.refusals["event"], kind="stable")
    member, event, rule, code, missing = (
        ran.refusals[name][order].astype(np.int64)
        for name in ("member", "event", "rule", "code", "missing")
    )
    facts = _numbers(code, missing)
    others = np.flatnonzero(facts.is_null())
    told = _Told(compiled, history, ran, order)
    texts = [told.facts(*it) for it in zip(
        others.tolist(), rule[others].tolist(), code[others].tolist(), missing[others].tolist(),
        strict=True,
    )]  # fmt: skip
    rules = pa.array([it.id for it in compiled.rules], TEXT)
    return pa.table({
        "at": pa.array(timeline.feed.at[event]).cast(INSTANT),
        "member_id": ids.take(pa.array(member)),
        "event_id": timeline.ids.take(pa.array(event)),
        "rule": rules.take(pa.array(rule, mask=rule < 0)),
        "code": pa.array(s.CODES, TEXT).take(pa.array(code)),
        "facts": pc.replace_with_mask(facts, facts.is_null(), pa.array(texts, TEXT)),
    })  # fmt: skip


def _numbers(code: NDArray[np.int64], missing: NDArray[np.int64]) -> pa.Array:
    """The facts of refusals that have one number alone; null for others."""
    number = pa.array(missing).cast(TEXT)
    found = pa.nulls(len(code), TEXT)
    for own, name in ((s.NO_BALANCE, "missing"), (s.LIMIT_REACHED, "over")):
        start, stop, none = (pa.scalar(it, TEXT) for it in (f'{{"{name}": ', "}", ""))
        here = pa.array(code == own)
        found = pc.if_else(here, pc.binary_join_element_wise(start, number, stop, none), found)
    return found


class _Told:
    """Tells the facts of refusals; what several have in common is worked out once."""

    def __init__(
        self, compiled: Compiled, history: History, ran: Ran, order: NDArray[np.int64]
    ) -> None:  # fmt: skip
        self.compiled = compiled
        self.reader = Reader(compiled, history.texts)
        self.ran = ran
        self.order = order
        self.known: dict[tuple[int, bytes, bytes], str] = {}
        self.read: dict[int, NDArray[np.int64]] = {}

    def facts(self, place: int, number: int, code: int, missing: int) -> str:
        """What belongs to a refusal's code, of the rule of that number, as JSON."""
        rule = self.compiled.rules[number] if number >= 0 else None
        if code == s.NOT_ELIGIBLE and missing == NO_GRANT:
            return _json({"open_grants": 0})
        if code == s.NOT_IN_WINDOW and rule is not None:
            return _json({"from": _day(rule.start), "until": _day(rule.end)})
        if code != s.NOT_ELIGIBLE or rule is None or rule.condition is None:
            return _json({})
        n, slots = self.order[place], self._slots(number, rule.condition)
        env, null = self.ran.snapshots[n], self.ran.snapshots_null[n]
        gone = null[slots]
        key = (number, np.where(gone, 0, env[slots]).tobytes(), gone.tobytes())
        if key not in self.known:
            self.known[key] = _json(_failed(self.reader.parts(rule.condition, env, null)))
        return self.known[key]

    def _slots(self, number: int, condition: Source) -> NDArray[np.int64]:
        """Where the names that a rule's condition reads stand in the environment."""
        if number not in self.read:
            layout = self.reader.layout
            names = {TODAY, *condition.tree.names()} & layout.slots.keys()
            bottoms = [layout.bottoms[name] for name in names if name in layout.bottoms]
            self.read[number] = np.array(
                sorted([*(layout.slots[name] for name in names), *bottoms])
            )
        return self.read[number]


def _failed(parts: Sequence[Part]) -> dict[str, object]:
    """The parts of a condition that did not hold, and what they saw."""
    failed = [part for part in parts if part.held is not True]
    if not failed:
        return {}
    saw = {name: _plain(value) for part in failed for name, value in part.saw}
    return {"failed": [part.text for part in failed], **saw}


def _json(facts: dict[str, object]) -> str:
    return json.dumps(facts, ensure_ascii=False)


def _day(day: object) -> str | None:
    return None if day is None else str(day)


def _plain(value: values.Said) -> object:
    """A value as JSON has it."""
    if isinstance(value, Fraction):
        return int(value) if value.denominator == 1 else values.decimal_text(value)
    return value if value is None or isinstance(value, bool) else values.shown(value)
