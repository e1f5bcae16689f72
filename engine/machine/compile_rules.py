"""Compiles earn rules, tiers' multipliers, rewards and draws into records."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction

from engine.language.expression.tree import Expr, From, Name, Source, Type
from engine.language.program import Budget, Dated, Draw, Give, Limit, Period, Reward, Rule
from engine.machine import compile_looks, compile_ready, compile_tasks, zone
from engine.machine.calendar import LONG_AGO, NEVER
from engine.machine.compile_book import Book, period
from engine.machine.tables import SECTIONS

SENT_TO = "transfer.to"  # among the receivers: whom a transfer names
LED = ("referral", "chain")  # sections of rules that are a lead and sides
WHOSE = ("referrer", "second referrer", "boss")  # behind the receivers that fields name
ROLES = ("agent", "boss")  # badges that a chain gives
_AWARDS = ("coupon", "item", "voucher", "badge", "privilege", "prize", "tier")
_REWARDS = ("coupon", "item", "voucher", "pay", "privilege", "draw")
_ALWAYS_ONE: Dated[int] = Dated(((None, 1),))
_NEVER_FULL: Dated[int] = Dated(())


def records_of(it: Rule) -> tuple[Rule, ...]:
    """A rule as it is compiled: one with sides as its lead, without gifts, and those.

    A side has neither condition nor window: it asks the lead.
    """
    if it.section not in LED:
        return (it,)
    sides = [
        replace(
            it, condition=None, start=None, end=None, once=False, within=None, gives=side.gives,
            awards=side.awards, limits=side.limits, budget=side.budget, sides=(side,),
        )
        for side in it.sides
    ]  # fmt: skip
    return replace(it, sides=()), *sides


def rule(book: Book, number: int, it: Rule, names: Names) -> tuple[int, ...]:
    """The record of a rule, in the order of RULE's fields; its parts go into the book."""
    start = len(book.rows["gives"])
    for give in it.gives:
        _give(book, number, give)
    middle = len(book.rows["gives"])
    for give in it.multiplies:
        _give(book, number, give)
    awards = _awards(book, it, names)
    limits = _limits(book, number, it)
    reach = len(book.rows["of"])
    book.rows["of"] += [(names.rules[other],) for other in it.of]
    begins = [LONG_AGO if it.start is None else zone.days(it.start)]
    begins += [book.rows["steps"][book.rows["gives"][g][2]][0] for g in range(start, _end(book))]
    looks = len(book.rows["looks"])
    return (
        SECTIONS.index(it.section),
        *_condition(book, condition(it)),
        max(begins),
        LONG_AGO if it.start is None else zone.days(it.start),
        NEVER if it.end is None else zone.days(it.end),
        book.term(it.within),
        int(it.once),
        start, middle, middle, len(book.rows["gives"]),
        *awards, *limits,
        _budget(book, number, it.budget),
        -1 if it.group is None else names.groups[it.group],
        LONG_AGO if it.priority is None else it.priority,
        _receiver(it, names),
        int(it.return_limit),
        reach, len(book.rows["of"]),
        looks, len(book.rows["looks"]),
        compile_tasks.task(book, number, it, names.rules),
        0, 0, 0, 0, 0,  # worked out of the whole table: see compile_hints
        *_referral(book, number, it, names),
    )  # fmt: skip


def _receiver(it: Rule, names: Names) -> int:
    """Which of an event's parties receives: see `referrals.party`; -1 its member."""
    if it.to is not None:
        return names.receivers[it.to]
    whose = it.sides[0].whose if it.sides else "friend"
    return -1 if whose == "friend" else len(names.receivers) + WHOSE.index(whose)


