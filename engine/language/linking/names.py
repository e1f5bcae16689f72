"""How names are spelled, and that each stands for one thing."""

from __future__ import annotations

import re
from collections.abc import Collection

from engine.language.complaints import Complaints
from engine.language.expression import NO_NAMES, SQL_WORDS
from engine.language.linking.draft import Draft
from engine.language.program import BUILT_IN
from engine.language.shapes.shape import not_built_yet
from engine.language.text.nodes import Scalar
from engine.language.text.quote import quoted

LATER_EVENTS = (
    "subscribe", "card_issue", "card_activate", "card_pickup", "card_topup", "card_gift",
    "card_block",
)  # fmt: skip
RESERVED = ("per", "of", "at", "money", "sends", "nothing")
_NAME = re.compile(r"[^\W\d]\w*")
_LENGTH_MAX = 60
_SECTIONS = {
    "wallet": "wallets", "event": "events", "tier": "tiers", "privilege": "privileges",
    "fact": "facts", "wallet or fact": "wallets", "coupon": "rewards", "item": "rewards",
    "voucher": "rewards",
}  # fmt: skip


def is_spelled(key: Scalar, complaints: Complaints) -> bool:
    """Whether `key` may be a name; says so if not."""
    name = key.text
    if not _NAME.fullmatch(name) or len(name) > _LENGTH_MAX:
        fixed = re.sub(r"\W+", "_", name).strip("_").lstrip("0123456789_")
        hint = f": `{fixed}`." if fixed and len(fixed) <= _LENGTH_MAX else "."
        complaints.add(
            key,
            "name",
            f"{quoted(name)} cannot be a name.",
            f"A name has letters, digits and `_`, and begins with a letter{hint}",
        )
        return False
    if name in RESERVED:
        complaints.add(key, "name", f"`{name}` is a word of the language.", "Choose another name.")
        return False
    return True


def in_conditions(key: Scalar, whose: str, draft: Draft) -> bool:
    """Takes a member's name (attribute, fact, wallet); says so where it is taken already."""
    if not is_spelled(key, draft.complaints):
        return False
    is_no_word_of_sql(key, "member", draft.complaints)
    if key.text in ("today", "tier", "friends", "privileges") or key.text.lower() in NO_NAMES:
        draft.complaints.add(
            key, "name", f"`{key.text}` has a meaning in conditions.", "Choose another name."
        )
        return False
    taken = draft.named.get(key.text)
    if taken is not None:
        draft.complaints.add(
            key,
            "name-taken",
            f"`{key.text}` is the name of {taken[0]} already ({taken[1].file}:{taken[1].line}).",
            "In conditions each name means one thing; choose another.",
        )
        return False
    draft.named[key.text] = (whose, key.place)
    return True


def is_no_word_of_sql(key: Scalar, prefix: str, complaints: Complaints) -> None:
    """A hint where a name has to be written with its prefix in conditions."""
    word = key.text.lower()
    if word in SQL_WORDS and word not in NO_NAMES:
        complaints.add(
            key,
            "sql-word",
            f"`{key.text}` is a word of SQL.",
            f"In conditions write `{prefix}.{key.text}`.",
            severity="warning",
        )


def known(name: Scalar, names: Collection[str], kind: str, draft: Draft, *, of: str = "") -> bool:
    """Whether `name` is among `names`; says which there are if not. `kind` is `wallet`."""
    if name.text in names:
        return True
    if name.text in draft.broken:
        return False
    if kind == "event" and name.text in LATER_EVENTS:
        not_built_yet(name, draft.complaints)
        return False
    where = f" of `{of}`" if of else ""
    if kind == "event":  # one's own first, for few rules look at those of the language
        names = sorted(names, key=lambda event: event in BUILT_IN)
    draft.complaints.add(
        name,
        "unknown-name",
        f"There is no {kind} {quoted(name.text)}{where}.",
        draft.complaints.known(name.text, names, _none(kind)),
    )
    return False


def _none(kind: str) -> str:
    section = _SECTIONS.get(kind)
    return f"None is defined; add one under `{section}:`." if section else "There are none here."
