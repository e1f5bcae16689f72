"""The shapes of the sections: every key that may be written, with its form and a description."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, ClassVar, Literal

from engine.language.program import Dated, Duration, Period
from engine.language.shapes import forms, terms, values
from engine.language.shapes.forms import Entry, Form
from engine.language.shapes.shape import Key, Shape
from engine.language.shapes.terms import Freeze, Never, ReviewWord
from engine.language.text.nodes import Node, Scalar

TYPES = ("text", "texts", "whole", "decimal", "money", "flag", "date", "time")

TEXT = forms.text()
WORD = forms.word()
FLAG = forms.flag()
UNIT = r"(second|minute|hour|day|week|month|quarter|year)s?"
TERM = forms.pattern(rf"[0-9]+ +{UNIT}", "30 days", "3 months", "1 year")
EXPIRY = forms.pattern(
    rf"(never|[0-9]+ +{UNIT}( +to +(month|quarter|year) +end| +without +\S+)?)",
    "never", "12 months", "12 months to month end", "1 year to year end",
)  # fmt: skip
REVIEW = forms.pattern(
    rf"(at once|yearly|on anniversary|every +[0-9]+ +{UNIT})", "every 12 months", "at once"
)
FREEZE = forms.scalar(
    terms.freeze, forms.pattern("[0-9]+ +per +(week|month|quarter|year)", "1 per month")
)
PERIOD = forms.pattern("(hour|day|week|month|quarter|year)", "day", "month", "year")
TYPE: Form[Scalar] = Form(forms.one, {"enum": [*TYPES]})
NODE: Form[Node] = Form(lambda node, complaints: node, {})


@dataclass(frozen=True, kw_only=True)
class ProgramShape(Shape):
    """What holds for the whole program."""

    called: ClassVar[str] = "`program`"
    required: ClassVar[tuple[str, ...]] = ("timezone", "money")
    later: ClassVar[tuple[str, ...]] = ("holdout", "cap", "quiet", "margin")
    meant: ClassVar[dict[str, str]] = {"currency": "money", "zone": "timezone", "tz": "timezone"}

    name: Annotated[str | None, Key("What people call the program.", TEXT)] = None
    timezone: Annotated[
        Scalar | None,
        Key("An IANA zone such as Asia/Shanghai: days, weeks and months begin there.", WORD),
    ] = None
    money: Annotated[Scalar | None, Key("The currency's ISO code, such as CNY or EUR.", WORD)] = (
        None
    )
    stacking: Annotated[
        Literal["multiply", "add", "best"], Key("How several multipliers of one event combine.")
    ] = "multiply"
    late: Annotated[
        Duration | None,
        Key(
            "How late an event may come and still count, such as 30 days.",
            forms.scalar(terms.more_days, TERM),
        ),
    ] = None


@dataclass(frozen=True, kw_only=True)
class FieldShape(Shape):
    """A field with more than a type."""

    called: ClassVar[str] = "a field"
    required: ClassVar[tuple[str, ...]] = ("type",)

    type: Annotated[
        Scalar | None, Key("text, texts, whole, decimal, money, flag, date or time.", TYPE)
    ] = None
    personal: Annotated[bool, Key("yes: it says who somebody is.", FLAG)] = False


@dataclass(frozen=True, kw_only=True)
class WalletShape(Shape):
    """What points or money is kept in."""

    called: ClassVar[str] = "a wallet"
    meant: ClassVar[dict[str, str]] = {
        "expiry": "expires", "rounding": "round", "negative": "below zero", "valid": "expires",
    }  # fmt: skip

    unit: Annotated[Literal["points", "money"], Key("points or money.")] = "points"
    decimals: Annotated[
        int | None,
        Key(
            "Places behind the point that the wallet keeps; money has its currency's.",
            forms.scalar(values.whole),
        ),
    ] = None
    transfer: Annotated[bool, Key("Whether members may send it.", FLAG)] = False
    expires: Annotated[
        Dated[Duration | Never] | None,
        Key(
            "never, 12 months, 12 months to month end, 180 days without order.",
            forms.dated(terms.expiry, EXPIRY),
        ),
    ] = None
    pending: Annotated[
        Dated[Duration] | None,
        Key(
            "How long an amount waits before it can be spent, such as 14 days.",
            forms.dated(terms.some_days, TERM),
        ),
    ] = None
    round: Annotated[
        Literal["down", "nearest", "up"], Key("How an event's amount becomes whole units.")
    ] = "down"
    spend: Annotated[
        Literal["soonest expiry", "oldest first"], Key("Which lot is spent first.")
    ] = "soonest expiry"
    below_zero: Annotated[
        Literal["no", "yes", "refunds only"],
        Key("Whether spending, or a refund alone, may take it below zero."),
    ] = "no"
    on_refund: Annotated[
        Literal["clamp", "below zero", "pending only"],
        Key("What happens when a refund cannot take back all it should."),
    ] = "clamp"
    restore: Annotated[
        Literal["original", "new expiry"],
        Key("How spent points come back: into their lots, or with a new expiry."),
    ] = "original"
    value: Annotated[
        Dated[Fraction] | None,
        Key("Money per unit, for the liability, such as 0.01.", forms.dated(values.amount)),
    ] = None


@dataclass(frozen=True, kw_only=True)
class FactShape(Shape):
    """A number, text or time kept per member as events arrive."""

    called: ClassVar[str] = "a fact"
    meant: ClassVar[dict[str, str]] = {
        "where": "if", "within": "over", "total": "sum", "avg": "average", "mean": "average",
        "mode": "most frequent", "unique": "distinct", "per": "this", "minus": "less",
    }  # fmt: skip

    count: Annotated[Scalar | None, Key("How many events of this type.", WORD)] = None
    sum: Annotated[
        Scalar | None, Key("A sum over an event's field, such as order.amount.", WORD)
    ] = None
    average: Annotated[Scalar | None, Key("The average of a field.", WORD)] = None
    min: Annotated[Scalar | None, Key("The smallest of a field.", WORD)] = None
    max: Annotated[Scalar | None, Key("The largest of a field.", WORD)] = None
    last: Annotated[
        Scalar | None, Key("When the last one was, or a field's last value (order.channel).", WORD)
    ] = None
    first: Annotated[
        Scalar | None, Key("When the first one was, or a field's first value.", WORD)
    ] = None
    previous: Annotated[Scalar | None, Key("When the one before this one was.", WORD)] = None
    distinct: Annotated[Scalar | None, Key("How many different values of a field.", WORD)] = None
    most_frequent: Annotated[
        Scalar | None, Key("The value that came most often, such as order.category.", WORD)
    ] = None
    streak: Annotated[
        Scalar | None, Key("How many periods in a row had such an event; see `by`.", WORD)
    ] = None
    median_gap: Annotated[
        Scalar | None, Key("The median number of days between two such events.", WORD)
    ] = None
    if_: Annotated[Scalar | None, Key("Only events for which this condition holds.", WORD)] = None
    less: Annotated[
        Scalar | None, Key("What counts against a sum, such as refund.amount.", WORD)
    ] = None
    over: Annotated[
        Duration | None,
        Key(
            "Only the last so many days or months, such as 90 days.",
            forms.scalar(terms.more_days, TERM),
        ),
    ] = None
    before: Annotated[
        Duration | None,
        Key(
            "With `over`: the time before so many days or months.",
            forms.scalar(terms.more_days, TERM),
        ),
    ] = None
    since: Annotated[Scalar | None, Key("Begins anew with each event of this type.", WORD)] = None
    this: Annotated[
        Period | None,
        Key(
            "Only the present day, week, month, quarter or year.",
            forms.scalar(terms.calendar_period, PERIOD),
        ),
    ] = None
    by: Annotated[
        Period | None,
        Key(
            "The period of a streak: day, week, month, quarter or year.",
            forms.scalar(terms.streak_period, PERIOD),
        ),
    ] = None
    starts_over: Annotated[
        int | None,
        Key("Of a streak: after so many it begins anew with 1.", forms.scalar(values.count)),
    ] = None
    freeze: Annotated[
        Freeze | None,
        Key("Of a streak: so many missed periods are forgiven, such as 1 per month.", FREEZE),
    ] = None
    of_last: Annotated[
        int | None, Key("Only the last so many events.", forms.scalar(values.count))
    ] = None
    held: Annotated[Scalar | None, Key("How many of this reward can be used now.", WORD)] = None
    used: Annotated[Scalar | None, Key("How many of this reward were used.", WORD)] = None
    unused: Annotated[
        Scalar | None,
        Key("For how many days the oldest that can be used has not been.", WORD),
    ] = None


@dataclass(frozen=True, kw_only=True)
class PrivilegeShape(Shape):
    """A right without a price."""

    called: ClassVar[str] = "a privilege"
    meant: ClassVar[dict[str, str]] = {"title": "name", "label": "name"}

    name: Annotated[str | None, Key("What people call it.", TEXT)] = None
    note: Annotated[str | None, Key("For colleagues.", TEXT)] = None


@dataclass(frozen=True, kw_only=True)
class TiersShape(Shape):
    """The ladder and when members move on it."""

    called: ClassVar[str] = "`tiers`"
    required: ClassVar[tuple[str, ...]] = ("measure", "ladder")
    meant: ClassVar[dict[str, str]] = {"levels": "ladder", "by": "measure", "based on": "measure"}

    measure: Annotated[
        Scalar | None, Key("The wallet or fact that tiers are measured by.", WORD)
    ] = None
    ladder: Annotated[
        tuple[Entry[Dated[Fraction]], ...] | None,
        Key(
            "Each tier, lowest first, with the number it begins at.",
            forms.entries(
                forms.dated(values.amount),
                of="tiers and the numbers they begin at",
                such_as="{member: 0, gold: 3000}",
            ),
        ),
    ] = None
    upgrade: Annotated[
        Literal["after", "before"],
        Key("Whether the event that crosses counts at the new tier (before)."),
    ] = "after"
    downgrade: Annotated[
        Literal["never", "one step", "reassess"], Key("How a member falls at a review.")
    ] = "never"
    review: Annotated[
        Duration | ReviewWord | None,
        Key(
            "every 12 months, at once, yearly or on anniversary.",
            forms.scalar(terms.review, REVIEW),
        ),
    ] = None
    grace: Annotated[
        Duration | None,
        Key(
            "How long a member who is too low may stay, such as 30 days.",
            forms.scalar(terms.some_days, TERM),
        ),
    ] = None
    on_change: Annotated[
        Literal["keep", "upgrade only", "reassess"], Key("Who moves when the ladder changes.")
    ] = "keep"
    benefits: Annotated[
        tuple[Entry[tuple[Entry[Node], ...]], ...] | None,
        Key(
            "What each tier has: privileges, and multipliers such as points: x1.5.",
            forms.entries(
                forms.entries(NODE, of="benefits", such_as="points: x1.5"),
                of="tiers and their benefits",
                such_as="gold: {points: x1.5}",
            ),
        ),
    ] = None
