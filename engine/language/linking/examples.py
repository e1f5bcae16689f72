"""Links the section `examples`: short histories, and what must come of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine.language.expression.tree import Type
from engine.language.linking import expectations, names
from engine.language.linking.cells import cell, instant
from engine.language.linking.draft import Draft
from engine.language.program import Example, ExampleEvent, ExampleMember, Expectation
from engine.language.shapes.forms import Entry, no_mapping, one, parsed
from engine.language.shapes.history import ExampleShape
from engine.language.shapes.shape import read
from engine.language.text.nodes import Node, Pairs, Scalar
from engine.language.text.quote import quoted

ONLY_MEMBER = "member"
EVENT_KEYS = ("at", "id", "member")
Cells = Mapping[str, str | tuple[str, ...] | None]


def examples(nodes: list[Node], draft: Draft) -> tuple[Example, ...]:
    """The examples in the order of the files."""
    found = []
    for node in nodes:
        shape = read(ExampleShape, node, draft.complaints)
        if shape is not None:
            found.append(_example(shape, draft))
    return tuple(found)


def _example(shape: ExampleShape, draft: Draft) -> Example:
    members = _members(shape, draft)
    ids = tuple(member.id for member in members)
    events = _events(shape, ids, draft)
    if not shape.node.get("events") and shape.node.get("until") is None:
        draft.complaints.add(
            shape.node,
            "missing-key",
            "Nothing happens in this example.",
            "Add `events:`, or `until:` to move the clock.",
        )
    return Example(
        name=shape.name or "",
        members=members,
        events=events,
        until=shape.until,
        expects=_expects(shape, ids, tuple(event.id for event in events), draft),
        place=shape.node.place,
    )


def _members(shape: ExampleShape, draft: Draft) -> tuple[ExampleMember, ...]:
    if shape.members is None:
        values = _known(shape.member or (), (), draft)
        place = (shape.node.get("member") or shape.node).place
        return (ExampleMember(ONLY_MEMBER, values, place),)
    if shape.member is not None:
        draft.complaints.add(
            shape.node.key("member") or shape.node,
            "contradiction",
            "Here stand `member` and `members`.",
            "Keep one of them.",
        )
    ids = tuple(entry.key.text for entry in shape.members)
    return tuple(
        ExampleMember(entry.key.text, _known(entry.value, ids, draft), entry.key.place)
        for entry in shape.members
    )


def _known(entries: Iterable[Entry[Node]], ids: tuple[str, ...], draft: Draft) -> Cells:
    """What is set before: attributes, facts, balances, tier, referrer, joined_at."""
    found: dict[str, str | tuple[str, ...] | None] = {}
    types = {
        **{name: field.type for name, field in draft.attributes.items()},
        **{n: fact.type for n, fact in draft.facts.items() if fact.kind not in ("held", "unused")},
        **dict.fromkeys(draft.wallets, Type.DECIMAL),
        "tier": Type.TEXT,
        "referrer": Type.TEXT,
        "joined_at": Type.TIME,
    }
    for entry in entries:
        if not names.known(entry.key, types, "name", draft):
            continue
        value = cell(entry.value, types[entry.key.text], draft)
        if value is None or not isinstance(entry.value, Scalar):
            found[entry.key.text] = value
        elif (
            entry.key.text == "tier"
            and not names.known(entry.value, draft.tier_names, "tier", draft)
        ) or (entry.key.text == "referrer" and not names.known(entry.value, ids, "member", draft)):
            continue
        else:
            found[entry.key.text] = value
    return found


def _events(shape: ExampleShape, ids: tuple[str, ...], draft: Draft) -> tuple[ExampleEvent, ...]:
    found: list[ExampleEvent] = []
    node = shape.node.get("events")
    for number, entries in enumerate(shape.events or (), start=1):
        event = _event(number, entries, ids, node or shape.node, draft)
        if event is None:
            continue
        if event.id in {other.id for other in found}:
            draft.complaints.add(
                (event.place, 1),
                "defined-twice",
                f"Two events have the id {quoted(event.id)}.",
                "Give one another `id`.",
            )
        found.append(event)
    return tuple(found)


def _event(
    number: int, entries: tuple[Entry[Node], ...], ids: tuple[str, ...], where: Node, draft: Draft
) -> ExampleEvent | None:
    head = {e.key.text: e for e in entries if e.key.text in EVENT_KEYS}
    types = [e for e in entries if e.key.text not in EVENT_KEYS]
    first = entries[0].key if entries else where
    at = _single(head.get("at"), draft)
    if "at" not in head:
        draft.complaints.add(
            first, "missing-key", "This event has no `at`.", "Write `at: 2026-09-03 10:00`."
        )
    elif at is not None:
        parsed(at, instant, draft.complaints)
    if len(types) != 1:
        listed = " and ".join(f"`{e.key.text}`" for e in types) or "none"
        draft.complaints.add(
            types[1].key if types else first,
            "example-event",
            f"An event is of one type, and here stands {listed}.",
            "Write `{at: 2026-09-03 10:00, order: {amount: 120}}`.",
        )
        return None
    member = _member(head.get("member"), ids, first, draft)
    fields = _fields(types[0], draft)
    id = _single(head.get("id"), draft)
    if at is None or member is None or fields is None:
        return None
    name = id.text if id is not None else f"e{number}"
    return ExampleEvent(at.text, types[0].key.text, member, name, fields, types[0].key.place)


def _single(entry: Entry[Node] | None, draft: Draft) -> Scalar | None:
    return None if entry is None else one(entry.value, draft.complaints)


def _member(
    entry: Entry[Node] | None, ids: tuple[str, ...], where: Node, draft: Draft
) -> str | None:
    if entry is None:
        if len(ids) == 1:
            return ids[0]
        if ids:
            draft.complaints.add(
                where,
                "missing-key",
                "It is not said whose event this is.",
                f"Write `member: {ids[0]}` beside it.",
            )
        return None
    single = _single(entry, draft)
    if single is None or not names.known(single, ids, "member", draft):
        return None
    return single.text


def _fields(entry: Entry[Node], draft: Draft) -> Cells | None:
    """The fields of an event by its type."""
    if not names.known(entry.key, draft.events, "event", draft):
        return None
    event = draft.events[entry.key.text]
    if not isinstance(entry.value, Pairs):
        no_mapping(
            entry.value,
            f"Here the fields of `{event.name}` were expected.",
            "Write them as `{amount: 120}`, or `{}` where there are none.",
            draft.complaints,
        )
        return None
    found: dict[str, str | tuple[str, ...] | None] = {}
    for key, value in entry.value:
        if names.known(key, event.fields, "field", draft, of=event.name):
            found[key.text] = cell(value, event.fields[key.text].type, draft)
    return found


def _expects(
    shape: ExampleShape, ids: tuple[str, ...], events: tuple[str, ...], draft: Draft
) -> tuple[Expectation, ...]:
    node = shape.node.get("expect")
    if shape.expect is None or not isinstance(node, Pairs):
        return ()
    if shape.members is None:
        return (expectations.expectation(ONLY_MEMBER, node, events, draft),)
    found = []
    for key, value in node:
        if not names.known(key, ids, "member", draft):
            continue
        if isinstance(value, Pairs):
            found.append(expectations.expectation(key.text, value, events, draft))
        else:
            no_mapping(
                value,
                f"Here stands what is expected of `{key.text}`.",
                "Write `{points: 120}` or the like.",
                draft.complaints,
            )
    return tuple(found)
