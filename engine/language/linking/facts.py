"""Links the section `facts`: what is kept per member as events arrive."""

from __future__ import annotations

import re
from typing import cast

from engine.language.expression import Want
from engine.language.expression.tree import Source, Type
from engine.language.linking import coupon_facts, names
from engine.language.linking.draft import Draft
from engine.language.linking.scopes import Scopes, event_scope, fact_condition_scope
from engine.language.program import Duration, Fact, FactKind
from engine.language.shapes.program import FactShape
from engine.language.shapes.shape import read
from engine.language.text.nodes import Node, Scalar
from engine.language.text.quote import quoted

KINDS = (
    "count", "sum", "average", "min", "max", "last", "first", "previous", "distinct",
    "most frequent", "streak", "median gap", "held", "used", "unused",
)  # fmt: skip
OF_EVENTS = ("count", "previous", "streak", "median gap")
OF_BOTH = ("last", "first")
OF_NUMBERS = ("sum", "average")
WINDOWED = ("count", "sum", "average", "min", "max", "distinct", "used")
OVER_MAX = 800
LAST_MAX = 1000
FRIENDS = "friend."  # before an event: of those whom a member has brought
_FRIENDS = re.compile(r"\bfriend\.")
_DAYS = {"day": 1, "week": 7, "month": 31, "quarter": 92, "year": 366}


def facts(entries: list[tuple[Scalar, Node]], draft: Draft) -> None:
    """Fills the draft's facts."""
    scopes = Scopes(draft)  # without facts: they are not built on one another
    for key, value in entries:
        shape = read(FactShape, value, draft.complaints)
        named = names.in_conditions(key, "a fact", draft)
        found = _linked(key, shape, scopes, draft) if shape is not None else None
        if named and found is not None:
            draft.facts[key.text] = found
        else:
            draft.broken.add(key.text)


def _linked(key: Scalar, shape: FactShape, scopes: Scopes, draft: Draft) -> Fact | None:
    """A fact of events, or of coupons."""
    kinds = [kind for kind in KINDS if shape.node.get(kind) is not None]
    if len(kinds) != 1 or kinds[0] not in coupon_facts.KINDS:
        return _fact(key, shape, scopes, draft)
    written = shape.node.get(kinds[0])
    if not isinstance(written, Scalar) or written.broken:
        return None
    _rest_fits(kinds[0], shape, draft)
    kind, since = cast(FactKind, kinds[0]), _since(shape, draft)
    return coupon_facts.fact(key, kind, written, shape, since, draft)


def _fact(key: Scalar, shape: FactShape, scopes: Scopes, draft: Draft) -> Fact | None:
    kinds = [kind for kind in KINDS if shape.node.get(kind) is not None]
    if len(kinds) != 1:
        _not_one_kind(key, kinds, shape, draft)
        return None
    kind = cast(FactKind, kinds[0])
    written = shape.node.get(kind)
    if not isinstance(written, Scalar) or written.broken:
        return None
    event = _event(kind, written, draft)
    if event is None:
        return None
    whose = FRIENDS if _FRIENDS.search(written.text) else ""
    value, type = None, _plain_type(kind)
    if written.text != f"{whose}{event}":
        value = scopes.source(written, event_scope(draft.events[event], draft, whose), Want.ANY)
        if value is None or not _fits(kind, value, written, draft):
            return None
        type = _type(kind, value.tree.type)
    _rest_fits(kind, shape, draft)
    condition_scope = fact_condition_scope(draft.events[event], draft)
    return Fact(
        name=key.text,
        kind=kind,
        event=event,
        value=value,
        condition=scopes.source(shape.if_, condition_scope, Want.FLAG),
        less=_less(shape, whose, scopes, draft),
        over=shape.over,
        before=shape.before,
        since=_since(shape, draft),
        this=shape.this,
        by=shape.by,
        starts_over=shape.starts_over,
        freeze=shape.freeze,
        of_last=shape.of_last,
        type=type,
        place=key.place,
        of_friends=whose == FRIENDS,
    )


def _not_one_kind(key: Scalar, kinds: list[str], shape: FactShape, draft: Draft) -> None:
    if kinds:
        draft.complaints.add(
            shape.node.key(kinds[1]) or key,
            "fact-kind",
            f"`{key.text}` is a `{kinds[0]}` and a `{kinds[1]}`.",
            "A fact keeps one thing; make two of it.",
        )
    elif not draft.complaints.speaks_of(shape.node):
        draft.complaints.add(
            key,
            "fact-kind",
            f"`{key.text}` does not say what it keeps.",
            "Write `count: order`, `sum: order.amount`, `last: order` or the like.",
        )


def _event(kind: str, written: Scalar, draft: Draft) -> str | None:
    """The event that a fact looks at, by its name or the first name before a point."""
    if _FRIENDS.search(written.text) and not draft.has_referral:
        what = "`friend.` needs the section `referral`."
        _say(written, what, "Without it nobody brings anybody; add `referral: {levels: 1}`.", draft)
        return None
    found = re.search(r"(?:\bfriend\.)?([^\W\d]\w*)\.[^\W\d]", written.text)
    if found is None or re.fullmatch(r"friend\.\w+", written.text):
        return _whole_event(kind, written, draft)
    if kind in OF_EVENTS:
        draft.complaints.add(
            written,
            "fact-kind",
            f"`{kind}` takes an event, and {quoted(written.text)} is more.",
            f"Write `{kind}: {found[1]}`"
            + (f", or `distinct: {written.text}`." if kind == "count" else "."),
        )
        return None
    start, stop = found.span(1)
    place, length = written.span(start, stop)
    if found[1] in draft.events:
        return found[1]
    if found[1] not in draft.broken:
        draft.complaints.add(
            (place, length),
            "unknown-name",
            f"There is no event {quoted(found[1])}.",
            draft.complaints.known(found[1], draft.events),
        )
    return None


