"""Links the section `draws`: what members spin for prizes, and the chances of each."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from engine.language.linking import giving, names
from engine.language.linking.draft import Draft
from engine.language.linking.frames import frame
from engine.language.linking.rewards import KINDS
from engine.language.linking.scopes import Scopes
from engine.language.program import Budget, Draw, Prize
from engine.language.shapes import values
from engine.language.shapes.forms import Entry
from engine.language.shapes.giving import DrawShape
from engine.language.shapes.shape import read
from engine.language.shapes.values import WrongValueError
from engine.language.text.nodes import Node, Scalar
from engine.language.text.quote import quoted

NOTHING = "nothing"


def draws(entries: list[tuple[Scalar, Node]], scopes: Scopes, draft: Draft) -> dict[str, Draw]:
    """The draws by their ids, in the order of the files; notes their prizes in the draft."""
    found: dict[str, Draw] = {}
    for key, value in entries:
        named = names.is_spelled(key, draft.complaints)
        shape = read(DrawShape, value, draft.complaints)
        draw = _draw(key, shape, scopes, draft) if shape is not None else None
        if draw is not None:
            draft.prizes |= {prize.id: None for prize in draw.prizes}
        if named and draw is not None:
            found[key.text] = draw
    return found


def _draw(key: Scalar, shape: DrawShape, scopes: Scopes, draft: Draft) -> Draw | None:
    cost = giving.amounts(shape.cost or (), scopes, scopes.of_member(), draft)
    wallets = (give.wallet for give in cost)
    rule = frame(key, shape, "draws", "draw", wallets, scopes, draft)
    stock = _stock(key, shape, draft)
    prizes = [_prize(entry, stock.get(entry.key.text), draft) for entry in shape.prizes or ()]
    if shape.salt is None or shape.prizes is None:
        return None
    left = 1 - sum((entry.value for entry in shape.prizes), Fraction(0))
    if left < 0:
        draft.complaints.add(
            shape.node.key("prizes") or key,
            "chances",
            f"The chances of `{key.text}` come to {_percent(1 - left)}.",
            "Together they are 100% at most; what is left over is `nothing`.",
        )
    written = [prize for prize in prizes if prize is not None]
    if left > 0:
        written.append(Prize(NOTHING, left, None, None, Fraction(0), None, key.place))
    return Draw(rule, cost, shape.salt, tuple(written))


def _percent(share: Fraction) -> str:
    return f"{float(share * 100):.10g}%"


def _prize(entry: Entry[Fraction], stock: Budget | None, draft: Draft) -> Prize | None:
    """A reward by its id, `100 points`, or `nothing`."""
    key, id = entry.key, entry.key.text
    if id == NOTHING:
        return Prize(id, entry.value, None, None, Fraction(0), None, key.place)
    if id in draft.reward_kinds:
        is_given = draft.reward_kinds[id] != "pay"
        if not is_given:
            draft.complaints.add(
                key, "prize", "Paying with points is nothing that is won.", "Name another reward."
            )
        return Prize(id, entry.value, id, None, Fraction(0), stock, key.place) if is_given else None
    number, blank, wallet = id.partition(" ")
    if not blank or wallet.strip() not in draft.wallets:
        _unknown(key, wallet.strip(), draft)
        return None
    amount = _units(key, number, wallet.strip(), draft)
    if amount is None:
        return None
    return Prize(id, entry.value, None, wallet.strip(), amount, stock, key.place)


def _units(key: Scalar, number: str, wallet: str, draft: Draft) -> Fraction | None:
    """So many units of a wallet, as a prize says it."""
    decimals = draft.wallets[wallet].decimals
    try:
        amount = values.above_zero(number)
    except WrongValueError as wrong:
        draft.complaints.add(key, "value", wrong.what, wrong.expected)
        return None
    parts = amount * 10**decimals
    if parts.denominator != 1 or parts > values.LARGEST:
        draft.complaints.add(
            key,
            "prize",
            f"`{wallet}` cannot hold {quoted(number)}.",
            f"Write at most {decimals} places, and no more than it can hold.",
        )
        return None
    return amount


def _unknown(key: Scalar, wallet: str, draft: Draft) -> None:
    rewards = [id for id, kind in draft.reward_kinds.items() if kind in KINDS]
    hint = draft.complaints.nearest(wallet, draft.wallets) if wallet else ""
    hint = hint or draft.complaints.known(key.text, [*rewards, NOTHING])
    if wallet not in draft.broken and key.text not in draft.broken:
        draft.complaints.add(
            key,
            "unknown-name",
            f"{quoted(key.text)} is no prize.",
            f"A prize is a reward's id, an amount such as `100 points`, or `nothing`. {hint}",
        )


def _stock(key: Scalar, shape: DrawShape, draft: Draft) -> Mapping[str, Budget]:
    """How often each prize can be had, by the prize as it is written."""
    found: dict[str, Budget] = {}
    ids = [entry.key.text for entry in shape.prizes or () if entry.key.text != NOTHING]
    for entry in shape.stock or ():
        if not names.known(entry.key, ids, "prize", draft, of=key.text):
            continue
        counted = giving.counted(entry.value, (), draft)
        if counted is not None:
            amount, unit, period, node = counted
            found[entry.key.text] = Budget(amount, unit, period, "refuse", node.place)
    return found
