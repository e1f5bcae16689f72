"""Redeeming: rewards for points, their refusals, uses, cancellations and adjustments (compiled; S27)."""

from __future__ import annotations

from numba import njit

from engine.machine import wide
from engine.machine.amounts import whole
from engine.machine.evaluate import row as evaluate_row
from engine.machine.give import grant, refuse, shelf_has, take_from_shelf, valid_until
from engine.machine.judge import (
    NO_LIMIT,
    allowed,
    budget_left,
    counts,
    end_budget,
    in_window,
    use,
    used_so_far,
    within,
)
from engine.machine.lots import credit, next_to_spend, step_on, take, write
from engine.machine.reverse import give_back_points
from engine.machine.state import (
    ADJUSTED,
    GRANT_OPEN,
    GRANT_USED,
    LIMIT_REACHED,
    NO_BALANCE,
    NO_BUDGET,
    NO_STOCK,
    NOT_ELIGIBLE,
    NOT_IN_WINDOW,
    REDEMPTIONS,
    REFUSALS,
    SPEND,
    TAKES,
    UNKNOWN_REWARD,
    Feed,
    Scratch,
    State,
)
from engine.machine.tables import AWARD_VOUCHER, REWARD_PAY, Tables

TOO_MUCH = -2
NO_GRANT = -1  # as what is missing: no open grant to use


@njit(cache=True, nogil=True)
def redeem(state: State, tables: Tables, feed: Feed, code, scratch: Scratch, i: int) -> bool:
    """Works redemption `i`: spends its cost and grants it, or refuses; False when too large."""
    reward, member, day = feed.reward[i], feed.member[i], feed.day[i]
    if reward < 0:
        refuse(state, member, i, -1, UNKNOWN_REWARD, 0)
        return True
    it = tables.rewards[reward]
    reason, missing = _reason(state, tables, feed, code, scratch, i)
    if reason == TOO_MUCH:
        return False
    if reason >= 0:
        refuse(state, member, i, it.rule, reason, missing)
        _remember_why(state, scratch)
        return True
    link = _link(state, feed, i) if feed.keep[i] >= 0 else -1
    _spend(state, tables, feed, scratch, i, link)
    _count(state, tables, feed, scratch, i, link)
    if it.kind != REWARD_PAY:
        until = valid_until(tables, reward, day)
        for n in range(feed.quantity[i]):
            grant(state, member, it.kind, reward, it.rule, i, n, until, day, feed.keep[i])
        take_from_shelf(state, reward, feed.quantity[i])
    return True


@njit(cache=True, nogil=True)
def _remember_why(state: State, scratch: Scratch) -> None:
    """Keeps what the condition saw, so that the refusal can say which part failed."""
    at = state.counters[REFUSALS] - 1
    for slot in range(len(scratch.env)):
        state.snapshots[at, slot] = scratch.env[slot]
        state.snapshots_null[at, slot] = scratch.null[slot]


@njit(cache=True, nogil=True)
def _reason(
    state: State, tables: Tables, feed: Feed, code, scratch: Scratch, i: int
) -> tuple[int, int]:
    """Why a redemption is refused and what is missing, or -1; asked in S27's order."""
    reward, member, day, hour = feed.reward[i], feed.member[i], feed.day[i], feed.hour[i]
    it, quantity = tables.rewards[reward], feed.quantity[i]
    rule = tables.rules[it.rule]
    if not in_window(rule, day):
        return NOT_IN_WINDOW, 0
    if not _costs(tables, code, scratch, reward, quantity, day):
        return TOO_MUCH, 0
    if not _are_dated(tables, reward, day):
        return NOT_IN_WINDOW, 0
    eligible = _eligible(state, tables, feed, code, scratch, i)
    if eligible < 0:
        return TOO_MUCH, 0
    if eligible == 0:
        return NOT_ELIGIBLE, 0
    times = _times(tables, feed, i)
    left = counts(state, tables, it.rule, member, day, hour)
    if left != NO_LIMIT and left < times:
        return LIMIT_REACHED, times - left
    if not _fits_limits(state, tables, scratch, feed, i):
        return LIMIT_REACHED, 0
    if it.kind != REWARD_PAY and not shelf_has(state, tables, reward, quantity, day):
        return NO_STOCK, 0
    if rule.budget >= 0 and not _fits_budget(state, tables, scratch, feed, i):
        return NO_BUDGET, 0
    return _balance(state, tables, scratch, feed, i)


