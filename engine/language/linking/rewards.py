"""Links the section `rewards`: what can be had for points or given, and paying with points."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

from engine.language.expression import Want
from engine.language.linking import codes, giving, names
from engine.language.linking.draft import Draft
from engine.language.linking.frames import frame
from engine.language.linking.scopes import Scopes
from engine.language.linking.wallets import fits_money
from engine.language.program import Dated, Reward
from engine.language.shapes.giving import PayShape, RewardShape
from engine.language.shapes.shape import read
from engine.language.text.nodes import Node, Pairs, Scalar

PAY = "pay_with_points"
KINDS = ("coupon", "item", "voucher", "privilege")


def kinds(entries: list[tuple[Scalar, Node]]) -> dict[str, str]:
    """Each reward's kind by its id, as written, for the rules that give it; empty if unclear."""
    found: dict[str, str] = {}
    for key, value in entries:
        written = [k for k in KINDS if isinstance(value, Pairs) and value.get(k) is not None]
        found[key.text] = "pay" if key.text == PAY else (written[0] if len(written) == 1 else "")
    return found


def rewards(entries: list[tuple[Scalar, Node]], scopes: Scopes, draft: Draft) -> dict[str, Reward]:
    """The rewards by their ids, in the order of the files."""
    found: dict[str, Reward] = {}
    for key, value in entries:
        named = names.is_spelled(key, draft.complaints)
        reward: Reward | None
        if key.text == PAY:
            pay = read(PayShape, value, draft.complaints)
            reward = _paying(key, pay, scopes, draft) if pay is not None else None
        else:
            shape = read(RewardShape, value, draft.complaints)
            reward = _reward(key, shape, scopes, draft) if shape is not None else None
        if named and reward is not None:
            found[key.text] = reward
    codes.are_single(entries, draft)
    return found


def _reward(key: Scalar, shape: RewardShape, scopes: Scopes, draft: Draft) -> Reward | None:
    kind = _kind(key, shape, draft)
    cost = giving.amounts(shape.cost or (), scopes, scopes.of_member(), draft)
    rule = frame(key, shape, "rewards", "redeem", (give.wallet for give in cost), scopes, draft)
    amount, percent = _amount(shape, draft)
    if shape.min_spend is not None:
        _money(shape.min_spend, shape.at("min spend"), draft)
    if kind is None:
        return None
    return Reward(
        rule=rule,
        kind=kind,
        amount=amount,
        percent=percent,
        item=shape.item.text if shape.item is not None else None,
        cost=cost,
        stock=shape.stock,
        valid=shape.valid,
        min_spend=shape.min_spend,
        on=scopes.source(shape.on, scopes.of_orders(), Want.FLAG),
        stacks=shape.stacks,
        rate=None,
        at_most=None,
        at_least=None,
        code=codes.code(kind, shape, draft),
        privilege=_privilege(shape, draft),
    )


def _privilege(shape: RewardShape, draft: Draft) -> str | None:
    if shape.privilege is None:
        return None
    for name in ("min spend", "on", "stacks"):
        written = shape.node.key(name)
        if written is not None:
            draft.complaints.add(
                written,
                "reward-kind",
                f"`{name}` is for what is used on an order, and a privilege is not.",
                "Leave it out.",
            )
    names.known(shape.privilege, draft.privileges, "privilege", draft)
    return shape.privilege.text


def _kind(
    key: Scalar, shape: RewardShape, draft: Draft
) -> Literal["coupon", "item", "voucher", "privilege"] | None:
    written = [k for k in KINDS if shape.node.get(k) is not None]
    if len(written) > 1:
        draft.complaints.add(
            shape.node.key(written[1]) or key,
            "reward-kind",
            f"`{key.text}` is a {written[0]} as well as {_article(written[1])}.",
            "A reward is one thing; make two of it.",
        )
        return None
    if not written and not draft.complaints.speaks_of(shape.node):
        draft.complaints.add(
            key,
            "reward-kind",
            f"`{key.text}` does not say what one gets.",
            "Add `coupon: 5.00`, `coupon: 12%`, `voucher: 20.00` or `item: rose-jam`.",
        )
    for kind in ("coupon", "item", "voucher", "privilege"):
        if kind in written:
            return kind
    return None


def _article(kind: str) -> str:
    return f"an {kind}" if kind == "item" else f"a {kind}"


def _amount(shape: RewardShape, draft: Draft) -> tuple[Dated[Fraction] | None, bool]:
    """The face value in money, or a share, and which of the two."""
    if shape.voucher is not None:
        _money(shape.voucher, shape.at("voucher"), draft)
        return shape.voucher, False
    if shape.coupon is None:
        return None, False
    percents = {face.percent for _, face in shape.coupon.steps}
    amount = Dated(tuple((start, face.amount) for start, face in shape.coupon.steps))
    if len(percents) > 1:
        draft.complaints.add(
            shape.at("coupon"),
            "dated-unit",
            "The coupon is money at one date and a share at another.",
            "Over time only the number may change; make two coupons.",
        )
    elif percents == {False}:
        _money(amount, shape.at("coupon"), draft)
    return amount, percents == {True}


def _money(amount: Dated[Fraction], where: Node, draft: Draft) -> None:
    if all(fits_money(value, draft.money_decimals) for _, value in amount.steps):
        return
    draft.complaints.add(
        where,
        "money-places",
        f"That has more places than {draft.money} has: {draft.money_decimals}.",
        "Write an amount that can be paid.",
    )


def _paying(key: Scalar, shape: PayShape, scopes: Scopes, draft: Draft) -> Reward | None:
    rate = _rate(shape, draft)
    wallets = (rate[0],) if rate else ()
    rule = frame(key, shape, "rewards", "redeem", wallets, scopes, draft)
    if rate is None:
        return None
    return Reward(
        rule=rule,
        kind="pay",
        amount=None,
        percent=False,
        item=None,
        cost=(),
        stock=None,
        valid=None,
        min_spend=None,
        on=None,
        stacks=True,
        rate=rate,
        at_most=shape.at_most,
        at_least=_at_least(shape, rate[0], draft),
    )


def _rate(shape: PayShape, draft: Draft) -> tuple[str, Dated[Fraction], Dated[Fraction]] | None:
    if shape.rate is None:
        return None
    units = [entry for entry in shape.rate if entry.key.text != "money"]
    money = [entry for entry in shape.rate if entry.key.text == "money"]
    node = shape.node.get("rate")
    if len(units) != 1 or len(money) != 1:
        if isinstance(node, Pairs) and len(node.pairs) == len(shape.rate):
            draft.complaints.add(
                node,
                "rate",
                "The rate needs one wallet and `money`.",
                "Write `{points: 100, money: 1.00}`.",
            )
        return None
    if not names.known(units[0].key, draft.wallets, "wallet", draft):
        return None
    _money(money[0].value, money[0].key, draft)
    return units[0].key.text, units[0].value, money[0].value


def _at_least(shape: PayShape, wallet: str, draft: Draft) -> Dated[Fraction] | None:
    if shape.at_least is None:
        return None
    for _, step in shape.at_least.steps:
        if step.value.unit not in (None, wallet) or step.value.period.unit is not None:
            draft.complaints.add(
                step.node,
                "rate",
                f"`at least` is a number of `{wallet}`.",
                f"Write `500 {wallet}`.",
            )
            return None
    return Dated(tuple((start, step.value.amount) for start, step in shape.at_least.steps))
