"""What was refused, as a table: the code and its facts (S27)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from fractions import Fraction

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from engine.data.columns import TEXTS_MARK, History, Texts
from engine.language.expression.tree import TODAY, Source, Type
from engine.language.program import Duration, Rule
from engine.machine import reasons, values
from engine.machine import state as s
from engine.machine.compiled import Compiled
from engine.machine.ledger import INSTANT, TEXT
from engine.machine.parts import Part, Reader
from engine.machine.referred import named
from engine.machine.run import Ran
from engine.machine.timeline import Timeline

NAMES = {  # of the one number that goes with a code
    s.NO_BALANCE: "missing", s.LIMIT_REACHED: "over", s.NO_STOCK: "left", s.NO_BUDGET: "left",
}  # fmt: skip
SENT: dict[int, dict[str, object]] = {  # what stands against a transfer
    reasons.NO_TRANSFER: {"transfer": False},
    reasons.NO_RECEIVER: {"to": "nobody"},
    reasons.ONESELF: {"to": "oneself"},
}
MOST_KNOWN = 10_000  # facts that are kept


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
    told = Told(compiled, history.texts)
    days = timeline.feed.day[event]
    inviting = _inviters(history, timeline, event, code)
    texts = [
        told.facts(
            int(rule[n]), int(code[n]), int(missing[n]), int(days[n]),
            ran.snapshots[order[n]], ran.snapshots_null[order[n]], inviting.get(n),
        )
        for n in others.tolist()
    ]  # fmt: skip
    rules = pa.array([it.id for it in compiled.rules], TEXT)
    rule_ids = rules.take(pa.array(rule, mask=rule < 0))
    unknown = code == s.UNKNOWN_REWARD
    asked = _asked(compiled, history, timeline.source[event[unknown]], missing[unknown])
    return pa.table({
        "at": pa.array(timeline.feed.at[event]).cast(INSTANT),
        "member_id": ids.take(pa.array(member)),
        "event_id": timeline.ids.take(pa.array(event)),
        "rule": pc.replace_with_mask(rule_ids, pa.array(unknown), asked),
        "code": pa.array(s.CODES, TEXT).take(pa.array(code)),
        "facts": pc.replace_with_mask(facts, facts.is_null(), pa.array(texts, TEXT)),
    })  # fmt: skip


def _numbers(code: NDArray[np.int64], missing: NDArray[np.int64]) -> pa.Array:
    """The facts of refusals that have one number alone; null for others."""
    number = pa.array(missing).cast(TEXT)
    found = pa.nulls(len(code), TEXT)
    for own, name in NAMES.items():
        start, stop, none = (pa.scalar(it, TEXT) for it in (f'{{"{name}": ', "}", ""))
        here = pa.array(code == own)
        found = pc.if_else(here, pc.binary_join_element_wise(start, number, stop, none), found)
    return found


def _asked(
    compiled: Compiled, history: History, events: NDArray[np.int64], which: NDArray[np.int64]
) -> pa.Array:
    """What was asked for, as it is written in the event; of several texts which."""
    kinds = list(compiled.program.events)
    with_coupon = compiled.program.coupon_events
    found: list[str | None] = []
    for event, n in zip(events.tolist(), which.tolist(), strict=True):
        kind = kinds[history.events.type[event]]
        name = ("draw" if kind == "draw" else "reward", Type.TEXT)
        if kind in with_coupon:
            name = ("coupon", with_coupon[kind])
        column = history.events.fields.get(name)
        if column is None or column.null[event]:
            found.append(None)
        else:
            found.append(said(history.texts.values[column.values[event]], n))
    return pa.array(found, TEXT)


def said(text: str, n: int) -> str:
    """What stands in a cell with several texts in one place."""
    return [one for one in text.split(TEXTS_MARK) if one][n] if TEXTS_MARK in text else text


def _inviters(
    history: History, timeline: Timeline, event: NDArray[np.int64], code: NDArray[np.int64]
) -> dict[int, str]:
    """Of refused invitations who invites, as the join or the member's row has it."""
    own = np.flatnonzero(code >= s.UNKNOWN_REFERRER)
    if not len(own):
        return {}
    said = named(history, timeline.source[event[own]]).to_pylist()
    rows = history.members.referrer.values[timeline.feed.member[event[own]]]
    listed = history.members.ids.take(pa.array(rows)).to_pylist()
    pairs = zip(own.tolist(), said, listed, strict=True)
    return {n: name if name is not None else row for n, name, row in pairs}


