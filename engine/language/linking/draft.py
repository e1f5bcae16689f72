"""What is known of the program while its sections are linked, one after the other."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.language.complaints import Complaints
from engine.language.expression.tree import Name
from engine.language.program import (
    EventType,
    Fact,
    Field,
    Place,
    Privilege,
    Tiers,
    Wallet,
)


@dataclass(slots=True)
class Draft:
    """Sections linked so far. Ids that were written stand here even where they are wrong.

    `named` are the words of conditions and whose they are; `reward_kinds` the rewards' ids with
    their kinds, before they are linked, for the rules that give them.
    """

    complaints: Complaints
    zone: str
    money: str
    money_decimals: int
    events: dict[str, EventType] = field(default_factory=dict)
    attributes: dict[str, Field] = field(default_factory=dict)
    wallets: dict[str, Wallet] = field(default_factory=dict)
    facts: dict[str, Fact] = field(default_factory=dict)
    privileges: dict[str, Privilege] = field(default_factory=dict)
    tier_names: tuple[str, ...] = ()
    tiers: Tiers | None = None
    reward_kinds: dict[str, str] = field(default_factory=dict)
    progress: dict[str, Name] = field(default_factory=dict)  # how far tasks are, by their names
    prizes: dict[str, None] = field(default_factory=dict)
    give_rules: dict[str, None] = field(default_factory=dict)
    rule_ids: dict[str, str] = field(default_factory=dict)  # with their sections
    broken: set[str] = field(default_factory=set)  # names whose own entry could not be linked
    named: dict[str, tuple[str, Place]] = field(default_factory=dict)
    has_referral: Place | None = None  # where the section begins
