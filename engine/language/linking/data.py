"""Links the section `data`: how somebody's own files become members and events."""

from __future__ import annotations

from engine.language.linking import names
from engine.language.linking.draft import Draft
from engine.language.linking.events import FILE_COLUMNS, MEMBER_COLUMNS
from engine.language.linking.wallets import is_zone
from engine.language.program import DataFile, Place
from engine.language.shapes.history import EventsFileShape, MembersFileShape
from engine.language.shapes.shape import read
from engine.language.text.nodes import Items, Node, Pairs, Scalar

KEYS = ("members", "events")


def files(entries: list[tuple[Scalar, Node]], draft: Draft) -> tuple[DataFile, ...]:
    """The files of members and events, in the order in which they are written."""
    found: list[DataFile] = []
    for key, value in entries:
        if key.text not in KEYS:
            draft.complaints.add(
                key,
                "unknown-key",
                f"`{key.text}` is not a key of `data`.",
                draft.complaints.known(key.text, KEYS),
            )
            continue
        for node in value.items if isinstance(value, Items) else (value,):
            file = _members(node, draft) if key.text == "members" else _events(node, draft)
            found += [file] if file is not None else []
    return tuple(found)


def _members(node: Node, draft: Draft) -> DataFile | None:
    shape = read(MembersFileShape, node, draft.complaints)
    if shape is None:
        return None
    known = [*MEMBER_COLUMNS, *draft.attributes]
    return _file("members", shape, known, ("member_id",), draft)


def _events(node: Node, draft: Draft) -> DataFile | None:
    shape = read(EventsFileShape, node, draft.complaints)
    if shape is None:
        return None
    own = draft.events.get(shape.type.text) if shape.type is not None else None
    fields = own.fields if own is not None else None
    if fields is None:
        fields = {name: f for event in draft.events.values() for name, f in event.fields.items()}
    if own is not None and own.name == "profile":
        fields = draft.attributes
    file = _file("events", shape, [*FILE_COLUMNS, *fields], ("event_id", "member_id", "at"), draft)
    columns = {entry.key.text for entry in shape.columns or ()}
    if file is not None and file.type is None and "type" not in columns:
        draft.complaints.add(
            shape.node,
            "missing-key",
            "It is not said which type these events have.",
            "Write `type: order`, or an expression over your columns.",
        )
        return None
    return file


def _file(
    target: str, shape: MembersFileShape, known: list[str], needed: tuple[str, ...], draft: Draft
) -> DataFile | None:
    columns = {entry.key.text: entry.value.text for entry in shape.columns or ()}
    for entry in shape.columns or ():
        names.known(entry.key, known, "column", draft)
    for name in needed:
        if shape.columns is not None and shape.node.get("columns") and name not in columns:
            draft.complaints.add(
                shape.node.key("columns") or shape.node,
                "missing-column",
                f"The column `{name}` is missing.",
                "Say which of your columns it is; `row` is the row's number."
                if name == "event_id"
                else "Say which of your columns it is.",
            )
    if shape.zone is not None:
        is_zone(shape.zone, draft.complaints)
    if shape.file is None or shape.columns is None:
        return None
    type = getattr(shape, "type", None)
    return DataFile(
        target="members" if target == "members" else "events",
        file=shape.file,
        type=type.text if type is not None else None,
        where=shape.where,
        group_by=shape.group_by,
        zone=shape.zone.text if shape.zone is not None else None,
        columns=columns,
        places=_places(shape),
        place=shape.node.place,
    )


def _places(shape: MembersFileShape) -> dict[str, Place]:
    found = {key.text: value.place for key, value in shape.node if key.text != "columns"}
    columns = shape.node.get("columns")
    if isinstance(columns, Pairs):
        found |= {key.text: value.place for key, value in columns}
    return found
