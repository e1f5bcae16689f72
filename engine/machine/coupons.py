"""Coupons: what an order uses of what its member holds, and what comes back (compiled; S27, S30).

An event of a type with a field `coupon` asks for what it names; each is judged at that event, in
the order in which they stand. What is refused leaves the event as it is. A `use` records what the
till has decided.
"""

from __future__ import annotations

from numba import njit

from engine.machine import codes, facts, wide
from engine.machine.bytecode_steps import Code
from engine.machine.calendar import LONG_AGO
from engine.machine.compiling import INNER
from engine.machine.grants import refuse, remember_why
from engine.machine.lots import step_on
from engine.machine.reasons import BESIDE, FITS, NO_GRANT, OF_ORDER, TOO_MUCH, holds
from engine.machine.shelf import put_back
from engine.machine.state import (
    BY_CODE,
    BY_GRANT,
    GRANT_CANCELLED,
    GRANT_OPEN,
    GRANT_USED,
    NO_COUPON,
    NO_WORTH,
    NOT_ELIGIBLE,
    NOT_IN_WINDOW,
    NOT_KNOWN,
    UNKNOWN_REWARD,
    Feed,
    Scratch,
    State,
)
from engine.machine.tables import AWARD_ITEM, AWARD_VOUCHER, COUNT, Records, Tables


@njit(**INNER)
def use_all(
    state: State, tables: Tables, feed: Feed, code: Code, scratch: Scratch, i: int
) -> bool:  # fmt: skip
    """Uses on event `i` every coupon that it names, or refuses it; False when too large."""
    before, left, member = -1, _amount(tables, feed, i), feed.member[i]
    for n in range(len(feed.coupon)):
        if feed.coupon[n, i] == NO_COUPON:
            break
        at, reward, reason, missing = _asked(state, tables, feed, code, scratch, i, n, before)
        if reason == TOO_MUCH:
            return False
        if reason >= 0:
            rule = tables.rewards[reward].rule if reward >= 0 else -1
            refuse(state, member, i, rule, reason, missing)
            remember_why(state, scratch)
            continue
        if at < 0:
            at = codes.issue(state, tables, feed, i, reward, n)
        worth = _use(state, tables, feed, i, at, i, left)
        before, left = reward, left - max(worth, 0) if left >= 0 else left
    scratch.turn[0] += 1  # facts of coupons are others now than those that were loaded
    return True


@njit(**INNER)
def _asked(
    state: State, tables: Tables, feed: Feed, code: Code, scratch: Scratch, i: int, n: int,
    before: int,
) -> tuple[int, int, int, int]:  # fmt: skip
    """What the `n`-th coupon of event `i` comes to: its grant, -1 for one that is had by its code,
    its reward, -1 where that is not known, why it is not used, -1 where it is, what is missing.

    `before` is the reward used before it on the event, or -1.
    """
    what, how, event = feed.coupon[n, i], feed.coupon_how[n, i], feed.coupon_event[n, i]
    if what == NOT_KNOWN:
        return -1, -1, UNKNOWN_REWARD, n
    at, reward = -1, what if how < BY_GRANT else -1
    if how != BY_CODE:
        rule = what if how >= BY_GRANT else -1
        member, number = feed.member[i], how - BY_GRANT
        at, over = find(state, member, feed.day[i], reward, rule, event, number)
        if at < 0:
            ended = over != LONG_AGO
            return at, reward, NOT_IN_WINDOW if ended else NOT_ELIGIBLE, over if ended else NO_GRANT
        reward = state.grants[at].id
    reason, missing = _reason(state, tables, feed, code, scratch, i, at, reward, before)
    return at, reward, reason, missing


@njit(**INNER)
def use_grant(state: State, tables: Tables, feed: Feed, i: int) -> None:
    """Works `use`: the grant it names, or of a reward the open one that ends first."""
    reward, named = feed.reward[i], feed.grant[i] >= 0
    rule = feed.grant_rule[i] if named else -1
    best, _ = find(
        state, feed.member[i], feed.day[i], reward, rule, feed.grant[i], feed.grant_number[i]
    )
    if best >= 0:
        order = feed.target[i] if 0 <= feed.target[i] < i else -1
        left = _amount(tables, feed, order) if order >= 0 else NO_WORTH
        _use(state, tables, feed, i, best, order if order >= 0 else i, left)
    elif reward < 0 and not named:
        refuse(state, feed.member[i], i, -1, UNKNOWN_REWARD, 0)
    else:
        rule = tables.rewards[reward].rule if reward >= 0 else -1
        refuse(state, feed.member[i], i, rule, NOT_ELIGIBLE, NO_GRANT)


