"""How names are spelled, and that each stands for one thing."""

from __future__ import annotations

import re

from engine.language.complaints import Complaints
from engine.language.expression import NO_NAMES, SQL_WORDS
from engine.language.linking.draft import Draft
from engine.language.shapes.forms import quoted
from engine.language.text.nodes import Scalar

RESERVED = ("per", "of", "at", "money", "sends", "nothing")
BUILT_IN_WORDS = ("at", "today")
_NAME = re.compile(r"[^\W\d]\w*")
_LENGTH_MAX = 60


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
    if key.text in ("today", "tier") or key.text.lower() in NO_NAMES:
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


def known(name: Scalar, names: object, kind: str, draft: Draft) -> bool:
    """Whether `name` is among `names`; says what they are if not. `kind` is `a wallet`."""
    listed = list(names)  # type: ignore[call-overload]
    if name.text in listed:
        return True
    if name.text in draft.broken:
        return False
    noun = kind.partition(" ")[2]
    draft.complaints.add(
        name,
        "unknown-name",
        f"There is no {noun} {quoted(name.text)}.",
        draft.complaints.known(
            name.text, listed, f"None is defined; add one under {_section(noun)}."
        ),
    )
    return False


def _section(noun: str) -> str:
    return {
        "wallet": "`wallets:`", "event": "`events:`", "reward": "`rewards:`", "tier": "`tiers:`",
        "privilege": "`privileges:`", "fact": "`facts:`",
    }.get(noun, "the section of that name")  # fmt: skip
