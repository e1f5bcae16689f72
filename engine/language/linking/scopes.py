"""The names that expressions may use at each place of the rules, and the reading of expressions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from engine.language import expression
from engine.language.expression import AT, TODAY, Scope, Want, denominator
from engine.language.expression.tree import From, Name, Source, Type
from engine.language.linking.draft import Draft
from engine.language.program import Dated, EventType, Fact, Field
from engine.language.text.nodes import Scalar

_NEEDS = "Without it nobody brings anybody; add `referral: {levels: 1}`."
UNKNOWN = Scope({})  # of a rule whose events nobody knows: only the spelling can be looked at


class Scopes:
    """Scopes over a draft whose events, attributes, wallets, facts and tiers are known."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._member = _member_names(draft)
        self._of_events: dict[tuple[str, ...], Scope] = {}
        self._read: dict[tuple[str, int, Want], Source] = {}

    def of_events(self, events: tuple[str, ...]) -> Scope:
        """What a rule may use that looks at `events`: fields they share, and the member's names."""
        found = self._of_events.get(events)
        if found is None:
            found = self._of_events[events] = _rule_scope(events, self._member, self._draft)
        return found

    def of_run(self, events: tuple[str, ...], start: str) -> Scope:
        """The same for a task with runs, which knows the fields of the event that started one."""
        key = (*events, "starts", start)
        found = self._of_events.get(key)
        if found is None:
            plain = self.of_events(events)
            fields = start_scope(start, self._draft, From.START).names
            names = {**plain.names, **fields}
            found = self._of_events[key] = replace(plain, names=names)
        return found

    def of_start(self, start: str) -> Scope:
        """What decides about a run when it starts: the fields of that event, as `start.x`."""
        key = ("starts", start)
        found = self._of_events.get(key)
        if found is None:
            found = self._of_events[key] = start_scope(start, self._draft, From.FIELD)
        return found

    def of_member(self) -> Scope:
        """What a reward may use, which is had at any time: the member's names."""
        return self.of_events(())

    def of_orders(self) -> Scope:
        """What the order may be asked for that a coupon is used on: fields of your own events."""
        orders = [e for e in self._draft.events.values() if not e.built_in and e.reverses is None]
        found: dict[str, Name | None] = {}
        for event in orders:
            for name, field in event.fields.items():
                made = field_name(field, self._draft)
                found[name] = made if found.get(name, made) == made else None
        plain = {name: made for name, made in found.items() if made is not None}
        said = ("This looks at the order alone.", "Put it into `if`.")
        refused = dict.fromkeys(self._member, said)
        return Scope(
            names=plain | {f"event.{name}": made for name, made in plain.items()},
            refused={name: said for name, said in refused.items() if name not in plain},
        )

    def source(self, node: Scalar | None, scope: Scope, want: Want) -> Source | None:
        """The expression at `node`; None where there is none, or with its problems."""
        if node is None or node.broken:
            return None
        key = (node.text, id(scope), want)
        if key in self._read:
            return self._read[key]
        if scope is UNKNOWN:
            tree, faults = None, expression.spelling(node.text)
        else:
            tree, faults = expression.read(node.text, scope, want)
        for fault in faults:
            where = node.span(fault.start, fault.stop)
            self._draft.complaints.add(where, "expression", fault.what, fault.expected)
        if tree is None:
            return None
        self._read[key] = Source(node.text, tree)
        return self._read[key]

    def dated(self, steps: Dated[Scalar], scope: Scope, want: Want) -> Dated[Source] | None:
        """The expressions of all steps; None where one of them is wrong."""
        read = [(start, self.source(node, scope, want)) for start, node in steps.steps]
        found = tuple((start, source) for start, source in read if source is not None)
        return Dated(found) if len(found) == len(read) else None


def field_name(field: Field, draft: Draft, source: From = From.FIELD) -> Name:
    """The name of a field or attribute; money counts in the program's minor units."""
    scale = 10**draft.money_decimals if field.type is Type.MONEY else None
    return Name(source, field.name, field.type, scale=scale)


def fact_name(fact: Fact, draft: Draft) -> Name:
    """The name of a fact, with what its numbers are counted in."""
    scale = None
    if fact.value is not None and fact.type.is_number and fact.type is not Type.WHOLE:
        scale = denominator(fact.value.tree)
    if fact.kind == "median gap":
        scale = 2  # days, counted in halves
    if fact.type is Type.MONEY:
        scale = scale or 10**draft.money_decimals
    return Name(From.FACT, fact.name, fact.type, ratio=fact.kind == "average", scale=scale)


def event_scope(event: EventType, draft: Draft, whose: str = "") -> Scope:
    """The fields of one event with its name before them, as facts use them; `whose` is `friend.`"""
    start = f"{whose}{event.name}"
    names = {f"{start}.{f.name}": field_name(f, draft) for f in event.fields.values()}
    return Scope(names={**names, f"{start}.at": AT})


def event_alone(events: tuple[str, ...], draft: Draft) -> Scope:
    """The fields that `events` share, and nothing of the member."""
    found = _rule_scope(events, {}, draft)
    said = ("Here the event alone is looked at.", "Put it into `if`.")
    members = dict.fromkeys((*_member_names(draft), "tier"), said)
    return Scope(found.names, refused={**members, **found.refused})


