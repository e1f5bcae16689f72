"""Links the sections `events` and `members`: what can happen, and what is known of a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from engine.language.expression import NO_NAMES
from engine.language.expression.tree import Type
from engine.language.linking import names
from engine.language.linking.draft import Draft
from engine.language.program import BUILT_IN, EventType, Field, Place
from engine.language.shapes.forms import no_mapping, one
from engine.language.shapes.program import TYPES, FieldShape
from engine.language.shapes.shape import not_built_yet, read
from engine.language.text.nodes import Node, Pairs, Scalar
from engine.language.text.quote import quoted

FILE_COLUMNS = ("event_id", "member_id", "type", "at")
MEMBER_COLUMNS = ("member_id", "joined_at", "referrer_id")

BUILT_IN_FIELDS: Mapping[str, Mapping[str, Type]] = {
    "join": {"referrer": Type.TEXT, "code": Type.TEXT},
    "redeem": {
        "reward": Type.TEXT, "quantity": Type.WHOLE, "points": Type.DECIMAL, "order": Type.TEXT,
    },
    "cancel_redeem": {"redeem": Type.TEXT},
    "use": {"reward": Type.TEXT, "grant": Type.TEXT, "order": Type.TEXT},
    "adjust": {
        "wallet": Type.TEXT, "amount": Type.DECIMAL, "reason": Type.TEXT, "by": Type.TEXT,
        "expires": Type.DATE,
    },
    "profile": {},
    "transfer": {"to": Type.TEXT, "wallet": Type.TEXT, "amount": Type.DECIMAL},
    "draw": {"draw": Type.TEXT},
}  # fmt: skip
_MEANT = {
    "string": "text", "str": "text", "int": "whole", "integer": "whole", "number": "decimal",
    "float": "decimal", "bool": "flag", "boolean": "flag", "datetime": "time",
    "timestamp": "time", "instant": "time", "day": "date", "list": "texts", "currency": "money",
}  # fmt: skip


def members(entries: list[tuple[Scalar, Node]], draft: Draft) -> None:
    """Fills the draft's attributes."""
    for key, value in entries:
        if key.text in MEMBER_COLUMNS:
            draft.complaints.add(
                key,
                "built-in",
                f"`{key.text}` is known of every member.",
                "Leave it out here; columns of that name are read anyway.",
            )
            continue
        found = _field(key, value, draft)
        if names.in_conditions(key, "an attribute", draft) and found is not None:
            draft.attributes[key.text] = found
        else:
            draft.broken.add(key.text)


def events(entries: list[tuple[Scalar, Node]], draft: Draft) -> None:
    """Fills the draft's events, the built-in ones first."""
    nowhere = Place("", 1, 1)
    for name in BUILT_IN:
        fields = {
            field: Field(field, type, False, nowhere)
            for field, type in BUILT_IN_FIELDS[name].items()
        }
        if name == "profile":
            fields = dict(draft.attributes)
        draft.events[name] = EventType(name, fields, None, True, nowhere)
    reversals: list[tuple[Scalar, Scalar]] = []
    for key, value in entries:
        if not _may_be_event(key, draft):
            draft.broken.add(key.text)
            continue
        found = _event(key, value, draft, reversals)
        if found is not None:
            draft.events[key.text] = found
        else:
            draft.broken.add(key.text)
    for key, target in reversals:
        _reversal(key, target, draft)


def _may_be_event(key: Scalar, draft: Draft) -> bool:
    if key.text in BUILT_IN or key.text in names.LATER_EVENTS:
        draft.complaints.add(
            key,
            "built-in",
            f"`{key.text}` is an event of the language itself.",
            "It is there without being written; choose another name for your own.",
        )
        return False
    return names.is_spelled(key, draft.complaints)


def _event(
    key: Scalar, value: Node, draft: Draft, reversals: list[tuple[Scalar, Scalar]]
) -> EventType | None:
    if not isinstance(value, Pairs):
        no_mapping(
            value,
            f"Here the fields of `{key.text}` were expected.",
            "Write them as `{amount: money, category: text}`, or `{}` where there are none.",
            draft.complaints,
        )
        return None
    fields: dict[str, Field] = {}
    reverses: str | None = None
    for name, said in value:
        if name.text == "reverses":
            target = one(said, draft.complaints)
            if target is not None:
                reversals.append((key, target))
                reverses = target.text
        elif name.text == "part of":
            not_built_yet(name, draft.complaints)
        elif (found := _field(name, said, draft)) is not None and _may_be_field(name, draft):
            fields[name.text] = found
        else:
            draft.broken.add(name.text)
    _coupon_fits(key.text, fields, reverses, draft)
    return EventType(key.text, fields, reverses, False, key.place)


