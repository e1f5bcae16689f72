"""Chance that anybody can work out again: from a salt, a unit and an occurrence (S23)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from hashlib import sha256
from itertools import accumulate
from math import ceil

from engine.language.program import Program

WHOLE = 2**64  # u is a whole number below it, over it
SEPARATOR = b"\x1f"


def drawn(salt: str, *of: str) -> int:
    """u times 2^64, for a unit's id and, of what is drawn again and again, the occurrence."""
    told = SEPARATOR.join(part.encode("utf-8", "surrogatepass") for part in (salt, *of))
    return int.from_bytes(sha256(told).digest()[:8], "big")


def bounds(shares: Iterable[Fraction]) -> tuple[int, ...]:
    """What u times 2^64 is below, for each of several shares in turn and those before it.

    u < s means n / 2^64 < s for the whole number n, which is n < s x 2^64. For a whole number that
    is the same as n < the least whole number not below s x 2^64: nothing is ever rounded.
    """
    return tuple(ceil(share * WHOLE) for share in accumulate(shares))


@dataclass(frozen=True, slots=True)
class Wheel:
    """A draw ready to be spun; `first` is the place of its first prize in `Program.prizes`."""

    salt: str
    bounds: tuple[int, ...]
    first: int

    def prize(self, member: str, event: str) -> int:
        """The place in `Program.prizes` of the first prize whose bound u is below."""
        return self.first + bisect_right(self.bounds, drawn(self.salt, member, event))


def wheels(program: Program) -> tuple[Wheel, ...]:
    """The draws of a program, in their order."""
    found, first = [], 0
    for draw in program.draws.values():
        found.append(Wheel(draw.salt, bounds(prize.share for prize in draw.prizes), first))
        first += len(draw.prizes)
    return tuple(found)
