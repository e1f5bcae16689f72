"""Makes room: the state before the first event, pools that grow, room for one event or a block."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.columns import History
from engine.machine import evaluate_block
from engine.machine import state as s
from engine.machine.calendar import LONG_AGO, NEVER
from engine.machine.compiled import Compiled
from engine.machine.ready import WIDTH
from engine.machine.state import Ready, Scratch, State
from engine.machine.tables import O_COLUMNS, O_WORDS, SOURCES, Records
from engine.machine.timeline import Timeline

_ROOM = 4_096  # records a pool begins with
_ROWS = 65_536  # entries that are drained at once
_POOLS = (
    "rows", "lots", "items", "grants", "refusals", "gifts", "takes", "rises", "redemptions", "runs",
)  # fmt: skip
_COUNTED = (
    s.ROWS, s.LOTS, s.ITEMS, s.GRANTS, s.REFUSALS, s.GIFTS, s.TAKES, s.RISES, s.REDEMPTIONS, s.RUNS,
)  # fmt: skip
_KINDS = (s.ROW, s.LOT, s.ITEM, s.GRANT, s.REFUSAL, s.GIFT, s.TAKE, s.RISE, s.REDEMPTION, s.RUN)
_BESIDE = {"refusals": ("snapshots", "snapshots_null"), "runs": ("begun", "begun_null")}


def start(compiled: Compiled, history: History, timeline: Timeline) -> State:
    """The state before the first event."""
    tables, count = compiled.tables, len(history.members.ids)
    members = np.zeros(count, s.MEMBER)
    members["due"], members["joined"] = timeline.first_day, timeline.joined
    members["look"], members["tier_due"] = 1, timeline.first_day
    for name in ("rung", "grants", "referrer", "qualified", "boss"):
        members[name] = -1
    members["since"], members["grace_until"] = timeline.first_day, LONG_AGO
    purses = np.zeros((count, len(tables.wallets)), s.PURSE)
    for name in ("first", "last", "first_waiting", "last_waiting"):
        purses[name] = -1
    purses["soonest"] = NEVER
    keeps = np.zeros(timeline.kept, s.KEEP)
    for name in ("rises", "first_gift", "last_gift", "redemption", "grants"):
        keeps[name] = -1
    attributes = [history.members.attributes[name] for name in compiled.program.attributes]
    chain = compiled.program.chain
    if chain is not None and chain.bosses is not None:
        flag = history.members.attributes[chain.bosses]
        members["role"] = np.where(flag.null, 0, flag.values) * s.BOSS
    privileges = len(compiled.program.privileges)
    progress = np.zeros((count, len(tables.parts)), s.PROGRESS)
    progress["runs"] = -1
    return State(
        members=members,
        purses=purses,
        facts=_lists(np.zeros((count, len(tables.facts)), s.KEPT)),
        attributes=_stack([a.values for a in attributes], count, np.int64),
        attributes_null=_stack([a.null for a in attributes], count, np.bool_),
        floors=np.full((count, len(tables.rungs)), LONG_AGO, np.int64),
        rights=np.full((count, privileges), LONG_AGO, np.int64),
        silences=np.full((count, len(tables.wallets)), LONG_AGO, np.int64),
        used=_lists(np.zeros((count, len(tables.limits)), s.USED)),
        progress=progress,
        spent=_lists(np.zeros(len(tables.budgets), s.SPENT)),
        shelves=np.zeros(len(tables.rewards), s.SHELF),
        keeps=keeps,
        **pools(compiled.assembler.layout.size, len(tables.start_columns)),
    )


def _lists(found: Records) -> Records:
    found["first"] = found["last"] = -1
    return found


def _stack(columns: list[NDArray[Any]], count: int, kind: type) -> NDArray[Any]:
    return np.stack(columns, axis=1).astype(kind) if columns else np.zeros((count, 0), kind)


def pools(slots: int, fields: int) -> dict[str, Any]:
    """Pools that are empty; `slots` is the size of the environment, a run keeps `fields`."""
    found = {name: np.zeros(_ROOM, kind) for name, kind in zip(_POOLS, _KINDS, strict=True)}
    found["rows"] = np.zeros(_ROWS, s.ROW)
    found["snapshots"] = np.zeros((_ROOM, slots), np.int64)
    found["snapshots_null"] = np.zeros((_ROOM, slots), np.bool_)
    found["begun"] = np.zeros((_ROOM, fields), np.int64)
    found["begun_null"] = np.zeros((_ROOM, fields), np.bool_)
    counters = np.zeros(s.COUNTERS, np.int64)
    counters[[s.FREE_LOT, s.FREE_ITEM, s.FREE_RUN]] = -1
    return {**found, "counters": counters}


def scratch(compiled: Compiled) -> Scratch:
    """Room for one event."""
    tables = compiled.tables
    gives, rules = len(tables.gives), len(tables.rules)
    size = compiled.assembler.layout.size
    return Scratch(
        env=np.zeros(size, np.int64),
        null=np.zeros(size, np.bool_),
        verdict=np.zeros(rules, np.int64),
        passed=np.zeros(rules, np.int64),
        held=np.zeros(rules, np.int64),
        high=np.zeros(gives, np.int64),
        low=np.zeros(gives, np.int64),
        den=np.zeros(gives, np.int64),
        amount=np.zeros(gives, np.int64),
        wanted=np.zeros(gives, np.int64),
        known=np.zeros(gives, np.int64),
        factor=np.zeros(gives, np.int64),
        product=np.zeros(gives, np.int64),
        listed=np.zeros(gives, np.int64),
        sums=np.zeros(len(tables.wallets), np.int64),
        parts=np.zeros(len(tables.wallets), np.int64),
        done=np.zeros(len(tables.wallets), np.int64),
        receiver=np.zeros(rules, np.int64),
        times=np.ones(rules, np.int64),
        runs=np.full(rules, -1, np.int64),
        met=np.zeros(rules, np.int64),
        rungs=np.zeros(4 + len(compiled.names.receivers), np.int64),
        seen=np.zeros(size, np.int64),
        turn=np.array([0, 0, 0, 0, -1], np.int64),
    )


def blank(compiled: Compiled, width: int = WIDTH) -> Ready:
    """Room for what is worked out of a block of `width` events alone."""
    options, size = compiled.tables.options, compiled.assembler.layout.size
    registers = (compiled.assembler.most_registers, evaluate_block.WIDTH)
    return Ready(
        places=np.zeros(width, np.int64),
        turns=np.zeros(width, np.int64),
        ends=np.zeros(len(compiled.tables.jobs_at), np.int64),
        bits=np.zeros((width, options[O_WORDS]), np.uint64),
        columns=np.zeros((options[O_COLUMNS], width), np.int64),
        bad=np.zeros(width, np.bool_),
        env=np.zeros((size + SOURCES, width), np.int64),
        null=np.zeros((size + SOURCES, width), np.bool_),
        loaded=np.zeros(size + SOURCES, np.bool_),
        high=np.zeros(width, np.int64),
        low=np.zeros(width, np.int64),
        state=np.zeros(width, np.int8),
        upper=np.zeros(registers, np.int64),
        lower=np.zeros(registers, np.int64),
        gone=np.zeros(registers, np.bool_),
        large=np.zeros(evaluate_block.WIDTH, np.bool_),
    )


def grow(state: State, done: list[Records]) -> State:
    """Drains the entries and gives room to the pools that lack what the next event may take."""
    counters = state.counters
    done.append(state.rows[: counters[s.ROWS]])
    counters[s.ROWS] = 0
    rows = np.empty(max(_ROWS, int(counters[s.NEED_ROWS])), s.ROW)
    return widened(state._replace(rows=rows))


def widened(state: State) -> State:
    """The state with room in the pools that lack what the next event may take."""
    counters = state.counters
    grown = {}
    for name, counter in zip(_POOLS, _COUNTED, strict=True):
        need = counters[s.NEED_ROWS if name in ("rows", "takes") else s.NEED]
        pool, used = getattr(state, name), counters[counter]
        if len(pool) - used < need:
            grown[name] = _longer(pool, max(2 * len(pool), int(used + need)))
    for pool_name in _BESIDE.keys() & grown.keys():
        for name in _BESIDE[pool_name]:
            grown[name] = _longer(getattr(state, name), len(grown[pool_name]))
    return state._replace(**grown)


def joined(parts: list[Records]) -> Records:
    """Records one behind the other; takes them out of the list, so that none is there twice."""
    if len(parts) == 1:
        return parts.pop()
    kind = parts[0].dtype
    found = np.empty(sum(len(part) for part in parts) * kind.itemsize, np.uint8)
    first = 0
    for number, part in enumerate(parts):
        size = len(part) * kind.itemsize
        found[first : first + size] = _bytes(part)
        first, parts[number] = first + size, part[:0].copy()
    parts.clear()
    return found.view(kind)


def _bytes(records: Records) -> NDArray[np.uint8]:
    """Records as bytes: as records numpy copies them one by one."""
    return np.asarray(records.view(np.uint8))


def _longer(pool: Records, length: int) -> Records:
    found = np.zeros((length, *pool.shape[1:]), pool.dtype)
    _bytes(found)[: len(_bytes(pool))] = _bytes(pool)
    return found
