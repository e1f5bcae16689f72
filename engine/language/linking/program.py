"""Links the sections of all files into the program, in the order in which they need one another."""

from __future__ import annotations

from collections.abc import Mapping

from engine.language.complaints import Complaints
from engine.language.linking import (
    chain,
    data,
    draws,
    earn,
    events,
    examples,
    facts,
    referral,
    rewards,
    tasks,
    tiers,
    wallets,
)
from engine.language.linking.draft import Draft
from engine.language.linking.scopes import Scopes
from engine.language.linking.sections import WITH_RULES, Sections
from engine.language.program import Chain, Draw, Program, Referral, Reward, Rule
from engine.language.shapes.program import ProgramShape, TiersShape
from engine.language.shapes.shape import read
from engine.language.text.nodes import Node, Scalar


def link(
    sections: Sections, complaints: Complaints, folder: str, texts: Mapping[str, str]
) -> Program | None:
    """The program; None when there is an error among the complaints."""
    found = read(ProgramShape, sections.program, complaints) if sections.program else None
    shape = found or ProgramShape()
    draft = Draft(complaints, *wallets.zone_and_money(shape, complaints))
    ladder = read(TiersShape, sections.tiers, complaints) if sections.tiers else None
    _declared(sections, draft)
    tiers.tier_names(ladder, draft)
    rules, had, spun, invited, chained = _rules(sections, ladder, draft)
    made_examples = examples.examples(sections.examples, draft)
    files = data.files(sections.data, draft)
    if complaints.errors():
        return None
    return Program(
        name=shape.name or folder,
        zone=draft.zone,
        money=draft.money,
        money_decimals=draft.money_decimals,
        stacking=shape.stacking,
        late=shape.late,
        events=draft.events,
        attributes=draft.attributes,
        wallets=draft.wallets,
        facts=draft.facts,
        tiers=draft.tiers,
        privileges=draft.privileges,
        rules=tuple(rules),
        rewards=had,
        draws=spun,
        examples=made_examples,
        data=files,
        folder=folder,
        texts=texts,
        referral=invited,
        chain=chained,
    )


def _declared(sections: Sections, draft: Draft) -> None:
    """What rules may name."""
    entries = sections.entries
    draft.reward_kinds = rewards.kinds(entries["rewards"])
    events.members(entries["members"], draft)
    events.events(entries["events"], draft)
    wallets.wallets(entries["wallets"], draft)
    invites = (*entries["referral"], *entries["chain"])
    draft.has_referral = next((key.place for key, _ in invites), None)
    facts.facts(entries["facts"], draft)
    tiers.privileges(entries["privileges"], draft)


def _rules(
    sections: Sections, ladder: TiersShape | None, draft: Draft
) -> tuple[list[Rule], dict[str, Reward], dict[str, Draw], Referral | None, Chain | None]:
    """Rules and tiers' multipliers in the order of the files, rewards, draws, invitations."""
    entries = sections.entries
    draft.rule_ids = _with_ids(entries)
    draft.give_rules = earn.give_rules(entries["earn"])
    written = tasks.read(entries["tasks"], draft)
    scopes = Scopes(draft)
    found = earn.earn(entries["earn"], scopes, draft)
    found += tasks.tasks(written, found, scopes, draft)
    had = rewards.rewards(entries["rewards"], scopes, draft)
    spun = draws.draws(entries["draws"], scopes, draft)
    if ladder is not None:
        earn_rules = [rule for rule in found if rule.gives and not rule.flat]
        when = dict.fromkeys(event for rule in earn_rules for event in rule.when)
        found += tiers.tiers(ladder, tuple(when), scopes, draft)
    invited, paid = referral.referral(entries["referral"], scopes, draft)
    found += paid
    chained, rule = chain.chain(sections.chain, scopes, draft) or (None, None)
    found += [rule] if rule is not None else []
    ordered = sorted(found, key=lambda r: (r.place.file, r.place.line, r.place.column))
    return list(tasks.behind_needs(ordered)), had, spun, invited, chained


def _with_ids(entries: Mapping[str, list[tuple[Scalar, Node]]]) -> dict[str, str]:
    """The ids that stand in the ledger, with their sections."""
    kept = {**entries, "referral": referral.rules_of(entries["referral"])}
    return {key.text: section for section in WITH_RULES for key, _ in kept[section]}