@njit(**INNER)
def give_back_coupons(state: State, feed: Feed, i: int, order: int) -> None:
    """Coupons that were used on an order come back, unless what gave them was taken back itself.

    Open they are again only until their last day.
    """
    at = state.members[feed.member[order]].grants
    while at >= 0:
        it = state.grants[at]
        if it.state == GRANT_USED and it.used_on == order:
            it.state, it.used_event, it.used_on, it.worth = GRANT_OPEN, -1, -1, NO_WORTH
            it.returned += 1
            if it.event != order and _is_taken_back(state, feed, it.event):
                it.state = GRANT_CANCELLED
                put_back(state, it.id, 1, feed.day[i])
        at = it.next


@njit(**INNER)
def _is_taken_back(state: State, feed: Feed, event: int) -> bool:
    """Whether an event was reversed whole, or is a redemption that was cancelled."""
    if feed.keep[event] < 0:
        return False
    kept = state.keeps[feed.keep[event]]
    link = kept.redemption
    if link >= 0 and state.redemptions[link].event == event:
        return bool(state.redemptions[link].closed)
    return bool(kept.whole)


@njit(**INNER)
def find(
    state: State, member: int, day: int, reward: int, rule: int, event: int, number: int
) -> tuple[int, int]:
    """The open grant that a rule gave for an event, or of a reward the one that ends first, or -1;
    beside it the last day of one whose day has passed, or LONG_AGO."""
    best, over, at = -1, LONG_AGO, state.members[member].grants
    while at >= 0:
        it = state.grants[at]
        named = rule < 0 or (it.event == event and it.rule == rule and it.number == number)
        right = it.kind <= AWARD_VOUCHER and (reward < 0 or it.id == reward)
        if named and right and it.state == GRANT_OPEN:
            if it.until < day:
                over = max(over, it.until)
            elif best < 0 or it.until <= state.grants[best].until:
                best = at
        at = it.next
    return best, over


@njit(**INNER)
def _amount(tables: Tables, feed: Feed, i: int) -> int:
    """An event's `amount`, not below zero; NO_WORTH where it has none."""
    column = tables.amount_of[feed.type[i]]
    if column < 0 or feed.fields_null[column, i]:
        return NO_WORTH
    amount: int = max(feed.fields[column, i], 0)
    return amount


@njit(**INNER)
def _reason(
    state: State, tables: Tables, feed: Feed, code: Code, scratch: Scratch, i: int, at: int,
    reward: int, before: int,
) -> tuple[int, int]:  # fmt: skip
    """Why a coupon is not used on event `i` and what is missing, or -1.

    `at` is its grant, -1 where it is had by its code; `before` the reward used before it, or -1.
    """
    it, day = tables.coupons[reward], feed.day[i] if at < 0 else state.grants[at].day
    if at < 0:
        reason, missing = codes.bars(state, tables, feed, code, scratch, i, reward)
        if reason != -1:
            return reason, missing
    if it.on >= 0:
        held = holds(state, tables, feed, code, scratch, i, it.on)
        if held != FITS:
            return (held, 0) if held == TOO_MUCH else (NOT_ELIGIBLE, OF_ORDER)
    step = step_on(tables.steps, it.least_from, it.least_to, day)
    if step >= 0:
        lacks = tables.steps[step].number - max(_amount(tables, feed, i), 0)
        if lacks > 0:
            return NOT_ELIGIBLE, lacks
    if before >= 0 and not (it.stacks and tables.coupons[before].stacks):
        return NOT_ELIGIBLE, BESIDE - before
    return codes.room(state, tables, feed, i, reward) if at < 0 else (-1, 0)


@njit(**INNER)
def _use(
    state: State, tables: Tables, feed: Feed, i: int, at: int, order: int, left: int
) -> int:  # fmt: skip
    """Event `i` uses a grant on an order of whose amount so much is left; what it is worth."""
    it = state.grants[at]
    it.state, it.used_event, it.used_on = GRANT_USED, i, order
    worth = _worth(tables, it, _amount(tables, feed, order), left)
    it.worth = worth
    for f in range(len(tables.facts)):
        fact, kept = tables.facts[f], state.facts[it.member, f]
        counted = fact.reward == it.id and fact.kind == COUNT
        if counted and (fact.since < 0 or kept.open):
            facts.take_in(state, fact, kept, 1, feed.day[i], feed.hour[i])
    return worth


@njit(**INNER)
def _worth(tables: Tables, it: Records, amount: int, left: int) -> int:
    """What a coupon takes off or a voucher pays: as it was when given, at most what is left.

    Of an order without an amount a share is not known, and a sum is all of it.
    """
    own = tables.coupons[it.id]
    step = step_on(tables.steps, own.face_from, own.face_to, it.day)
    if it.kind == AWARD_ITEM or step < 0 or (own.percent and amount < 0):
        return NO_WORTH
    face: int = tables.steps[step].number
    if own.percent:
        high, low, _ = wide.multiply(0, amount, 0, face)
        _, face, _ = wide.divide(high, low, 0, tables.steps[step].den, wide.NEAREST)
    return min(face, left) if left >= 0 else face