def _referral(book: Book, number: int, it: Rule, names: Names) -> tuple[int, int, int, int]:
    """The lead of a referral rule, a milestone's friend, what counts friends, the first award."""
    if it.section not in LED:
        return -1, 0, -1, 0
    lead = names.rules[it.id]
    if lead == number:
        steps = book.steps(_NEVER_FULL, lambda value: (value, 1))
        names.counters[number] = len(book.rows["limits"])
        book.rows["limits"].append((number, -1, *period(Period(None)), *steps))
        chain = book.program.chain if it.section == "chain" else None
        after, badge = (chain.boss_after, names.badges["agent"]) if chain else (0, 0)
        return lead, after, names.counters[number], badge
    first = names.awards.get(lead, 0)
    names.awards[lead] = first + sum(award.count for award in it.awards)
    return lead, it.sides[0].nth, names.counters[lead], first


def _end(book: Book) -> int:
    return len(book.rows["gives"])


def _condition(book: Book, source: Source | None) -> tuple[int, int, int, int, int]:
    """A condition: whole, what the event alone decides, what is left, the tests between."""
    start = len(book.rows["tests"])
    if source is None:
        return -1, -1, -1, start, start
    texts, rest = book.assembler.texts, []
    every = [it for it in compile_ready.parts(source.tree) if not compile_tasks.is_of_a_run(it)]
    early = []
    for part in every:
        if compile_ready.is_ready(part):
            if not compile_looks.add(book, part):
                early.append(part)
            continue
        test = compile_ready.test(part, book.program, book.positions, texts)
        if test is None:
            rest.append(part)
        else:
            *fields, among = test
            if among:
                fields[3] = len(book.rows["listed"])
                book.rows["listed"] += [(number,) for number in among]
            book.rows["tests"].append((*fields, len(among), 0, 0))
    first, left = compile_ready.together(early), compile_ready.together(rest)
    return (
        book.expression(source),
        -1 if first is None else book.tree(first),
        -1 if left is None else book.tree(left),
        start, len(book.rows["tests"]),
    )  # fmt: skip


class Names:
    """Positions that only rules use: rules, groups, receivers, badges, tiers.

    Of several records of one rule the first is meant. Where members may send something, the last
    of the receivers are those of transfers.
    """

    def __init__(self, rules: Sequence[Rule], tiers: Sequence[str], *, send: bool) -> None:
        self.rules = _first(rule.id for rule in rules)
        self.groups = _in_order(rule.group for rule in rules)
        self.receivers = _in_order([*(rule.to for rule in rules), SENT_TO if send else None])
        chained = ROLES if any(rule.section == "chain" for rule in rules) else ()
        given = [a.id for r in rules for a in r.awards if a.kind == "badge"]
        self.badges = _in_order((*chained, *given))
        self.tiers = {name: number for number, name in enumerate(tiers)}
        self.counters: dict[int, int] = {}  # of referral rules, by the number of their lead
        self.awards: dict[int, int] = {}  # how many the sides give that were compiled, by lead


