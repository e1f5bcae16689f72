"""Explains a member's points: each rule of each event, each part of its condition, each entry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from engine.data import one_member
from engine.data.columns import Texts
from engine.data.error import DataError
from engine.data.one_member import Own
from engine.data.source import Given
from engine.language.expression.tree import From
from engine.language.program import Program, Rule
from engine.machine import compile_tasks, folding, judge, run, timeline, values
from engine.machine import compiled as programs
from engine.machine import state as s
from engine.machine.compile_rules import LED
from engine.machine.folding import Folded, Outcome
from engine.machine.parts import Part, Reader
from engine.machine.tables import REWARD_DRAW

WHY = (
    "looks at other events", "outside its window", "its dated value has not begun",
    "nobody is named to receive it", "its time after joining is over", "its condition did not hold",
    "it waits for another friend", "it is not done yet", "it holds once only",
    "its count is used up", "its budget is used up", "its factor is null",
    "another rule of its group goes first", "holds",
)  # fmt: skip
NOBODY = {  # why a side of a referral rule or a chain has no receiver
    "friend": "nobody brought this member", "referrer": "nobody brought this member",
    "second referrer": "nobody brought the referrer", "boss": "there is no boss above",
}  # fmt: skip


HAD = ("redeemed", "drawn")


@dataclass(frozen=True, slots=True)
class Gift:
    """What a rule gives to a wallet: as written, exact before rounding, and the entry's amount.

    A multiplier's `exact` is its factor. Amounts are in units; `wanted` stands where a limit cut.
    """

    wallet: str
    text: str
    exact: Fraction | None
    amount: Fraction | None
    wanted: Fraction | None


@dataclass(frozen=True, slots=True)
class RuleStory:
    """One rule at one event: whether it held or why not, its parts, and what it gave.

    Of a referral rule there is one story of whether it held, and one for each side that it pays.
    `to` is who receives, where that is somebody else than the event's member.
    """

    rule: Rule
    held: bool
    why: str
    parts: tuple[Part, ...]
    gifts: tuple[Gift, ...]
    to: str | None = None


@dataclass(frozen=True, slots=True)
class EventStory:
    """One event: its rules in file order, its rows of the ledger, and what was refused.

    `member` is whose event it is: the explained one's, or that of somebody who gives to him.
    """

    event_id: str
    member: str
    type: str
    at: Any
    rules: tuple[RuleStory, ...]
    entries: tuple[Mapping[str, Any], ...]
    refused: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """A member when the day `until` is over, how he came there, and the entries of his clock."""

    member: str
    until: date | None  # None where nothing has happened
    person: Mapping[str, Any]  # his row of members.parquet
    events: tuple[EventStory, ...]
    timers: tuple[Mapping[str, Any], ...]  # where one event was asked for: of the lots it touched


def member(
    program: Program, members: Given | None, events: Given | None, member: str,
    event: str | None = None, until: date | None = None,
) -> Explanation:  # fmt: skip
    """Why `member` has what he has: all his events, or the one `event`.

    Raises DataError for a member or an event that is not in the history.
    """
    own = one_member.read(program, members, events, member, until)
    return explained(program, own, member, event, until)


def explained(
    program: Program, own: Own, member: str, event: str | None = None, until: date | None = None
) -> Explanation:  # fmt: skip
    """The same of what was read before: at least what decides about the member."""
    if until is None and own.last is not None:
        until = _day(program, own.last)
    folded = folding.fold(program, own.history, until)
    outcome = folding.tell(folded)
    who = pc.index(folded.history.members.ids, member).as_py()
    if who < 0:
        what = f"There is no member {member}."
        raise DataError("members", what, "Expected the id of a member of the history.")
    stops = _stops(folded, who, event, member)
    rows = outcome.ledger.filter(pc.equal(outcome.ledger["member_id"], member)).to_pylist()
    person = outcome.members.filter(pc.equal(outcome.members["member_id"], member)).to_pylist()[0]
    stories = tuple(_stories(folded, outcome, who, stops))
    lots = {row["lot"] for story in stories for row in story.entries}
    return Explanation(
        member=member,
        until=until,
        person=person,
        events=stories,
        timers=tuple(
            row for row in rows
            if row["event_id"] is None and (event is None or row["lot"] in lots)
        ),
    )  # fmt: skip


def _day(program: Program, at: int) -> date:
    """The local day of an instant."""
    days = timeline.days(programs.compile(program, Texts()), np.array([at]))
    return folding.EPOCH + timedelta(int(days[0]))


def _stops(folded: Folded, who: int, event: str | None, member: str) -> NDArray[np.int64]:
    """The feed's events to be told: his own, and those that give to him."""
    feed = folded.timeline.feed
    mine = (feed.member == who) | (feed.receivers == who).any(axis=0) | _of_friends(folded, who)
    if event is None:
        return np.flatnonzero(mine)
    at = pc.index(folded.timeline.ids, event).as_py()
    if at < 0 or not mine[at]:
        what = f"{member} has no event {event}."
        raise DataError("events", what, "Expected the id of one of this member's events.")
    return np.array([at])


