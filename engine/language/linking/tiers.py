"""Links the sections `tiers` and `privileges`: the ladder, its benefits and its multipliers."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from itertools import pairwise

from engine.language import expression
from engine.language.expression import Want
from engine.language.expression.tree import Source
from engine.language.linking import giving, names
from engine.language.linking.draft import Draft
from engine.language.linking.scopes import Scopes
from engine.language.program import Dated, Give, Privilege, Rule, Rung, Tiers
from engine.language.shapes.forms import Entry, dated_words, several, word
from engine.language.shapes.program import PrivilegeShape, TiersShape
from engine.language.shapes.shape import not_built_yet, read
from engine.language.text.nodes import Node, Scalar

LATER_BENEFITS = ("discount",)


def privileges(entries: list[tuple[Scalar, Node]], draft: Draft) -> None:
    """Fills the draft's privileges."""
    for key, value in entries:
        shape = read(PrivilegeShape, value, draft.complaints)
        if names.is_spelled(key, draft.complaints):
            name = shape.name if shape is not None else None
            draft.privileges[key.text] = Privilege(key.text, name or key.text, key.place)


def tier_names(shape: TiersShape | None, draft: Draft) -> None:
    """Fills the draft's tier names, before conditions are read."""
    rungs = shape.ladder if shape is not None else None
    draft.tier_names = tuple(
        rung.key.text for rung in rungs or () if names.is_spelled(rung.key, draft.complaints)
    )


def tiers(shape: TiersShape, when: tuple[str, ...], scopes: Scopes, draft: Draft) -> list[Rule]:
    """Fills the draft's tiers; the rules of their multipliers, which look at the events `when`."""
    found: list[Rule] = []
    privileges_of: dict[str, tuple[str, ...]] = {}
    for entry in shape.benefits or ():
        if not names.known(entry.key, draft.tier_names, "tier", draft):
            continue
        privileges_of[entry.key.text] = _privileges(entry.value, draft)
        rule = _multiplier(entry.key, entry.value, when, scopes, draft)
        if rule is not None:
            found.append(rule)
    _ladder_rises(shape, draft)
    if not _measure_is_right(shape, draft) or shape.measure is None:
        return found
    ladder = [
        Rung(r.key.text, r.value, privileges_of.get(r.key.text, ()), r.key.place)
        for r in shape.ladder or ()
    ]
    draft.tiers = Tiers(
        measure=shape.measure.text,
        ladder=tuple(ladder),
        upgrade=shape.upgrade,
        downgrade=shape.downgrade,
        review=shape.review or "at once",
        grace=shape.grace,
        on_change=shape.on_change,
        place=shape.node.place,
    )
    return found


def _measure_is_right(shape: TiersShape, draft: Draft) -> bool:
    measure = shape.measure
    if measure is None:
        return False
    known = (*draft.wallets, *draft.facts)
    if not names.known(measure, known, "wallet or fact", draft):
        return False
    fact = draft.facts.get(measure.text)
    if fact is not None and not fact.type.is_number:
        draft.complaints.add(
            measure,
            "measure",
            f"`{measure.text}` is no number, so no tier can be measured by it.",
            "Name a wallet, or a fact that counts or sums.",
        )
        return False
    if fact is not None and fact.kind in ("held", "unused"):
        draft.complaints.add(
            measure,
            "measure",
            f"`{measure.text}` goes down when a coupon is used, so no tier is measured by it.",
            "Name a wallet, or a fact that counts or sums, such as `used`.",
        )
        return False
    if shape.upgrade == "before" and fact is None:
        draft.complaints.add(
            shape.at("upgrade"),
            "measure",
            f"`upgrade: before` needs a measure that is a fact, and `{measure.text}` is a wallet.",
            "Measure by a fact such as `spend`, or write `upgrade: after`.",
        )
        return False
    return True


def _ladder_rises(shape: TiersShape, draft: Draft) -> None:
    rungs = shape.ladder
    if rungs is None:
        return
    if not rungs:
        if not draft.complaints.speaks_of(shape.node):
            draft.complaints.add(
                shape.at("ladder"),
                "ladder",
                "The ladder has no tier.",
                "Write `{member: 0, silver: 1000}`.",
            )
        return
    if any(value != 0 for _, value in rungs[0].value.steps):
        draft.complaints.add(
            rungs[0].key,
            "ladder",
            f"The lowest tier, `{rungs[0].key.text}`, does not begin at 0.",
            "Everybody has a tier; put one before it, such as `member: 0`.",
        )
    for lower, upper in pairwise(rungs):
        if not _rises(lower.value, upper.value):
            draft.complaints.add(
                upper.key,
                "ladder",
                f"`{upper.key.text}` does not begin above `{lower.key.text}`.",
                "The ladder is written from the lowest tier to the highest.",
            )


def _rises(lower: Dated[Fraction], upper: Dated[Fraction]) -> bool:
    for start in {s for s, _ in (*lower.steps, *upper.steps)}:
        low = lower.steps[0][1] if start is None else lower.on(start)
        high = upper.steps[0][1] if start is None else upper.on(start)
        if low is not None and high is not None and low >= high:
            return False
    return True


def _privileges(benefits: Iterable[Entry[Node]], draft: Draft) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for entry in benefits:
        if entry.key.text != "privileges":
            continue
        for id in several(word()).read(entry.value, draft.complaints) or ():
            if names.known(id, draft.privileges, "privilege", draft):
                found[id.text] = None
    return tuple(found)


def _multiplier(
    tier: Scalar,
    benefits: Iterable[Entry[Node]],
    when: tuple[str, ...],
    scopes: Scopes,
    draft: Draft,
) -> Rule | None:
    """`gold: {points: x1.5}` as a rule among the others."""
    factors: list[Entry[Dated[Scalar]]] = []
    for entry in benefits:
        key = entry.key
        if key.text in LATER_BENEFITS:
            not_built_yet(key, draft.complaints)
        elif key.text in draft.wallets:
            steps = dated_words().read(entry.value, draft.complaints)
            factors += [Entry(key, steps)] if steps is not None else []
        elif key.text != "privileges" and key.text not in draft.broken:
            known = (*draft.wallets, "privileges")
            draft.complaints.add(
                key,
                "unknown-key",
                f"`{key.text}` is no wallet and no benefit.",
                draft.complaints.known(key.text, known),
            )
    multiplies = giving.factors(factors, scopes, scopes.of_member(), draft)
    if not multiplies:
        return None
    return _rule(tier, multiplies, when, scopes)


def _rule(
    tier: Scalar, multiplies: tuple[Give, ...], when: tuple[str, ...], scopes: Scopes
) -> Rule:
    text = f"tier = '{tier.text}'"
    tree, _ = expression.read(text, scopes.of_member(), Want.FLAG)
    return Rule(
        id=f"tiers.{tier.text}",
        section="tiers",
        name=tier.text,
        note="",
        when=when,
        condition=Source(text, tree) if tree is not None else None,
        multiplies=multiplies,
        place=tier.place,
    )
