"""In which order events are worked, each id once and everybody's join before all else."""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from tests.reading.values import Plain, exact

People = dict[str, Plain]
INVITATION = "invitation"  # the type of a later join that names somebody


def queue(
    program: Plain, people: People, events: list[Plain], until: date | None
) -> tuple[list[Plain], date]:
    """Events with what they reverse as `cause`, reversals behind that; and the last day."""
    zone, known = ZoneInfo(program["program"]["timezone"]), dict[str, Plain]()
    for event in sorted(events, key=lambda e: e["at"]):
        if not people or event["member"] in people:
            known.setdefault(event["id"], ready(event, zone))
    last, made = until or max(event["day"] for event in known.values()), list[Plain]()
    known = {key: event for key, event in known.items() if event["day"] <= last}
    for event in known.values():
        spec = program["events"].get(event["type"], {})
        kind = "redeem" if event["type"] == "cancel_redeem" else spec.get("reverses")
        cause = known.get(str(event.get(kind)))
        if cause and cause["type"] == kind and cause["place"] > event["place"]:
            moved = {key: cause[key] for key in ("at", "local", "clock", "day")}
            event = event | moved | {"place": (*cause["place"], *event["place"])}
        if kind is None or (cause and cause["type"] == kind):
            made.append(event | {"cause": cause})
    return joined(sorted(made, key=place), people, zone, last), last


def ready(event: Plain, zone: ZoneInfo) -> Plain:
    """An event with exact numbers, its instant and clock in the program's zone, day and place."""
    local = event["at"].astimezone(zone)
    new = {key: exact(value) for key, value in event.items()} | {"cause": None, "local": local}
    new |= {"clock": local.replace(tzinfo=None), "day": local.date()}
    stood = (event["at"], event["id"])
    return new | {"place": (*stood, 1), "stood": stood}


def place(event: Plain) -> Any:
    return event["place"]


def joined(events: list[Plain], people: People, zone: ZoneInfo, last: date) -> list[Plain]:
    """The events with everybody's one join: at `joined_at`, else before the first event."""
    given = {name: x["joined_at"] for name, x in people.items() if x.get("joined_at")}
    made = [event for event in events if event["type"] != "join"]
    for name in {**given, **{event["member"]: 0 for event in events}}:
        own = [event for event in events if event["member"] == name]
        at, own = (given[name], own) if name in given else (own[0]["at"], own[:1])
        told = [event for event in own if event["type"] == "join" and event["at"] == at]
        new = ready({"id": f"!join:{name}", "member": name, "type": "join", "at": at}, zone)
        made += told[:1] or [new] * (new["day"] <= last)
        named = [e for e in events if e["member"] == name and e["type"] == "join"]
        later = [e for e in named if e.get("referrer") and e not in told[:1]]
        made += [event | {"type": INVITATION} for event in later]
    return sorted(made, key=place)
