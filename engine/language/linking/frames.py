"""Links the frame that rewards and draws share: who may have them, when, how often."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from engine.language.expression import Want
from engine.language.linking import giving
from engine.language.linking.draft import Draft
from engine.language.linking.scopes import Scopes
from engine.language.program import Rule
from engine.language.shapes.giving import GivingShape
from engine.language.text.nodes import Scalar


def frame(
    key: Scalar, shape: GivingShape, section: Literal["rewards", "draws"], event: str,
    wallets: Iterable[str], scopes: Scopes, draft: Draft,
) -> Rule:  # fmt: skip
    """Who may have a reward or spin a draw, when, how often; `wallets` are what it costs."""
    giving.window_is_right(shape, draft)
    wallets = tuple(wallets)
    return Rule(
        id=key.text,
        section=section,
        name=shape.name or key.text,
        note=shape.note or "",
        when=(event,),
        condition=scopes.source(shape.if_, scopes.of_member(), Want.FLAG),
        start=shape.from_,
        end=shape.until,
        once=shape.once,
        within=shape.within,
        limits=giving.limits(shape.limit or (), wallets, draft),
        budget=giving.budget(shape.budget, shape, wallets, draft),
        return_limit=shape.on_refund == "return limit",
        place=key.place,
    )
