"""Reasons: why a redemption is refused and what is missing, asked in order (compiled; S27)."""

from __future__ import annotations

from numba import njit

from engine.machine import wide
from engine.machine.bytecode_steps import Code
from engine.machine.compiling import INNER
from engine.machine.environment import load
from engine.machine.evaluate import row as evaluate_row
from engine.machine.judge import (
    NO_LIMIT,
    allowed,
    budget_left,
    counts,
    end_budget,
    in_window,
    used_so_far,
    within,
)
from engine.machine.lots import step_on
from engine.machine.settle_wide import whole
from engine.machine.shelf import shelf_has, shelf_left
from engine.machine.state import (
    LIMIT_REACHED,
    NO_BALANCE,
    NO_BUDGET,
    NO_STOCK,
    NOT_ELIGIBLE,
    NOT_IN_WINDOW,
    Feed,
    Scratch,
    State,
)
from engine.machine.tables import REWARD_PAY, Tables

TOO_MUCH = -2
# Why somebody is not eligible; NOTHING: he is. NO_GRANT: there is no open grant to use. The last
# three are of transfers: their wallet cannot be sent, nobody receives them, or he who sends does.
CONDITION, NO_GRANT, TOO_LATE, NO_COST, TOO_FEW_POINTS, TOO_MANY_POINTS, NOTHING = (
    0, -1, -3, -4, -5, -6, -7,
)  # fmt: skip
# Of a coupon: FITS, the order is not one that it is for; BESIDE and less: it does not go with the
# reward of that number; above 0 is what the order lacks to its least amount.
FITS, OF_ORDER, BESIDE = 1, -8, -100
NO_TRANSFER, NO_RECEIVER, ONESELF = -9, -10, -11


@njit(**INNER)
def reason_of(
    state: State, tables: Tables, feed: Feed, code: Code, scratch: Scratch, i: int
) -> tuple[int, int]:
    """Why a redemption is refused and what is missing, or -1; asked in S27's order."""
    reward, member, day, hour = feed.reward[i], feed.member[i], feed.day[i], feed.hour[i]
    it, quantity = tables.rewards[reward], feed.quantity[i]
    rule = tables.rules[it.rule]
    if not in_window(rule, day):
        return NOT_IN_WINDOW, 0
    if not _costs(state, tables, feed, code, scratch, i):
        return TOO_MUCH, 0
    if not _are_dated(tables, reward, day):
        return NOT_IN_WINDOW, 0
    why = _bars(state, tables, feed, code, scratch, i)
    if why == TOO_MUCH:
        return TOO_MUCH, 0
    if why != NOTHING:
        return NOT_ELIGIBLE, why
    times = times_of(tables, feed, i)
    left = counts(state, tables, it.rule, member, day, hour)
    if left != NO_LIMIT and left < times:
        return LIMIT_REACHED, times - left
    if not _fits_limits(state, tables, scratch, feed, i):
        return LIMIT_REACHED, 0
    if it.kind != REWARD_PAY and not shelf_has(state, tables, reward, quantity, day):
        return NO_STOCK, shelf_left(state, tables, reward, day)
    left_before = budget_left(state, tables, rule.budget, day, hour) if rule.budget >= 0 else 0
    if rule.budget >= 0 and not _fits_budget(state, tables, scratch, feed, i):
        return NO_BUDGET, left_before
    return _balance(state, tables, scratch, feed, i)


@njit(**INNER)
def _are_dated(tables: Tables, reward: int, day: int) -> bool:
    it = tables.rewards[reward]
    for g in range(it.costs_from, it.costs_to):
        give = tables.gives[g]
        if step_on(tables.steps, give.steps_from, give.steps_to, day) < 0:
            return False
    return True


@njit(**INNER)
def _costs(
    state: State, tables: Tables, feed: Feed, code: Code, scratch: Scratch, i: int
) -> bool:  # fmt: skip
    """What each wallet is to pay, in whole units, into `scratch.amount`; False when too large."""
    it, quantity, day = tables.rewards[feed.reward[i]], feed.quantity[i], feed.day[i]
    for g in range(it.costs_from, it.costs_to):
        give = tables.gives[g]
        at = step_on(tables.steps, give.steps_from, give.steps_to, day)
        scratch.known[g], scratch.amount[g] = 1, 0
        if at < 0:
            continue
        load(state, tables, feed, scratch, i, tables.steps[at].number)
        high, low, how = evaluate_row(code, tables.steps[at].number, scratch.env, scratch.null)
        if how != 0 or high < 0:
            scratch.known[g] = 0 if how == 1 else 1
            high, low = 0, 0
        high, low, large = wide.multiply(high, low, 0, quantity)
        amount, over = whole(high, low, tables.steps[at].den, tables.wallets[give.wallet])
        if how == 2 or large or over:
            return False
        scratch.amount[g] = amount
    return True


@njit(**INNER)
def _bars(
    state: State, tables: Tables, feed: Feed, code: Code, scratch: Scratch, i: int
) -> int:  # fmt: skip
    """What stands against a redemption: the condition, what else the codes name, or NOTHING."""
    it = tables.rewards[feed.reward[i]]
    rule = tables.rules[it.rule]
    if rule.condition >= 0:
        load(state, tables, feed, scratch, i, rule.condition)
        _, low, how = evaluate_row(code, rule.condition, scratch.env, scratch.null)
        if how == 2:
            return TOO_MUCH
        if how != 0 or low != 1:
            return CONDITION
    if not within(state, tables, rule, feed.member[i], feed.day[i]):
        return TOO_LATE
    for g in range(it.costs_from, it.costs_to):
        if not scratch.known[g]:
            return NO_COST
    return _pays(tables, feed, i) if it.kind == REWARD_PAY else NOTHING


