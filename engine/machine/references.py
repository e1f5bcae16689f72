"""Finds the events, rewards, wallets and members that events name; what names nothing goes."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from engine.data import arrays
from engine.data.columns import History
from engine.language.expression.tree import Type
from engine.machine import named_coupons as coupons
from engine.machine import references_moves
from engine.machine.compiled import Compiled
from engine.machine.references_rows import (
    References,
    by_code_of,
    column_of,
    named_in,
    rows_of,
    set_aside,
    whole_parts,
)
from engine.machine.state import BY_REWARD, MOST_COUPONS, NO_COUPON

JOIN = "!join:"  # before the member's id: the event of a join that no row says
QUANTITY_MAX = 10_000  # of one redemption
SPUN = "this is a draw, and what is drawn stays drawn"


def resolve(compiled: Compiled, history: History, excluded: NDArray[np.bool_]) -> References:
    """What every event names. Reversals of nothing known, and impossible numbers, are set aside."""
    count = len(history.events.at)
    none = [np.full(count, -1, np.int32) for _ in range(7)]
    found = References(
        ~excluded, none[0], np.zeros(count, bool), np.zeros(count, bool), np.zeros(count, bool),
        none[1], np.ones(count, np.int64), none[2], none[3], none[4], none[5], none[6], [],
        {}, [],
    )  # fmt: skip
    reversed_ = [(kind, it.reverses) for kind, it in compiled.program.events.items() if it.reverses]
    pairs = [*reversed_, ("cancel_redeem", "redeem")]
    places = _places(compiled, history, [("redeem", "order"), ("use", "order"), *pairs])
    _redemptions(compiled, history, found, places)
    references_moves.adjustments(compiled, history, found)
    _uses(compiled, history, found, places)
    references_moves.transfers(compiled, history, found)
    references_moves.spins(compiled, history, found)
    for kind, target in pairs:
        _reversals(compiled, history, found, places, kind, target)
    _coupons(compiled, history, found)
    for name in compiled.names.receivers:
        found.receivers.append(references_moves.receivers(compiled, history, found, name))
    return found


def _places(
    compiled: Compiled, history: History, pairs: list[tuple[str, str]]
) -> NDArray[np.int64]:  # fmt: skip
    """By code: the event whose id that text is, or -1; of texts that a type's column says."""
    types, said = list(compiled.program.events), np.zeros(len(history.texts.values), np.bool_)
    for kind, name in pairs:
        column = column_of(history, name, Type.TEXT)
        rows = np.flatnonzero(history.events.type == types.index(kind))
        said[column.values[rows[~column.null[rows]]]] = True
    return by_code_of(history, np.flatnonzero(said), history.events.ids)


def _redemptions(
    compiled: Compiled, history: History, found: References, places: NDArray[np.int64]
) -> None:  # fmt: skip
    """The reward, the order and the quantity of each redemption, or the points it pays with."""
    rows = rows_of(compiled, history, found, "redeem")
    found.redeems[rows] = True
    rewards = pa.array(list(compiled.program.rewards), pa.large_string())
    found.reward[rows] = named_in(history, column_of(history, "reward", Type.TEXT), rows, rewards)
    orders = column_of(history, "order", Type.TEXT)
    found.target[rows] = np.where(orders.null[rows], -1, places[orders.values[rows]])
    quantity = column_of(history, "quantity", Type.WHOLE)
    amount = np.where(quantity.null[rows], 1, quantity.values[rows])
    bad = rows[(amount < 1) | (amount > QUANTITY_MAX)]
    set_aside(history, found, bad, "quantity", f"a quantity is 1 to {QUANTITY_MAX}")
    found.quantity[rows] = amount
    points = column_of(history, "points", Type.DECIMAL)
    for number, reward in enumerate(compiled.program.rewards.values()):
        if reward.rate is None:
            continue
        scale = compiled.book.scale(reward.rate[0])
        pays = rows[found.reward[rows] == number]
        found.quantity[pays] = whole_parts(history, found, points, pays, scale, "points")


def _uses(
    compiled: Compiled, history: History, found: References, places: NDArray[np.int64]
) -> None:  # fmt: skip
    """The order, and the reward or the grant that each use names; it is event/rule/number."""
    rows = rows_of(compiled, history, found, "use")
    found.uses[rows] = True
    orders = column_of(history, "order", Type.TEXT)
    found.target[rows] = np.where(orders.null[rows], -1, places[orders.values[rows]])
    rewards = pa.array(list(compiled.program.rewards), pa.large_string())
    found.reward[rows] = named_in(history, column_of(history, "reward", Type.TEXT), rows, rewards)
    grants = column_of(history, "grant", Type.TEXT)
    named = rows[~grants.null[rows]]
    if len(named) == 0:
        return
    said = [history.texts.values[code] for code in grants.values[named]]
    parts = [coupons.grant_named(compiled.names.rules, text) for text in said]
    whole = np.array([part is not None for part in parts])
    set_aside(history, found, named[~whole], "grant", "no grant has this id")
    named, known = named[whole], [part for part in parts if part is not None]
    events = pa.array([part.event for part in known], history.events.ids.type)
    found.grant[named] = _looked_up(events, history.events.ids)
    set_aside(history, found, named[found.grant[named] < 0], "grant", "no grant has this id")
    found.grant_rule[named] = [part.rule for part in known]
    found.grant_number[named] = [part.number for part in known]


