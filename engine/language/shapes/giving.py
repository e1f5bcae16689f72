"""The shapes of what gives: earn rules and rewards."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from engine.language.program import Dated, Duration
from engine.language.shapes import forms, values
from engine.language.shapes.forms import Entry, Form
from engine.language.shapes.program import FLAG, TEXT, WORD
from engine.language.shapes.shape import Shape
from engine.language.shapes.values import Face, Quantity
from engine.language.text.nodes import Node, Scalar

WORDS = forms.several(WORD)
QUANTITY = forms.dated_of(forms.valued(values.quantity))
QUANTITIES = forms.several(QUANTITY)
NUMBER = forms.dated(values.amount)
GIFTS: Form[tuple[Entry[Node], ...]] = forms.entries(
    Form(
        lambda node, complaints: node,
        {"anyOf": [forms.SCALAR, {"type": "array", "items": forms.SCALAR}, {"type": "object"}]},
    ),
    of="wallets with amounts, or `coupon`, `item`, `badge` and the like with an id,",
)
AMOUNTS: Form[tuple[Entry[Dated[Scalar]], ...]] = forms.entries(
    forms.dated_words(), of="wallets with amounts"
)


class GivingShape(Shape):
    """The keys that earn rules and rewards share."""

    called: ClassVar[str] = "a rule"
    later: ClassVar[tuple[str, ...]] = ("audience",)

    name: Annotated[str | None, TEXT] = Field(None, description="What people call it.")
    note: Annotated[str | None, TEXT] = Field(None, description="For colleagues: why it is so.")
    if_: Annotated[Scalar | None, WORD] = Field(
        None, description="A condition such as amount >= 50 and tier = 'gold'."
    )
    from_: Annotated[date | None, forms.scalar(values.day)] = Field(
        None, description="The first day on which it holds."
    )
    until: Annotated[date | None, forms.scalar(values.day)] = Field(
        None, description="The last day on which it holds."
    )
    once: Annotated[bool, FLAG] = Field(False, description="yes: once for each member, ever.")
    within: Annotated[Duration | None, forms.scalar(values.some_days)] = Field(
        None, description="Only so long after joining, such as 30 days."
    )
    limit: Annotated[tuple[Dated[forms.Valued[Quantity]], ...] | None, QUANTITIES] = Field(
        None, description="For each member: 3 per month, 500 points per day, or a list of these."
    )
    budget: Annotated[Dated[forms.Valued[Quantity]] | None, QUANTITY] = Field(
        None, description="For all members together: 1000000 points, 20000 money per month."
    )
    over_budget: Literal["cut", "refuse"] = Field(
        "cut", description="Whether the award that no longer fits is cut to the rest or refused."
    )
    on_refund: Literal["keep limit", "return limit"] = Field(
        "keep limit", description="Whether a refund gives the place in a limit back."
    )


class RuleShape(GivingShape):
    """What members earn by what they do."""

    called: ClassVar[str] = "an earn rule"
    required: ClassVar[tuple[str, ...]] = ("when",)
    meant: ClassVar[dict[str, str]] = {
        "on": "when", "event": "when", "trigger": "when", "where": "if", "condition": "if",
        "points": "give", "reward": "give", "title": "name", "comment": "note",
        "description": "note", "start": "from", "end": "until", "to date": "until",
        "max": "limit", "cap": "limit", "times": "multiply", "multiplier": "multiply",
    }  # fmt: skip

    when: Annotated[tuple[Scalar, ...] | None, WORDS] = Field(
        None, description="The event, or a list of events, that it looks at."
    )
    give: Annotated[tuple[Entry[Node], ...] | None, GIFTS] = Field(
        None,
        description="Wallets with amounts, or coupon, item, badge, privilege, tier with an id.",
    )
    multiply: Annotated[tuple[Entry[Dated[Scalar]], ...] | None, AMOUNTS] = Field(
        None, description="Wallets with factors: {points: 2} doubles what the event's rules gave."
    )
    of: Annotated[tuple[Scalar, ...] | None, WORDS] = Field(
        None, description="The rules whose gifts it multiplies; left out: all of this event."
    )
    group: Annotated[Scalar | None, WORD] = Field(
        None, description="Of the rules of one group only the best applies."
    )
    priority: Annotated[int | None, forms.scalar(values.integer)] = Field(
        None, description="In a group the largest wins; left out: the largest amount."
    )
    to: Annotated[Scalar | None, WORD] = Field(
        None, description="A text field of the event that names who receives."
    )


class RewardShape(GivingShape):
    """What can be had for points, or given."""

    called: ClassVar[str] = "a reward"
    later: ClassVar[tuple[str, ...]] = ("audience", "price")
    meant: ClassVar[dict[str, str]] = {
        "title": "name", "points": "cost", "expires": "valid", "lasts": "valid",
        "minimum": "min spend", "discount": "coupon", "gift": "item", "where": "if",
    }  # fmt: skip

    coupon: Annotated[Dated[Face] | None, forms.dated(values.face)] = Field(
        None, description="It lowers a price: an amount such as 5.00, or a share such as 12%."
    )
    voucher: Annotated[Dated[Fraction] | None, forms.dated(values.above_zero)] = Field(
        None, description="It pays like money: an amount such as 20.00."
    )
    item: Annotated[Scalar | None, WORD] = Field(None, description="The id of goods.")
    cost: Annotated[tuple[Entry[Dated[Scalar]], ...] | None, AMOUNTS] = Field(
        None, description="Wallets with what it costs, such as {points: 50}."
    )
    stock: Annotated[Dated[Fraction] | None, forms.dated(values.whole_amount)] = Field(
        None, description="How many there are for all members."
    )
    valid: Annotated[Dated[Duration] | None, forms.dated(values.some_days)] = Field(
        None, description="How long it can be used, such as 30 days."
    )
    min_spend: Annotated[Dated[Fraction] | None, NUMBER] = Field(
        None, description="The least amount of the order it is used on."
    )
    on: Annotated[Scalar | None, WORD] = Field(
        None, description="A condition on the order it is used on, such as category = 'cake'."
    )
    stacks: Annotated[bool, FLAG] = Field(True, description="no: not together with others.")


class PayShape(GivingShape):
    """Paying with points."""

    called: ClassVar[str] = "`pay_with_points`"
    required: ClassVar[tuple[str, ...]] = ("rate",)
    meant: ClassVar[dict[str, str]] = {"min": "at least", "max": "at most", "cost": "rate"}

    rate: Annotated[
        tuple[Entry[Dated[Fraction]], ...] | None,
        forms.entries(forms.dated(values.above_zero), of="a wallet's units and `money`"),
    ] = Field(None, description="What points are worth, such as {points: 100, money: 1.00}.")
    at_most: Annotated[Dated[Fraction] | None, forms.dated(values.share_of_amount)] = Field(
        None, description="The share of an order that can be paid so, such as 50% of amount."
    )
    at_least: Annotated[Dated[forms.Valued[Quantity]] | None, QUANTITY] = Field(
        None, description="The least that can be paid with, such as 500 points."
    )
