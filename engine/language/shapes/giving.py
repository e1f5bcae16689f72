"""The shapes of what gives: earn rules, rewards and draws."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Annotated, ClassVar, Literal

from engine.language.program import Dated, Duration
from engine.language.shapes import forms, terms, values
from engine.language.shapes.forms import Entry, Form
from engine.language.shapes.program import FLAG, TERM, TEXT, WORD
from engine.language.shapes.shape import Key, Shape
from engine.language.shapes.terms import Quantity
from engine.language.shapes.values import Face
from engine.language.text.nodes import Node, Scalar

ONCE = forms.scalar(values.once, forms.FLAGS)
DAY = forms.pattern(forms.DAY, "2026-09-01")
WORDS = forms.several(WORD)
QUANTITY = forms.dated_of(forms.valued(terms.quantity))
QUANTITIES = forms.several(QUANTITY)
NUMBER = forms.dated(values.amount)
GIFTS: Form[tuple[Entry[Node], ...]] = forms.entries(
    Form(
        lambda node, complaints: node,
        {"anyOf": [forms.SCALAR, {"type": "array", "items": forms.SCALAR}, {"type": "object"}]},
    ),
    of="wallets with amounts, or `coupon`, `item`, `badge` and the like with an id,",
    such_as="{points: amount}",
)
AMOUNTS: Form[tuple[Entry[Dated[Scalar]], ...]] = forms.entries(
    forms.dated_words(), of="wallets with amounts", such_as="{points: 2}"
)


WITHIN = Key("Only so long after joining, such as 30 days.", forms.scalar(terms.some_days, TERM))


@dataclass(frozen=True, kw_only=True)
class FrameShape(Shape):
    """The keys that all that gives has in common."""

    called: ClassVar[str] = "a rule"
    later: ClassVar[tuple[str, ...]] = ("audience",)

    name: Annotated[str | None, Key("What people call it.", TEXT)] = None
    note: Annotated[str | None, Key("For colleagues: why it is so.", TEXT)] = None
    if_: Annotated[
        Scalar | None, Key("A condition such as amount >= 50 and tier = 'gold'.", WORD)
    ] = None
    from_: Annotated[
        date | None, Key("The first day on which it holds.", forms.scalar(values.day, DAY))
    ] = None
    until: Annotated[
        date | None, Key("The last day on which it holds.", forms.scalar(values.day, DAY))
    ] = None
    once: Annotated[bool, Key("yes: once for each member, ever.", ONCE)] = False
    limit: Annotated[
        tuple[Dated[forms.Valued[Quantity]], ...] | None,
        Key("For each member: 3 per month, 500 points per day, or a list of these.", QUANTITIES),
    ] = None
    budget: Annotated[
        Dated[forms.Valued[Quantity]] | None,
        Key("For all members together: 1000000 points, 500 per month.", QUANTITY),
    ] = None
    over_budget: Annotated[
        Literal["cut", "refuse"],
        Key("Whether the award that no longer fits is cut to the rest or refused."),
    ] = "cut"
    on_refund: Annotated[
        Literal["keep limit", "return limit"],
        Key("Whether a refund gives the place in a limit back."),
    ] = "keep limit"


@dataclass(frozen=True, kw_only=True)
class ActingShape(FrameShape):
    """The keys of what follows events: earn rules and tasks."""

    meant: ClassVar[dict[str, str]] = {
        "on": "when", "event": "when", "trigger": "when", "where": "if", "condition": "if",
        "points": "give", "reward": "give", "title": "name", "comment": "note",
        "description": "note", "start": "from", "end": "until", "to date": "until",
        "max": "limit", "cap": "limit",
    }  # fmt: skip

    when: Annotated[
        tuple[Scalar, ...] | None, Key("The event, or a list of events, that it looks at.", WORDS)
    ] = None
    give: Annotated[
        tuple[Entry[Node], ...] | None,
        Key("Wallets with amounts, or coupon, item, badge, privilege, tier with an id.", GIFTS),
    ] = None
    group: Annotated[
        Scalar | None, Key("Of the rules of one group only the best applies.", WORD)
    ] = None
    priority: Annotated[
        int | None,
        Key(
            "In a group the largest wins; left out: the largest amount.",
            forms.scalar(values.integer),
        ),
    ] = None


@dataclass(frozen=True, kw_only=True)
class RuleShape(ActingShape):
    """What members earn by what they do."""

    called: ClassVar[str] = "an earn rule"
    required: ClassVar[tuple[str, ...]] = ("when",)
    later: ClassVar[tuple[str, ...]] = ("audience", "give referrer", "give second referrer")
    meant: ClassVar[dict[str, str]] = {
        **ActingShape.meant, "times": "multiply", "multiplier": "multiply",
    }  # fmt: skip

    within: Annotated[Duration | None, WITHIN] = None
    multiply: Annotated[
        tuple[Entry[Dated[Scalar]], ...] | None,
        Key("Wallets with factors: {points: 2} doubles what the event's rules gave.", AMOUNTS),
    ] = None
    of: Annotated[
        tuple[Scalar, ...] | None,
        Key("The rules whose gifts it multiplies; left out: all of this event.", WORDS),
    ] = None
    to: Annotated[
        Scalar | None, Key("A text field of the event that names who receives.", WORD)
    ] = None


@dataclass(frozen=True, kw_only=True)
class GivingShape(FrameShape):
    """The keys of what is had by redeeming it."""

    within: Annotated[Duration | None, WITHIN] = None


@dataclass(frozen=True, kw_only=True)
class RewardShape(GivingShape):
    """What can be had for points, or given."""

    called: ClassVar[str] = "a reward"
    later: ClassVar[tuple[str, ...]] = ("audience", "price")
    meant: ClassVar[dict[str, str]] = {
        "title": "name", "points": "cost", "expires": "valid", "lasts": "valid",
        "minimum": "min spend", "discount": "coupon", "gift": "item", "where": "if",
    }  # fmt: skip

    coupon: Annotated[
        Dated[Face] | None,
        Key(
            "It lowers a price: an amount such as 5.00, or a share such as 12%.",
            forms.dated(values.face),
        ),
    ] = None
    voucher: Annotated[
        Dated[Fraction] | None,
        Key("It pays like money: an amount such as 20.00.", forms.dated(values.above_zero)),
    ] = None
    item: Annotated[Scalar | None, Key("The id of goods.", WORD)] = None
    privilege: Annotated[Scalar | None, Key("A privilege, for as long as it is valid.", WORD)] = (
        None
    )
    code: Annotated[
        Scalar | None,
        Key("What an order says in its field `coupon` to use it without having it.", WORD),
    ] = None
    cost: Annotated[
        tuple[Entry[Dated[Scalar]], ...] | None,
        Key("Wallets with what it costs, such as {points: 50}.", AMOUNTS),
    ] = None
    stock: Annotated[
        Dated[Fraction] | None,
        Key("How many there are for all members.", forms.dated(values.whole_amount)),
    ] = None
    valid: Annotated[
        Dated[Duration] | None,
        Key("How long it can be used, such as 30 days.", forms.dated(terms.some_days, TERM)),
    ] = None
    min_spend: Annotated[
        Dated[Fraction] | None, Key("The least amount of the order it is used on.", NUMBER)
    ] = None
    on: Annotated[
        Scalar | None,
        Key("A condition on the order it is used on, such as category = 'cake'.", WORD),
    ] = None
    stacks: Annotated[bool, Key("no: not together with others.", FLAG)] = True


@dataclass(frozen=True, kw_only=True)
class PayShape(GivingShape):
    """Paying with points."""

    called: ClassVar[str] = "`pay_with_points`"
    required: ClassVar[tuple[str, ...]] = ("rate",)
    meant: ClassVar[dict[str, str]] = {"min": "at least", "max": "at most", "cost": "rate"}

    rate: Annotated[
        tuple[Entry[Dated[Fraction]], ...] | None,
        Key(
            "What points are worth, such as {points: 100, money: 1.00}.",
            forms.entries(
                forms.dated(values.above_zero),
                of="a wallet's units and `money`",
                such_as="{points: 100, money: 1.00}",
            ),
        ),
    ] = None
    at_most: Annotated[
        Dated[Fraction] | None,
        Key(
            "The share of an order that can be paid so, such as 50% of amount.",
            forms.dated(values.share_of_amount),
        ),
    ] = None
    at_least: Annotated[
        Dated[forms.Valued[Quantity]] | None,
        Key("The least that can be paid with, such as 500 points.", QUANTITY),
    ] = None


@dataclass(frozen=True, kw_only=True)
class DrawShape(GivingShape):
    """What members spin for prizes."""

    called: ClassVar[str] = "a draw"
    required: ClassVar[tuple[str, ...]] = ("salt", "prizes")
    meant: ClassVar[dict[str, str]] = {
        "chances": "prizes", "rewards": "prizes", "give": "prizes", "price": "cost",
        "seed": "salt", "title": "name", "where": "if",
    }  # fmt: skip

    cost: Annotated[
        tuple[Entry[Dated[Scalar]], ...] | None,
        Key("Wallets with what a spin costs, such as {points: 10}.", AMOUNTS),
    ] = None
    salt: Annotated[
        str | None,
        Key(
            "Chance depends on it, never on names; `perkbook check --fix` writes a new one.",
            forms.scalar(values.salt),
        ),
    ] = None
    prizes: Annotated[
        tuple[Entry[Fraction], ...] | None,
        Key(
            "Prizes with their chances, such as {five_off: 5%, 100 points: 20%, nothing: 75%}.",
            forms.entries(
                forms.scalar(values.share, forms.pattern(r"[0-9]+([.][0-9]+)? *%", "5%", "0.1%")),
                of="prizes with their chances",
                such_as="{five_off: 5%, 100 points: 20%, nothing: 75%}",
            ),
        ),
    ] = None
    stock: Annotated[
        tuple[Entry[Dated[forms.Valued[Quantity]]], ...] | None,
        Key(
            "How often a prize can be had, over all members: {five_off: 100 per month}.",
            forms.entries(
                QUANTITY, of="prizes and their stock", such_as="{five_off: 100 per month}"
            ),
        ),
    ] = None