def _coupons(compiled: Compiled, history: History, found: References) -> None:
    """What the field `coupon` of each event names, one below the other."""
    count, asked = len(history.events.at), list[tuple[int, int, coupons.Named]]()
    for kind, type_ in compiled.program.coupon_events.items():
        rows, column = rows_of(compiled, history, found, kind), column_of(history, "coupon", type_)
        rows = rows[~column.null[rows]]
        codes, place = np.unique(column.values[rows], return_inverse=True)
        named = [coupons.named(compiled, history.texts.values[code]) for code in codes.tolist()]
        many = np.array([len(one) > MOST_COUPONS for one in named], np.bool_)[place]
        set_aside(history, found, rows[many], "coupon", coupons.TOO_MANY)
        fine = zip(rows[~many].tolist(), place[~many].tolist(), strict=True)
        asked += [(n, row, one) for row, at in fine for n, one in enumerate(named[at])]
    most = max((n + 1 for n, _, _ in asked), default=0) if count else coupons.room(compiled)
    for name, fill in (("coupon", NO_COUPON), ("coupon_how", BY_REWARD), ("coupon_event", -1)):
        found.coupons[name] = np.full((most, count), fill, np.int64)
    for n, row, one in asked:
        found.coupons["coupon"][n, row], found.coupons["coupon_how"][n, row] = one.coupon, one.how
    grants = [(n, row, one.event) for n, row, one in asked if one.event is not None]
    if grants:
        at = tuple(np.array([(n, row) for n, row, _ in grants]).T)
        found.coupons["coupon_event"][at] = _giving(history, [event for _, _, event in grants])


def _giving(history: History, ids: list[str]) -> NDArray[np.int64]:
    """The events with these ids; of a join that no row says -2 less its member; -1 for none."""
    found = _looked_up(pa.array(ids, history.events.ids.type), history.events.ids)
    members = [id_.removeprefix(JOIN) if id_.startswith(JOIN) else None for id_ in ids]
    joined = pc.index_in(pa.array(members, history.members.ids.type), history.members.ids)
    place = arrays.filled(joined, -1)
    return np.where((found < 0) & (place >= 0), -2 - place, found)


def _looked_up(texts: pa.Array, names: pa.Array) -> NDArray[np.int64]:
    """Where each text stands among many names, each of which is there once; else -1."""
    coded = texts.dictionary_encode()
    place = arrays.filled(pc.index_in(names, value_set=coded.dictionary), -1)
    known = np.flatnonzero(place >= 0)
    found = np.full(len(coded.dictionary), -1, np.int64)
    found[place[known]] = known
    return np.asarray(found[arrays.filled(coded.indices, 0)], np.int64)


def _reversals(
    compiled: Compiled, history: History, found: References, by_code: NDArray[np.int64], kind: str,
    target: str,
) -> None:  # fmt: skip
    """Ties reversals of one type to what they reverse: a known event of that type and member."""
    rows = rows_of(compiled, history, found, kind)
    said, events = column_of(history, target, Type.TEXT), history.events
    places = np.where(said.null[rows], -1, by_code[said.values[rows]])
    number = list(compiled.program.events).index(target)
    known = places >= 0
    if kind == "cancel_redeem":
        drawn = list(compiled.program.events).index("draw")
        spun = known & (events.type[np.where(known, places, 0)] == drawn)
        set_aside(history, found, rows[spun], target, SPUN)
        rows, places, known = rows[~spun], places[~spun], known[~spun]
    known[known] = (events.type[places[known]] == number) & found.keep[places[known]]
    set_aside(history, found, rows[~known], target, f"no {target} has this id")
    rows, places = rows[known], places[known]
    own = events.member[places] == events.member[rows]
    set_aside(history, found, rows[~own], target, f"this {target} is of another member")
    amount = compiled.program.events[kind].fields.get("amount")
    if amount is not None:
        values = column_of(history, "amount", amount.type)
        below = (values.values[rows] < 0) & ~values.null[rows]
        set_aside(history, found, rows[below], "amount", "what is reversed is not below zero")
    found.target[rows], found.moves[rows] = places, True
