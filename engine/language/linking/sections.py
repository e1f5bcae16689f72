"""The sections of all files put together: what each is called, and that an id stands once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from engine.language.complaints import Complaints
from engine.language.shapes.forms import no_mapping
from engine.language.shapes.shape import not_built_yet
from engine.language.text.nodes import Items, Node, Page, Pairs, Scalar

BY_ID = (
    "events", "members", "wallets", "facts", "privileges", "earn", "tasks", "rewards", "draws",
    "referral",
)  # fmt: skip
LATER = (
    "cards", "group_buys", "memberships", "pools",
    "audiences", "campaigns", "items", "scores", "channels", "occasions",
)  # fmt: skip
SECTIONS = ("program", *BY_ID[:4], "tiers", *BY_ID[4:], "chain", "examples", "data")
WITH_RULES = ("earn", "tasks", "rewards", "draws", "referral")  # their ids stand in the ledger
_MEANT = {
    "rules": "earn", "earning": "earn", "points": "wallets", "attributes": "members",
    "customers": "members", "levels": "tiers", "tests": "examples", "settings": "program",
    "benefits": "privileges",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sections:
    """Each section over all files: single ones as one mapping, those of ids as entries."""

    program: Pairs | None
    tiers: Pairs | None
    chain: Pairs | None
    entries: dict[str, list[tuple[Scalar, Node]]]
    examples: list[Node]
    data: list[tuple[Scalar, Node]]


def gather(roots: Iterable[Pairs], complaints: Complaints) -> Sections:
    """The sections of the files, taken in their order."""
    entries: dict[str, list[tuple[Scalar, Node]]] = {
        name: [] for name in (*BY_ID, "program", "tiers", "chain")
    }
    examples: list[Node] = []
    data: list[tuple[Scalar, Node]] = []
    for root in roots:
        for key, value in root:
            if key.text == "examples":
                examples += _list(key, value, complaints)
            elif key.text == "data":
                data += _mapping(key, value, complaints)
            elif key.text in entries:
                entries[key.text] += _mapping(key, value, complaints)
            else:
                _unknown(key, complaints)
    once = {name: _once(name, pairs, complaints) for name, pairs in entries.items()}
    _rule_ids(once, complaints)
    return Sections(
        program=_together(once["program"]),
        tiers=_together(once["tiers"]),
        chain=_together(once["chain"]),
        entries=once,
        examples=examples,
        data=data,
    )


def program_is_there(sections: Sections, pages: Iterable[Page], complaints: Complaints) -> None:
    """A program has a section `program`, in one of its files."""
    first = next(iter(pages), None)
    if sections.program is None and first is not None:
        complaints.add(
            (first.place(0), 1),
            "no-program",
            "No file has the section `program:`.",
            "Write `program: {name: My shop, timezone: Asia/Shanghai, money: CNY}` into one.",
        )


def _mapping(key: Scalar, value: Node, complaints: Complaints) -> list[tuple[Scalar, Node]]:
    if isinstance(value, Pairs):
        return list(value)
    no_mapping(
        value,
        f"The section `{key.text}` has no keys.",
        "Write its keys under it, further to the right, as `name: value`.",
        complaints,
    )
    return []


def _list(key: Scalar, value: Node, complaints: Complaints) -> list[Node]:
    if isinstance(value, Items):
        return list(value.items)
    if not (isinstance(value, Scalar) and value.broken):
        complaints.add(
            value,
            "no-list",
            f"The section `{key.text}` is a list.",
            "Begin each entry with `- name:`.",
        )
    return []


def _unknown(key: Scalar, complaints: Complaints) -> None:
    if key.text in LATER:
        not_built_yet(key, complaints)
        return
    near = _MEANT.get(key.text.lower())
    complaints.add(
        key,
        "unknown-section",
        f"There is no section `{key.text}`.",
        f"Did you mean `{near}`?" if near else complaints.known(key.text, SECTIONS),
    )


def _once(
    section: str, pairs: list[tuple[Scalar, Node]], complaints: Complaints
) -> list[tuple[Scalar, Node]]:
    """The entries without those whose id stood before."""
    found: dict[str, tuple[Scalar, Node]] = {}
    for key, value in pairs:
        first = found.setdefault(key.text, (key, value))[0]
        if first is not key:
            _twice(key, first, complaints)
    return list(found.values())


def _rule_ids(once: dict[str, list[tuple[Scalar, Node]]], complaints: Complaints) -> None:
    """Ids of rules, rewards and draws are unique together: entries are known by them."""
    found: dict[str, Scalar] = {}
    keys = [key for section in WITH_RULES for key, _ in once[section]]
    for key in sorted(keys, key=lambda k: (k.page.file, k.start)):
        first = found.setdefault(key.text, key)
        if first is not key:
            _twice(key, first, complaints)


def _twice(key: Scalar, first: Scalar, complaints: Complaints) -> None:
    complaints.add(
        key,
        "defined-twice",
        f"`{key.text}` is defined twice; first in {first.place.file}:{first.place.line}.",
        "Keep one of them, or give one another name.",
    )


def _together(pairs: list[tuple[Scalar, Node]]) -> Pairs | None:
    """The keys of one section from all files as one mapping."""
    if not pairs:
        return None
    first = pairs[0][0]
    return Pairs(tuple(pairs), first.page, first.start, first.stop)
