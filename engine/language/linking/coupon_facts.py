"""Links facts of coupons: how many are held, were used, and how long the oldest is unused."""

from __future__ import annotations

from engine.language.expression.tree import Type
from engine.language.linking.draft import Draft
from engine.language.program import USABLE, Fact, FactKind
from engine.language.shapes.program import FactShape
from engine.language.text.nodes import Scalar
from engine.language.text.quote import quoted

KINDS = ("held", "used", "unused")


def fact(
    key: Scalar, kind: FactKind, written: Scalar, shape: FactShape, since: str | None, draft: Draft
) -> Fact | None:
    """What is kept of a reward that is used on orders; `since` is the event it begins anew with."""
    usable = [name for name, of in draft.reward_kinds.items() if of in USABLE]
    if draft.reward_kinds.get(written.text) not in (*USABLE, ""):
        draft.complaints.add(
            written,
            "unknown-name",
            f"There is no coupon, voucher or item {quoted(written.text)}.",
            draft.complaints.known(written.text, usable, "Add one under `rewards:`."),
        )
        return None
    return Fact(
        name=key.text,
        kind=kind,
        event="",
        value=None,
        condition=None,
        less=None,
        over=shape.over,
        before=shape.before,
        since=since,
        this=shape.this,
        by=None,
        starts_over=None,
        freeze=None,
        of_last=None,
        type=Type.WHOLE,
        place=key.place,
        reward=written.text,
    )