def _of_friends(folded: Folded, who: int) -> NDArray[np.bool_]:
    """The events in which a member has part because he brought theirs, or who did."""
    feed, referrer = folded.timeline.feed, folded.ran.state.members["referrer"]
    first = referrer[feed.member]
    second = np.where(first < 0, -1, referrer[first])
    refers = folded.compiled.tables.refers[feed.type] > 0
    return np.asarray(refers & ((first == who) | (second == who)), np.bool_)


def _stories(
    folded: Folded, outcome: Outcome, who: int, stops: NDArray[np.int64]
) -> Iterator[EventStory]:
    compiled, feed = folded.compiled, folded.timeline.feed
    todo = folded.timeline.worked
    if not compiled.crosses_members:
        todo = todo[feed.member[todo] == who]
    reader = Reader(compiled, folded.history.texts)
    types = list(compiled.program.events)
    names = folded.timeline.ids.take(pa.array(stops))
    entries, refused = (_by_event(table, names) for table in (outcome.ledger, outcome.refused))
    for step in run.steps(compiled, folded.history, folded.timeline, todo, stops):
        name = folded.timeline.ids[step.event].as_py()
        kind = types[feed.type[step.event]]
        rules = tuple(_rules(folded, reader, step))
        yield EventStory(
            event_id=name,
            member=folded.history.members.ids[int(feed.member[step.event])].as_py(),
            type=kind,
            at=values.instant(int(feed.at[step.event]), compiled.program.zone),
            rules=rules,
            entries=tuple(entries[name]),
            refused=tuple(refused[name]),
        )


def _by_event(table: pa.Table, names: pa.Array) -> Mapping[str, list[Mapping[str, Any]]]:
    """The rows of some events by their event, in order."""
    found: dict[str, list[Mapping[str, Any]]] = {name: [] for name in names.to_pylist()}
    for row in table.filter(pc.is_in(table["event_id"], value_set=names)).to_pylist():
        found[row["event_id"]].append(row)
    return found


def _rules(folded: Folded, reader: Reader, step: run.Step) -> Iterator[RuleStory]:
    """The rules that look at the event, and the reward or draw that it asks for."""
    tables, kind = folded.compiled.tables, folded.timeline.feed.type[step.event]
    env, null = step.scratch.env, step.scratch.null
    for r in tables.rules_of[tables.rules_at[kind] : tables.rules_at[kind + 1]]:
        rule, verdict = folded.compiled.rules[r], int(step.scratch.verdict[r])
        parts: tuple[Part, ...] = ()
        if rule.sides and verdict == judge.V_CONDITION:
            continue  # its lead says why
        if verdict >= judge.V_CONDITION and rule.condition is not None:
            parts = reader.parts(rule.condition, env, null)
        held = verdict == judge.V_HOLDS
        gifts = tuple(_gifts(folded, reader, step, int(r), rule)) if held else ()
        why = _progress(folded, step, rule) if verdict == judge.V_PROGRESS else WHY[verdict]
        if rule.section in LED and verdict == judge.V_RECEIVER:
            why = NOBODY[rule.sides[0].whose if rule.sides else "friend"]
        yield RuleStory(rule, held, why, parts, gifts, _receiver(folded, step, int(r)))
    reward = int(folded.timeline.feed.reward[step.event])
    if list(folded.compiled.program.events)[kind] in ("redeem", "draw") and reward >= 0:
        rule = folded.compiled.rules[tables.rewards[reward]["rule"]]
        parts = reader.parts(rule.condition, env, null) if rule.condition is not None else ()
        why = _had(folded, step, reward)
        yield RuleStory(rule, why in HAD, why, parts, ())


