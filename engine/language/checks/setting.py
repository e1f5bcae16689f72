"""Where a condition stands: its program, the events it looks at, and its window."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from engine.language.program import Fact, Program, Rule


@dataclass(frozen=True, slots=True)
class Setting:
    """What is known before a condition is judged.

    `events` are those it looks at, none for a reward or a draw; `granted` are the privileges that
    somebody may have, None where that is not looked at; `nulls` says whether fields may be empty.
    """

    program: Program = field(compare=False)  # one for all
    events: tuple[str, ...] = ()
    start: date | None = None
    end: date | None = None
    granted: frozenset[str] | None = None
    to_another: bool = False
    nulls: bool = True

    def takes_in(self, fact: Fact) -> bool:
        """Whether the fact has the very event in it when the condition is judged."""
        if self.to_another or set(self.events) != {fact.event}:
            return False
        event = self.program.events[fact.event]
        if event.built_in or event.reverses:
            return False
        return not (fact.condition or fact.before or fact.since or fact.less)


def of_rule(program: Program, rule: Rule, granted: frozenset[str]) -> Setting:
    """The setting of a rule's condition."""
    return Setting(program, rule.when, rule.start, rule.end, granted, rule.to is not None)


def of_frame(program: Program, rule: Rule, granted: frozenset[str]) -> Setting:
    """The setting of the condition of a reward or a draw."""
    return Setting(program, (), rule.start, rule.end, granted)


def granted(program: Program) -> frozenset[str]:
    """The privileges that a tier has, a rule gives, or a reward is."""
    found = {p for rung in (program.tiers.ladder if program.tiers else ()) for p in rung.privileges}
    found |= {a.id for r in program.rules for a in r.awards if a.kind == "privilege"}
    found |= {it.privilege for it in program.rewards.values() if it.privilege is not None}
    return frozenset(found)
