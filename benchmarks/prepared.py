"""The columns that every engine is given: whole numbers, positions and codes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from benchmarks.workload import COUPONS, TYPES
from engine.data.columns import Column, History

ORDER, CHECK_IN, REDEEM, REFUND = range(len(TYPES))
TEA, CAKE, CRAB = range(1, 1 + len(COUPONS))  # codes of `reward`; 0 is none
HOME_TOWNS = ("Suzhou", "Wuxi")
OFFSET = 8 * 3_600_000_000  # of Shanghai, microseconds
DAY = 86_400_000_000


class Columns(NamedTuple):
    """Events grouped by member, in order of time within; or all in order of time."""

    member: NDArray[np.int32]
    type: NDArray[np.int8]
    day: NDArray[np.int32]  # local, since 1970-01-01
    amount: NDArray[np.int64]  # minor units; -1 is none
    reward: NDArray[np.int8]
    target: NDArray[np.int32]  # where the order stands that a refund names, or -1
    keep: NDArray[np.int32]  # a number for each order that is refunded, or -1
    place: NDArray[np.int32]  # where the event stands in order of time
    home: NDArray[np.int8]  # by member: 1 where he lives in a home town
    days: NDArray[np.int64]  # the first one, and that of the last event


def of(history: History, types: list[str]) -> Columns:
    """The columns of a history whose events' types are named `types`, in order of time."""
    events = history.events
    fields = {name: column for (name, _), column in events.fields.items()}
    codes = np.array([TYPES.index(t) if t in TYPES else -1 for t in types], np.int8)
    day = ((events.at + OFFSET) // DAY).astype(np.int32)
    amount, reward = fields["amount"], fields["reward"]
    target = _targets(history, fields)
    keep = np.full(len(day), -1, np.int32)
    refunded = np.unique(target[target >= 0])
    keep[refunded] = np.arange(len(refunded), dtype=np.int32)
    city = history.members.attributes["city"]
    home = [history.texts.codes[t] for t in HOME_TOWNS if t in history.texts.codes]
    return Columns(
        member=events.member,
        type=codes[events.type],
        day=day,
        amount=np.where(amount.null, -1, amount.values),
        reward=np.where(reward.null, 0, _coupons(history)[reward.values]).astype(np.int8),
        target=target,
        keep=keep,
        place=np.arange(len(day), dtype=np.int32),
        home=(np.isin(city.values, home) & ~city.null).astype(np.int8),
        days=np.array([day.min(), day.max()], np.int64),
    )


def by_member(columns: Columns) -> Columns:
    """The same events, those of one member beside each other."""
    order = np.argsort(columns.member, kind="stable")
    new = np.empty(len(order), np.int32)
    new[order] = np.arange(len(order), dtype=np.int32)
    target = columns.target[order]
    return columns._replace(
        member=columns.member[order],
        type=columns.type[order],
        day=columns.day[order],
        amount=columns.amount[order],
        reward=columns.reward[order],
        target=np.where(target >= 0, new[target], -1).astype(np.int32),
        keep=columns.keep[order],
        place=columns.place[order],
    )


def _coupons(history: History) -> NDArray[np.int8]:
    """By the code of a text: which coupon it names, 0 for none."""
    table = np.zeros(len(history.texts.values) + 1, np.int8)
    for code, name in enumerate(COUPONS, 1):
        if name in history.texts.codes:
            table[history.texts.codes[name]] = code
    return table


def _targets(history: History, fields: Mapping[str, Column]) -> NDArray[np.int32]:
    """The positions of the orders that refunds name."""
    column = fields["order"]
    rows = np.flatnonzero(~column.null)
    texts = pa.array(history.texts.values, pa.string())
    named = texts.take(pa.array(column.values[rows]))
    found = pc.index_in(named, value_set=history.events.ids.cast(pa.string()))
    target = np.full(len(column.null), -1, np.int32)
    target[rows] = found.to_numpy(zero_copy_only=False)
    return target
