"""The compiled program: tables of whole numbers that the fold reads, a record per rule or value."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

# An array of one of the record types below, or one record of it, whose attributes are its fields
# in compiled code: no checker knows them.
Records = Any


def record(fields: str) -> np.dtype[Any]:
    """A record of int64 fields, by their names."""
    return np.dtype([(name, np.int64) for name in fields.split()])


# A value per starting date: `number` is an expression, a term, a whole number, or a share's
# numerator; `den` its denominator. The steps of one dated value stand together, ascending.
# An amount's `how`: worked out when asked (ASKED), `value` is the column of Ready it stands in
# (COLUMN), of the event (FIELD), or it is the constant `value` (CONSTANT). Times `factor` it is in
# its wallet's parts.
STEP = record("start number den how value factor")
ASKED, COLUMN, CONSTANT, FIELD, ITS_INSTANT, ITS_DAY = range(6)
# A length of time; `to_end` the unit to whose end it reaches (0: none), `without` an event type.
TERM = record("count unit to_end without")
# `parts`: how many parts its smallest unit has, so that each gift is whole in them.
WALLET = record(
    "expires_from expires_to pending_from pending_to round oldest_first below_zero on_refund"
    " new_expiry scale without parts transfer"
)
FACT = record(
    "kind event value condition less_event less_value over over_unit before before_unit since"
    " this by of_last starts_over freezes freeze_unit plain slides reward"
)  # `plain`: it is its number `a`; `slides`: `a` and `b` are sums over its list; `reward`: it looks
# at coupons of that reward, not at events
# `section`: its place among SECTIONS. Ranges are half open. Of a condition the event alone
# decides `early` and the looks, tests another part; `rest` is worked out for what is left; `begins`
# is the first day on which it and its dated values hold. `plain`: nothing of the member but tests
# stands against it; `simple`: nothing but the event and constants is in its amounts; `bound`: it
# gives more than amounts, or a limit or budget `cuts` its entries or `counts` it. `task`: its TASK,
# or -1.
# A referral rule is several records: its `lead`, which says whether it holds, and one for each side
# that is given to, whose lead that is; -1 for other rules. `counter` is the limit that counts the
# friends for whom it has held, `nth` the one that a milestone waits for; `first` is the number of a
# side's first award. A chain is such a rule; of its lead `nth` is how many agents make a boss, and
# `first` the badge of an agent, behind which that of a boss stands.
RULE = record(
    "section condition early rest tests_from tests_to begins start end within once gives_from"
    " gives_to multiplies_from multiplies_to awards_from awards_to limits_from limits_to budget"
    " group priority to_field return_limit of_from of_to looks_from looks_to task plain simple"
    " bound cuts counts lead nth counter first"
)
# What is known of the member against a constant; of a tier `value` has a bit for each rung. `over`:
# its remainder by that is meant; `among`: so many places from `value` on in `listed` are meant;
# `way`: how that is come by where it is simple, `days` those that a sum slides over. ASKED_OF:
# whose bit among the rules of a type a test takes.
TEST = record("source index holds value over among way days")
OTHERWISE, OF_RUNG, OF_PLAIN, OF_SLIDING, OF_ATTRIBUTE = range(5)
ASKED_OF = record("word mask test")
# What a fact takes of an event: see ASKED; `role` is one of ROLE_*, `way` how it is kept; `days` is
# how many a fact that slides looks at; `friend`: the fact is of who brought the event's member.
INTAKE = record("fact role how value way days friend")
AS_IT_IS, ADDED, SLIDING = range(3)
# What is worked out of events alone, of one type: a bit for a rule, or a column of numbers;
# `number` is an expression, or -1, -2, -3 for 1, the event's instant and its day; TESTED: the bit
# stays where the test of the event holds that stands at `where`.
JOB = record("number where column rule")
TESTED = -4
# What an event must be: a field of it (OF_FIELD) or something of its day, which stands at `slot`,
# within `low` and `high`, or among the constants from `low` up to `high` in `listed`, or null; or
# not so.
LOOK = record("source index slot how low high negated")
OF_FIELD, OF_WEEKDAY, OF_MONTH, OF_DOM, OF_YEAR, OF_HOUR, SOURCES = range(7)
WITHIN, AMONG, IS_NULL = range(3)
# A task with progress, and its parts, which are columns of State.progress: each counts what is
# gathered, see `how` at STEP. NEEDED: 1 for an `event`, or for a rule among `needed` that holds.
# `condition`: what is asked of each run by itself; `start`: -1, or of a task with runs its START.
TASK = record("rule parts_from parts_to goal repeats unit start condition")
PART = record("how value event rules_from rules_to")
NEEDED = -1
# What an `event` begins for a task where `condition` holds: `goal` and `within` are expressions
# with their denominators, or -1 for the goal `least` and for no end; `scale` is what a goal is
# counted in. A unit of time has `micros` where it is shorter than a day.
START = record("event rule part condition goal goal_den scale least within within_den micros unit")
TIMES_MAX = 1_000  # so often at one event is a task done that gives more than amounts
GIVE = record("rule wallet steps_from steps_to")
AWARD = record("kind id count term")
LIMIT = record("rule wallet unit days steps_from steps_to")
# Of a prize's stock, which is a budget that counts, `rule` is -1.
BUDGET = record("refuse rule wallet unit days steps_from steps_to")
# What a spin may bring: a reward, or an amount in a wallet's smallest unit; -1 where there is none.
PRIZE = record("reward wallet amount stock")
REWARD = record(
    "rule kind costs_from costs_to stock_from stock_to valid_from valid_to pay_wallet points_from"
    " points_to money_from money_to most_from most_to least_from least_to"
)
# How a reward is used on an order: what it takes off or pays (over `den` a share where `percent`),
# the least amount of the order, what must hold of it; `privilege`: the right that is had for it.
COUPON = record("percent face_from face_to least_from least_to on stacks privilege")
RUNG = record("steps_from steps_to")
# What an expression needs in its environment: a slot, where its value comes from, which one;
# `referrer`: it is known of who brought the event's member.
NEED = record("slot source index extra referrer")


class Tables(NamedTuple):
    """Every table of a program. Ranges of one table point into another."""

    steps: Records
    terms: Records
    wallets: Records
    facts: Records
    rules: Records
    gives: Records  # of rules, of multipliers and costs of rewards alike
    awards: Records
    limits: Records
    budgets: Records
    rewards: Records  # and then the draws
    coupons: Records  # by reward
    prizes: Records  # of all draws
    rungs: Records
    needs: Records
    tests: Records
    asked: Records  # by event type
    looks: Records
    tasks: Records
    parts: Records  # of tasks
    needed: NDArray[np.int64]  # rules that a task needs
    starts: Records
    start_columns: NDArray[np.int64]  # columns of events that a run keeps of its start
    intakes: Records  # by event type
    jobs: Records  # by event type
    of: NDArray[np.int64]  # rules whose gifts a multiplier reaches
    listed: NDArray[np.int64]  # the constants of tests
    rules_of: NDArray[np.int64]  # rules by event type ...
    rules_at: NDArray[np.int64]  # ... and where a type's rules begin; one more than types
    intakes_at: NDArray[np.int64]
    asked_at: NDArray[np.int64]
    jobs_at: NDArray[np.int64]
    profile: NDArray[np.int64]  # per attribute: the column of a profile event that sets it
    needs_at: NDArray[np.int64]  # by expression
    type_needs: Records  # by event type, for those who tell of everything
    type_needs_at: NDArray[np.int64]
    reverses: NDArray[np.int64]  # per event type: the type it reverses, or -1
    built_in: NDArray[np.int64]  # per event type: a code of BUILT_IN, or -1
    amount_of: NDArray[np.int64]  # per event type: the column of its `amount`, or -1
    moves_tier: NDArray[np.int64]  # per event type: 1 where it may change its member's tier
    refers: NDArray[np.int64]  # per event type: 1 where who brought its member has part in it
    rung_texts: NDArray[np.int64]  # the code of each tier's name
    rung_privileges: NDArray[np.int64]  # tiers by privileges, 0 or 1
    tiers: NDArray[np.int64]  # settings of the ladder, by the codes of T_*
    options: NDArray[np.int64]  # settings of the program, by the codes of O_*


(T_BY, T_MEASURE, T_BEFORE, T_DOWN, T_REVIEW, T_REVIEW_TERM, T_GRACE, T_ON_CHANGE, T_SCALE,
 T_STAYS, T_QUIET, T_GIVEN, T_PLAIN) = range(13)  # fmt: skip
# T_QUIET: time alone changes no tier; T_GIVEN: a rule gives tiers; T_PLAIN: only more of a plain
# measure changes one.
BY_NOTHING, BY_WALLET, BY_FACT = 0, 1, 2
DOWN_NEVER, DOWN_ONE_STEP, DOWN_REASSESS = 0, 1, 2
REVIEW_AT_ONCE, REVIEW_YEARLY, REVIEW_ANNIVERSARY, REVIEW_TERM = 0, 1, 2, 3
CHANGE_KEEP, CHANGE_UP, CHANGE_REASSESS = 0, 1, 2

# O_SMALL: entries are settled in 64 bits where they fit; O_GROUPS: some rule has a group;
# O_LOWERS: a multiplier may be below 1; O_OTHERS: some rule gives to others than its member;
# O_TASKS: there are tasks with progress; O_STARTS: the room that a run may need in a pool, 0 where
# no task has runs.
(O_STACKING, O_COLUMNS, O_WORDS, O_ROOM, O_SMALL, O_GROUPS, O_LOWERS, O_OTHERS, O_TASKS, O_STARTS,
 OPTIONS) = range(11)  # fmt: skip
ROLE_SINCE, ROLE_TAKES, ROLE_LESS = range(3)
STACK_MULTIPLY, STACK_ADD, STACK_BEST = 0, 1, 2

JOIN, REDEEM, CANCEL_REDEEM, USE, ADJUST, PROFILE, TRANSFER, DRAW = range(8)

REFUND_CLAMP, REFUND_BELOW_ZERO, REFUND_PENDING_ONLY = 0, 1, 2

SECTIONS = ("earn", "tiers", "rewards", "draws", "referral", "tasks", "chain")
SECTION_EARN, SECTION_CHAIN = SECTIONS.index("earn"), SECTIONS.index("chain")

(COUNT, SUM, AVERAGE, LEAST, MOST, LAST, FIRST, PREVIOUS, DISTINCT, FREQUENT, STREAK,
 MEDIAN_GAP, HELD, UNUSED) = range(14)  # fmt: skip

(AWARD_COUPON, AWARD_ITEM, AWARD_VOUCHER, AWARD_BADGE, AWARD_PRIVILEGE, AWARD_PRIZE,
 AWARD_TIER) = range(7)  # fmt: skip
(REWARD_COUPON, REWARD_ITEM, REWARD_VOUCHER, REWARD_PAY, REWARD_PRIVILEGE,
 REWARD_DRAW) = range(6)  # fmt: skip

(N_FIELD, N_ATTRIBUTE, N_FACT, N_WALLET, N_ACTIVE, N_PENDING, N_TIER, N_AT, N_TODAY,
 N_PRIVILEGE, N_FRIENDS, N_PROGRESS, N_START) = range(13)  # fmt: skip
