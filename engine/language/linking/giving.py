"""Links what earn rules and rewards share: conditions, windows, limits, gifts and amounts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fractions import Fraction
from typing import cast

from engine.language.expression import Scope, Want, constant
from engine.language.expression.tree import Source
from engine.language.linking import names
from engine.language.linking.draft import Draft
from engine.language.linking.scopes import Scopes
from engine.language.linking.wallets import AWARDS, AWARDS_LATER
from engine.language.program import (
    USABLE,
    Award,
    AwardKind,
    Budget,
    Dated,
    Duration,
    Give,
    Limit,
    Period,
)
from engine.language.shapes import terms, values
from engine.language.shapes.forms import Entry, Valued, dated_words, one, parsed
from engine.language.shapes.giving import FrameShape
from engine.language.shapes.shape import not_built_yet
from engine.language.shapes.terms import Quantity
from engine.language.text.nodes import Items, Node, Pairs, Scalar
from engine.language.text.quote import quoted

Counted = tuple[Dated[Fraction], str | None, Period, Scalar]


def window_is_right(shape: FrameShape, draft: Draft) -> None:
    """The last day of a window does not come before its first."""
    if shape.from_ is None or shape.until is None or shape.from_ <= shape.until:
        return
    draft.complaints.add(
        shape.at("until"),
        "window",
        f"`until: {shape.until}` comes before `from: {shape.from_}`.",
        "`until` is the last day on which it holds.",
    )


def limits(
    written: Iterable[Dated[Valued[Quantity]]], wallets: Iterable[str], draft: Draft
) -> tuple[Limit, ...]:
    """The limits for each member; `wallets` are those that the rule gives."""
    found = [counted(steps, tuple(wallets), draft) for steps in written]
    return tuple(Limit(f[0], f[1], f[2], f[3].place) for f in found if f is not None)


def budget(
    written: Dated[Valued[Quantity]] | None, shape: FrameShape, wallets: Iterable[str],
    draft: Draft,
) -> Budget | None:  # fmt: skip
    """The budget for all members together, as the rule of that shape has it."""
    if written is None:
        if shape.node.get("over budget") is not None and shape.node.get("budget") is None:
            draft.complaints.add(
                shape.node.key("over budget") or shape.node,
                "needs",
                "`over budget` needs `budget`.",
                "Write `budget: 1000000 points`, or leave it out.",
            )
        return None
    found = counted(written, tuple(wallets), draft)
    if found is None:
        return None
    return Budget(found[0], found[1], found[2], shape.over_budget, found[3].place)


def counted(steps: Dated[Valued[Quantity]], units: tuple[str, ...], draft: Draft) -> Counted | None:
    """An amount per starting date, with one unit, among `units`, and one period over all."""
    first = steps.steps[0][1]
    for _, step in steps.steps:
        if step.value[1:] != first.value[1:]:
            draft.complaints.add(
                step.node,
                "dated-unit",
                f"{quoted(step.node.text)} counts something else than {quoted(first.node.text)}.",
                "Over time only the number may change; make two limits.",
            )
            return None
    unit = first.value.unit
    if unit is not None and unit not in units:
        _unknown_unit(first.node, unit, units, draft)
        return None
    amounts = tuple((start, step.value.amount) for start, step in steps.steps)
    return Dated(amounts), unit, first.value.period, first.node


def _unknown_unit(node: Scalar, unit: str, units: tuple[str, ...], draft: Draft) -> None:
    start = node.text.find(unit, node.text.find(" "))
    where = node.span(start, start + len(unit))
    if unit == "money":
        draft.complaints.add(
            where,
            "not-built-yet",
            "A budget of `money` is not built yet.",
            "Count the units of a wallet that is given, or times: `1000000 points`, `500`.",
        )
        return
    hint = draft.complaints.nearest(unit, units)
    if not hint and units:
        hint = f"Write one of what it gives: {', '.join(f'`{u}`' for u in dict.fromkeys(units))}."
    draft.complaints.add(
        where,
        "unknown-unit",
        f"{quoted(unit)} is not what this gives, so nothing is limited by it.",
        hint or "Write a number of times, such as `3 per month`.",
    )


def amounts(
    entries: Iterable[Entry[Dated[Scalar]]], scopes: Scopes, scope: Scope, draft: Draft
) -> tuple[Give, ...]:
    """Wallets with amounts, such as a cost."""
    found = []
    for entry in entries:
        known = names.known(entry.key, draft.wallets, "wallet", draft)
        source = scopes.dated(entry.value, scope, Want.AMOUNT)
        if known and source is not None and _is_possible(entry.value, source, draft):
            found.append(Give(entry.key.text, source, entry.key.place))
    return tuple(found)


def factors(
    entries: Iterable[Entry[Dated[Scalar]]], scopes: Scopes, scope: Scope, draft: Draft
) -> tuple[Give, ...]:
    """Wallets with multipliers, where `x1.5` is 1.5."""
    plain = [Entry(e.key, _without_x(e.value)) for e in entries]
    return amounts(plain, scopes, scope, draft)


def _without_x(steps: Dated[Scalar]) -> Dated[Scalar]:
    return Dated(tuple((start, _bare_factor(node)) for start, node in steps.steps))


def _bare_factor(node: Scalar) -> Scalar:
    found = re.fullmatch(r"x *([0-9][0-9.]*)", node.text)
    if found is None or node.style in ("|", ">"):
        return node
    start = node.start + found.start(1) + (1 if node.style else 0)
    return Scalar(found[1], node.page, start, start + len(found[1]))


def _is_possible(written: Dated[Scalar], read: Dated[Source], draft: Draft) -> bool:
    for (_, node), (_, source) in zip(written.steps, read.steps, strict=True):
        value = constant(source.tree)
        if value is not None and not 0 <= value <= values.LARGEST:
            word = "below zero" if value < 0 else "too large"
            hint = "Rules take nothing away; what is spent is a reward's `cost`."
            draft.complaints.add(
                node,
                "amount",
                f"{quoted(node.text)} is {word}.",
                hint if value < 0 else f"Numbers go up to {values.LARGEST:,} here.",
            )
            return False
    return True


def gifts(
    entries: Iterable[Entry[Node]], scopes: Scopes, scope: Scope, draft: Draft
) -> tuple[tuple[Give, ...], tuple[Award, ...]]:
    """What a rule gives: amounts for wallets, and coupons, items, badges and the like."""
    gives: list[Give] = []
    awards: list[Award] = []
    for entry in entries:
        kind = entry.key.text
        if kind in AWARDS_LATER:
            not_built_yet(entry.key, draft.complaints)
        elif kind in AWARDS:
            awards += _awards(cast(AwardKind, kind), entry.value, draft)
        elif kind in draft.wallets:
            steps = dated_words().read(entry.value, draft.complaints)
            if steps is not None:
                gives += amounts([Entry(entry.key, steps)], scopes, scope, draft)
        elif kind not in draft.broken:
            _not_given(entry.key, draft)
    return tuple(gives), tuple(awards)


def _not_given(key: Scalar, draft: Draft) -> None:
    hint = f"Did you mean `coupon: {key.text}`?"
    if key.text in draft.reward_kinds:
        hint = f"Did you mean `{draft.reward_kinds[key.text]}: {key.text}`?"
    elif key.text in draft.privileges:
        hint = f"Did you mean `privilege: {key.text}`?"
    else:
        hint = draft.complaints.known(key.text, [*draft.wallets, *AWARDS])
    draft.complaints.add(
        key, "unknown-name", f"{quoted(key.text)} is no wallet and nothing else to give.", hint
    )


def _awards(kind: AwardKind, node: Node, draft: Draft) -> list[Award]:
    """One id, a list of ids, or ids with counts."""
    if isinstance(node, Items):
        return [award for item in node.items for award in _awards(kind, item, draft)]
    if isinstance(node, Pairs):
        found = []
        for key, value in node:
            single = one(value, draft.complaints)
            number = None if single is None else parsed(single, values.count, draft.complaints)
            if _is_award(kind, key, draft) and number is not None:
                found.append(Award(kind, key.text, number, None, key.place))
        return found
    if node.broken:
        return []
    return _single_award(kind, node, draft)


def _single_award(kind: AwardKind, node: Scalar, draft: Draft) -> list[Award]:
    """`five_off`, or `gold for 90 days`."""
    id, separator, term = node.text.partition(" for ")
    lasts: Duration | None = None
    if separator:
        if kind not in ("tier", "privilege"):
            draft.complaints.add(
                node,
                "award-term",
                f"A {kind} is not given for a time.",
                "How long it is valid stands at the reward (`valid: 30 days`).",
            )
            return []
        stop = node.start + len(node.text) if node.style == "" else node.stop
        part = Scalar(term, node.page, stop - len(term), stop)
        lasts = parsed(part, terms.more_days, draft.complaints)
        if lasts is None:
            return []
    name = Scalar(id, node.page, node.start, node.stop, node.style)
    if separator and node.style == "":
        name = Scalar(id, node.page, node.start, node.start + len(id))
    return [Award(kind, id, 1, lasts, node.place)] if _is_award(kind, name, draft) else []


def _is_award(kind: AwardKind, id: Scalar, draft: Draft) -> bool:
    if kind == "badge":
        return names.is_spelled(id, draft.complaints)
    if kind == "tier":
        return names.known(id, draft.tier_names, "tier", draft)
    if kind == "privilege":
        return names.known(id, draft.privileges, "privilege", draft)
    written = draft.reward_kinds.get(id.text)
    if written is None:
        of_kind = [name for name, k in draft.reward_kinds.items() if k == kind]
        draft.complaints.add(
            id,
            "unknown-name",
            f"There is no {kind} {quoted(id.text)}.",
            draft.complaints.known(id.text, of_kind, "None is defined; add one under `rewards:`."),
        )
        return False
    if written != kind and written:
        draft.complaints.add(
            id,
            "reward-kind",
            f"{quoted(id.text)} is not of the kind `{kind}`.",
            f"Write `{written}: {id.text}`."
            if written in USABLE
            else "What is given is the privilege itself: `privilege: own_line for 30 days`."
            if written == "privilege"
            else "Paying with points is nothing that is given.",
        )
        return False
    return True