def _coupon_fits(
    event: str, fields: Mapping[str, Field], reverses: str | None, draft: Draft
) -> None:
    """Coupons are judged by the sum of an order, so its `amount` is money."""
    coupon, amount = fields.get("coupon"), fields.get("amount")
    if coupon is None or amount is None or reverses is not None or not draft.reward_kinds:
        return
    if coupon.type in (Type.TEXT, Type.TEXTS) and amount.type is not Type.MONEY:
        draft.complaints.add(
            (amount.place, len("amount")),
            "coupon-field",
            f"`{event}` uses coupons, and its `amount` is no money.",
            "Write `amount: money`, or give the field `coupon` another name.",
        )


def _may_be_field(name: Scalar, draft: Draft) -> bool:
    if name.text in FILE_COLUMNS or name.text == "today":
        draft.complaints.add(
            name,
            "built-in",
            f"`{name.text}` is known of every event.",
            "Leave it out here, or choose another name.",
        )
        return False
    if name.text.lower() in NO_NAMES:
        draft.complaints.add(
            name, "name", f"`{name.text}` has a meaning in conditions.", "Choose another name."
        )
        return False
    if names.is_spelled(name, draft.complaints):
        names.is_no_word_of_sql(name, "event", draft.complaints)
        return True
    return False


def _field(name: Scalar, value: Node, draft: Draft) -> Field | None:
    personal = False
    written: Node | None = value
    if isinstance(value, Pairs):
        shape = read(FieldShape, value, draft.complaints)
        written = shape.type if shape is not None else None
        personal = shape.personal if shape is not None else False
    if written is None:
        return None
    single = one(written, draft.complaints)
    if single is None:
        return None
    if single.text not in TYPES:
        near = _MEANT.get(single.text.lower())
        draft.complaints.add(
            single,
            "unknown-type",
            f"{quoted(single.text)} is not a type of field.",
            f"Did you mean `{near}`?" if near else draft.complaints.known(single.text, TYPES),
        )
        return None
    return Field(name.text, Type(single.text), personal, name.place)


def _reversal(key: Scalar, target: Scalar, draft: Draft) -> None:
    """Gives a type that reverses another the columns it always has."""
    event = draft.events.get(key.text)
    if event is None:
        return
    own = [name for name, e in draft.events.items() if not e.built_in]
    if not names.known(target, [*own, *BUILT_IN], "event", draft):
        return
    reversed_event = draft.events[target.text]
    if reversed_event.built_in or reversed_event.reverses is not None:
        what = "an event of the language itself" if reversed_event.built_in else "a reversal itself"
        hint = "Write `cancel_redeem` events for that." if target.text == "redeem" else ""
        draft.complaints.add(
            target,
            "reverses",
            f"`{target.text}` is {what}, and that cannot be reversed.",
            hint or "Name an event such as `order`.",
        )
        return
    fields = dict(event.fields)
    fields.setdefault(target.text, Field(target.text, Type.TEXT, False, target.place))
    if "amount" in reversed_event.fields:
        kind = reversed_event.fields["amount"].type
        fields.setdefault("amount", Field("amount", kind, False, target.place))
    _columns_of_reversal(fields, target.text, draft)
    draft.events[key.text] = replace(event, fields=fields)


def _columns_of_reversal(fields: Mapping[str, Field], target: str, draft: Draft) -> None:
    for name, is_right, wanted in (
        (target, fields[target].type is Type.TEXT, f"the event_id of the `{target}`, so `text`"),
        ("amount", "amount" not in fields or fields["amount"].type.is_number, "a number"),
    ):
        if not is_right:
            draft.complaints.add(
                (fields[name].place, len(name)),
                "reverses",
                f"`{name}` of a reversal is {wanted}.",
                "Write the type so, or leave the field out.",
            )