class Told:
    """Tells the facts of refusals; what several have in common is worked out once."""

    def __init__(self, compiled: Compiled, texts: Texts) -> None:
        self.compiled = compiled
        self.rewards = {it.rule.id: it for it in compiled.program.rewards.values()}
        self.reader = Reader(compiled, texts)
        self.known: dict[tuple[int, str, bytes, bytes], str] = {}
        self.read: dict[tuple[int, str], NDArray[np.int64]] = {}

    def facts(
        self, number: int, code: int, missing: int, day: int, env: NDArray[np.int64],
        null: NDArray[np.bool_], inviter: str | None = None,
    ) -> str:  # fmt: skip
        """What belongs to a refusal's code, of the rule of that number, as JSON.

        `env` and `null` are the environment in which a condition failed.
        """
        if code >= s.UNKNOWN_REFERRER:
            shared = [*self.compiled.program.attributes][missing : missing + 1]
            shares = {"shares": shared[0]} if code == s.NOT_UNIQUE else {}
            return _json({"referrer": inviter, **shares})
        if code in NAMES:
            return f'{{"{NAMES[code]}": {missing}}}'
        rule = self.compiled.rules[number] if number >= 0 else None
        if code == s.NOT_ELIGIBLE and missing not in (reasons.CONDITION, reasons.OF_ORDER):
            return _json(self._bar(rule, missing, day))
        if code == s.NOT_IN_WINDOW and missing:  # the last day of a coupon
            return _json({"until": str(values.EPOCH + timedelta(missing))})
        if code == s.NOT_IN_WINDOW and rule is not None:
            return _json({"from": _day(rule.start), "until": _day(rule.end)})
        if code != s.NOT_ELIGIBLE or rule is None:
            return _json({})
        of_order = missing == reasons.OF_ORDER
        condition = self.rewards[rule.id].on if of_order else rule.condition
        if condition is None:
            return _json({})
        slots = self._slots(number, condition)
        gone = null[slots]
        key = (number, condition.text, np.where(gone, 0, env[slots]).tobytes(), gone.tobytes())
        if key not in self.known:
            if len(self.known) == MOST_KNOWN:
                self.known.clear()
            self.known[key] = _json(_failed(self.reader.parts(condition, env, null)))
        return self.known[key]

    def _bar(self, rule: Rule | None, why: int, local_day: int) -> dict[str, object]:
        """What else than its condition stands against a redemption on a day."""
        if why in SENT:
            return SENT[why]
        if why == reasons.NO_GRANT or rule is None:
            return {"open_grants": 0}
        if why > 0:
            return {"failed": ["min spend"], "missing": why}
        if why <= reasons.BESIDE:
            return {"not_beside": list(self.compiled.program.rewards)[reasons.BESIDE - why]}
        if why == reasons.TOO_LATE:
            return {"within": _length(rule.within)}
        if why == reasons.NO_COST:
            return {"cost": None}
        it, day = self.rewards[rule.id], values.EPOCH + timedelta(local_day)
        if why == reasons.TOO_FEW_POINTS:
            least = it.at_least.on(day) if it.at_least else None
            return {"at_least": _plain(least or Fraction(0))}
        most = it.at_most.on(day) if it.at_most else None
        return {"at_most": f"{values.decimal_text((most or Fraction(0)) * 100)}% of amount"}

    def _slots(self, number: int, condition: Source) -> NDArray[np.int64]:
        """Where the names that a rule's condition reads stand in the environment."""
        own = number, condition.text
        if own not in self.read:
            layout = self.reader.layout
            names = {TODAY, *condition.tree.names()} & layout.slots.keys()
            bottoms = [layout.bottoms[name] for name in names if name in layout.bottoms]
            self.read[own] = np.array(sorted([*(layout.slots[name] for name in names), *bottoms]))
        return self.read[own]


def _failed(parts: Sequence[Part]) -> dict[str, object]:
    """The parts of a condition that did not hold, and what they saw."""
    failed = [part for part in parts if part.held is not True]
    if not failed:
        return {}
    saw = {name: _plain(value) for part in failed for name, value in part.saw}
    return {"failed": [part.text for part in failed], **saw}


def _json(facts: dict[str, object]) -> str:
    return json.dumps(facts, ensure_ascii=False)


def _length(it: Duration | None) -> str:
    return "" if it is None else f"{it.count} {it.unit}{'' if it.count == 1 else 's'}"


def _day(day: object) -> str | None:
    return None if day is None else str(day)


def _plain(value: values.Said) -> object:
    """A value as JSON has it."""
    if isinstance(value, Fraction):
        return int(value) if value.denominator == 1 else values.decimal_text(value)
    return value if value is None or isinstance(value, bool) else values.shown(value)