def start_scope(start: str, draft: Draft, source: From) -> Scope:
    """The fields of the event that starts a run, as `start.x`, and nothing else."""
    made = {
        f"start.{field.name}": field_name(field, draft, source)
        for field in draft.events[start].fields.values()
    }
    if source is From.START:
        made = {word: replace(name, name=word) for word, name in made.items()}
    said = ("Here the event that starts it is looked at.", "Write its fields as `start.x`.")
    plain = dict.fromkeys((*draft.events[start].fields, *_member_names(draft), "tier"), said)
    return Scope(made, refused=plain)


def fact_condition_scope(event: EventType, draft: Draft) -> Scope:
    """What the condition of a fact may use: the event alone."""
    plain = {f.name: field_name(f, draft) for f in event.fields.values()}
    dotted = {f"{prefix}.{n}": m for prefix in ("event", event.name) for n, m in plain.items()}
    said = ("A fact looks at the event alone.", "Put the condition into the rule that uses it.")
    members = {*draft.attributes, *draft.wallets, *draft.facts, *draft.progress, "tier"}
    members -= plain.keys()
    return Scope(
        names={**plain, **dotted, "at": AT, "today": TODAY}, refused=dict.fromkeys(members, said)
    )


def _member_names(draft: Draft) -> dict[str, Name]:
    """The names of what is kept of a member, without a prefix."""
    found: dict[str, Name] = {}
    for field in draft.attributes.values():
        found[field.name] = field_name(field, draft, From.ATTRIBUTE)
    for wallet in draft.wallets.values():
        type = Type.WHOLE if wallet.decimals == 0 else Type.DECIMAL
        type = Type.MONEY if wallet.unit == "money" else type
        for source, word in (
            (From.WALLET, wallet.name),
            (From.ACTIVE, f"{wallet.name}_active"),
            (From.PENDING, f"{wallet.name}_pending"),
        ):
            found[word] = Name(source, wallet.name, type, scale=10**wallet.decimals)
    for fact in draft.facts.values():
        found[fact.name] = fact_name(fact, draft)
    found |= draft.progress
    if draft.tier_names:
        found["tier"] = Name(From.TIER, "tier", Type.TEXT, values=draft.tier_names)
    if draft.has_referral:
        found["friends"] = Name(From.FRIENDS, "friends", Type.WHOLE)
    return found


def _rule_scope(events: tuple[str, ...], member: Mapping[str, Name], draft: Draft) -> Scope:
    shared, refused = _shared_fields(events, draft)
    both = shared.keys() & member.keys()
    plain = {name: made for name, made in {**member, **shared}.items() if name not in both}
    names = {
        **plain,
        **{f"event.{name}": made for name, made in shared.items()},
        **{f"member.{name}": made for name, made in member.items()},
        "at": AT,
        "today": TODAY,
    }
    if draft.has_referral:
        names |= {f"referrer.{n}": replace(it, of_referrer=True) for n, it in member.items()}
    else:
        words = ("friends", *(f"referrer.{name}" for name in member))
        refused |= {word: (f"`{word}` needs the section `referral`.", _NEEDS) for word in words}
    return Scope(
        names=names,
        ambiguous={name: (f"event.{name}", f"member.{name}") for name in sorted(both)},
        refused={word: said for word, said in refused.items() if word not in names},
        privileges=tuple(draft.privileges),
    )


def _shared_fields(
    events: tuple[str, ...], draft: Draft
) -> tuple[dict[str, Name], dict[str, tuple[str, str]]]:
    """The fields that all `events` have with one type, and what is said about all others."""
    refused: dict[str, tuple[str, str]] = {}
    for event in draft.events.values():
        if not event.built_in or event.name in events:
            refused = _foreign(event, events, draft) | refused
    if not events:
        return {}, refused
    first, *others = (draft.events[name] for name in events)
    shared: dict[str, Name] = {}
    for field in first.fields.values():
        lacking = [e.name for e in others if field.name not in e.fields]
        differing = [
            e.name for e in others
            if e.name not in lacking and e.fields[field.name].type is not field.type
        ]  # fmt: skip
        if lacking:
            refused[field.name] = _lacks(field.name, lacking, first.name)
        elif differing:
            refused[field.name] = (
                f"`{field.name}` is {field.type} in `{first.name}` and another type in"
                f" `{differing[0]}`.",
                "Give both the same type, or make two rules.",
            )
        else:
            shared[field.name] = field_name(field, draft)
    return shared, {word: said for word, said in refused.items() if word not in shared}


def _foreign(event: EventType, events: Iterable[str], draft: Draft) -> dict[str, tuple[str, str]]:
    """What is said about the fields of an event that the rule does not look at."""
    events = tuple(events)
    if not events:
        what = "`{0}` is a field of `{1}`, and here no event is looked at."
        hint = "Use what is known of the member."
    elif event.name in events:
        lacking = [e for e in events if e != event.name]
        return {
            name: _lacks(
                name, [e for e in lacking if name not in draft.events[e].fields], event.name
            )
            for name in event.fields
        }
    else:
        what = "`{0}` is a field of `{1}`, and this rule looks at " + _listed(events) + "."
        hint = f"Add `{event.name}` to `when`, or keep a fact under `facts:`."
    return {name: (what.format(name, event.name), hint) for name in event.fields}


def _lacks(name: str, lacking: Iterable[str], having: str) -> tuple[str, str]:
    return (
        f"`{name}` is a field of `{having}`, but not of {_listed(tuple(lacking))}.",
        "Every event in `when` must have it; make two rules, or add the field.",
    )


def _listed(events: tuple[str, ...]) -> str:
    return " and ".join(f"`{event}`" for event in events)
