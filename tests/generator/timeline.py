"""A history in the order in which it is worked: each id once, reversals behind their orders."""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from tests.generator.language import Plain, exact

Entry = tuple[Any, int, Any, Plain, Any]  # three sort keys, an event, the event it reverses


def timeline(
    program: Plain, events: list[Plain], members: dict[str, Plain] | None, until: date | None
) -> tuple[list[tuple[Plain, Any]], date]:
    """Pairs of an event and of what it reverses or cancels, in order; and the last day."""
    known: dict[str, Plain] = {}
    for event in sorted(events, key=lambda e: e["at"]):
        if members is None or event["member"] in members:
            known.setdefault(event["id"], ready(program, event))
    last = until or max(event["day"] for event in known.values())
    known = {key: event for key, event in known.items() if event["day"] <= last}
    queue = _joined(program, list(_queue(program, known)), members or {}, last)
    return [(event, cause) for *_, event, cause in sorted(queue, key=lambda x: x[:3])], last


def ready(program: Plain, event: Plain) -> Plain:
    """An event with every field of its type, exact numbers, its local instant and day."""
    local = event["at"].astimezone(ZoneInfo(program["program"]["timezone"]))
    fields = dict.fromkeys(program["events"].get(event["type"], {}))
    numbers = {key: exact(value) for key, value in event.items()}
    return fields | numbers | {"local": local, "day": local.date()}


def _queue(program: Plain, known: dict[str, Plain]) -> Any:
    """Events with their places; one that names nothing known is set aside."""
    for event in known.values():
        reverses = program["events"].get(event["type"], {}).get("reverses")
        kind = "redeem" if event["type"] == "cancel_redeem" else reverses
        cause, place = known.get(str(event.get(kind))), (event["at"], event["id"])
        if kind is None or (
            cause and cause["type"] == kind and (cause["at"], cause["id"]) <= place
        ):
            yield place, 0, place, event, cause
        elif cause and cause["type"] == kind:
            moved = event | {key: cause[key] for key in ("at", "local", "day")}
            yield (cause["at"], cause["id"]), 1, place, moved, cause


def _joined(
    program: Plain, queue: list[Entry], members: dict[str, Plain], last: date
) -> list[Entry]:
    """The queue with everybody's one join: at `joined_at`, else before the first event."""
    firsts: dict[str, Entry] = {}
    for entry in sorted(queue, key=lambda x: x[:3]):
        firsts.setdefault(entry[3]["member"], entry)
    known = {name: given["joined_at"] for name, given in members.items() if given.get("joined_at")}
    kept = [entry for entry in queue if entry[3]["type"] != "join"]
    for name in {**known, **firsts}:
        own = [entry for entry in queue if (entry[3]["member"], entry[3]["type"]) == (name, "join")]
        first = [e for e in own if e[3]["at"] == known.get(name)]
        first += [e for e in own if name not in known and e is firsts[name]]
        if first:
            kept.append(min(first, key=lambda x: x[:3]))
            continue
        at = known[name] if name in known else firsts[name][3]["at"]
        fields = {"id": f"!join:{name}", "member": name, "type": "join", "at": at}
        event = ready(program, fields)
        place = (at, event["id"]) if name in known else firsts[name][0]
        kept += [(place, -1, place, event, None)] * (event["day"] <= last)
    return kept