def _first(ids: Iterable[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for number, id_ in enumerate(ids):
        found.setdefault(id_, number)
    return found


def _in_order(values: Iterable[str | None]) -> dict[str, int]:
    found: dict[str, int] = {}
    for value in values:
        if value is not None:
            found.setdefault(value, len(found))
    return found


def condition(it: Rule) -> Source | None:
    """A rule's condition; a tier's benefit holds for those in the tier."""
    if it.section != "tiers" or it.condition is not None:
        return it.condition
    tier = it.id.removeprefix("tiers.")
    name = Expr("name", Type.TEXT, value=Name(From.TIER, "tier", Type.TEXT))
    text = Expr("const", Type.TEXT, value=tier)
    return Source(f"tier = '{tier}'", Expr("=", Type.FLAG, (name, text)))


def _give(book: Book, number: int, give: Give) -> None:
    steps = book.amounts(give.amount)
    book.rows["gives"].append((number, book.positions["wallets"][give.wallet], *steps))


def _awards(book: Book, it: Rule, names: Names) -> tuple[int, int]:
    start = len(book.rows["awards"])
    for award in it.awards:
        positions = {
            "badge": names.badges,
            "privilege": book.positions["privileges"],
            "tier": names.tiers,
        }.get(award.kind, book.positions["rewards"])
        kind = _AWARDS.index(award.kind)
        term = book.term(award.lasts)
        book.rows["awards"].append((kind, positions[award.id], award.count, term))
    return start, len(book.rows["awards"])


def _limits(book: Book, number: int, it: Rule) -> tuple[int, int]:
    start = len(book.rows["limits"])
    if it.once:
        steps = book.steps(_ALWAYS_ONE, lambda value: (value, 1))
        book.rows["limits"].append((number, -1, 0, 0, *steps))
    for limit in it.limits:
        book.rows["limits"].append((number, *_bounded(book, limit)))
    return start, len(book.rows["limits"])


def _bounded(book: Book, it: Limit) -> tuple[int, ...]:
    """Wallet (-1: a count), unit, days and steps of a limit or budget."""
    wallet, scale = -1, 1
    if it.unit is not None:
        wallet, scale = book.positions["wallets"][it.unit], book.scale(it.unit)
    steps = book.steps(it.amount, lambda value: (int(value * scale), 1))
    return (wallet, *period(it.period), *steps)


def _budget(book: Book, number: int, it: Budget | None) -> int:
    """The position of a budget of rule `number`, or of a stock, which is no rule's (-1)."""
    if it is None:
        return -1
    like = Limit(it.amount, it.unit, it.period, it.place)
    refuses = int(it.over == "refuse")
    book.rows["budgets"].append((refuses, number, *_bounded(book, like)))
    return len(book.rows["budgets"]) - 1


def had(book: Book, names: Names) -> list[tuple[int, ...]]:
    """The records of rewards and then of draws."""
    rewards, draws = book.program.rewards.values(), book.program.draws.values()
    return [
        *(_reward(book, names.rules[it.rule.id], it) for it in rewards),
        *(_draw(book, names.rules[it.rule.id], it) for it in draws),
    ]


def _reward(book: Book, number: int, it: Reward) -> tuple[int, ...]:
    """The record of a reward whose frame is rule `number`, in the order of REWARD's fields."""
    costs = _costs(book, number, it.cost)
    wallet, units, money = -1, (0, 0), (0, 0)
    scale = 1
    if it.rate is not None:
        name, points, worth = it.rate
        wallet, scale = book.positions["wallets"][name], book.scale(name)
        units = book.numbers(points, scale)
        money = book.numbers(worth, int(10**book.program.money_decimals))
    share = book.steps(it.at_most, lambda value: (value.numerator, value.denominator))
    return (
        number,
        _REWARDS.index(it.kind),
        *costs,
        *book.numbers(it.stock),
        *book.terms(it.valid),
        wallet, *units, *money, *share,
        *book.numbers(it.at_least, scale),
    )  # fmt: skip


def coupon(book: Book, it: Reward) -> tuple[int, ...]:
    """How a reward is used on an order, in the order of COUPON's fields."""
    minor = int(10**book.program.money_decimals)

    def face(value: Fraction) -> tuple[int, int]:
        return (value.numerator, value.denominator) if it.percent else (int(value * minor), 1)

    return (
        int(it.percent),
        *book.steps(it.amount, face),
        *book.numbers(it.min_spend, minor),
        book.expression(it.on),
        int(it.stacks),
        -1 if it.privilege is None else book.positions["privileges"][it.privilege],
    )


def _draw(book: Book, number: int, it: Draw) -> tuple[int, ...]:
    """The record of a draw, as that of a reward without any stock; its prizes go into the book."""
    for prize in it.prizes:
        wallet, amount = -1, 0
        if prize.wallet is not None:
            wallet = book.positions["wallets"][prize.wallet]
            amount = int(prize.amount * book.scale(prize.wallet))
        reward = -1 if prize.reward is None else book.positions["rewards"][prize.reward]
        book.rows["prizes"].append((reward, wallet, amount, _budget(book, -1, prize.stock)))
    costs, none = _costs(book, number, it.cost), (0, 0)
    kind = _REWARDS.index("draw")
    return (number, kind, *costs, *none, *none, -1, *none, *none, *none, *none)


def _costs(book: Book, number: int, cost: tuple[Give, ...]) -> tuple[int, int]:
    start = len(book.rows["gives"])
    for give in cost:
        _give(book, number, give)
    return start, len(book.rows["gives"])
