"""What is told of tasks: by the checks, by explain, and by the reference's own examples."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import pytest

from engine import explain
from engine.language import checks, rules
from engine.machine import examples
from tests import world
from tests.test_tasks import HAPPENS, POINTS


def test_a_task_that_needs_what_never_comes_is_never_done() -> None:
    reading = rules.read_texts(
        {
            "a.yaml": world.SHOP
            + POINTS
            + HAPPENS
            + """
tasks:
  never: {when: order, sum: 0 * quantity, reaches: 3, badge: champion}
  album: {needs: [champion, like], give: {points: 1}}
"""
        }
    )
    assert reading.program is not None
    said = [p.what for p in checks.warnings(reading.program) if p.code == "never-done"]
    assert said == [
        "`never` is never done: what it gathers of an event is never above 0.",
        "`album` is never done: it needs `champion`, which never comes.",
    ]


def test_explain_tells_how_far_a_task_is() -> None:
    text = """
tasks:
  third: {when: order, sum: quantity, every: 3, give: {points: 10}}
  album: {needs: [third, share], badge: collector}
  big: {when: order, sum: amount, reaches: 100, give: {points: 1}}
"""
    reading = rules.read_texts({"a.yaml": world.SHOP + POINTS + HAPPENS + text})
    assert reading.program is not None
    events = world.table(
        world.happened("""
        o1 m1 2026-01-01 order quantity=2 amount=99.50
        o2 m1 2026-01-02 order quantity=5 amount=0.50
        o3 m1 2026-01-03 order quantity=1 amount=1
    """)
    )
    told = explain.member(reading.program, None, events, "m1")
    assert [[story.why for story in event.rules] for event in told.events] == [
        ["it is not done yet: 2 of 3", "it is not done yet: 0 of 2",
         "it is not done yet: 99.5 of 100"],
        ["holds", "it is not done yet: 1 of 2", "holds"],
        ["it is not done yet: 2 of 3", "it is not done yet: 1 of 2", "it was done before"],
    ]  # fmt: skip
    (gift,) = told.events[1].rules[0].gifts
    assert gift.exact == gift.amount == Fraction(20)


@pytest.mark.parametrize(
    ("number", "events"),
    [*enumerate(["", "order: {amount: money}", "check_in: {}, review: {photo: flag}"])],
)
def test_the_examples_of_the_reference_on_tasks_come_out(
    number: int, events: str, project: Path
) -> None:
    page = (project / "docs" / "language.md").read_text(encoding="utf-8")
    section = page[page.index("\n## tasks\n") : page.index("\n## rewards\n")]
    blocks = re.findall(r"```yaml\n(.*?)```", section, re.DOTALL)
    shown = [block for block in blocks if "examples:" in block][number]
    around = f"{world.SHOP}events: {{{events}}}\nwallets: {{points: {{}}}}\n"
    reading = rules.read_texts({"around.yaml": around, "shown.yaml": shown})
    assert reading.program is not None, reading.problems
    results = examples.run(reading.program)
    assert len(results) == shown.count("- name:")
    assert [result.differences for result in results] == [()] * len(results)
