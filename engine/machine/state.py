"""What the fold keeps: per member, per wallet, per fact, and pools of lots, lists and results."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.machine.tables import Records


def _packed(longs: str, shorts: str) -> np.dtype[Any]:
    """A record of int64 and then int32 fields: positions, days and codes need no more."""
    fields = [(name, np.int64) for name in longs.split()]
    return np.dtype(fields + [(name, np.int32) for name in shorts.split()], align=True)


# `due`: the next day on which the clock has work, `tier_due` on which his tier may have some;
# `look`: 1 where his tier is looked at after his next event, whatever that is. `rung`: the tier he
# reached himself, -1 none; `next`: below so much of a plain measure he stays on it; `since`: S25's
# D; `grace_until`: the last day of a grace, or -1.
# `grants` leads his open grants. `referrer`: who brought him, -1 nobody; `friends`: how many he has
# brought; `qualified`: the first of his events for which a referral rule held, or -1. `role`: what
# he is in a chain; `boss`: with whom he is, -1 nobody; `agents`: how many of those he has brought
# are agents.
MEMBER = _packed(
    "next",
    "due tier_due look joined rung since grace_until lots grants referrer friends qualified"
    " role boss agents",
)
AGENT, BOSS = 1, 2  # roles
# Active lots stand in the order they are spent, waiting ones in the order they become active.
# active = what is left over active lots - deficit; no active lot ends before `soonest`. `mixed`:
# active lots may stand in another order than that in which they end.
PURSE = _packed("active pending deficit", "first last first_waiting last_waiting soonest mixed")
LOT = _packed(
    "left gone", "member wallet event term active_day last_day next previous state keep"
)  # gone: what expired of it
LOT_PENDING, LOT_ACTIVE, LOT_EMPTY = 1, 2, 3
# A fact's own numbers; what each means stands at its kind in facts.py.
KEPT = _packed("a b", "known day key open first last length")
ITEM = _packed("value", "day count next")
PROGRESS = _packed("gathered done", "key runs")  # of a part of a task; `runs` leads its open runs
# A run of a task; it is over after the instant `until` and after its last day. `after`: the next
# one that is done with the same event; `keep`: its room is never another's.
RUN = _packed("gathered goal until", "last_day member next after keep")
USED = _packed("used", "key first last length")  # of a limit; a list where its period rolls
SPENT = _packed("used total", "key ended ended_key ended_day first last length")  # of a budget
SHELF = _packed("taken back", "back_day")  # of a reward's stock

ROW = _packed(
    "amount wanted missing",
    "member wallet kind rule event day position lot_event lot_member marks",
)
HAS_LOT, HAS_WANTED, HAS_MISSING = 1, 2, 4  # marks
EARN, BONUS, POST, SPEND, RESTORE, REVERSE, EXPIRE, ADJUSTED, TRANSFERRED = range(9)
KINDS = (
    "earn", "bonus", "post", "spend", "restore", "reverse", "expire", "adjust", "transfer",
)  # fmt: skip

# `used_on`: the event it was used on; `worth`: what it took off or paid there, -1 where that is not
# known; `returned`: how often it came back.
GRANT = _packed(
    "worth",
    "member kind id rule event number until state used_event used_on returned next sibling day",
)
# Of what a spin drew: it was given, or there was none left.
GRANT_OPEN, GRANT_USED, GRANT_CANCELLED, GRANT_GIVEN, GRANT_OUT = range(5)
STATES = ("open", "used", "cancelled", "given", "out_of_stock")
NO_WORTH = -1

REFUSAL = _packed("missing", "member event rule code")
(NO_BALANCE, NO_STOCK, LIMIT_REACHED, NOT_ELIGIBLE, NOT_IN_WINDOW, NO_BUDGET, UNKNOWN_REWARD,
 UNKNOWN_REFERRER, SELF_REFERRAL, SECOND_REFERRER, CYCLE, NOT_UNIQUE) = range(12)  # fmt: skip
CODES = (
    "insufficient_balance", "out_of_stock", "limit_reached", "not_eligible", "not_in_window",
    "budget_exhausted", "unknown_reward", "unknown_referrer", "self_referral", "second_referrer",
    "cycle", "not_unique",
)  # fmt: skip
REASON = 64  # more than there are codes

# What is kept of an event that something reverses or cancels: what it gave, what was taken back,
# the rises it made, the redemptions that name it.
KEEP = _packed("taken", "whole rises first_gift last_gift redemption grants")
RISE = _packed("", "member was became next")
# One entry it wrote; `done` is what counts as taken back so far. As its wallet COUNT_ALONE: so many
# `times` of a rule, which `return limit` gives back; PROGRESSED: what it added to the part of a
# task whose column is `lot`, or how many `times` that was done with it. OF_A_RUN: what it added to
# the run `lot`, or, with `times`, that it began it.
GIFT = _packed("amount done", "member wallet rule lot next times")
COUNT_ALONE, PROGRESSED, OF_A_RUN = -1, -2, -3
REDEMPTION = _packed("quantity budgeted", "event keep next reward first_take closed")
TAKE = _packed("amount back", "wallet lot next")  # of a redemption, the last taken first

LISTED, BOUND, CURRENT = 2, 3, 4  # in Scratch.turn

COUNTERS = 17
(LOTS, FREE_LOT, ITEMS, FREE_ITEM, ROWS, GRANTS, REFUSALS, GIFTS, TAKES, REDEMPTIONS, RISES,
 MOST_LOTS, POSITION, NEED, NEED_ROWS, RUNS, FREE_RUN) = range(COUNTERS)  # fmt: skip
# NEED: the room that the next event may take of a pool; NEED_ROWS: of rows and takes.


class State(NamedTuple):
    """All of it. The pools, from `lots` on, grow between events; -1 ends a list."""

    members: Records
    purses: Records  # members by wallets
    facts: Records  # members by facts
    attributes: NDArray[np.int64]  # members by attributes
    attributes_null: NDArray[np.bool_]
    floors: NDArray[np.int64]  # members by tiers: the last day of a tier that was given
    rights: NDArray[np.int64]  # members by privileges: the last day of a right that was given
    silences: NDArray[np.int64]  # members by wallets: the day of the last event its lots wait for
    used: Records  # members by limits
    progress: Records  # members by parts of tasks
    spent: Records  # budgets
    shelves: Records  # rewards
    keeps: Records
    lots: Records
    items: Records
    rows: Records
    grants: Records
    refusals: Records
    gifts: Records
    takes: Records
    rises: Records
    redemptions: Records
    runs: Records
    begun: NDArray[np.int64]  # runs by what they keep of their start
    begun_null: NDArray[np.bool_]
    snapshots: NDArray[np.int64]  # refusals by slots: the environment of a condition that failed
    snapshots_null: NDArray[np.bool_]
    counters: NDArray[np.int64]


class Scratch(NamedTuple):
    """Room for one event: the environment, what each rule came to, what each give amounts to."""

    env: NDArray[np.int64]
    null: NDArray[np.bool_]
    verdict: NDArray[np.int64]  # per rule
    passed: NDArray[np.int64]  # per rule that leads others: the turn in which it held last
    held: NDArray[np.int64]  # rules that hold, in file order
    high: NDArray[np.int64]  # per give: the product, over `den`
    low: NDArray[np.int64]
    den: NDArray[np.int64]
    amount: NDArray[np.int64]  # per give: the entry, in the wallet's unit
    wanted: NDArray[np.int64]
    known: NDArray[np.int64]  # per give: 1 where it has an entry
    factor: NDArray[np.int64]  # per give: of its step, see STEP
    product: NDArray[np.int64]  # per give: the running product in parts of its wallet
    listed: NDArray[np.int64]  # the gives of the rules that hold: gifts, then multipliers
    sums: NDArray[np.int64]  # per wallet: the running total, in parts
    parts: NDArray[np.int64]  # per wallet: how many parts its smallest unit has by now
    done: NDArray[np.int64]  # per wallet: what the entries before come to
    receiver: NDArray[np.int64]  # per rule
    times: NDArray[np.int64]  # per rule: how often a task is done, 1 for any other
    runs: NDArray[np.int64]  # per rule: the first of the runs that are done with the event, or -1
    met: NDArray[np.int64]  # per rule: the turn in which it held last, where there are tasks
    rungs: NDArray[np.int64]  # of the member and of each receiver, before the event
    seen: NDArray[np.int64]  # per slot: the turn in which it was loaded
    turn: NDArray[np.int64]  # the number of the event, whether all is to be told, LISTED: how many
    # are listed, BOUND: whether a rule that holds is bound, or all is told, CURRENT: the run that
    # is looked at, or -1


class Ready(NamedTuple):
    """What is worked out of a block of events alone, and room for doing so."""

    places: NDArray[np.int64]  # of each event in turn, its place in what follows: type by type
    turns: NDArray[np.int64]  # by place: which event in turn it is
    ends: NDArray[np.int64]  # one past the last place of each type; one more than types
    bits: NDArray[np.uint64]  # events by words: a bit for each rule of the event's type
    columns: NDArray[np.int64]  # columns by events: amounts and what facts take
    bad: NDArray[np.bool_]  # events with a number that is too large
    env: NDArray[np.int64]  # slots, then what is asked of the day by OF_*, by events
    null: NDArray[np.bool_]
    loaded: NDArray[np.bool_]  # whether each holds the events worked on
    high: NDArray[np.int64]
    low: NDArray[np.int64]
    state: NDArray[np.int8]
    upper: NDArray[np.int64]  # registers, as evaluate_block has them
    lower: NDArray[np.int64]
    gone: NDArray[np.bool_]
    large: NDArray[np.bool_]


class Feed(NamedTuple):
    """Events as the fold takes them, in order; positions, codes and days."""

    member: NDArray[np.int64]
    type: NDArray[np.int64]
    at: NDArray[np.int64]
    day: NDArray[np.int64]
    hour: NDArray[np.int64]
    fields: NDArray[np.int64]  # columns by events
    fields_null: NDArray[np.bool_]
    keep: NDArray[np.int64]  # position in State.keeps, or -1
    target: NDArray[np.int64]  # the event it reverses, cancels or is used on, or -1
    reward: NDArray[np.int64]  # of redeem, use and draw, or -1
    quantity: NDArray[np.int64]  # of a redeem; points of paying; what is adjusted or transferred
    wallet: NDArray[np.int64]  # of what is adjusted or transferred; of a draw its prize
    last_day: NDArray[np.int64]  # of an adjustment's lot, or -1
    grant: NDArray[np.int64]  # of a use: the event that made the grant, or -1
    grant_rule: NDArray[np.int64]
    grant_number: NDArray[np.int64]
    receivers: NDArray[np.int64]  # `to` fields by events: the member named, or -1; transfers last
    # Of a join: who brings its member, -1 nobody; of a refused invitation -2 less the code, and
    # less REASON times the attribute that is shared.
    invited: NDArray[np.int64]
    joins: NDArray[np.int64]  # 0 for a second join, which is an invitation alone
    coupon: NDArray[np.int64]  # by events what their `coupon` names, one below the other: a reward,
    # of a grant the rule that gave it, NO_COUPON for nothing, NOT_KNOWN
    coupon_how: NDArray[np.int64]  # BY_REWARD, BY_CODE; BY_GRANT and more: of a grant its number
    coupon_event: NDArray[np.int64]  # of a grant the event that gave it, or -1


NO_COUPON, NOT_KNOWN = -1, -2
BY_REWARD, BY_CODE, BY_GRANT = range(3)
MOST_COUPONS = 8  # on one order
