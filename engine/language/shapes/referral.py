"""The shapes of the section `referral`: how members bring members, and what pays for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from engine.language.program import Dated
from engine.language.shapes import forms, values
from engine.language.shapes.forms import Entry, Valued
from engine.language.shapes.giving import GIFTS, QUANTITIES, QUANTITY, WORDS, GivingShape
from engine.language.shapes.program import WORD
from engine.language.shapes.shape import Key, Shape
from engine.language.shapes.terms import Quantity
from engine.language.text.nodes import Node, Scalar

SETTINGS = ("levels", "unique")


@dataclass(frozen=True, kw_only=True)
class ReferralShape(Shape):
    """What holds for all invitations."""

    called: ClassVar[str] = "`referral`"

    levels: Annotated[
        int | None,
        Key("How many levels are paid: 1 or 2, never more.", forms.scalar(values.count)),
    ] = None
    unique: Annotated[
        tuple[Scalar, ...] | None,
        Key("Attributes that nobody may share with another: phone, device, payer.", WORDS),
    ] = None


@dataclass(frozen=True, kw_only=True)
class ReferralRuleShape(GivingShape):
    """What a friend's event gives to him, to who brought him, and to who brought that one.

    `limit` and `budget` are of the referrer's side, or of the friend's where he alone is given to.
    """

    called: ClassVar[str] = "a referral rule"
    required: ClassVar[tuple[str, ...]] = ("when",)
    later: ClassVar[tuple[str, ...]] = ("audience", "group", "priority")
    meant: ClassVar[dict[str, str]] = {
        "on": "when", "event": "when", "trigger": "when", "where": "if", "condition": "if",
        "give friend": "give", "reward": "give referrer", "referrer": "give referrer",
        "give inviter": "give referrer", "title": "name", "comment": "note", "max": "limit",
    }  # fmt: skip

    when: Annotated[
        tuple[Scalar, ...] | None,
        Key("The friend's event, or a list of events, that it looks at.", WORDS),
    ] = None
    give: Annotated[
        tuple[Entry[Node], ...] | None, Key("What the friend gets, such as {points: 100}.", GIFTS)
    ] = None
    give_referrer: Annotated[
        tuple[Entry[Node], ...] | None, Key("What the one who brought him gets.", GIFTS)
    ] = None
    give_second_referrer: Annotated[
        tuple[Entry[Node], ...] | None,
        Key("What the one gets who brought the referrer.", GIFTS),
    ] = None
    milestones: Annotated[
        tuple[Entry[tuple[Entry[Node], ...]], ...] | None,
        Key(
            "What the referrer gets beside with his 3rd, 5th friend: {3: {points: 500}}.",
            forms.entries(GIFTS, of="numbers of friends with gifts", such_as="{3: {points: 500}}"),
        ),
    ] = None
    limit_friend: Annotated[
        tuple[Dated[Valued[Quantity]], ...] | None,
        Key("For each friend: 1 per month, or a list of these.", QUANTITIES),
    ] = None
    limit_second_referrer: Annotated[
        tuple[Dated[Valued[Quantity]], ...] | None,
        Key("For each second referrer: 10 per month, or a list of these.", QUANTITIES),
    ] = None
    budget_friend: Annotated[
        Dated[Valued[Quantity]] | None, Key("For all friends together: 10000 points.", QUANTITY)
    ] = None
    budget_second_referrer: Annotated[
        Dated[Valued[Quantity]] | None,
        Key("For all second referrers together: 10000 points.", QUANTITY),
    ] = None
    if_: Annotated[
        Scalar | None,
        Key("A condition of the friend and his event; `referrer.x` is of the referrer.", WORD),
    ] = None