def _had(folded: Folded, step: run.Step, reward: int) -> str:
    """Whether a reward was redeemed or a draw spun, or the code of what stood against it."""
    record = folded.compiled.tables.rewards[reward]
    own = step.refusals[step.refusals["rule"] == record["rule"]]["code"]
    if record["kind"] == REWARD_DRAW:
        own = own[own != s.NO_STOCK]  # that is said of a prize, after the spin
        return s.CODES[own[0]].replace("_", " ") if len(own) else HAD[1]
    return s.CODES[own[0]].replace("_", " ") if len(own) else HAD[0]


def _progress(folded: Folded, step: run.Step, rule: Rule) -> str:
    """How far a task has come that is not done with the event."""
    assert rule.progress is not None
    tables, why = folded.compiled.tables, WHY[judge.V_PROGRESS]
    task = tables.tasks[folded.compiled.book.positions["progress"][f"{rule.id}_progress"]]
    own = step.state.progress[folded.timeline.feed.member[step.event]]
    parts = own[task["parts_from"] : task["parts_to"]]
    done, goal = int(parts["done"][0]), int(task["goal"])
    if rule.progress.start is not None:
        return f"{why}: it has begun" if parts["runs"][0] >= 0 else "it has not begun"
    if done and not task["repeats"]:
        return "it was done before"
    if rule.progress.needs:
        return f"{why}: {(parts['gathered'] > 0).sum()} of {len(parts)}"
    left = Fraction(int(parts["gathered"][0]) - done * goal, compile_tasks.scale(rule.progress))
    return f"{why}: {values.shown(left)} of {values.shown(rule.progress.goal)}"


def _receiver(folded: Folded, step: run.Step, r: int) -> str | None:
    """Whom a rule pays, where that is somebody else than the event's member."""
    rule, who = folded.compiled.rules[r], int(step.scratch.receiver[r])
    named = (rule.to is not None or rule.sides) and step.scratch.verdict[r] >= judge.V_WITHIN
    if not named or who < 0 or who == folded.timeline.feed.member[step.event]:
        return None
    name: str = folded.history.members.ids[who].as_py()
    return name


def _gifts(
    folded: Folded, reader: Reader, step: run.Step, r: int, rule: Rule
) -> Iterator[Gift]:  # fmt: skip
    record = folded.compiled.tables.rules[r]
    day = values.EPOCH + timedelta(int(folded.timeline.feed.day[step.event]))
    for n, give in enumerate((*rule.gives, *rule.multiplies)):
        g = int(record["gives_from"]) + n
        source = give.amount.on(day)
        assert source is not None  # a rule whose value has not begun does not hold
        exact = reader.number(source.tree, step.scratch.env, step.scratch.null)
        times = int(step.scratch.times[r])
        own = any(name.source is From.START for name in source.tree.names())
        exact = None if exact is None or (own and times > 1) else exact * times
        parts = folded.compiled.book.scale(give.wallet)
        amount, wanted = (int(it[g]) for it in (step.scratch.amount, step.scratch.wanted))
        known = bool(step.scratch.known[g])
        yield Gift(
            wallet=give.wallet,
            text=source.text,
            exact=exact,
            amount=Fraction(amount, parts) if known else None,
            wanted=Fraction(wanted, parts) if known and wanted != amount else None,
        )