@njit(cache=True, nogil=True)
def _are_dated(tables: Tables, reward: int, day: int) -> bool:
    it = tables.rewards[reward]
    for g in range(it.costs_from, it.costs_to):
        give = tables.gives[g]
        if step_on(tables.steps, give.steps_from, give.steps_to, day) < 0:
            return False
    return True


@njit(cache=True, nogil=True)
def _costs(
    tables: Tables, code, scratch: Scratch, reward: int, quantity: int, day: int
) -> bool:  # fmt: skip
    """What each wallet is to pay, in whole units, into `scratch.amount`; False when too large."""
    it = tables.rewards[reward]
    for g in range(it.costs_from, it.costs_to):
        give = tables.gives[g]
        at = step_on(tables.steps, give.steps_from, give.steps_to, day)
        scratch.known[g], scratch.amount[g] = 1, 0
        if at < 0:
            continue
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


@njit(cache=True, nogil=True)
def _eligible(
    state: State, tables: Tables, feed: Feed, code, scratch: Scratch, i: int
) -> int:  # fmt: skip
    """1 where the condition holds and the costs are known, 0 where not, -1 when too large."""
    it, day = tables.rewards[feed.reward[i]], feed.day[i]
    rule = tables.rules[it.rule]
    if rule.condition >= 0:
        _, low, how = evaluate_row(code, rule.condition, scratch.env, scratch.null)
        if how == 2:
            return -1
        if how != 0 or low != 1:
            return 0
    if not within(state, tables, rule, feed.member[i], day):
        return 0
    for g in range(it.costs_from, it.costs_to):
        if not scratch.known[g]:
            return 0
    if it.kind == REWARD_PAY:
        return 1 if may_pay(tables, feed, i) else 0
    return 1


@njit(cache=True, nogil=True)
def may_pay(tables: Tables, feed: Feed, i: int) -> bool:
    """Whether paying with points keeps to `at least` and to its share of the order (RULINGS 2)."""
    it, day, points = tables.rewards[feed.reward[i]], feed.day[i], feed.quantity[i]
    step = step_on(tables.steps, it.least_from, it.least_to, day)
    if points <= 0 or (step >= 0 and points < tables.steps[step].number):
        return False
    step = step_on(tables.steps, it.most_from, it.most_to, day)
    if step < 0:
        return True
    target = feed.target[i]
    if target < 0 or target >= i:
        return False
    column = tables.amount_of[feed.type[target]]
    if column < 0 or feed.fields_null[column, target]:
        return False
    money = tables.steps[step_on(tables.steps, it.money_from, it.money_to, day)]
    units = tables.steps[step_on(tables.steps, it.points_from, it.points_to, day)]
    share = tables.steps[step]
    # points / units x money <= amount x share, with money and amount in minor units
    ah, al, _ = wide.multiply(0, points, 0, money.number)
    ah, al, large = wide.multiply(ah, al, 0, share.den)
    bh, bl, _ = wide.multiply(0, max(feed.fields[column, target], 0), 0, share.number)
    bh, bl, large_too = wide.multiply(bh, bl, 0, units.number)
    return not large and not large_too and wide.compare(ah, al, bh, bl) <= 0


@njit(cache=True, nogil=True)
def _fits_budget(state: State, tables: Tables, scratch: Scratch, feed: Feed, i: int) -> bool:
    """Whether a budget's rest covers a redemption whole; the first that does not fit ends it."""
    rule, day, hour = tables.rules[tables.rewards[feed.reward[i]].rule], feed.day[i], feed.hour[i]
    need = _budgeted(tables, scratch, feed, i)
    if need <= budget_left(state, tables, rule.budget, day, hour):
        return True
    end_budget(state, tables, rule.budget, day, hour)
    return False


@njit(cache=True, nogil=True)
def _fits_limits(state: State, tables: Tables, scratch: Scratch, feed: Feed, i: int) -> bool:
    """Whether what a redemption costs keeps to the reward's limits in wallets."""
    it, member = tables.rewards[feed.reward[i]], feed.member[i]
    rule, day, hour = tables.rules[it.rule], feed.day[i], feed.hour[i]
    for k in range(rule.limits_from, rule.limits_to):
        limit = tables.limits[k]
        need = _cost(tables, scratch, feed, i, limit.wallet)
        used = used_so_far(state, state.used[member, k], limit, day, hour)
        if limit.wallet >= 0 and used + need > allowed(tables, limit, day):
            return False
    return True


