"""Draws a spin again: the number that chance gave it, the prizes' bounds, and what was left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import accumulate
from typing import Any

import numpy as np
import pyarrow.compute as pc

from engine.data import history as histories
from engine.data.error import DataError
from engine.data.source import Given
from engine.language.program import Draw, Program
from engine.machine import chance, folding, run, values
from engine.machine.calendar import period
from engine.machine.compiled import Compiled
from engine.machine.folding import Folded, Outcome
from engine.machine.state import State


@dataclass(frozen=True, slots=True)
class Chance:
    """A prize of a draw: u has to be below `below`, which is its share and those before it.

    `left` is how many could be had at that instant, before the spin; None: no end.
    """

    id: str
    share: Fraction
    below: Fraction
    left: int | None


@dataclass(frozen=True, slots=True)
class Spin:
    """A spin that was drawn again. `number` is u times 2^64; `state` what became of the prize."""

    draw: Draw
    event_id: str
    member_id: str
    at: Any
    number: int
    prizes: tuple[Chance, ...]
    prize: str
    state: str


def spin(
    program: Program, members: Given | None, events: Given | None, entry: str,
    until: date | None = None,
) -> Spin:  # fmt: skip
    """The spin that an event's id, or that of a grant or an entry of it, names.

    Raises DataError where it names none, or one that was refused.
    """
    history = histories.read(program, members, events, until)
    folded = folding.fold(program, history, until)
    outcome = folding.tell(folded)
    found = outcome.grants.filter(pc.equal(outcome.grants["kind"], "prize"))
    named = _event(found["event_id"].to_pylist(), entry)
    if named is None:
        raise _no_spin(program, outcome, entry)
    (row,) = found.filter(pc.equal(found["event_id"], named)).to_pylist()
    draw = program.draws[row["rule"]]
    return Spin(
        draw=draw,
        event_id=named,
        member_id=row["member_id"],
        at=row["at"],
        number=chance.drawn(draw.salt, row["member_id"], named),
        prizes=_chances(folded, draw, named),
        prize=row["id"],
        state=row["state"],
    )


def _no_spin(program: Program, outcome: Outcome, entry: str) -> DataError:
    """What is said of an id that names no spin, or one that was refused."""
    refused = outcome.refused.filter(pc.equal(outcome.refused["event_id"], entry)).to_pylist()
    for row in refused:
        if row["rule"] in program.draws:
            what = f"The spin `{entry}` was refused: {row['code']}."
            return DataError("events", what, "Nothing was drawn.")
    what = f"`{entry}` is no spin that drew anything."
    return DataError("events", what, "Expected the id of a `draw` event, or of its grant.")


def _event(spins: list[str], entry: str) -> str | None:
    """The spin that an id names: its own, `event/draw/0` or `event/points/draw/0`."""
    known = set(spins)
    ids = (entry, entry.rsplit("/", 2)[0], entry.rsplit("/", 3)[0])
    return next((id_ for id_ in ids if id_ in known), None)


def _chances(folded: Folded, draw: Draw, event: str) -> tuple[Chance, ...]:
    compiled, program = folded.compiled, folded.compiled.program
    first = [prize.place for prize in program.prizes].index(draw.prizes[0].place)
    at = pc.index(folded.timeline.ids, event).as_py()
    state = _before(folded, at) if compiled.crosses_members else None
    below = accumulate(prize.share for prize in draw.prizes)
    return tuple(
        Chance(prize.id, prize.share, bound, _left(folded, state, first + n, at))
        for n, (prize, bound) in enumerate(zip(draw.prizes, below, strict=True))
    )


def _before(folded: Folded, at: int) -> State | None:
    """The state just before an event, or None where it is the first."""
    worked = folded.timeline.worked
    place = int(np.flatnonzero(worked == at)[0])
    if place == 0:
        return None
    stop = worked[place - 1 : place]
    steps = run.steps(folded.compiled, folded.history, folded.timeline, worked, stop)
    return next(steps).state


def _left(folded: Folded, state: State | None, number: int, at: int) -> int | None:
    """How many of a prize could be had: by its own stock and by that of its reward."""
    tables, feed = folded.compiled.tables, folded.timeline.feed
    prize, day, hour = tables.prizes[number], int(feed.day[at]), int(feed.hour[at])
    found = []
    if prize["stock"] >= 0:
        found.append(_of_stock(folded.compiled, state, int(prize["stock"]), day, hour))
    reward = tables.rewards[prize["reward"]] if prize["reward"] >= 0 else None
    if reward is not None and reward["stock_from"] < reward["stock_to"]:
        taken = 0
        if state is not None:
            shelf = state.shelves[prize["reward"]]
            taken = int(shelf["taken"] - (shelf["back"] if shelf["back_day"] < day else 0))
        allowed = _on(tables.steps[reward["stock_from"] : reward["stock_to"]], day)
        found.append(max(allowed - taken, 0))
    return min(found, default=None)


def _of_stock(compiled: Compiled, state: State | None, number: int, day: int, hour: int) -> int:
    """What is left of a stock in its period."""
    it, used = compiled.tables.budgets[number], 0
    if state is not None:
        spent = state.spent[number]
        if it["days"]:
            item = spent["first"]
            while item >= 0:
                kept = state.items[item]
                used += int(kept["value"]) if kept["day"] > day - it["days"] else 0
                item = kept["next"]
        elif spent["key"] == period(it["unit"], day, hour):
            used = int(spent["used"])
    steps = compiled.tables.steps[it["steps_from"] : it["steps_to"]]
    return max(_on(steps, day) - used, 0)


def _on(steps: Any, day: int) -> int:
    """The number in force on a day; before the first nothing."""
    begun = steps[steps["start"] <= day]
    return int(begun["number"][-1]) if len(begun) else 0


def decimals(number: int, places: int = 12) -> str:
    """u with so many places, the rest cut off: never rounded up to a bound that it is below."""
    return f"0.{number * 10**places // chance.WHOLE:0{places}d}"


def percent(share: Fraction) -> str:
    """A share in percent."""
    return f"{values.decimal_text(share * 100)}%"
