"""Makes the members and events that are measured: skewed, any number, same seed same bytes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

TYPES = ("order", "check_in", "redeem", "refund")
SHARES = (0.75, 0.18, 0.04, 0.03)  # of the types, in their order
COUPONS = ("tea", "cake", "crab")
CITIES = ("Hangzhou", "Nanjing", "Ningbo", "Shanghai", "Suzhou", "Wuxi")
FIRST = 1_704_038_400_000  # 2024-01-01 00:00 in Shanghai, milliseconds since 1970
LENGTH = 731 * 86_400_000  # to the end of 2025
WEEK = 7 * 86_400_000
COUPON_SHARE, WHOLE_SHARE, AGAIN_SHARE = 0.3, 0.6, 0.001
EXPONENT, FLATTENED = 0.8, 100  # the n-th member acts like (n + FLATTENED) ** -EXPONENT
ALPHABET = np.frombuffer(b"0123456789abcdefghjkmnpqrstvwxyz", np.uint8)
ID_LENGTH = 10
MEMBER_MIX, EVENT_MIX = 0x2545F4914F6CD, 0x1B873593CC9E2D  # odd, so that no id comes twice

Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Files:
    """Where a workload lies."""

    members: Path
    events: Path


def make(folder: Path, *, members: int, events: int, seed: int = 1) -> Files:
    """The two files of a workload, made unless they are there already."""
    place = folder / f"{members}-{events}-{seed}"
    files = Files(place / "members.parquet", place / "events.parquet")
    if not files.events.exists():
        place.mkdir(parents=True, exist_ok=True)
        pq.write_table(member_table(members, seed), files.members)
        half_done = place / "events.half"
        pq.write_table(event_table(members, events, seed), half_done)
        half_done.rename(files.events)
    return files


def member_table(count: int, seed: int) -> pa.Table:
    """`count` members: their id, when they joined, their city."""
    chance = np.random.default_rng((seed, 0))
    joined = FIRST - chance.integers(0, 2 * LENGTH, count)
    city = chance.integers(0, len(CITIES), count)
    return pa.table({
        "member_id": ids(np.arange(count), MEMBER_MIX),
        "joined_at": instants(joined),
        "city": pa.array(CITIES).take(pa.array(city)),
    })  # fmt: skip


def event_table(members: int, count: int, seed: int) -> pa.Table:
    """`count` rows of seven columns, nearly in order of time; a few say an event once more."""
    chance = np.random.default_rng((seed, 1))
    repeated = int(count * AGAIN_SHARE)
    size = count - repeated
    kind = np.searchsorted(np.cumsum(SHARES)[:-1], chance.random(size), side="right")
    member = _members(chance, members, size)
    at = FIRST + (chance.random(size) * LENGTH).astype(np.int64)
    amount = 1 + np.exp(chance.normal(8.7, 0.9, size)).astype(np.int64)  # minor units
    coupon = chance.integers(0, len(COUPONS), size)
    bare = chance.random(size) >= COUPON_SHARE
    orders, refunds = np.flatnonzero(kind == 0), np.flatnonzero(kind == 3)
    refunded = orders[chance.integers(0, len(orders), len(refunds))]
    member[refunds] = member[refunded]
    at[refunds] = at[refunded] + 60_000 + chance.exponential(WEEK, len(refunds)).astype(np.int64)
    amount[refunds] = 1 + (amount[refunded] * chance.random(len(refunds))).astype(np.int64)
    whole = chance.random(size) < WHOLE_SHARE
    target = np.zeros(size, np.int64)
    target[refunds] = refunded
    rows = np.append(np.arange(size), chance.integers(0, size, repeated))
    late = chance.exponential(20_000, count).astype(np.int64)
    late[size:] += WEEK
    rows = rows[np.argsort(at[rows] + late, kind="stable")]
    kind, amount = kind[rows], amount[rows]
    with_amount = (kind == 0) | ((kind == 3) & ~whole[rows])
    with_reward = ((kind == 0) & ~bare[rows]) | (kind == 2)
    return pa.table({
        "event_id": ids(rows, EVENT_MIX),
        "member_id": ids(member[rows], MEMBER_MIX),
        "type": pa.array(TYPES).take(pa.array(kind)),
        "at": instants(at[rows]),
        "amount": _money(amount, ~with_amount),
        "order": ids(target[rows], EVENT_MIX, kind == 3),
        "reward": pa.array(COUPONS).take(pa.array(coupon[rows], mask=~with_reward)),
    })  # fmt: skip


def ids(numbers: Numbers, mix: int, some: NDArray[np.bool_] | None = None) -> pa.Array:
    """Ten characters for each number, in no order that anybody sees; null but for `some`."""
    if some is not None:
        numbers = numbers[some]
    mixed = (numbers.astype(np.uint64) * np.uint64(mix)) & np.uint64((1 << 50) - 1)
    letters = np.empty((len(numbers), ID_LENGTH), np.uint8)
    for place in range(ID_LENGTH):
        letters[:, place] = ALPHABET[(mixed >> np.uint64(5 * place)) & np.uint64(31)]
    lengths = np.full(len(numbers) if some is None else len(some), ID_LENGTH, np.int32)
    if some is not None:
        lengths[~some] = 0
    ends = np.append(np.zeros(1, np.int32), np.cumsum(lengths, dtype=np.int32))
    valid = None if some is None else pa.array(some).buffers()[1]
    buffers = [valid, pa.py_buffer(ends), pa.py_buffer(letters)]
    return pa.Array.from_buffers(pa.string(), len(lengths), buffers)


def instants(milliseconds: Numbers) -> pa.Array:
    """Instants, to the millisecond."""
    return pa.array(milliseconds).cast(pa.timestamp("ms", tz="UTC"))


def _members(chance: np.random.Generator, count: int, size: int) -> Numbers:
    """Who acts: by rank as Zipf and Mandelbrot have it, the ranks shuffled among the members."""
    power = 1 - EXPONENT
    low, high = float(FLATTENED) ** power, float(count + FLATTENED) ** power
    drawn = (low + chance.random(size) * (high - low)) ** (1 / power)
    ranks = np.minimum(drawn.astype(np.int64) - FLATTENED, count - 1)
    return np.asarray(chance.permutation(count)[np.maximum(ranks, 0)], np.int64)


def _money(minor: Numbers, null: NDArray[np.bool_]) -> pa.Array:
    """Money as decimals of two places."""
    words = np.zeros((len(minor), 2), np.int64)
    words[:, 0] = minor
    valid = pa.array(~null).buffers()[1]
    return pa.Array.from_buffers(
        pa.decimal128(12, 2), len(minor), [valid, pa.py_buffer(words)], int(null.sum())
    )
