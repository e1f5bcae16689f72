"""The fold: takes events in order through every rule, from a state to a state (compiled).

One event, as S16 has it: the clock moves; facts take the event in, and coupons are used on it;
conditions are judged with the balances and tier from before it; amounts are settled; what the
event itself does is done (reversal, redemption, spin, adjustment, transfer); gifts are written,
then a spin's prize; then the tier is looked at.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from engine.machine import (
    amounts,
    choose,
    clock,
    coupons,
    give,
    intake,
    judge,
    prizes,
    progress,
    redeem,
    referrals,
    reverse,
    runs,
    settle,
    telling,
    tiers,
    transfer,
)
from engine.machine.bytecode_steps import Code
from engine.machine.compiling import INNER, OUTER, SMALL
from engine.machine.intake import FINE, TOO_LARGE
from engine.machine.ready import fill
from engine.machine.reasons import TOO_MUCH
from engine.machine.referrals import NOBODY
from engine.machine.state import (
    GIFTS,
    GRANTS,
    ITEMS,
    LOTS,
    MOST_LOTS,
    NEED,
    NEED_ROWS,
    NO_COUPON,
    POSITION,
    REDEMPTIONS,
    REFUSALS,
    RISES,
    ROWS,
    RUNS,
    TAKES,
    Feed,
    Ready,
    Scratch,
    State,
)
from engine.machine.tables import (
    ADJUST,
    CANCEL_REDEEM,
    DRAW,
    O_GROUPS,
    O_OTHERS,
    O_ROOM,
    O_STARTS,
    O_TASKS,
    PROFILE,
    REDEEM,
    REWARD_PAY,
    T_BEFORE,
    TRANSFER,
    USE,
    Tables,
)


@njit(cache=True, **OUTER)
def fold(
    state: State, tables: Tables, feed: Feed, code: Code, scratch: Scratch, ready: Ready,
    todo: NDArray[np.int64], start: int, bad: NDArray[np.int8],
) -> int:  # fmt: skip
    """Works `todo[start:]`; returns how far it came, less than all when a pool needs more room.

    Blocks begin at every WIDTH-th of `todo`, wherever the work begins. `bad` is set for events
    whose numbers are too large (1), or whose member shows more values to a `most frequent` fact
    than it can hold (2); the caller folds again without those of 1.
    """
    width = len(ready.places)
    for first in range(start // width * width, len(todo), width):
        stop = min(first + width, len(todo))
        fill(tables, feed, code, scratch, ready, todo, first, stop)
        for k in range(max(first, start), stop):
            i = todo[k]
            if not has_room(state, tables, feed, i):
                return k
            place = ready.places[k - first]
            bad[i] = event(state, tables, feed, ready, code, scratch, i, place)
    return len(todo)


@njit(cache=True, **OUTER)
def finish(state: State, tables: Tables, members: NDArray[np.int64], start: int, until: int) -> int:
    """Moves the clocks of `members[start:]` over the boundary that begins `until`."""
    for k in range(start, len(members)):
        if not _has(state, 64, 64 + 8 * state.members[members[k]].lots):
            return k
        clock.move(state, tables, members[k], until)
    return len(members)


@njit(**INNER)
def has_room(state: State, tables: Tables, feed: Feed, i: int) -> bool:
    """Whether every pool has room for the most that event `i` can write."""
    need = tables.options[O_ROOM]
    if feed.reward[i] >= 0 and tables.rewards[feed.reward[i]].kind != REWARD_PAY:
        need += feed.quantity[i]
    if tables.options[O_STARTS]:
        need += tables.options[O_STARTS] * runs.count_open(state, tables, feed.member[i])
    lots, parties = state.members[feed.member[i]].lots, 2
    if tables.options[O_OTHERS]:
        lots, parties = state.counters[MOST_LOTS], 2 + referrals.parties(tables, feed, i)
        need += state.members[feed.member[i]].lots  # as many as a transfer may open
    if feed.target[i] >= 0 and feed.keep[feed.target[i]] >= 0:
        kept = state.keeps[feed.keep[feed.target[i]]]
        link = kept.redemption
        while link >= 0:
            at = state.redemptions[link].first_take
            while at >= 0:
                need += 2
                at = state.takes[at].next
            link = state.redemptions[link].next
        parties += 2 * len(tables.gives) if tables.options[O_OTHERS] else 2
    return _has(state, need, need + 4 * parties * (lots + 1))


@njit(**SMALL)
def _has(state: State, need: int, rows: int) -> bool:
    """Whether there is room for `need` in each pool, and for `rows` where lots are touched."""
    used = state.counters
    used[NEED], used[NEED_ROWS] = need, rows
    return (
        len(state.lots) - used[LOTS] >= need
        and len(state.items) - used[ITEMS] >= need
        and len(state.rows) - used[ROWS] >= rows
        and len(state.grants) - used[GRANTS] >= need
        and len(state.refusals) - used[REFUSALS] >= need
        and len(state.gifts) - used[GIFTS] >= need
        and len(state.takes) - used[TAKES] >= rows
        and len(state.rises) - used[RISES] >= need
        and len(state.redemptions) - used[REDEMPTIONS] >= need
        and len(state.runs) - used[RUNS] >= need
    )


@njit(**INNER)
def event(
    state: State, tables: Tables, feed: Feed, ready: Ready, code: Code, scratch: Scratch, i: int,
    at: int,
) -> int:  # fmt: skip
    """One event, whole, at a place of `ready`; FINE, or why it cannot be worked."""
    scratch.turn[0] += 1
    if feed.invited[i] != NOBODY:
        referrals.invite(state, feed, i)
        if not feed.joins[i]:
            return FINE
    enter(state, tables, feed, scratch, i)
    trouble = intake.take_facts(state, tables, feed, ready, code, scratch, i, at)
    if trouble:
        return trouble
    kind = tables.built_in[feed.type[i]]
    if kind == USE:
        coupons.use_grant(state, tables, feed, i)
    elif len(feed.coupon) and feed.coupon[0, i] != NO_COUPON:
        if not coupons.use_all(state, tables, feed, code, scratch, i):
            return TOO_LARGE
    held = decide(state, tables, feed, ready, code, scratch, i, at)
    if held < 0:
        return TOO_LARGE
    done = _act(state, tables, feed, code, scratch, i, kind)
    if done == TOO_MUCH:
        return TOO_LARGE
    if held:
        give.give(state, tables, feed, scratch, held, i)
    if kind == DRAW and done == redeem.DONE and not prizes.hand_over(state, tables, feed, i):
        return TOO_LARGE
    if tables.options[O_STARTS] and not runs.begin(state, tables, feed, code, scratch, i):
        return TOO_LARGE
    leave(state, tables, feed, scratch, i)
    return FINE


@njit(**INNER)
def _act(
    state: State, tables: Tables, feed: Feed, code: Code, scratch: Scratch, i: int, kind: int
) -> int:
    """What the event itself does: DONE, REFUSED, or TOO_MUCH where a number is too large."""
    if tables.reverses[feed.type[i]] >= 0:
        reverse.reverse(state, tables, feed, i)
    elif kind == REDEEM or kind == DRAW:
        return redeem.redeem(state, tables, feed, code, scratch, i)
    elif kind == CANCEL_REDEEM:
        redeem.cancel(state, tables, feed, i)
    elif kind == ADJUST:
        return redeem.DONE if redeem.adjust(state, tables, feed, i) else TOO_MUCH
    elif kind == TRANSFER:
        return redeem.DONE if transfer.transfer(state, tables, feed, i) else TOO_MUCH
    return redeem.DONE


@njit(**INNER)
def enter(state: State, tables: Tables, feed: Feed, scratch: Scratch, i: int) -> None:
    """Moves the clocks of everybody the event touches, and remembers their rungs before it."""
    member, day, kind = feed.member[i], feed.day[i], feed.type[i]
    clock.move(state, tables, member, day)
    scratch.rungs[0] = state.members[member].rung
    for to in range(referrals.parties(tables, feed, i)):
        receiver = referrals.party(state, feed, i, to)
        if receiver >= 0:
            clock.move(state, tables, receiver, day)
            scratch.rungs[1 + to] = state.members[receiver].rung
    if tables.reverses[kind] >= 0:
        gift = state.keeps[feed.keep[feed.target[i]]].first_gift
        while gift >= 0:
            clock.move(state, tables, state.gifts[gift].member, day)
            gift = state.gifts[gift].next
    for wallet in range(len(tables.wallets)):
        if tables.wallets[wallet].without == kind:
            state.silences[member, wallet] = day
    if tables.built_in[kind] == PROFILE:
        for a in range(len(tables.profile)):
            if not feed.fields_null[tables.profile[a], i]:
                state.attributes[member, a] = feed.fields[tables.profile[a], i]
                state.attributes_null[member, a] = False
    state.counters[POSITION] = 0


@njit(**INNER)
def decide(
    state: State, tables: Tables, feed: Feed, ready: Ready, code: Code, scratch: Scratch, i: int,
    at: int,
) -> int:  # fmt: skip
    """Which rules hold and what each gives, into `scratch`; how many, or -1 when too large."""
    if tables.tiers[T_BEFORE]:
        tiers.rise(state, tables, feed.member[i], feed.day[i])
    if scratch.turn[1]:
        telling.tell(state, tables, feed, ready, scratch, i, at)
    held = judge.judge(state, tables, feed, ready, code, scratch, i, at)
    if held > 0 and tables.options[O_TASKS]:
        held = progress.advance(state, tables, feed, ready, code, scratch, held, i, at)
    if held <= 0:
        return held
    if not settle.plainly(tables, feed, ready, scratch, held, i, at):
        held = amounts.evaluate(state, tables, feed, ready, code, scratch, held, i, at)
        if held <= 0:
            return held
        if tables.options[O_GROUPS]:
            held = choose.choose(tables, scratch, held)
            if held <= 0:
                return held
        if not settle.settle(tables, scratch, held):
            return -1
    return held if settle.has_place(state, tables, scratch) else -1


@njit(**INNER)
def leave(state: State, tables: Tables, feed: Feed, scratch: Scratch, i: int) -> None:
    """Looks at the tiers of everybody the event touched and sets their clocks anew."""
    member, day = feed.member[i], feed.day[i]
    moves = tables.moves_tier[feed.type[i]] and not tiers.stays(state, tables, member)
    if moves or state.members[member].look:
        clock.look_again(state, tables, member, day)
        _note_rise(state, feed.keep[i], member, scratch.rungs[0])
    else:
        clock.set_due(state, tables, member, day)
    for to in range(referrals.parties(tables, feed, i)):
        receiver = referrals.party(state, feed, i, to)
        if receiver >= 0 and receiver != member:
            clock.look_again(state, tables, receiver, day)
            _note_rise(state, feed.keep[i], receiver, scratch.rungs[1 + to])
    if tables.reverses[feed.type[i]] >= 0:
        gift = state.keeps[feed.keep[feed.target[i]]].first_gift
        while gift >= 0:
            clock.look_again(state, tables, state.gifts[gift].member, day)
            gift = state.gifts[gift].next


@njit(**INNER)
def _note_rise(state: State, keep: int, member: int, was: int) -> None:
    """Remembers a rise that a reversal of the event takes back."""
    if keep < 0 or state.members[member].rung <= was:
        return
    at = state.counters[RISES]
    state.counters[RISES] += 1
    new = state.rises[at]
    new.member, new.was, new.became = member, was, state.members[member].rung
    new.next = state.keeps[keep].rises
    state.keeps[keep].rises = at
