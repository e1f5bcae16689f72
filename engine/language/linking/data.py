"""Links the section `data`: how somebody's own files become members and events."""

from __future__ import annotations

import re

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
    variable = _variable(shape, draft)
    if not _is_one_source(shape, draft) or shape.columns is None:
        return None
    type = getattr(shape, "type", None)
    return DataFile(
        target="members" if target == "members" else "events",
        file=shape.file,
        variable=variable,
        table=shape.table,
        query=shape.query,
        type=type.text if type is not None else None,
        where=shape.where,
        group_by=shape.group_by,
        zone=shape.zone.text if shape.zone is not None else None,
        columns=columns,
        places=_places(shape),
        place=shape.node.place,
    )


def _is_one_source(shape: MembersFileShape, draft: Draft) -> bool:
    """True where it is said once, and completely, where the rows are; else a problem says so."""
    add = draft.complaints.add
    if shape.file is None and shape.from_ is None:
        if shape.node.get("file") is None and shape.node.get("from") is None:
            hint = "Add `file: orders.csv`, or `from: env:SHOP_DB` with a `table` or a `query`."
            add(shape.node, "missing-key", "It is not said where the rows are.", hint)
        return False
    for key in ("from", "table", "query") if shape.file is not None else ():
        if shape.node.get(key) is not None:
            what = f"`{key}` stands beside `file`."
            add(shape.at(key), "two-sources", what, "Rows come from a file or from a database.")
            return False
    if shape.from_ is not None and (shape.table is None) == (shape.query is None):
        said = "Both `table` and `query` are" if shape.table else "Neither `table` nor `query` is"
        add(shape.at("from"), "two-sources", f"{said} there.", "A database needs one of the two.")
        return False
    return shape.query is None or _is_select(shape, draft)


def _is_select(shape: MembersFileShape, draft: Draft) -> bool:
    """True where the query begins as one does that reads; else a problem says so."""
    if re.match(r"\s*\(*\s*(select|with|values|table)\b", shape.query or "", re.IGNORECASE):
        return True
    what = "This query does not read."
    draft.complaints.add(shape.at("query"), "not-a-select", what, "Expected one SELECT.")
    return False


def _variable(shape: MembersFileShape, draft: Draft) -> str | None:
    """The variable that `from` names; a problem where it names none, or one of Perkbook's own."""
    if shape.from_ is None:
        return None
    found = re.fullmatch(r"env:([A-Za-z_][A-Za-z0-9_]*)", shape.from_.text)
    if found is None:
        what = "`from` names no variable of the environment."
        hint = "Write `from: env:SHOP_DB`; the URL itself, with its password, stands in SHOP_DB."
        draft.complaints.add(shape.from_, "no-variable", what, hint)
        return None
    if found[1].upper().startswith("PERKBOOK_"):
        what = f"`{found[1]}` is one of Perkbook's own variables."
        hint = "Name another variable, with a user of the database who may read these rows only."
        draft.complaints.add(shape.from_, "no-variable", what, hint)
        return None
    return found[1]


def _places(shape: MembersFileShape) -> dict[str, Place]:
    found = {key.text: value.place for key, value in shape.node if key.text != "columns"}
    columns = shape.node.get("columns")
    if isinstance(columns, Pairs):
        found |= {key.text: value.place for key, value in columns}
    return found
