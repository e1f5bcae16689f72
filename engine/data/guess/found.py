"""The columns of a file of events that are more than fields."""

from __future__ import annotations

from dataclasses import dataclass

from engine.data.guess.kinds import Kinds
from engine.data.guess.look import Look
from engine.data.guess.roles import Amount, Identity
from engine.data.guess.when import When


@dataclass(frozen=True, slots=True)
class Found:
    """The columns of a file of events that are more than fields."""

    member: Look
    when: When
    who: Identity
    amount: Amount | None
    kinds: Kinds | None
    reverses: Look | None
    rivals: tuple[str, ...]  # other columns that may be the member

    @property
    def key(self) -> Look | None:
        """The column whose rows are put together."""
        return self.who.look if self.who.lines else None

    @property
    def taken(self) -> tuple[str, ...]:
        """The names of these columns."""
        looks = (self.member, self.who.look, self.reverses, self.kinds and self.kinds.look)
        amount = self.amount.columns if self.amount else ()
        return (*self.when.columns, *amount, *(one.name for one in looks if one))
