"""The checked program: what the rules say, resolved and typed, ready for every reader of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Generic, Literal, TypeVar

from engine.language.expression.tree import Source, Type

T = TypeVar("T")

Unit = Literal["second", "minute", "hour", "day", "week", "month", "quarter", "year"]
USABLE = ("coupon", "item", "voucher")  # kinds of reward that are used on an order
BUILT_IN = (
    "join", "redeem", "cancel_redeem", "use", "adjust", "profile", "transfer", "draw",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: a file of the rules folder, its line and column, both from 1."""

    file: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Dated(Generic[T]):
    """A value per starting date, ascending; the first date is None when the value always held."""

    steps: tuple[tuple[date | None, T], ...]

    def on(self, day: date) -> T | None:
        """The value in force on `day`; None before the first date."""
        found = None
        for start, value in self.steps:
            if start is None or start <= day:
                found = value
        return found


@dataclass(frozen=True, slots=True)
class Duration:
    """`12 months to month end`, `180 days without order`: a count of one unit."""

    count: int
    unit: Unit
    to_end: Literal["month", "quarter", "year"] | None = None
    without: str | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """`per month` (calendar, `days` None), `per 30 days` (unit day, days 30); ever: unit None."""

    unit: Literal["hour", "day", "week", "month", "quarter", "year"] | None
    days: int | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """A field of an event or an attribute of a member."""

    name: str
    type: Type
    personal: bool
    place: Place


@dataclass(frozen=True, slots=True)
class EventType:
    """A kind of event. Built-in ones stand among them with their own columns as fields."""

    name: str
    fields: Mapping[str, Field]
    reverses: str | None
    built_in: bool
    place: Place


@dataclass(frozen=True, slots=True)
class Wallet:
    """What points or money is kept in, and how its lots live."""

    name: str
    unit: Literal["points", "money"]
    decimals: int  # of the smallest unit; for money the currency's own
    expires: Dated[Duration | None]  # None: never
    pending: Dated[Duration]  # count 0: active at once
    round: Literal["down", "nearest", "up"]
    spend: Literal["soonest expiry", "oldest first"]
    below_zero: Literal["no", "yes"]  # `refunds only` has become no with on_refund below zero
    on_refund: Literal["clamp", "below zero", "pending only"]
    restore: Literal["original", "new expiry"]
    transfer: bool
    value: Dated[Fraction] | None  # money in major units per unit
    place: Place


