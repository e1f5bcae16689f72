"""Links what an example expects of a member: balances, grants, entries and refusals."""

from __future__ import annotations

from collections.abc import Mapping

from engine.language.expression.tree import Type
from engine.language.linking import names
from engine.language.linking.cells import cell
from engine.language.linking.draft import Draft
from engine.language.program import Expectation, Place
from engine.language.shapes import values
from engine.language.shapes.forms import no_mapping, one, parsed
from engine.language.shapes.shape import not_built_yet
from engine.language.text.nodes import Items, Node, Pairs, Scalar

GRANTS = ("coupons", "items", "vouchers", "badges", "privileges", "prizes")
KINDS = (
    "earn", "bonus", "post", "spend", "restore", "reverse", "expire", "adjust", "transfer",
)  # fmt: skip
CODES = (
    "insufficient_balance", "out_of_stock", "limit_reached", "not_eligible", "not_in_window",
    "budget_exhausted", "unknown_reward",
)  # fmt: skip
_ENTRY_KEYS = ("rule", "kind", "event", "wanted", "missing")
_REFUSED_KEYS = {"rule": "rule", "reward": "rule", "code": "code", "reason": "code",
                 "event": "event"}  # fmt: skip
Values = Mapping[str, str | tuple[str, ...] | Mapping[str, str]]


def expectation(member: str, node: Pairs, events: tuple[str, ...], draft: Draft) -> Expectation:
    """What is expected of one member; `events` are the ids of the example's events."""
    found: dict[str, str | tuple[str, ...] | Mapping[str, str]] = {}
    entries = refused = None
    types = _types(draft)
    for key, value in node:
        if key.text == "entries":
            read = [_entry(item, events, draft) for item in _items(value)]
            entries = tuple(entry for entry in read if entry is not None)
        elif key.text == "refused":
            read = [_refusal(item, events, draft) for item in _items(value)]
            refused = tuple(refusal for refusal in read if refusal is not None)
        elif key.text == "sends":
            not_built_yet(key, draft.complaints)
        elif key.text in GRANTS:
            held = _grants(key.text, value, draft)
            found |= {key.text: held} if held is not None else {}
        elif names.known(key, [*types, *GRANTS, "entries", "refused"], "expectation", draft):
            said = cell(value, types[key.text], draft)
            found |= {key.text: said} if said is not None else {}
            if key.text == "tier" and isinstance(value, Scalar) and said is not None:
                names.known(value, draft.tier_names, "tier", draft)
    places: dict[str, Place] = {key.text: key.place for key, _ in node}
    return Expectation(member, found, entries, refused, places)


def _types(draft: Draft) -> dict[str, Type]:
    """Everything with one value that can be asked for, with its type."""
    parts = [f"{wallet} {part}" for wallet in draft.wallets for part in ("pending", "active")]
    return {
        **dict.fromkeys(draft.wallets, Type.DECIMAL),
        **dict.fromkeys(parts, Type.DECIMAL),
        "tier": Type.TEXT,
        **{name: fact.type for name, fact in draft.facts.items()},
        **{word: name.type for word, name in draft.progress.items()},
        **{name: field.type for name, field in draft.attributes.items()},
    }


def _items(node: Node) -> tuple[Node, ...]:
    return node.items if isinstance(node, Items) else (node,)


def _grants(
    kind: str, node: Node, draft: Draft
) -> str | tuple[str, ...] | Mapping[str, str] | None:
    """How many there are, exactly which, or how many of each."""
    if isinstance(node, Items):
        ids = [single for item in node.items if (single := one(item, draft.complaints))]
        return tuple(id.text for id in ids if _is_grant(kind, id, draft))
    if isinstance(node, Pairs):
        counts: dict[str, str] = {}
        for key, value in node:
            single = one(value, draft.complaints)
            if single is None or parsed(single, values.whole, draft.complaints) is None:
                continue
            if _is_grant(kind, key, draft):
                counts[key.text] = single.text
        return counts
    if node.broken:
        return None
    if node.text.isdigit():
        return node.text
    return (node.text,) if _is_grant(kind, node, draft) else None


def _is_grant(kind: str, id: Scalar, draft: Draft) -> bool:
    if kind == "badges":
        return names.is_spelled(id, draft.complaints)
    if kind == "privileges":
        return names.known(id, draft.privileges, "privilege", draft)
    if kind == "prizes":
        return names.known(id, draft.prizes, "prize", draft)
    wanted = kind.removesuffix("s")
    of_kind = [name for name, k in draft.reward_kinds.items() if k == wanted]
    return names.known(id, of_kind, wanted, draft)


def _entry(node: Node, events: tuple[str, ...], draft: Draft) -> Mapping[str, str] | None:
    """`{rule: purchase, points: 120}`."""
    if not isinstance(node, Pairs):
        _no_mapping(node, "{rule: purchase, points: 120}", draft)
        return None
    found: dict[str, str] = {}
    for key, value in node:
        single = one(value, draft.complaints)
        if not names.known(key, [*_ENTRY_KEYS, *draft.wallets], "part of an entry", draft):
            continue
        if single is None or not _entry_value(key.text, single, events, draft):
            continue
        found[key.text] = single.text
    return found


def _entry_value(key: str, value: Scalar, events: tuple[str, ...], draft: Draft) -> bool:
    if key == "rule":
        return _is_rule(value, draft)
    if key == "kind":
        return names.known(value, KINDS, "kind of entry", draft)
    if key == "event":
        return names.known(value, events, "event with the id", draft)
    return parsed(value, values.number, draft.complaints) is not None


def _is_rule(value: Scalar, draft: Draft) -> bool:
    if value.text in draft.rule_ids:
        return True
    tiers = [f"tiers.{name}" for name in draft.tier_names]
    return names.known(value, [*draft.rule_ids, *tiers], "rule", draft)


def _refusal(node: Node, events: tuple[str, ...], draft: Draft) -> Mapping[str, str] | None:
    """`{rule: five_off, code: insufficient_balance}`, or the code alone."""
    if isinstance(node, Scalar):
        if node.broken or not names.known(node, CODES, "reason", draft):
            return None
        return {"code": node.text}
    if not isinstance(node, Pairs):
        _no_mapping(node, "{rule: five_off, code: insufficient_balance}", draft)
        return None
    found: dict[str, str] = {}
    for key, value in node:
        single = one(value, draft.complaints)
        if not names.known(key, _REFUSED_KEYS, "part of a refusal", draft) or single is None:
            continue
        name = _REFUSED_KEYS[key.text]
        if name == "code" and not names.known(single, CODES, "reason", draft):
            continue
        if name == "event" and not names.known(single, events, "event with the id", draft):
            continue
        found[name] = single.text
    return found


def _no_mapping(node: Node, example: str, draft: Draft) -> None:
    no_mapping(node, "Here a mapping was expected.", f"Write `{example}`.", draft.complaints)
