"""Links the sections `program` and `wallets`: zone, money, and how points are kept."""

from __future__ import annotations

from fractions import Fraction
from zoneinfo import ZoneInfo, available_timezones

from engine.language.complaints import Complaints
from engine.language.currencies import DECIMALS
from engine.language.linking import names
from engine.language.linking.draft import Draft
from engine.language.program import Dated, Duration, Wallet
from engine.language.shapes.program import ProgramShape, WalletShape
from engine.language.shapes.shape import read
from engine.language.text.nodes import Node, Scalar
from engine.language.text.quote import quoted

DECIMALS_MAX = 6
AT_ONCE = Dated(((None, Duration(0, "day")),))
AWARDS = ("coupon", "item", "voucher", "badge", "privilege", "tier")
_NO_ZONES = ("posix", "right/", "localtime", "Factory")  # they differ from machine to machine
_MEANT = {"RMB": "CNY", "YUAN": "CNY", "EURO": "EUR", "DOLLAR": "USD", "POUND": "GBP"}
AWARDS_LATER = ("card", "membership")


def zone_and_money(shape: ProgramShape, complaints: Complaints) -> tuple[str, str, int]:
    """The zone, the currency and its places; UTC and two places where they are wrong."""
    zone, money = "UTC", ""
    if shape.timezone is not None and is_zone(shape.timezone, complaints):
        zone = shape.timezone.text
    if shape.money is not None:
        money = shape.money.text
        if money not in DECIMALS:
            near = _MEANT.get(money.upper(), money.upper())
            near = near if near in DECIMALS else ""
            complaints.add(
                shape.money,
                "unknown-money",
                f"{quoted(money)} is not the code of a currency.",
                f"Did you mean `{near}`?" if near else "Write an ISO code such as CNY, EUR or USD.",
            )
    return zone, money, DECIMALS.get(money, 2)


def is_zone(name: Scalar, complaints: Complaints) -> bool:
    """Whether it is an IANA zone; says so if not."""
    try:
        if name.text.startswith(_NO_ZONES):
            raise ValueError(name.text)
        ZoneInfo(name.text)
    except (KeyError, ValueError, OSError):
        near = complaints.nearest(name.text, available_timezones())
        complaints.add(
            name,
            "unknown-zone",
            f"{quoted(name.text)} is not a time zone.",
            near or "Write an IANA zone such as Asia/Shanghai or Europe/Berlin.",
        )
        return False
    return True


def wallets(entries: list[tuple[Scalar, Node]], draft: Draft) -> None:
    """Fills the draft's wallets."""
    for key, value in entries:
        shape = read(WalletShape, value, draft.complaints)
        named = names.in_conditions(key, "a wallet", draft) and _is_no_award(key, draft)
        if not named or shape is None:
            draft.broken.add(key.text)
            continue
        draft.wallets[key.text] = _wallet(key, shape, draft)
        _take_parts(key, draft)


def _wallet(key: Scalar, shape: WalletShape, draft: Draft) -> Wallet:
    on_refund = shape.on_refund
    if shape.below_zero == "refunds only":
        on_refund = "below zero"
        if shape.node.get("on refund") is not None and shape.on_refund != "below zero":
            draft.complaints.add(
                shape.at("on refund"),
                "contradiction",
                f"`on refund: {shape.on_refund}` contradicts `below zero: refunds only`.",
                "Leave one of them out.",
            )
    return Wallet(
        name=key.text,
        unit=shape.unit,
        decimals=_decimals(shape, draft),
        expires=_expires(shape, draft),
        pending=shape.pending or AT_ONCE,
        round=shape.round,
        spend=shape.spend,
        below_zero="yes" if shape.below_zero == "yes" else "no",
        on_refund=on_refund,
        restore=shape.restore,
        transfer=shape.transfer,
        value=shape.value,
        place=key.place,
    )


def _decimals(shape: WalletShape, draft: Draft) -> int:
    if shape.unit == "money":
        if shape.decimals is not None and shape.decimals != draft.money_decimals:
            draft.complaints.add(
                shape.at("decimals"),
                "decimals",
                f"A wallet of money has the places of {draft.money}: {draft.money_decimals}.",
                "Leave `decimals` out.",
            )
        return draft.money_decimals
    if shape.decimals is not None and shape.decimals > DECIMALS_MAX:
        draft.complaints.add(
            shape.at("decimals"),
            "decimals",
            f"{shape.decimals} places are too many.",
            f"A wallet keeps up to {DECIMALS_MAX}.",
        )
        return DECIMALS_MAX
    return shape.decimals or 0


def _expires(shape: WalletShape, draft: Draft) -> Dated[Duration | None]:
    if shape.expires is None:
        return Dated(((None, None),))
    steps = tuple((start, None if term == "never" else term) for start, term in shape.expires.steps)
    for _, term in steps:
        if term is None or term.without is None or term.without in draft.events:
            continue
        draft.complaints.add(
            shape.at("expires"),
            "unknown-name",
            f"There is no event {quoted(term.without)}.",
            draft.complaints.known(term.without, draft.events),
        )
    return Dated(steps)


def _is_no_award(key: Scalar, draft: Draft) -> bool:
    if key.text not in (*AWARDS, *AWARDS_LATER):
        return True
    draft.complaints.add(
        key, "name", f"`{key.text}` is a word of `give`.", "Choose another name for the wallet."
    )
    return False


def _take_parts(key: Scalar, draft: Draft) -> None:
    """The names of a wallet's parts are taken with it."""
    for part in ("active", "pending"):
        name = f"{key.text}_{part}"
        taken = draft.named.setdefault(name, (f"a part of the wallet `{key.text}`", key.place))
        if taken[1] != key.place:
            draft.complaints.add(
                (taken[1], len(name)),
                "name-taken",
                f"`{name}` is the {part} part of the wallet `{key.text}`.",
                "Choose another name.",
            )


def fits_money(amount: Fraction, decimals: int) -> bool:
    """Whether an amount of money has no more places than its currency."""
    return bool((amount * 10**decimals).denominator == 1)