def _whole_event(kind: str, written: Scalar, draft: Draft) -> str | None:
    if kind in (*OF_EVENTS, *OF_BOTH):
        own = written
        if written.text.startswith(FRIENDS) and written.style == "":
            own = Scalar(
                written.text.removeprefix(FRIENDS), written.page, written.start + len(FRIENDS),
                written.stop,
            )  # fmt: skip
        return own.text if names.known(own, draft.events, "event", draft) else None
    fields = [
        f"{event.name}.{name}"
        for event in draft.events.values()
        if not event.built_in
        for name in event.fields
        if written.text in (event.name, name)
    ]
    example = fields[0] if fields else "order.amount"
    draft.complaints.add(
        written,
        "fact-kind",
        f"`{kind}` takes a field of an event, and {quoted(written.text)} is none.",
        f"Write the event, a point and the field, such as `{example}`.",
    )
    return None


def _plain_type(kind: str) -> Type:
    if kind in ("count", "streak", "distinct"):
        return Type.WHOLE
    return Type.DECIMAL if kind == "median gap" else Type.TIME


def _type(kind: str, of_value: Type) -> Type:
    if kind == "distinct":
        return Type.WHOLE
    if kind == "average" and of_value is Type.WHOLE:
        return Type.DECIMAL
    return of_value


def _fits(kind: str, value: Source, written: Scalar, draft: Draft) -> bool:
    type = value.tree.type
    if kind in OF_NUMBERS and not type.is_number:
        wanted = "a number"
    elif kind in ("min", "max") and not (type.is_number or type in (Type.DATE, Type.TIME)):
        wanted = "a number, a date or a time"
    elif type in (Type.TEXTS, Type.NULL):
        wanted = "a single value"
    else:
        return True
    draft.complaints.add(
        written,
        "fact-kind",
        f"`{kind}` takes {wanted}, and {quoted(written.text)} is {type}.",
        "Name another field.",
    )
    return False


def _rest_fits(kind: str, shape: FactShape, draft: Draft) -> None:
    """The keys beside the kind go with it and with one another."""
    belongs = {
        "less": ("sum",), "over": WINDOWED, "before": WINDOWED, "since": WINDOWED,
        "this": WINDOWED, "by": ("streak",),
        "starts over": ("streak",), "freeze": ("streak",), "of last": ("most frequent",),
        "if": tuple(kind for kind in KINDS if kind not in coupon_facts.KINDS),
    }  # fmt: skip
    for name, kinds in belongs.items():
        key = shape.node.key(name)
        if key is not None and kind not in kinds:
            listed = ", ".join(f"`{k}`" for k in kinds)
            _say(key, f"`{name}` does not go with `{kind}`.", f"It goes with {listed}.", draft)
    windows = [w for w in ("over", "since", "this") if shape.node.get(w) is not None]
    if len(windows) > 1:
        key = shape.node.key(windows[1])
        assert key is not None
        _say(key, f"`{windows[0]}` and `{windows[1]}` do not go together.", "Keep one.", draft)
    before = shape.node.key("before")
    if before is not None and shape.node.get("over") is None:
        _say(before, "`before` needs `over`.", "Write `over: 30 days, before: 30 days`.", draft)
    if kind == "streak" and shape.node.get("by") is None:
        key = shape.node.key("streak")
        assert key is not None
        _say(key, "A streak needs `by`.", "Write `by: day` or the like.", draft)
    _breaks(shape, draft)
    _bounded(shape, draft)


def _breaks(shape: FactShape, draft: Draft) -> None:
    """A streak that may miss every period of a longer one never breaks."""
    key = shape.node.key("freeze")
    if key is None or shape.freeze is None or shape.by is None:
        return
    by, per = (_DAYS.get(period.unit or "", 1) for period in (shape.by, shape.freeze.per))
    if shape.freeze.missed >= per // by:
        what = f"With so many of them forgiven in each {shape.freeze.per.unit} it never breaks."
        _say(key, what, "Forgive fewer, or in a longer period: `freeze: 1 per month`.", draft)


def _bounded(shape: FactShape, draft: Draft) -> None:
    days = sum(_days(term) for term in (shape.over, shape.before) if term is not None)
    key = shape.node.key("over")
    if key is not None and days > OVER_MAX:
        _say(
            key,
            "That is a longer look back than is kept.",
            f"`over`, and `before` with it, may reach back {OVER_MAX} days, such as `2 years`.",
            draft,
        )
    last = shape.node.key("of last")
    if last is not None and shape.of_last is not None and shape.of_last > LAST_MAX:
        _say(last, f"`of last: {shape.of_last}` is more than is kept.", f"Up to {LAST_MAX}.", draft)


def _days(term: Duration) -> int:
    return term.count * _DAYS.get(term.unit, 1)


def _less(shape: FactShape, whose: str, scopes: Scopes, draft: Draft) -> tuple[str, Source] | None:
    if shape.less is None or shape.sum is None:
        return None
    event = _event("less", shape.less, draft)
    if event is None or "." not in shape.less.text.removeprefix(whose):
        return None
    value = scopes.source(shape.less, event_scope(draft.events[event], draft, whose), Want.AMOUNT)
    return None if value is None else (event, value)


def _since(shape: FactShape, draft: Draft) -> str | None:
    if shape.since is None or not names.known(shape.since, draft.events, "event", draft):
        return None
    return shape.since.text


def _say(key: Scalar, what: str, expected: str, draft: Draft) -> None:
    draft.complaints.add(key, "fact-kind", what, expected)