@njit(cache=True, nogil=True)
def _cost(tables: Tables, scratch: Scratch, feed: Feed, i: int, wallet: int) -> int:
    """What a redemption costs in one wallet."""
    it, cost = tables.rewards[feed.reward[i]], 0
    if it.kind == REWARD_PAY:
        return feed.quantity[i] if it.pay_wallet == wallet else 0
    for g in range(it.costs_from, it.costs_to):
        if tables.gives[g].wallet == wallet:
            cost += scratch.amount[g]
    return cost


@njit(cache=True, nogil=True)
def _budgeted(tables: Tables, scratch: Scratch, feed: Feed, i: int) -> int:
    """What a redemption takes of its budget: its count, or what it costs in the budget's wallet."""
    budget = tables.budgets[tables.rules[tables.rewards[feed.reward[i]].rule].budget]
    if budget.wallet < 0:
        return _times(tables, feed, i)
    return _cost(tables, scratch, feed, i, budget.wallet)


@njit(cache=True, nogil=True)
def _times(tables: Tables, feed: Feed, i: int) -> int:
    """How often a redemption counts: its quantity; paying counts once."""
    return 1 if tables.rewards[feed.reward[i]].kind == REWARD_PAY else feed.quantity[i]


@njit(cache=True, nogil=True)
def _balance(
    state: State, tables: Tables, scratch: Scratch, feed: Feed, i: int
) -> tuple[int, int]:
    """-1 where every wallet can pay its cost, else the code and what the first one lacks."""
    it, member = tables.rewards[feed.reward[i]], feed.member[i]
    if it.kind == REWARD_PAY:
        return _lacks(state, tables, member, it.pay_wallet, feed.quantity[i])
    for g in range(it.costs_from, it.costs_to):
        wallet, amount = tables.gives[g].wallet, 0
        for h in range(it.costs_from, g + 1):
            if tables.gives[h].wallet == wallet:
                amount += scratch.amount[h]
        code, missing = _lacks(state, tables, member, wallet, amount)
        if code >= 0:
            return code, missing
    return -1, 0


@njit(cache=True, nogil=True)
def _lacks(
    state: State, tables: Tables, member: int, wallet: int, amount: int
) -> tuple[int, int]:  # fmt: skip
    missing = amount - state.purses[member, wallet].active
    if tables.wallets[wallet].below_zero or amount <= 0 or missing <= 0:
        return -1, 0
    return NO_BALANCE, missing


@njit(cache=True, nogil=True)
def _spend(
    state: State, tables: Tables, feed: Feed, scratch: Scratch, i: int, link: int
) -> None:  # fmt: skip
    it = tables.rewards[feed.reward[i]]
    if it.kind == REWARD_PAY:
        debit(
            state, tables, feed.member[i], it.pay_wallet, feed.quantity[i], SPEND, it.rule, i,
            feed.day[i], link,
        )  # fmt: skip
        return
    for g in range(it.costs_from, it.costs_to):
        debit(
            state, tables, feed.member[i], tables.gives[g].wallet, scratch.amount[g], SPEND,
            it.rule, i, feed.day[i], link,
        )  # fmt: skip


@njit(cache=True, nogil=True)
def _link(state: State, feed: Feed, i: int) -> int:
    """Remembers a redemption that something cancels, or whose order something reverses."""
    link = state.counters[REDEMPTIONS]
    state.counters[REDEMPTIONS] += 1
    new = state.redemptions[link]
    new.event, new.keep, new.reward, new.quantity = i, feed.keep[i], feed.reward[i], feed.quantity[i]
    new.first_take, new.closed, new.next, new.budgeted = -1, 0, -1, 0
    state.keeps[feed.keep[i]].redemption = link
    target = feed.target[i]
    if target >= 0 and feed.keep[target] >= 0:
        order = state.keeps[feed.keep[target]]
        new.next = order.redemption
        order.redemption = link
    return link


