"""Finds the events, rewards, wallets and members that events name; what names nothing goes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from engine.data import arrays
from engine.data.columns import DECIMAL_PLACES, Column, History, Rejected
from engine.language.expression.tree import Type
from engine.machine import named_coupons as coupons
from engine.machine.compiled import Compiled
from engine.machine.state import BY_REWARD, MOST_COUPONS, NO_COUPON

JOIN = "!join:"  # before the member's id: the event of a join that no row says
QUANTITY_MAX = 10_000  # of one redemption
_PARTS = 10**DECIMAL_PLACES


@dataclass(slots=True)
class References:
    """By event, -1 where there is none. `keep` is False where the row is set aside.

    `moves`: the event reverses or cancels its target, so it is worked after it.
    """

    keep: NDArray[np.bool_]
    target: NDArray[np.int32]
    moves: NDArray[np.bool_]
    redeems: NDArray[np.bool_]
    uses: NDArray[np.bool_]
    reward: NDArray[np.int32]
    quantity: NDArray[np.int64]
    wallet: NDArray[np.int32]
    last_day: NDArray[np.int32]
    grant: NDArray[np.int32]
    grant_rule: NDArray[np.int32]
    grant_number: NDArray[np.int32]
    receivers: list[NDArray[np.int64]]
    coupons: dict[str, NDArray[np.int64]]  # by column of the feed; see `_giving`
    rejected: list[Rejected]


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
    _adjustments(compiled, history, found)
    _uses(compiled, history, found, places)
    for kind, target in pairs:
        _reversals(compiled, history, found, places, kind, target)
    _coupons(compiled, history, found)
    for name in compiled.names.receivers:
        every = np.arange(len(history.events.at))
        found.receivers.append(members(history, (name, Type.TEXT), every))
    return found


def rejected(history: History, i: int, column: str, reason: str, text: str) -> Rejected:
    """Event `i` set aside."""
    events = history.events
    return Rejected(history.files[events.file[i]], int(events.row[i]), column, reason, text)


def _set_aside(
    history: History, found: References, rows: NDArray[np.int64], column: str, reason: str
) -> None:
    """Sets rows aside that are not yet, with what stands in their column."""
    for i in rows[found.keep[rows]]:
        found.rejected.append(rejected(history, int(i), column, reason, _said(history, i, column)))
    found.keep[rows] = False


def _said(history: History, i: int, column: str) -> str:
    for (name, kind), values in history.events.fields.items():
        if name == column and not values.null[i]:
            if kind is Type.TEXT:
                return str(history.texts.values[values.values[i]])
            return str(values.values[i])
    return ""


def _rows(compiled: Compiled, history: History, found: References, kind: str) -> NDArray[np.int64]:
    number = list(compiled.program.events).index(kind)
    return np.flatnonzero((history.events.type == number) & found.keep)


def _column(history: History, name: str, kind: Type) -> Column:
    count = len(history.events.at)
    empty = Column(np.zeros(count, np.int64), np.ones(count, bool))
    return history.events.fields.get((name, kind), empty)


def _places(
    compiled: Compiled, history: History, pairs: list[tuple[str, str]]
) -> NDArray[np.int64]:  # fmt: skip
    """By code: the event whose id that text is, or -1; of texts that a type's column says."""
    types, said = list(compiled.program.events), np.zeros(len(history.texts.values), np.bool_)
    for kind, name in pairs:
        column = _column(history, name, Type.TEXT)
        rows = np.flatnonzero(history.events.type == types.index(kind))
        said[column.values[rows[~column.null[rows]]]] = True
    return _by_code(history, np.flatnonzero(said), history.events.ids)


def _by_code(
    history: History, codes: NDArray[np.int64], names: pa.Array
) -> NDArray[np.int64]:  # fmt: skip
    """By code: where the text stands among `names`, each of which is there once; else -1."""
    found = np.full(len(history.texts.values) + 1, -1, np.int64)
    if not len(codes):
        return found
    texts = pa.array([history.texts.values[code] for code in codes.tolist()], names.type)
    if len(texts) < len(names):  # of the two the shorter is made a table, the longer looked up
        place = arrays.filled(pc.index_in(names, value_set=texts), -1)
        known = np.flatnonzero(place >= 0)
        found[codes[place[known]]] = known
    else:
        found[codes] = arrays.filled(pc.index_in(texts, value_set=names), -1)
    return found


def _named(
    history: History, column: Column, rows: NDArray[np.int64], names: pa.Array
) -> NDArray[np.int64]:
    """The positions among `names` of what rows say in a text column; -1 for null or unknown."""
    values, null = column.values[rows], column.null[rows]
    by_code = _by_code(history, np.unique(values[~null]), names)
    return np.where(null, -1, by_code[values])


