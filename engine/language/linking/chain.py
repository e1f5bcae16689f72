"""Links the section `chain`: agents and bosses, as one rule whose gifts go to those above."""

from __future__ import annotations

from collections.abc import Iterator

from engine.language.expression import Want
from engine.language.expression.tree import From, Source, Type
from engine.language.linking import earn, giving, names
from engine.language.linking.draft import Draft
from engine.language.linking.scopes import Scopes
from engine.language.program import Chain, Place, Rule, Side, Whose
from engine.language.shapes.chain import ChainShape
from engine.language.shapes.forms import Entry
from engine.language.shapes.shape import read
from engine.language.text.nodes import Node, Pairs, Scalar

RULE = "chain"  # the id of its entries
BOSS_AFTER = 2


def chain(section: Pairs | None, scopes: Scopes, draft: Draft) -> tuple[Chain, Rule] | None:
    """The chain and its rule; None where there is no section, or where it is wrong."""
    shape = read(ChainShape, section, draft.complaints) if section is not None else None
    if shape is None or section is None:
        return None
    starter = scopes.source(shape.starter, scopes.of_orders(), Want.FLAG)
    when = earn.events_of(shape.when, draft) if shape.when else _events(starter, draft)
    scope = scopes.of_events(when)
    sides = tuple(_sides(shape, scopes, draft, when))
    if not sides and not draft.complaints.speaks_of(shape.node):
        hint = "Add `direct: {rebate: 100.00}`, `team: {rebate: 200.00}` or both."
        draft.complaints.add(section.pairs[0][0], "gives-nothing", "The chain gives nothing.", hint)
    condition = scopes.source(shape.starter, scope, Want.FLAG) if when else None
    if condition is None:
        return None
    place = section.pairs[0][0].place
    rule = _rule(shape, when, condition, sides, place)
    return Chain(shape.boss_after or BOSS_AFTER, _bosses(shape.bosses, draft), place), rule


def _rule(
    shape: ChainShape, when: tuple[str, ...], condition: Source, sides: tuple[Side, ...],
    place: Place,
) -> Rule:  # fmt: skip
    """The rule by which somebody becomes an agent."""
    return Rule(
        id=RULE,
        section="chain",
        name=shape.name or RULE,
        note=shape.note or "",
        when=when,
        condition=condition,
        place=place,
        sides=sides,
    )


def _bosses(flag: Scalar | None, draft: Draft) -> str | None:
    """The attribute that says who is a boss from the beginning."""
    if flag is None or not names.known(flag, draft.attributes, "attribute", draft):
        return None
    if draft.attributes[flag.text].type is not Type.FLAG:
        what = f"`{flag.text}` is {draft.attributes[flag.text].type}, and not a flag."
        draft.complaints.add(flag, "value", what, "Name an attribute of the type `flag`.")
    return flag.text


def _events(starter: Source | None, draft: Draft) -> tuple[str, ...]:
    """The events of one's own that have every field that is asked for."""
    if starter is None:
        return ()
    read_ = {(it.name, it.type) for it in starter.tree.names() if it.source is From.FIELD}
    return tuple(
        event.name
        for event in draft.events.values()
        if not event.built_in and event.reverses is None
        and read_ <= {(field.name, field.type) for field in event.fields.values()}
    )  # fmt: skip


def _sides(
    shape: ChainShape, scopes: Scopes, draft: Draft, when: tuple[str, ...]
) -> Iterator[Side]:
    written: dict[Whose, tuple[Entry[Node], ...] | None] = {
        "referrer": shape.direct,
        "boss": shape.team,
    }
    for whose, gifts in written.items():
        if gifts:
            gives, awards = giving.gifts(gifts, scopes, scopes.of_events(when), draft)
            yield Side(whose, gives, awards)
