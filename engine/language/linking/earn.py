"""Links the section `earn`: the rules by which members earn."""

from __future__ import annotations

import re

from engine.language.expression import Want
from engine.language.expression.tree import Type
from engine.language.linking import giving, names
from engine.language.linking.draft import Draft
from engine.language.linking.scopes import UNKNOWN, Scopes
from engine.language.program import Rule
from engine.language.shapes.giving import ActingShape, RuleShape
from engine.language.shapes.shape import read
from engine.language.text.nodes import Node, Pairs, Scalar
from engine.language.text.quote import quoted


def earn(entries: list[tuple[Scalar, Node]], scopes: Scopes, draft: Draft) -> list[Rule]:
    """The earn rules, in the order of the files."""
    found = []
    for key, value in entries:
        shape = read(RuleShape, value, draft.complaints)
        named = names.is_spelled(key, draft.complaints)
        if shape is None:
            continue
        rule = _rule(key, shape, scopes, draft)
        if named and rule is not None:
            found.append(rule)
    return found


def give_rules(entries: list[tuple[Scalar, Node]]) -> dict[str, None]:
    """The ids of the rules that give, in the order of the files, before they are linked."""
    return {
        key.text: None
        for key, value in entries
        if isinstance(value, Pairs) and value.get("give") is not None
    }


def _rule(key: Scalar, shape: RuleShape, scopes: Scopes, draft: Draft) -> Rule | None:
    giving.window_is_right(shape, draft)
    _gives_or_multiplies(key, shape, draft)
    when = events_of(shape.when, draft)
    scope = scopes.of_events(when) if when else UNKNOWN
    condition = scopes.source(shape.if_, scope, Want.FLAG)
    gives, awards = giving.gifts(shape.give or (), scopes, scope, draft)
    multiplies = giving.factors(shape.multiply or (), scopes, scope, draft)
    keys = [entry.key for entry in shape.give or ()] + [e.key for e in shape.multiply or ()]
    wallets = tuple(key.text for key in keys if key.text in draft.wallets)
    limits = giving.limits(shape.limit or (), wallets, draft)
    budget = giving.budget(shape.budget, shape, wallets, draft)
    of = _of(shape, draft)
    if not when:
        return None  # said already
    return Rule(
        id=key.text,
        section="earn",
        name=shape.name or key.text,
        note=shape.note or "",
        when=when,
        condition=condition,
        start=shape.from_,
        end=shape.until,
        once=shape.once,
        within=shape.within,
        limits=limits,
        budget=budget,
        group=group_of(shape, draft),
        priority=shape.priority,
        to=_to(shape, when, draft),
        return_limit=shape.on_refund == "return limit",
        gives=gives,
        awards=awards,
        multiplies=multiplies,
        of=of,
        place=key.place,
    )


def _gives_or_multiplies(key: Scalar, shape: RuleShape, draft: Draft) -> None:
    both = [k for k in ("give", "multiply") if shape.node.get(k) is not None]
    if len(both) == 2:
        draft.complaints.add(
            shape.node.key("multiply") or key,
            "give-and-multiply",
            f"`{key.text}` gives and multiplies.",
            "Make two rules: one with `give`, one with `multiply`.",
        )
    elif not both and not draft.complaints.speaks_of(shape.node):
        draft.complaints.add(
            key,
            "gives-nothing",
            f"`{key.text}` gives nothing.",
            "Add `give: {points: amount}`, or `multiply: {points: 2}`.",
        )
    for name in both:
        written = shape.node.get(name)
        if isinstance(written, Pairs) and not written.pairs:
            draft.complaints.add(
                shape.node.key(name) or key,
                "gives-nothing",
                f"`{name}` is empty.",
                f"Write `{name}: {{points: amount}}` or the like.",
            )
    if shape.of is not None and "multiply" not in both:
        draft.complaints.add(
            shape.node.key("of") or key,
            "needs",
            "`of` needs `multiply`.",
            "It names the rules whose gifts are multiplied.",
        )


def events_of(when: tuple[Scalar, ...] | None, draft: Draft) -> tuple[str, ...]:
    """The events that a rule looks at, each once; empty where one of them is unknown."""
    found: dict[str, None] = {}
    for event in when or ():
        words = re.split(r" +(?:and|or) +", event.text)
        if len(words) > 1:
            draft.complaints.add(
                event,
                "unknown-name",
                f"{quoted(event.text)} is not an event.",
                f"Write several events as a list: `[{', '.join(words)}]`.",
            )
            return ()
        if not names.known(event, draft.events, "event", draft):
            return ()
        found[event.text] = None
    return tuple(found)


def group_of(shape: ActingShape, draft: Draft) -> str | None:
    """The group; `priority` has no sense without one."""
    if shape.group is not None:
        return shape.group.text
    if shape.priority is not None:
        draft.complaints.add(
            shape.node.key("priority") or shape.node,
            "needs",
            "`priority` needs `group`.",
            "It says which rule of a group applies.",
        )
    return None


def _to(shape: RuleShape, when: tuple[str, ...], draft: Draft) -> str | None:
    if shape.to is None:
        return None
    shared = [
        name
        for name, field in draft.events[when[0]].fields.items()
        if field.type is Type.TEXT
        and all(draft.events[e].fields.get(name, field).type is Type.TEXT for e in when)
        and all(name in draft.events[e].fields for e in when)
    ]
    return shape.to.text if names.known(shape.to, shared, "text field", draft) else None


def _of(shape: RuleShape, draft: Draft) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for rule in shape.of or ():
        if rule.text in draft.give_rules:
            found[rule.text] = None
        elif rule.text in draft.rule_ids:
            why = "does not give, so there is nothing to multiply."
            if draft.rule_ids[rule.text] == "tasks":
                why = "is a task, and what tasks give is never multiplied."
            draft.complaints.add(rule, "of", f"`{rule.text}` {why}", "Name rules with `give`.")
        else:
            names.known(rule, draft.give_rules, "rule", draft)
    return tuple(found)
