"""The offers of a coffee chain, published with which was completed when, said in our language."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from engine.language import rules
from engine.machine import replay
from tests import world
from tests.real_data import place

Offers = dict[str, dict[str, Any]]
Completed = Counter[tuple[str, datetime, str]]  # who, when, which offer

PROGRAM = """
program: {name: Coffee, timezone: UTC, money: USD}
events:
  order: {amount: money}
  offer_received: {offer: text, difficulty: money, days: whole}
wallets: {points: {}}
tasks:
"""
TASK = """
  of_%s:
    starts: offer_received
    start if: start.offer = '%s'
    when: order
    %s
    within: start.days * 24 hours
    give: {points: 1}
"""
# A discount is for all that is bought in its time, the other kind for one purchase.
HOW = {
    "discount": "sum: amount\n    reaches: start.difficulty",
    "bogo": "if: amount >= start.difficulty",
}


def published() -> tuple[Offers, list[dict[str, Any]], Completed]:
    """The offers, what happened as events of ours, and which offers were completed."""
    folder = place("starbucks")
    lines = (folder / "portfolio.json").read_text(encoding="utf-8").splitlines()
    offers = {it["id"]: it for it in map(json.loads, lines)}
    happened, completed = list[dict[str, Any]](), Completed()
    log = (folder / "events_hours_0_18.jsonl").read_text(encoding="utf-8").splitlines()
    for number, it in enumerate(map(json.loads, log)):
        at, said = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=it["time"]), it["value"]
        row = {"event_id": f"{number:06}", "member_id": it["person"], "at": at.isoformat()}
        if it["event"] == "offer received":
            of = offers[said["offer id"]]
            row |= {"type": "offer_received", "offer": of["id"]}
            row |= {"difficulty": str(of["difficulty"]), "days": str(int(of["duration"]))}
            happened.append(row)
        elif it["event"] == "transaction":
            happened.append({**row, "type": "order", "amount": f"{said['amount']:.2f}"})
        elif it["event"] == "offer completed":
            completed[it["person"], at, said["offer_id"]] += 1
    return offers, happened, completed


def test_each_offer_is_completed_when_it_was_none_missing_and_none_extra() -> None:
    offers, happened, completed = published()
    tasks = "".join(
        TASK % (id_, id_, HOW[of["offer_type"]])
        for id_, of in offers.items()
        if of["offer_type"] in HOW
    )
    program = rules.read_texts({"rules.yaml": PROGRAM + tasks}).program
    assert program is not None
    found = Completed()
    for entry in replay.run(program, None, world.table(happened)).ledger.to_pylist():
        id_ = entry["rule"].removeprefix("of_")
        found[entry["member_id"], entry["at"], id_] += entry["amount"]
    assert completed.total() == 1014
    assert found == completed
