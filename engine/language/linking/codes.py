"""Links the codes of rewards: what an order names to use one that was not given before."""

from __future__ import annotations

from engine.language.linking.draft import Draft
from engine.language.program import USABLE
from engine.language.shapes.giving import RewardShape
from engine.language.text.nodes import Node, Pairs, Scalar
from engine.language.text.quote import quoted


def code(kind: str | None, shape: RewardShape, draft: Draft) -> str | None:
    """The code of a reward; it goes with what is used on an order and costs nothing else."""
    key = shape.node.key("code")
    if shape.code is None or key is None:
        return None
    if kind is not None and kind not in USABLE:
        _say(
            key, f"`code` does not go with `{kind}`.", "An order uses coupons and the like.", draft
        )
    if shape.cost is not None:
        _say(
            key,
            "`code` and `cost` do not go together.",
            "Whoever knows the code has it; make another reward that is paid for.",
            draft,
        )
    if not any(event.fields.get("coupon") for event in draft.events.values()):
        _say(
            key,
            "No event has a field `coupon` in which the code could stand.",
            "Write `order: {amount: money, coupon: text}` under `events:`.",
            draft,
        )
    return shape.code.text


def are_single(entries: list[tuple[Scalar, Node]], draft: Draft) -> None:
    """A code stands for one reward, and is the id of none."""
    ids = {key.text for key, _ in entries}
    seen: dict[str, str] = {}
    for key, value in entries:
        written = value.get("code") if isinstance(value, Pairs) else None
        if not isinstance(written, Scalar) or written.broken:
            continue
        other = written.text if written.text in ids else seen.get(written.text)
        if other is not None:
            what = f"The code {quoted(written.text)} means `{other}` already."
            draft.complaints.add(written, "code", what, "Choose another code.")
        seen.setdefault(written.text, key.text)


def _say(key: Scalar, what: str, expected: str, draft: Draft) -> None:
    draft.complaints.add(key, "code", what, expected)
