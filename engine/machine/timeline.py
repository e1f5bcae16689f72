"""Puts a history into the order in which it is worked: joins, reversals after what they reverse."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from engine.data.columns import Column, History, Rejected
from engine.data.history import order_of, stand
from engine.machine import invitations, references, zone
from engine.machine.calendar import LONG_AGO
from engine.machine.compiled import Compiled
from engine.machine.invitations import Invitations
from engine.machine.references_rows import References, members, rejected
from engine.machine.state import BY_REWARD, NO_COUPON, Feed

DAY = zone.DAY
KIND = np.int64  # of the whole numbers of a feed
NAMED = ("reward", "wallet", "last_day", "grant_rule", "grant_number")


@dataclass(frozen=True, slots=True)
class Timeline:
    """The feed, in order of `(at, event_id)`, and what stands behind its positions.

    `worked` is the order in which the fold takes them: a reversal that comes too early, at the
    instant of what it reverses, stands by its id there but is worked right after it. `ids` and
    `source` are in the feed's order; `joined` and `first_day` are days by member; `kept` counts
    the events of which something is kept for a later reversal.
    """

    feed: Feed
    worked: NDArray[np.int64]
    ids: pa.Array
    source: NDArray[np.int64]  # the position in History.events; -1 for a join that no row says
    joined: NDArray[np.int64]
    first_day: NDArray[np.int64]
    kept: int
    rejected: tuple[Rejected, ...]
    invitations: Invitations


def build(
    compiled: Compiled, history: History, excluded: NDArray[np.bool_], until: int
) -> Timeline:
    """The events in order, without the `excluded` ones; what refers to nothing is set aside.

    `until` is the last local day; a join after it does not happen.
    """
    found = references.resolve(compiled, history, excluded)
    events = history.events
    ordered = np.flatnonzero((found.redeems | found.uses) & (found.target >= 0))
    named = found.target[ordered]
    foreign = events.member[named] != events.member[ordered]
    spends = found.redeems[named]
    found.target[
        ordered[foreign | spends]
    ] = -1  # points and coupons are used on an order of one's own
    count = len(events.at)
    early = found.moves & (found.target > np.arange(count))
    place, at = np.where(early, found.target, np.arange(count)), events.at.copy()
    at[early] = events.at[found.target[early]]
    joins = _joins(compiled, history, found.keep, np.lexsort((early, place)), at, until)
    invited = _invited(compiled, history, found, joins)
    second = joins.second & ~invited.alone
    made = len(joins.made)
    ids = events.ids.cast(pa.large_string())
    ids = pa.concat_arrays([ids, _join_ids(history, joins.made)]) if made else ids
    place = np.append(place, np.searchsorted(events.at, joins.at))
    step = np.append(early.astype(np.int64), np.full(made, -1))
    alive = np.append(found.keep & ~second, np.ones(made, bool))
    order = np.lexsort((np.arange(count + made), step, place))
    order, at = order[alive[order]], np.append(at, joins.at)
    order, worked, ids = _by_id(order, at, ids, early)
    feed = _feed(compiled, history, found, joins, invited, order, at)
    rejected = (*found.rejected, *_second_joins(history, second & found.keep))
    kept = int(feed.keep.max(initial=-1)) + 1
    first_day = np.full(len(history.members.ids), until, np.int64)
    np.minimum.at(first_day, feed.member, feed.day)
    first_day = np.minimum(first_day, np.where(joins.day == LONG_AGO, until, joins.day))
    source = np.where(order < count, order, -1)
    return Timeline(feed, worked, ids, source, joins.day, first_day, kept, rejected, invited)


def _invited(compiled: Compiled, history: History, found: References, joins: _Joins) -> Invitations:
    """Who is brought by whom."""
    join = list(compiled.program.events).index("join")
    rows = np.flatnonzero((history.events.type == join) & found.keep)
    alive = np.flatnonzero(found.keep)
    known = invitations.Joins(joins.made, joins.at, rows, joins.second, alive)
    named = members(history, invitations.REFERRER, rows)
    return invitations.of(compiled.program, history, known, named)


def _by_id(
    order: NDArray[np.int64], at: NDArray[np.int64], ids: pa.Array, early: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int64], pa.Array]:
    """The order of `(at, event_id)`, where what is worked in `order` stands there, and the ids."""
    worked = np.arange(len(order))
    named = ids if np.array_equal(order, np.arange(len(ids))) else ids.take(pa.array(order))
    if not early.any() and stand(at[order], named):
        return order, worked, named
    ranked = order_of(at[order], named)
    places = np.empty_like(worked)
    places[ranked] = worked
    return order[ranked], places, named.take(pa.array(ranked))


@dataclass(frozen=True, slots=True)
class _Joins:
    """`made`: members whose join no row says, at `at`; `day` of each member; `second` by event."""

    made: NDArray[np.int64]
    at: NDArray[np.int64]
    day: NDArray[np.int64]
    second: NDArray[np.bool_]


def _joins(
    compiled: Compiled, history: History, keep: NDArray[np.bool_], worked: NDArray[np.int64],
    event_at: NDArray[np.int64], until: int,
) -> _Joins:  # fmt: skip
    """When each member joined: at `joined_at`, else with the first event worked (RULINGS 2).

    `worked` is the order in which events are worked, `event_at` the instants at which.
    """
    events, members = history.events, history.members
    count, never = len(members.ids), np.iinfo(np.int64).max
    first = np.full(count, -1, np.int64)
    alive = worked[keep[worked]][::-1]
    first[events.member[alive]] = alive  # of several the last one written is the first worked
    acts = first >= 0
    at = np.full(count, never, np.int64)
    at[acts] = event_at[first[acts]]
    known = ~members.joined_at.null
    at[known] = members.joined_at.values[known]
    said = keep & (events.type == list(compiled.program.events).index("join"))
    is_first = np.zeros(len(events.at), bool)
    is_first[first[acts]] = True
    fits = said & np.where(known[events.member], events.at == at[events.member], is_first)
    rows = np.flatnonzero(fits)
    taken = np.full(count, -1, np.int64)
    taken[events.member[rows[::-1]]] = rows[::-1]
    second = said.copy()
    second[taken[taken >= 0]] = False
    day = np.full(count, LONG_AGO, np.int64)
    has = at != never
    day[has] = days(compiled, at[has])
    made = np.flatnonzero(has & (taken < 0) & (day <= until))
    made = made if uses_joins(compiled) else made[:0]
    made = made[np.argsort(at[made], kind="stable")]
    return _Joins(made, at[made], day, second)


def uses_joins(compiled: Compiled) -> bool:
    """Whether anything in the program looks at joins."""
    tables, join = compiled.tables, list(compiled.program.events).index("join")
    rules = tables.rules_at[join + 1] > tables.rules_at[join]
    waits = bool((tables.wallets["without"] == join).any())
    if compiled.program.referral is not None:
        return True
    return bool(rules) or bool(tables.intakes_at[join + 1] > tables.intakes_at[join]) or waits


def _join_ids(history: History, made: NDArray[np.int64]) -> pa.Array:
    ids = history.members.ids.cast(pa.large_string()).take(pa.array(made))
    start, nothing = (pa.scalar(text, pa.large_string()) for text in (references.JOIN, ""))
    return pc.binary_join_element_wise(start, ids, nothing)


def _second_joins(history: History, second: NDArray[np.bool_]) -> list[Rejected]:
    reason = "this member has joined before"
    return [rejected(history, int(i), "type", reason, "join") for i in np.flatnonzero(second)]


def days(compiled: Compiled, at: NDArray[np.int64]) -> NDArray[np.int64]:
    """The local days of instants."""
    return np.asarray(_wall(compiled, at) // DAY, np.int64)


def _wall(compiled: Compiled, at: NDArray[np.int64]) -> NDArray[np.int64]:
    """What clocks show at instants."""
    where = compiled.zone
    return at + where.offsets[np.searchsorted(where.changes, at, side="right")]


def _feed(
    compiled: Compiled, history: History, found: References, joins: _Joins,
    invited: Invitations, order: NDArray[np.int64], at: NDArray[np.int64],
) -> Feed:  # fmt: skip
    """All columns in the order in which the fold takes the events."""
    events, count, made = history.events, len(history.events.at), len(joins.made)
    new = np.full(count + made, -1, np.int64)
    new[order] = np.arange(len(order))
    at = at[order]
    wall = _wall(compiled, at)
    empty = Column(np.zeros(count, np.int64), np.ones(count, bool))
    stack = [events.fields.get(key, empty) for key in compiled.columns]

    def taken(values: NDArray[Any], fill: int | bool = -1) -> NDArray[Any]:
        return _more(values, made, fill)[order]

    target, grant = taken(found.target), taken(found.grant)
    for column in (target, grant):
        column[column >= 0] = new[column[column >= 0]]
    columns = {
        "member": np.append(events.member, joins.made)[order] if made else events.member[order],
        "type": taken(events.type, list(compiled.program.events).index("join")),
        "at": at,
        "day": wall // DAY,
        "hour": wall % DAY // zone.HOUR,
        "keep": _keeps(target, found, order, count),
        "target": target,
        "quantity": taken(found.quantity, 1),
        "grant": grant,
        **{name: taken(getattr(found, name)) for name in NAMED},
        "invited": invited.events[order],
        "joins": taken(~invited.alone, True),
    }
    return Feed(
        **{name: column.astype(KIND, copy=False) for name, column in columns.items()},
        fields=_stack([taken(c.values, 0) for c in stack], len(order), KIND),
        fields_null=_stack([taken(c.null, True) for c in stack], len(order), np.bool_),
        receivers=_stack([taken(r) for r in found.receivers], len(order), KIND),
        **_coupons(found, joins, order, new),
    )


def _coupons(
    found: References,
    joins: _Joins,
    order: NDArray[np.int64],
    new: NDArray[np.int64],
) -> dict[str, NDArray[np.int64]]:
    """What events name in their field `coupon`, in the order of the feed."""
    count, made = len(found.keep), len(joins.made)
    more = {"coupon": NO_COUPON, "coupon_how": BY_REWARD, "coupon_event": -1}
    columns = {
        name: np.pad(column, ((0, 0), (0, made)), constant_values=more[name])[:, order]
        for name, column in found.coupons.items()
    }
    event = columns["coupon_event"]
    joined = event < -1
    if joined.any():
        place = np.full(int((-2 - event).max()) + 1, -1, np.int64)
        known = joins.made[joins.made < len(place)]
        place[known] = count + np.arange(made)[joins.made < len(place)]
        event[joined] = place[-2 - event[joined]]
    event[event >= 0] = new[event[event >= 0]]
    return {name: np.ascontiguousarray(column) for name, column in columns.items()}


def _keeps(
    target: NDArray[np.int64],
    found: References,
    order: NDArray[np.int64],
    count: int,
) -> NDArray[np.int64]:
    """A number for every event that is reversed or cancelled, and the redemptions that name one."""
    real = order < count
    takes = np.zeros(len(order), bool)
    takes[real] = found.moves[order[real]]
    reversed_ = np.zeros(len(order), bool)
    reversed_[target[takes & (target >= 0)]] = True
    redeems = np.zeros(len(order), bool)
    redeems[real] = found.redeems[order[real]]
    names = redeems & (target >= 0)
    reversed_[names] |= reversed_[target[names]]
    keep = np.full(len(order), -1, np.int64)
    keep[reversed_] = np.arange(int(reversed_.sum()))
    return keep


def _more(values: NDArray[Any], more: int, fill: int | bool) -> NDArray[Any]:
    """The values with `more` of `fill` behind them."""
    return np.append(values, np.full(more, fill, values.dtype)) if more else values


def _stack(columns: list[NDArray[Any]], width: int, kind: type) -> NDArray[Any]:
    return np.array(columns, kind) if columns else np.zeros((0, width), kind)