@njit(**INNER)
def holds(
    state: State, tables: Tables, feed: Feed, code: Code, scratch: Scratch, i: int, number: int
) -> int:  # fmt: skip
    """FITS where a condition holds of event `i`, CONDITION where not, TOO_MUCH."""
    load(state, tables, feed, scratch, i, number)
    _, low, how = evaluate_row(code, number, scratch.env, scratch.null)
    if how == 2:
        return TOO_MUCH
    return FITS if how == 0 and low == 1 else CONDITION


@njit(**INNER)
def _pays(tables: Tables, feed: Feed, i: int) -> int:
    """Whether paying with points keeps to `at least` and to its share of the order (RULINGS 2)."""
    it, day, points = tables.rewards[feed.reward[i]], feed.day[i], feed.quantity[i]
    step = step_on(tables.steps, it.least_from, it.least_to, day)
    if points <= 0 or (step >= 0 and points < tables.steps[step].number):
        return TOO_FEW_POINTS
    step = step_on(tables.steps, it.most_from, it.most_to, day)
    if step < 0:
        return NOTHING
    target = feed.target[i]
    if target < 0 or target >= i:
        return TOO_MANY_POINTS
    column = tables.amount_of[feed.type[target]]
    if column < 0 or feed.fields_null[column, target]:
        return TOO_MANY_POINTS
    money = tables.steps[step_on(tables.steps, it.money_from, it.money_to, day)]
    units = tables.steps[step_on(tables.steps, it.points_from, it.points_to, day)]
    share = tables.steps[step]
    # points / units x money <= amount x share, with money and amount in minor units
    ah, al, _ = wide.multiply(0, points, 0, money.number)
    ah, al, large = wide.multiply(ah, al, 0, share.den)
    bh, bl, _ = wide.multiply(0, max(feed.fields[column, target], 0), 0, share.number)
    bh, bl, large_too = wide.multiply(bh, bl, 0, units.number)
    fits = not large and not large_too and wide.compare(ah, al, bh, bl) <= 0
    return NOTHING if fits else TOO_MANY_POINTS


@njit(**INNER)
def _fits_budget(state: State, tables: Tables, scratch: Scratch, feed: Feed, i: int) -> bool:
    """Whether a budget's rest covers a redemption whole; the first that does not fit ends it."""
    rule, day, hour = tables.rules[tables.rewards[feed.reward[i]].rule], feed.day[i], feed.hour[i]
    need = budgeted(tables, scratch, feed, i)
    if need <= budget_left(state, tables, rule.budget, day, hour):
        return True
    end_budget(state, tables, rule.budget, day, hour)
    return False


@njit(**INNER)
def _fits_limits(state: State, tables: Tables, scratch: Scratch, feed: Feed, i: int) -> bool:
    """Whether what a redemption costs keeps to the reward's limits in wallets."""
    it, member = tables.rewards[feed.reward[i]], feed.member[i]
    rule, day, hour = tables.rules[it.rule], feed.day[i], feed.hour[i]
    for k in range(rule.limits_from, rule.limits_to):
        limit = tables.limits[k]
        need = cost_of(tables, scratch, feed, i, limit.wallet)
        used = used_so_far(state, state.used[member, k], limit, day, hour)
        if limit.wallet >= 0 and used + need > allowed(tables, limit, day):
            return False
    return True


@njit(**INNER)
def cost_of(tables: Tables, scratch: Scratch, feed: Feed, i: int, wallet: int) -> int:
    """What a redemption costs in one wallet."""
    it, cost = tables.rewards[feed.reward[i]], 0
    if it.kind == REWARD_PAY:
        return feed.quantity[i] if it.pay_wallet == wallet else 0
    for g in range(it.costs_from, it.costs_to):
        if tables.gives[g].wallet == wallet:
            cost += scratch.amount[g]
    return cost


@njit(**INNER)
def budgeted(tables: Tables, scratch: Scratch, feed: Feed, i: int) -> int:
    """What a redemption takes of its budget: its count, or what it costs in the budget's wallet."""
    budget = tables.budgets[tables.rules[tables.rewards[feed.reward[i]].rule].budget]
    if budget.wallet < 0:
        return times_of(tables, feed, i)
    return cost_of(tables, scratch, feed, i, budget.wallet)


@njit(**INNER)
def times_of(tables: Tables, feed: Feed, i: int) -> int:
    """How often a redemption counts: its quantity; paying counts once."""
    return 1 if tables.rewards[feed.reward[i]].kind == REWARD_PAY else feed.quantity[i]


@njit(**INNER)
def _balance(state: State, tables: Tables, scratch: Scratch, feed: Feed, i: int) -> tuple[int, int]:
    """-1 where every wallet can pay its cost, else the code and what the first one lacks."""
    it, member = tables.rewards[feed.reward[i]], feed.member[i]
    if it.kind == REWARD_PAY:
        return lacks(state, tables, member, it.pay_wallet, feed.quantity[i])
    for g in range(it.costs_from, it.costs_to):
        wallet, amount = tables.gives[g].wallet, 0
        for h in range(it.costs_from, g + 1):
            if tables.gives[h].wallet == wallet:
                amount += scratch.amount[h]
        code, missing = lacks(state, tables, member, wallet, amount)
        if code >= 0:
            return code, missing
    return -1, 0


@njit(**INNER)
def lacks(
    state: State, tables: Tables, member: int, wallet: int, amount: int
) -> tuple[int, int]:  # fmt: skip
    missing = amount - state.purses[member, wallet].active
    if tables.wallets[wallet].below_zero or amount <= 0 or missing <= 0:
        return -1, 0
    return NO_BALANCE, missing