@njit(cache=True, nogil=True)
def debit(
    state: State, tables: Tables, member: int, wallet: int, amount: int, kind: int, rule: int,
    event: int, day: int, link: int,
) -> None:  # fmt: skip
    """Takes `amount` from active lots in their order; what is below zero has no lot."""
    while amount > 0:
        lot = next_to_spend(state, tables, member, wallet)
        if lot < 0:
            break
        part = min(state.lots[lot].left, amount)
        write(state, member, wallet, kind, -part, rule, event, day, lot)
        if link >= 0:
            state.lots[lot].keep = 1
            _remember(state, link, wallet, lot, part)
        take(state, lot, part)
        amount -= part
    if amount > 0:
        write(state, member, wallet, kind, -amount, rule, event, day, -1)
        purse = state.purses[member, wallet]
        purse.active -= amount
        purse.deficit += amount
        if link >= 0:
            _remember(state, link, wallet, -1, amount)


@njit(cache=True, nogil=True)
def _remember(state: State, link: int, wallet: int, lot: int, amount: int) -> None:
    at = state.counters[TAKES]
    state.counters[TAKES] += 1
    new = state.takes[at]
    new.wallet, new.lot, new.amount, new.back = wallet, lot, amount, 0
    new.next = state.redemptions[link].first_take
    state.redemptions[link].first_take = at


@njit(cache=True, nogil=True)
def _count(
    state: State, tables: Tables, feed: Feed, scratch: Scratch, i: int, link: int
) -> None:  # fmt: skip
    """A redemption's place in its limits and its budget."""
    it = tables.rewards[feed.reward[i]]
    rule, member, day, hour = tables.rules[it.rule], feed.member[i], feed.day[i], feed.hour[i]
    times = _times(tables, feed, i)
    for k in range(rule.limits_from, rule.limits_to):
        wallet = tables.limits[k].wallet
        taken = times if wallet < 0 else _cost(tables, scratch, feed, i, wallet)
        use(state, state.used[member, k], tables.limits[k], taken, day, hour)
    if rule.budget >= 0:
        need = _budgeted(tables, scratch, feed, i)
        use(state, state.spent[rule.budget], tables.budgets[rule.budget], need, day, hour)
        state.spent[rule.budget].total += need
        if link >= 0:
            state.redemptions[link].budgeted = need
    if link >= 0:
        state.redemptions[link].quantity = times


@njit(cache=True, nogil=True)
def cancel(state: State, tables: Tables, feed: Feed, i: int) -> None:
    """Works `cancel_redeem`: what the redemption took comes back, what it granted goes."""
    target = feed.target[i]
    link = state.keeps[feed.keep[target]].redemption
    if link >= 0:
        give_back_points(state, tables, feed, i, link, 1, 1)


@njit(cache=True, nogil=True)
def use_grant(state: State, tables: Tables, feed: Feed, i: int) -> None:
    """Works `use`: the grant it names, or of a reward the open one that ends first."""
    member, day, best = feed.member[i], feed.day[i], -1
    at = state.members[member].grants
    while at >= 0:
        it = state.grants[at]
        named = feed.grant[i] < 0 or (
            it.event == feed.grant[i]
            and it.rule == feed.grant_rule[i]
            and it.number == feed.grant_number[i]
        )
        right = it.kind <= AWARD_VOUCHER and (feed.reward[i] < 0 or it.id == feed.reward[i])
        if named and right and it.state == GRANT_OPEN and it.until >= day:
            if best < 0 or it.until <= state.grants[best].until:
                best = at
        at = it.next
    if best >= 0:
        state.grants[best].state = GRANT_USED
        state.grants[best].used_event = i
    elif feed.reward[i] < 0 and feed.grant[i] < 0:
        refuse(state, member, i, -1, UNKNOWN_REWARD, 0)
    else:
        rule = tables.rewards[feed.reward[i]].rule if feed.reward[i] >= 0 else -1
        refuse(state, member, i, rule, NOT_ELIGIBLE, NO_GRANT)


@njit(cache=True, nogil=True)
def adjust(state: State, tables: Tables, feed: Feed, i: int) -> None:
    """Works `adjust`: a credit opens a lot at once, a debit is taken like any other or refused."""
    member, wallet, amount, day = feed.member[i], feed.wallet[i], feed.quantity[i], feed.day[i]
    if amount > 0:
        lot = credit(
            state, tables, member, wallet, amount, i, day, feed.last_day[i], True, False
        )
        write(state, member, wallet, ADJUSTED, amount, -1, i, day, lot)
    elif amount < 0:
        reason, missing = _lacks(state, tables, member, wallet, -amount)
        if reason >= 0:
            refuse(state, member, i, -1, reason, missing)
        else:
            debit(state, tables, member, wallet, -amount, ADJUSTED, -1, i, day, -1)