def members(history: History, key: tuple[str, Type], rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """The members whom rows name in a text column; -1 where they name nobody known."""
    return _named(history, _column(history, *key), rows, history.members.ids)


def _redemptions(
    compiled: Compiled, history: History, found: References, places: NDArray[np.int64]
) -> None:  # fmt: skip
    """The reward, the order and the quantity of each redemption, or the points it pays with."""
    rows = _rows(compiled, history, found, "redeem")
    found.redeems[rows] = True
    rewards = pa.array(list(compiled.program.rewards), pa.large_string())
    found.reward[rows] = _named(history, _column(history, "reward", Type.TEXT), rows, rewards)
    orders = _column(history, "order", Type.TEXT)
    found.target[rows] = np.where(orders.null[rows], -1, places[orders.values[rows]])
    quantity = _column(history, "quantity", Type.WHOLE)
    amount = np.where(quantity.null[rows], 1, quantity.values[rows])
    bad = rows[(amount < 1) | (amount > QUANTITY_MAX)]
    _set_aside(history, found, bad, "quantity", f"a quantity is 1 to {QUANTITY_MAX}")
    found.quantity[rows] = amount
    points = _column(history, "points", Type.DECIMAL)
    for number, reward in enumerate(compiled.program.rewards.values()):
        if reward.rate is None:
            continue
        scale = compiled.book.scale(reward.rate[0])
        pays = rows[found.reward[rows] == number]
        found.quantity[pays] = _whole(history, found, points, pays, scale, "points")


def _whole(
    history: History, found: References, column: Column, rows: NDArray[np.int64], scale: int,
    name: str,
) -> NDArray[np.int64]:  # fmt: skip
    """A decimal column in whole parts of `scale`; rows with more places are set aside."""
    values = np.where(column.null[rows], 0, column.values[rows])
    part = _PARTS // scale
    reason = "more places than the wallet has"
    _set_aside(history, found, rows[values % part != 0], name, reason)
    return np.asarray(values // part, np.int64)


def _adjustments(compiled: Compiled, history: History, found: References) -> None:
    rows = _rows(compiled, history, found, "adjust")
    names = pa.array(list(compiled.program.wallets), pa.large_string())
    found.wallet[rows] = _named(history, _column(history, "wallet", Type.TEXT), rows, names)
    _set_aside(history, found, rows[found.wallet[rows] < 0], "wallet", "unknown wallet")
    amount = _column(history, "amount", Type.DECIMAL)
    _set_aside(history, found, rows[amount.null[rows]], "amount", "no amount")
    for number, name in enumerate(compiled.program.wallets):
        own = rows[found.wallet[rows] == number]
        found.quantity[own] = _whole(
            history, found, amount, own, compiled.book.scale(name), "amount"
        )
    expires = _column(history, "expires", Type.DATE)
    found.last_day[rows] = np.where(expires.null[rows], -1, expires.values[rows])


def _uses(
    compiled: Compiled, history: History, found: References, places: NDArray[np.int64]
) -> None:  # fmt: skip
    """The order, and the reward or the grant that each use names; it is event/rule/number."""
    rows = _rows(compiled, history, found, "use")
    found.uses[rows] = True
    orders = _column(history, "order", Type.TEXT)
    found.target[rows] = np.where(orders.null[rows], -1, places[orders.values[rows]])
    rewards = pa.array(list(compiled.program.rewards), pa.large_string())
    found.reward[rows] = _named(history, _column(history, "reward", Type.TEXT), rows, rewards)
    grants = _column(history, "grant", Type.TEXT)
    named = rows[~grants.null[rows]]
    if len(named) == 0:
        return
    said = [history.texts.values[code] for code in grants.values[named]]
    parts = [coupons.grant_named(compiled.names.rules, text) for text in said]
    whole = np.array([part is not None for part in parts])
    _set_aside(history, found, named[~whole], "grant", "no grant has this id")
    named, known = named[whole], [part for part in parts if part is not None]
    events = pa.array([part.event for part in known], history.events.ids.type)
    found.grant[named] = _looked_up(events, history.events.ids)
    _set_aside(history, found, named[found.grant[named] < 0], "grant", "no grant has this id")
    found.grant_rule[named] = [part.rule for part in known]
    found.grant_number[named] = [part.number for part in known]


def _coupons(compiled: Compiled, history: History, found: References) -> None:
    """What the field `coupon` of each event names, one below the other."""
    count, asked = len(history.events.at), list[tuple[int, int, coupons.Named]]()
    for kind, type_ in compiled.program.coupon_events.items():
        rows, column = _rows(compiled, history, found, kind), _column(history, "coupon", type_)
        rows = rows[~column.null[rows]]
        codes, place = np.unique(column.values[rows], return_inverse=True)
        named = [coupons.named(compiled, history.texts.values[code]) for code in codes.tolist()]
        many = np.array([len(one) > MOST_COUPONS for one in named], np.bool_)[place]
        _set_aside(history, found, rows[many], "coupon", coupons.TOO_MANY)
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
    rows = _rows(compiled, history, found, kind)
    said, events = _column(history, target, Type.TEXT), history.events
    places = np.where(said.null[rows], -1, by_code[said.values[rows]])
    number = list(compiled.program.events).index(target)
    known = places >= 0
    known[known] = (events.type[places[known]] == number) & found.keep[places[known]]
    _set_aside(history, found, rows[~known], target, f"no {target} has this id")
    rows, places = rows[known], places[known]
    own = events.member[places] == events.member[rows]
    _set_aside(history, found, rows[~own], target, f"this {target} is of another member")
    amount = compiled.program.events[kind].fields.get("amount")
    if amount is not None:
        values = _column(history, "amount", amount.type)
        below = (values.values[rows] < 0) & ~values.null[rows]
        _set_aside(history, found, rows[below], "amount", "what is reversed is not below zero")
    found.target[rows], found.moves[rows] = places, True
