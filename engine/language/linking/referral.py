"""Links the section `referral`: invitations, and the rules that pay for what friends do."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

from engine.language.expression import Scope, Want
from engine.language.linking import earn, giving, names
from engine.language.linking.draft import Draft
from engine.language.linking.scopes import UNKNOWN, Scopes
from engine.language.program import (
    Budget,
    Dated,
    Limit,
    Referral,
    Rule,
    Side,
    Whose,
    main_side,
)
from engine.language.shapes.forms import Entry, Valued
from engine.language.shapes.referral import SETTINGS, ReferralRuleShape, ReferralShape
from engine.language.shapes.shape import read
from engine.language.shapes.terms import Quantity
from engine.language.text.nodes import Node, Pairs, Scalar
from engine.language.text.quote import quoted

MOST_FRIENDS = 10_000  # of a milestone
_LEVELS = (
    "More than two levels are not paid.",
    "Who earns by the recruits of recruits sells recruiting, which many laws forbid. Write 1 or 2.",
)

Entries = list[tuple[Scalar, Node]]


def rules_of(entries: Entries) -> Entries:
    """The entries that are rules."""
    return [(key, value) for key, value in entries if key.text not in SETTINGS]


def referral(entries: Entries, scopes: Scopes, draft: Draft) -> tuple[Referral | None, list[Rule]]:
    """The settings, None where there is no section, and the rules in the order of the files."""
    if not draft.has_referral:
        return None, []
    rules = []
    for key, value in rules_of(entries):
        shape = read(ReferralRuleShape, value, draft.complaints)
        named = names.is_spelled(key, draft.complaints)
        rule = _rule(key, shape, scopes, draft) if shape is not None else None
        if named and rule is not None:
            rules.append(rule)
    return _settings(entries, rules, draft), rules


def _settings(entries: Entries, rules: Iterable[Rule], draft: Draft) -> Referral:
    """Without `levels` as many are paid as the rules name."""
    own = tuple((key, value) for key, value in entries if key.text in SETTINGS)
    assert draft.has_referral is not None
    paid = {side.whose: rule for rule in rules for side in rule.sides}
    second = paid.get("second referrer")
    levels: Literal[1, 2] = 2 if second is not None else 1
    if not own:
        return Referral(levels, (), draft.has_referral)
    first = own[0][0]
    shape = read(ReferralShape, Pairs(own, first.page, first.start, first.stop), draft.complaints)
    assert shape is not None
    if shape.levels is not None and shape.levels > 2:
        draft.complaints.add(shape.at("levels"), "levels", *_LEVELS)
    elif shape.levels == 1 and second is not None:
        what = f"`{second.id}` gives to the second referrer, and `levels: 1` pays one level."
        hint = "Write `levels: 2`, or leave `give second referrer` out."
        draft.complaints.add(shape.at("levels"), "levels", what, hint)
    elif shape.levels == 2:
        levels = 2
    unique = tuple(
        name.text for name in shape.unique or ()
        if names.known(name, draft.attributes, "attribute", draft)
    )  # fmt: skip
    return Referral(levels, unique, first.place)


def _rule(key: Scalar, shape: ReferralRuleShape, scopes: Scopes, draft: Draft) -> Rule | None:
    giving.window_is_right(shape, draft)
    when = earn.events_of(shape.when, draft)
    scope = scopes.of_events(when) if when else UNKNOWN
    condition = scopes.source(shape.if_, scope, Want.FLAG)
    sides = tuple(_sides(key, shape, scopes, scope, draft))
    if not when:
        return None  # said already
    return Rule(
        id=key.text,
        section="referral",
        name=shape.name or key.text,
        note=shape.note or "",
        when=when,
        condition=condition,
        start=shape.from_,
        end=shape.until,
        once=shape.once,
        within=shape.within,
        return_limit=shape.on_refund == "return limit",
        place=key.place,
        sides=sides,
    )


def _sides(
    key: Scalar, shape: ReferralRuleShape, scopes: Scopes, scope: Scope, draft: Draft
) -> Iterable[Side]:
    written: dict[Whose, tuple[Entry[Node], ...] | None] = {
        "friend": shape.give,
        "referrer": shape.give_referrer,
        "second referrer": shape.give_second_referrer,
    }
    given = {whose: gifts for whose, gifts in written.items() if gifts}
    paid = {*given, *(("referrer",) if shape.milestones else ())}
    main = main_side(paid)
    if not given and not shape.milestones and not draft.complaints.speaks_of(shape.node):
        hint = "Add `give: {points: 100}`, `give referrer: {points: 200}` or both."
        draft.complaints.add(key, "gives-nothing", f"`{key.text}` gives nothing.", hint)
    _bounds_have_sides(shape, {*given}, main, draft)
    for whose, gifts in given.items():
        gives, awards = giving.gifts(gifts, scopes, scope, draft)
        units = tuple(dict.fromkeys(e.key.text for e in gifts if e.key.text in draft.wallets))
        limits, budget = _bounds(shape, whose, main, units, draft)
        yield Side(whose, gives, awards, limits, budget)
    reached = [(_number(entry.key, draft), entry) for entry in shape.milestones or ()]
    for number, entry in sorted(reached, key=lambda it: it[0]):
        gives, awards = giving.gifts(entry.value, scopes, scope, draft)
        if number:
            yield Side("referrer", gives, awards, nth=number)


def _number(key: Scalar, draft: Draft) -> int:
    if re.fullmatch(r"[0-9]{1,5}", key.text) and 0 < int(key.text) <= MOST_FRIENDS:
        return int(key.text)
    what = f"{quoted(key.text)} is no number of friends."
    draft.complaints.add(key, "value", what, f"Write a whole number from 1 to {MOST_FRIENDS:,}.")
    return 0


def _bounds(
    shape: ReferralRuleShape, whose: Whose, main: Whose, units: tuple[str, ...], draft: Draft
) -> tuple[tuple[Limit, ...], Budget | None]:
    """The limits and the budget of a side: `limit` is of the main one, others are named."""
    of: dict[
        Whose, tuple[tuple[Dated[Valued[Quantity]], ...] | None, Dated[Valued[Quantity]] | None]
    ]
    of = {
        "friend": (shape.limit_friend, shape.budget_friend),
        "referrer": (None, None),
        "second referrer": (shape.limit_second_referrer, shape.budget_second_referrer),
    }
    limit, budget = of[whose]
    if whose == main:
        limit, budget = (*(limit or ()), *(shape.limit or ())), budget or shape.budget
    limits = giving.limits(limit or (), units, draft)
    return limits, giving.budget(budget, shape, units, draft)


def _bounds_have_sides(
    shape: ReferralRuleShape, given: set[Whose], main: Whose, draft: Draft
) -> None:
    """A side that is bounded is given to."""
    named: dict[str, Whose] = {
        "": main, " friend": "friend", " second referrer": "second referrer",
    }  # fmt: skip
    for ending, whose in named.items():
        for word in ("limit", "budget"):
            key = shape.node.key(f"{word}{ending}")
            if key is not None and whose not in given and given:
                needs = "give" if whose == "friend" else f"give {whose}"
                what = f"`{key.text}` needs `{needs}`."
                draft.complaints.add(key, "needs", what, "It bounds what that one gets.")
