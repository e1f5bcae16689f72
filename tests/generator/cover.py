"""Counts which keys of the language random programs use, so that a test can ask for all of them."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

Plain = dict[str, Any]
SPELLED = {
    "stacking", "unit", "round", "spend", "below zero", "on refund", "restore", "upgrade",
    "downgrade", "review", "on change", "over budget",
}  # fmt: skip


def used(program: Plain) -> set[str]:
    """Every key of a program as `section.key`, choices as `section.key: choice`."""
    found = {f"program.{key}" for key in program["program"]} | _choices(
        "program", program["program"]
    )
    for section in ("events", "members", "privileges"):
        found |= {f"{section}.{word}" for word in _words(program.get(section, {}))}
    for section in ("wallets", "facts", "earn", "rewards"):
        for spec in program.get(section, {}).values():
            found |= _of(section, spec)
    invited = program.get("referral", {})
    found |= {f"referral.{key}" for key in ("levels", "unique") if key in invited}
    for spec in invited.values():
        if isinstance(spec, dict):
            found |= {f"referral.{key}" for key in spec}
    tiers = program.get("tiers", {})
    found |= _of("tiers", tiers)
    found |= {f"benefits.{key}" for given in tiers.get("benefits", {}).values() for key in given}
    found |= {"tiers.ladder dated" for least in tiers.get("ladder", {}).values() if _dated(least)}
    found |= {
        "earn.when: reversing"
        for rule in program["earn"].values()
        if any("reverses" in program["events"].get(when, {}) for when in _list(rule.get("when")))
    }
    return found


def _words(section: Plain) -> set[str]:
    """The keys of events or members that are not names, and the types of their fields."""
    found: set[str] = set()
    for name, spec in section.items():
        fields = spec if isinstance(spec, dict) else {name: spec}
        found |= {key for key in fields if key in ("reverses", "personal", "name", "type")}
        found |= {kind for kind in fields.values() if isinstance(kind, str) and " " not in kind}
    return found


def _of(section: str, spec: Plain) -> set[str]:
    """The keys of one wallet, fact, rule or reward, and how their values are written."""
    found = {f"{section}.{key}" for key in spec} | _choices(section, spec)
    for key in ("give", "multiply", "cost"):
        found |= {
            f"{section}.{key}.{_kind(name, amount)}" for name, amount in spec.get(key, {}).items()
        }
    for key in ("limit", "budget"):
        for text in (step for value in _list(spec.get(key)) for step in _steps(value)):
            period = text.partition(" per ")[2]
            found.add(f"limit.per {'N days' if period[:1].isdigit() else period or 'ever'}")
            found.add(f"{section}.{key}: {'amount' if 'points' in text else 'count'}")
    for key in ("expires", "pending"):
        found |= {
            f"{section}.{key}: {word}" for text in _steps(spec.get(key)) for word in _life(text)
        }
    found |= {f"{section}.{key} dated" for key, value in spec.items() if _dated(value)}
    return found | ({f"{section}.when list"} if isinstance(spec.get("when"), list) else set())


def _choices(section: str, spec: Plain) -> set[str]:
    """Keys whose value is one of a few words, with that word."""
    texts = {key: re.sub(r"\d+", "N", str(spec[key])) for key in SPELLED & set(spec)}
    return {f"{section}.{key}: {text}" for key, text in texts.items()}


def _kind(name: str, amount: Any) -> str:
    """How an amount is written."""
    if name not in ("points", "growth", "cash"):
        return name + (
            " list" if isinstance(amount, list) else " counted" if isinstance(amount, dict) else ""
        )
    return "dated" if _dated(amount) else "expression" if isinstance(amount, tuple) else "plain"


def _life(text: str) -> list[str]:
    """The words of a duration that change what it means."""
    return [
        re.sub(r"s$", "", w)
        for w in re.findall(r"never|day|week|month|quarter|year|end|without", text)
    ]


def _steps(value: Any) -> list[str]:
    return (
        [str(step) for step in value.values()]
        if _dated(value)
        else [str(value)] * (value is not None)
    )


def _dated(value: Any) -> bool:
    return (
        isinstance(value, dict) and all(isinstance(start, date) for start in value) and bool(value)
    )


def _list(value: Any) -> list[Any]:
    return [] if value is None else value if isinstance(value, list) else [value]