FactKind = Literal[
    "count", "sum", "average", "min", "max", "last", "first", "previous",
    "distinct", "most frequent", "streak", "median gap", "held", "used", "unused",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fact:
    """A number, text or time kept per member as events arrive.

    `value` is an expression over the event's fields (`order.amount`, `hour(read.at)`); None where
    the kind needs none (`last: order` is the event's instant). `{last: order.channel}` has kind
    `last` and a value. `less` are an event type and a value that count against a sum. What is kept
    of coupons (`held`, `used`, `unused`) has their `reward` and no event.
    """

    name: str
    kind: FactKind
    event: str
    value: Source | None
    condition: Source | None
    less: tuple[str, Source] | None
    over: Duration | None
    before: Duration | None
    since: str | None
    this: Period | None
    by: Period | None  # of a streak
    starts_over: int | None  # of a streak: after so many it is 1 again
    freeze: tuple[int, Period] | None  # of a streak: so many missed ones are forgiven per period
    of_last: int | None
    type: Type
    place: Place
    of_friends: bool = False  # it looks at the events of those whom the member has brought
    reward: str | None = None


@dataclass(frozen=True, slots=True)
class Limit:
    """`3 per month` (unit None: a count) or `500 points per day` (unit: a wallet's name)."""

    amount: Dated[Fraction]
    unit: str | None
    period: Period
    place: Place


@dataclass(frozen=True, slots=True)
class Budget:
    """What a rule may give over all members: a wallet's units, or a count where unit is None."""

    amount: Dated[Fraction]
    unit: str | None
    period: Period
    over: Literal["cut", "refuse"]
    place: Place


@dataclass(frozen=True, slots=True)
class Give:
    """An amount for a wallet: units for a `give` or a cost, a factor for a `multiply`."""

    wallet: str
    amount: Dated[Source]
    place: Place


AwardKind = Literal["coupon", "item", "voucher", "badge", "privilege", "tier"]


@dataclass(frozen=True, slots=True)
class Award:
    """What a rule gives by its id: a reward (coupon, item, voucher), badge, privilege or tier."""

    kind: AwardKind
    id: str
    count: int
    lasts: Duration | None
    place: Place


Whose = Literal["friend", "referrer", "second referrer", "boss"]


@dataclass(frozen=True, slots=True)
class Side:
    """What a referral rule gives to one of those it pays, within limits and a budget of his own.

    `nth`: only with so many friends for whom the rule has held (a milestone); 0: with each.
    """

    whose: Whose
    gives: tuple[Give, ...]
    awards: tuple[Award, ...]
    limits: tuple[Limit, ...] = ()
    budget: Budget | None = None
    nth: int = 0


def main_side(paid: Collection[Whose]) -> Whose:
    """Of those whom a referral rule pays the one whom it bounds where it does not say whom."""
    order: tuple[Whose, ...] = ("referrer", "friend", "second referrer")
    return next((whose for whose in order if whose in paid), "friend")


@dataclass(frozen=True, slots=True)
class Need:
    """What a task needs once: an event by its own name, or one of the rules that stand for it."""

    name: str
    event: str | None
    rules: tuple[str, ...]  # a task, or the rules that give a badge


@dataclass(frozen=True, slots=True)
class Start:
    """The event that starts a run of a task, and what is fixed then: over its fields alone.

    `goal` takes the place of the task's own; `within`: so many units of time the run lasts.
    """

    event: str
    condition: Source | None
    goal: Source | None
    within: tuple[Source, Unit] | None


@dataclass(frozen=True, slots=True)
class Progress:
    """What a task gathers until it is done.

    Either it `needs` each of several things, or it gathers `sum` (None: each event counts 1) up to
    `goal`; with `repeats` it is done again at each multiple of it. `per`: in each period anew. With
    a `start` it is gathered run by run, of which a member may have several at a time.
    """

    sum: Source | None
    goal: Fraction
    repeats: bool
    per: Period
    needs: tuple[Need, ...]
    start: Start | None

    @property
    def type(self) -> Type:
        """What it is counted in."""
        return Type.WHOLE if self.sum is None else self.sum.tree.type


@dataclass(frozen=True, slots=True)
class Rule:
    """The one shape: when, if, within limits, give.

    Also the frame of a reward, of a draw and of a tier's benefit. A rule of `referral` or `chain`
    gives by its `sides` alone: it looks at a friend's event.
    """

    id: str  # of a tier's benefit: `tiers.gold`
    section: Literal["earn", "tiers", "rewards", "draws", "referral", "tasks", "chain"]
    name: str  # what people call it; the id where nothing is written
    note: str
    when: tuple[str, ...]
    condition: Source | None
    place: Place
    start: date | None = None  # from
    end: date | None = None  # until: the last day on which it holds
    once: bool = False
    within: Duration | None = None  # of joining
    limits: tuple[Limit, ...] = ()
    budget: Budget | None = None
    group: str | None = None
    priority: int | None = None
    to: str | None = None  # a text field of the event that names the receiver
    return_limit: bool = False  # `on refund: return limit`
    gives: tuple[Give, ...] = ()
    awards: tuple[Award, ...] = ()
    multiplies: tuple[Give, ...] = ()
    of: tuple[str, ...] = ()  # whose gifts it multiplies; empty: all
    sides: tuple[Side, ...] = ()
    progress: Progress | None = None  # of a task that is not done with one event

    @property
    def flat(self) -> bool:
        """Whether its gifts are of the kind `bonus`, never multiplied nor part of a base (S16)."""
        return self.section in ("tasks", "referral", "chain")

    @property
    def main_side(self) -> Whose:
        """Whose `limit` and `budget` are, of a referral rule."""
        return main_side({side.whose for side in self.sides})

    @property
    def budgets(self) -> Mapping[str, Budget]:
        """Its budget, or those of its sides, as files name them: by its id, and whose it is."""
        if not self.sides:
            return {} if self.budget is None else {self.id: self.budget}
        return {
            self.id if side.whose == self.main_side else f"{self.id} ({side.whose})": side.budget
            for side in self.sides if side.budget is not None
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reward:
    """What can be had for points or given: a coupon, item, voucher, privilege, or paying so."""

    rule: Rule  # id, name, condition, window, limits, budget, within
    kind: Literal["coupon", "item", "voucher", "privilege", "pay"]
    amount: (
        Dated[Fraction] | None
    )  # of a coupon or voucher in major units; of a percent coupon the share
    percent: bool
    item: str | None
    cost: tuple[Give, ...]
    stock: Dated[Fraction] | None
    valid: Dated[Duration] | None
    min_spend: Dated[Fraction] | None
    on: Source | None
    stacks: bool
    rate: tuple[str, Dated[Fraction], Dated[Fraction]] | None  # of pay: wallet, its units, money
    at_most: Dated[Fraction] | None  # of pay: the share of the order's amount
    at_least: Dated[Fraction] | None  # of pay: units
    code: str | None = None  # what an order names to use it without being given it before
    privilege: str | None = None


@dataclass(frozen=True, slots=True)
class Prize:
    """What a spin may bring: a reward, units of a wallet, or nothing where both are None."""

    id: str  # as written: `five_off`, `100 points`, `nothing`
    share: Fraction
    reward: str | None
    wallet: str | None
    amount: Fraction  # units of the wallet
    stock: Budget | None  # how often it can be had, over all members
    place: Place


@dataclass(frozen=True, slots=True)
class Draw:
    """What members spin for prizes. Its prizes, in file order, share one whole among them.

    What the chances leave over stands behind the others as `nothing`.
    """

    rule: Rule  # id, name, condition, window, limits, budget, within
    cost: tuple[Give, ...]
    salt: str
    prizes: tuple[Prize, ...]


@dataclass(frozen=True, slots=True)
class Rung:
    """A tier and the measure it is reached with."""

    name: str
    threshold: Dated[Fraction]
    privileges: tuple[str, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Tiers:
    """The ladder, lowest rung first, and when members move on it."""

    measure: str  # a wallet or a fact
    ladder: tuple[Rung, ...]
    upgrade: Literal["after", "before"]
    downgrade: Literal["never", "one step", "reassess"]
    review: Duration | Literal["at once", "yearly", "on anniversary"]
    grace: Duration | None
    on_change: Literal["keep", "upgrade only", "reassess"]
    place: Place


@dataclass(frozen=True, slots=True)
class Referral:
    """How members bring members: the levels that are paid, and what two of them may not share."""

    levels: Literal[1, 2]
    unique: tuple[str, ...]  # attributes
    place: Place


@dataclass(frozen=True, slots=True)
class Chain:
    """Agents and bosses; its rule stands among the others."""

    boss_after: int  # agents brought
    bosses: str | None  # a flag of members who are bosses from the beginning
    place: Place


@dataclass(frozen=True, slots=True)
class Privilege:
    """A right without a price."""

    id: str
    name: str
    place: Place


Scalar = str  # a value in an example, as written; typed by the field it is for


@dataclass(frozen=True, slots=True)
class ExampleEvent:
    """One event of an example."""

    at: str
    type: str
    member: str
    id: str
    fields: Mapping[str, Scalar | tuple[Scalar, ...] | None]
    place: Place


@dataclass(frozen=True, slots=True)
class ExampleMember:
    """What an example sets before its events: attributes, facts, balances, tier, referrer."""

    id: str
    values: Mapping[str, Scalar | tuple[Scalar, ...] | None]
    place: Place


@dataclass(frozen=True, slots=True)
class Expectation:
    """What an example expects of one member, each value as written.

    `values` holds `points`, `points pending`, `points active`, `tier`, facts and attributes by
    their written name, and `coupons`, `items`, `vouchers`, `badges`, `privileges`: a text is how
    many there are, a tuple exactly these ids, a mapping how many of each id it names.
    `entries` lists what must be among the entries: `rule`, `kind`, `event`, `wanted`, `missing` and
    wallets with amounts. `refused` lists refusals: `rule`, `code`, `event`.
    """

    member: str
    values: Mapping[str, Scalar | tuple[Scalar, ...] | Mapping[str, Scalar]]
    entries: tuple[Mapping[str, Scalar], ...] | None
    refused: tuple[Mapping[str, Scalar], ...] | None
    places: Mapping[str, Place]


@dataclass(frozen=True, slots=True)
class Example:
    """A short history and what must come of it."""

    name: str
    members: tuple[ExampleMember, ...]
    events: tuple[ExampleEvent, ...]
    until: date | None
    expects: tuple[Expectation, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class DataFile:
    """How one of somebody's files or tables becomes members or events (section `data`).

    Either `file` is there, or `variable`, the variable of the environment that holds a database's
    URL, with one of `table` and `query`. `columns` maps our column to a DuckDB expression over
    theirs; `type` is a type's name or an expression; texts are checked when the file is read.
    """

    target: Literal["members", "events"]
    file: str | None
    variable: str | None
    table: str | None
    query: str | None
    type: str | None
    where: str | None
    group_by: str | None
    zone: str | None
    columns: Mapping[str, str]
    places: Mapping[str, Place]
    place: Place


@dataclass(frozen=True, slots=True)
class Program:
    """Everything the rules say. Mappings keep the order of the files."""

    name: str
    zone: str  # IANA
    money: str  # ISO 4217
    money_decimals: int  # the currency's minor unit
    stacking: Literal["multiply", "add", "best"]
    late: Duration | None
    events: Mapping[str, EventType]  # built-in ones too
    attributes: Mapping[str, Field]
    wallets: Mapping[str, Wallet]
    facts: Mapping[str, Fact]
    tiers: Tiers | None
    privileges: Mapping[str, Privilege]
    rules: tuple[Rule, ...]  # and tiers' multipliers, in file order, but tasks behind their needs
    rewards: Mapping[str, Reward]
    draws: Mapping[str, Draw]
    examples: tuple[Example, ...]
    data: tuple[DataFile, ...]
    folder: str  # as the user named it
    texts: Mapping[str, str] = field(default_factory=dict)  # file name to its text
    referral: Referral | None = None  # there is one too where there is a chain
    chain: Chain | None = None

    @property
    def progress(self) -> dict[str, Progress]:
        """How far a member is with each task of several steps and no runs, by the name for it."""
        found = {f"{rule.id}_progress": rule.progress for rule in self.rules}
        return {name: it for name, it in found.items() if it is not None and it.start is None}

    @property
    def coupon_events(self) -> Mapping[str, Type]:
        """The types of event that may use coupons, with the type of their field `coupon`."""
        own = (it for it in self.events.values() if not it.built_in and it.reverses is None)
        fields = {it.name: it.fields.get("coupon") for it in own}
        usable = any(it.kind in USABLE for it in self.rewards.values())
        return {
            name: field.type for name, field in fields.items()
            if usable and field is not None and field.type in (Type.TEXT, Type.TEXTS)
        }  # fmt: skip

    @property
    def had(self) -> tuple[Reward | Draw, ...]:
        """What can be had for points: the rewards, and then the draws."""
        return (*self.rewards.values(), *self.draws.values())

    @property
    def frames(self) -> tuple[Rule, ...]:
        """The frames of `had`: who may have it, when, how often."""
        return tuple(it.rule for it in self.had)

    @property
    def prizes(self) -> tuple[Prize, ...]:
        """The prizes of all draws, one behind the other."""
        return tuple(prize for draw in self.draws.values() for prize in draw.prizes)

    @property
    def sends(self) -> bool:
        """Whether members may send something to one another."""
        return any(wallet.transfer for wallet in self.wallets.values())

    @property
    def crosses_members(self) -> bool:
        """Whether what one member gets may depend on what another does."""
        rules = (*self.rules, *self.frames)
        return (
            self.referral is not None
            or any(rule.budget is not None or rule.to is not None for rule in rules)
            or any(reward.stock is not None for reward in self.rewards.values())
            or any(prize.stock is not None for prize in self.prizes)
            or self.sends
        )
