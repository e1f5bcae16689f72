"""The shapes of the sections: every key that may be written, with its form and a description."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from engine.language.program import Dated, Duration, Period
from engine.language.shapes import forms, values
from engine.language.shapes.forms import Entry, Form
from engine.language.shapes.shape import Shape
from engine.language.shapes.values import Never, ReviewWord
from engine.language.text.nodes import Node, Scalar

TEXT = forms.text()
WORD = forms.word()
FLAG = forms.flag()
NODE: Form[Node] = Form(lambda node, complaints: node, {})


class ProgramShape(Shape):
    """What holds for the whole program."""

    called: ClassVar[str] = "`program`"
    required: ClassVar[tuple[str, ...]] = ("timezone", "money")
    later: ClassVar[tuple[str, ...]] = ("holdout", "cap", "quiet", "margin")
    meant: ClassVar[dict[str, str]] = {"currency": "money", "zone": "timezone", "tz": "timezone"}

    name: Annotated[str | None, TEXT] = Field(None, description="What people call the program.")
    timezone: Annotated[Scalar | None, WORD] = Field(
        None,
        description="An IANA zone such as Asia/Shanghai: days, weeks and months begin there.",
    )
    money: Annotated[Scalar | None, WORD] = Field(
        None, description="The currency's ISO code, such as CNY or EUR."
    )
    stacking: Literal["multiply", "add", "best"] = Field(
        "multiply", description="How several multipliers of one event combine."
    )
    late: Annotated[Duration | None, forms.scalar(values.more_days)] = Field(
        None, description="How late an event may come and still count, such as 30 days."
    )


class FieldShape(Shape):
    """A field with more than a type."""

    called: ClassVar[str] = "a field"
    required: ClassVar[tuple[str, ...]] = ("type",)

    type: Annotated[Scalar | None, WORD] = Field(
        None, description="text, texts, whole, decimal, money, flag, date or time."
    )
    personal: Annotated[bool, FLAG] = Field(False, description="yes: it says who somebody is.")


class WalletShape(Shape):
    """What points or money is kept in."""

    called: ClassVar[str] = "a wallet"
    meant: ClassVar[dict[str, str]] = {
        "expiry": "expires", "rounding": "round", "negative": "below zero", "valid": "expires",
    }  # fmt: skip

    unit: Literal["points", "money"] = Field("points", description="points or money.")
    decimals: Annotated[int | None, forms.scalar(values.whole)] = Field(
        None, description="Places behind the point that the wallet keeps; money has its currency's."
    )
    transfer: Annotated[bool, FLAG] = Field(False, description="Whether members may send it.")
    expires: Annotated[Dated[Duration | Never] | None, forms.dated(values.expiry)] = Field(
        None, description="never, 12 months, 12 months to month end, 180 days without order."
    )
    pending: Annotated[Dated[Duration] | None, forms.dated(values.some_days)] = Field(
        None, description="How long an amount waits before it can be spent, such as 14 days."
    )
    round: Literal["down", "nearest", "up"] = Field(
        "down", description="How an event's amount becomes whole units."
    )
    spend: Literal["soonest expiry", "oldest first"] = Field(
        "soonest expiry", description="Which lot is spent first."
    )
    below_zero: Literal["no", "yes", "refunds only"] = Field(
        "no", description="Whether spending, or a refund alone, may take it below zero."
    )
    on_refund: Literal["clamp", "below zero", "pending only"] = Field(
        "clamp", description="What happens when a refund cannot take back all it should."
    )
    restore: Literal["original", "new expiry"] = Field(
        "original", description="How spent points come back: into their lots, or with a new expiry."
    )
    value: Annotated[Dated[Fraction] | None, forms.dated(values.amount)] = Field(
        None, description="Money per unit, for the liability, such as 0.01."
    )


class FactShape(Shape):
    """A number, text or time kept per member as events arrive."""

    called: ClassVar[str] = "a fact"
    meant: ClassVar[dict[str, str]] = {
        "where": "if", "within": "over", "total": "sum", "avg": "average", "mean": "average",
        "mode": "most frequent", "unique": "distinct", "per": "this", "minus": "less",
    }  # fmt: skip

    count: Annotated[Scalar | None, WORD] = Field(None, description="How many events of this type.")
    sum: Annotated[Scalar | None, WORD] = Field(
        None, description="A sum over an event's field, such as order.amount."
    )
    average: Annotated[Scalar | None, WORD] = Field(None, description="The average of a field.")
    min: Annotated[Scalar | None, WORD] = Field(None, description="The smallest of a field.")
    max: Annotated[Scalar | None, WORD] = Field(None, description="The largest of a field.")
    last: Annotated[Scalar | None, WORD] = Field(
        None, description="When the last one was, or a field's last value (order.channel)."
    )
    first: Annotated[Scalar | None, WORD] = Field(
        None, description="When the first one was, or a field's first value."
    )
    previous: Annotated[Scalar | None, WORD] = Field(
        None, description="When the one before this one was."
    )
    distinct: Annotated[Scalar | None, WORD] = Field(
        None, description="How many different values of a field."
    )
    most_frequent: Annotated[Scalar | None, WORD] = Field(
        None, description="The value that came most often, such as order.category."
    )
    streak: Annotated[Scalar | None, WORD] = Field(
        None, description="How many periods in a row had such an event; see `by`."
    )
    median_gap: Annotated[Scalar | None, WORD] = Field(
        None, description="The median number of days between two such events."
    )
    if_: Annotated[Scalar | None, WORD] = Field(
        None, description="Only events for which this condition holds."
    )
    less: Annotated[Scalar | None, WORD] = Field(
        None, description="What counts against a sum, such as refund.amount."
    )
    over: Annotated[Duration | None, forms.scalar(values.more_days)] = Field(
        None, description="Only the last so many days or months, such as 90 days."
    )
    before: Annotated[Duration | None, forms.scalar(values.more_days)] = Field(
        None, description="With `over`: the time before so many days or months."
    )
    since: Annotated[Scalar | None, WORD] = Field(
        None, description="Begins anew with each event of this type."
    )
    this: Annotated[Period | None, forms.scalar(values.calendar_period)] = Field(
        None, description="Only the present day, week, month, quarter or year."
    )
    by: Annotated[Period | None, forms.scalar(values.streak_period)] = Field(
        None, description="The period of a streak: day, week, month, quarter or year."
    )
    of_last: Annotated[int | None, forms.scalar(values.count)] = Field(
        None, description="Only the last so many events."
    )


class PrivilegeShape(Shape):
    """A right without a price."""

    called: ClassVar[str] = "a privilege"
    meant: ClassVar[dict[str, str]] = {"title": "name", "label": "name"}

    name: Annotated[str | None, TEXT] = Field(None, description="What people call it.")
    note: Annotated[str | None, TEXT] = Field(None, description="For colleagues.")


class TiersShape(Shape):
    """The ladder and when members move on it."""

    called: ClassVar[str] = "`tiers`"
    required: ClassVar[tuple[str, ...]] = ("measure", "ladder")
    meant: ClassVar[dict[str, str]] = {"levels": "ladder", "by": "measure", "based on": "measure"}

    measure: Annotated[Scalar | None, WORD] = Field(
        None, description="The wallet or fact that tiers are measured by."
    )
    ladder: Annotated[
        tuple[Entry[Dated[Fraction]], ...] | None,
        forms.entries(forms.dated(values.amount), of="tiers and the numbers they begin at"),
    ] = Field(None, description="Each tier, lowest first, with the number it begins at.")
    upgrade: Literal["after", "before"] = Field(
        "after", description="Whether the event that crosses counts at the new tier (before)."
    )
    downgrade: Literal["never", "one step", "reassess"] = Field(
        "never", description="How a member falls at a review."
    )
    review: Annotated[
        Duration | ReviewWord | None,
        forms.scalar(values.review),
    ] = Field(None, description="every 12 months, at once, yearly or on anniversary.")
    grace: Annotated[Duration | None, forms.scalar(values.some_days)] = Field(
        None, description="How long a member who is too low may stay, such as 30 days."
    )
    on_change: Literal["keep", "upgrade only", "reassess"] = Field(
        "keep", description="Who moves when the ladder changes."
    )
    benefits: Annotated[
        tuple[Entry[tuple[Entry[Node], ...]], ...] | None,
        forms.entries(forms.entries(NODE, of="benefits"), of="tiers and their benefits"),
    ] = Field(
        None, description="What each tier has: privileges, and multipliers such as points: x1.5."
    )
