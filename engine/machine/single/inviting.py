"""Who brings whom among members whose events come one by one."""

from __future__ import annotations

from engine.data.columns import History
from engine.data.one_event import Event, Reader
from engine.machine import invitations
from engine.machine.compiled import Compiled
from engine.machine.invitations import ACCEPTED, NOBODY, REFERRER
from engine.machine.single.people import People
from engine.machine.state import BOSS
from engine.machine.tables import Records

# What was said, so that it can be said again: a join or invitation (its member, who brings him),
# or a value (its member, the attribute, the value).
_Told = tuple[str, int, int, int]


class Inviting:
    """Invitations as they come. `counts` is whether the program looks at them."""

    def __init__(self, compiled: Compiled, reader: Reader, people: People, known: History) -> None:
        """`known` has the members of the file, who brought them and what is known of them."""
        program = compiled.program
        types = list(program.events)
        self.counts = program.referral is not None
        self._program, self._people, self._known = program, people, known
        by, count = known.members.referrer, len(known.members.ids)
        self._brought = {n: int(by.values[n]) for n in range(count) if not by.null[n]}
        self._join, self._profile = types.index("join"), types.index("profile")
        self._names = reader.fields[self._join].index(REFERRER)
        unique = program.referral.unique if program.referral else ()
        keys = [(name, program.attributes[name].type) for name in unique]
        self._unique = [
            (reader.fields[self._profile].index(key), list(program.attributes).index(key[0]))
            for key in keys
        ]
        self._log: list[_Told] = []
        self._begin()

    def _begin(self) -> None:
        self.circle = invitations.circle(self._program)
        self._joined: set[int] = set()
        for said in invitations.known(self._program, self._known):
            self.circle.learn(*said)

    @property
    def told(self) -> int:
        """How much has been said; see `back_to`."""
        return len(self._log)

    def back_to(self, told: int) -> None:
        """Forgets what was said after so much."""
        if told == len(self._log):
            return
        del self._log[told:]
        log, self._log = self._log, []
        self._begin()
        for what, member, other, value in log:
            if what == "learns":
                self._learn(member, other, value)
            else:
                self._invite(member, other, joins=what == "joins")

    def names(self, event: Event) -> bool:
        """Whether a join names who brings its member, and not the one who did already."""
        named = event.values[self._names]
        if not self.counts or named is None:
            return False
        number = self._people.numbers.get(event.member)
        known = self._people.numbers.get(str(named), NOBODY)
        return number is None or self.circle.referrer.get(number) != known

    def take(self, event: Event, member: int) -> tuple[int, int] | None:
        """What the feed says of a join: `invited`, `joins`; None for another event.

        Of a profile it learns what nobody may share.
        """
        if event.type == self._profile:
            for slot, attribute in self._unique:
                value = event.values[slot]
                if value is not None:
                    number = isinstance(value, int)
                    self._learn(
                        member, attribute,
                        int(value) if number else self._known.texts.code(str(value)),
                    )  # fmt: skip
        if event.type != self._join:
            return None
        if not self.counts:
            return None
        people, named = self._people, event.values[self._names]
        joins = member not in self._joined and people.join_at[member] in (None, event.at)
        if named is not None:
            other = people.numbers.get(str(named), NOBODY)
        elif joins and member in self._brought:
            other = self._brought[member]
        else:
            if joins:
                self._log.append(("joins", member, NOBODY, 0))
                self._joined.add(member)
            return NOBODY, 1
        return self._invite(member, other, joins=joins)

    def _learn(self, member: int, attribute: int, value: int) -> None:
        self._log.append(("learns", member, attribute, value))
        self.circle.learn(member, attribute, value)

    def _invite(self, member: int, other: int, *, joins: bool) -> tuple[int, int]:
        self._log.append(("joins" if joins else "invites", member, other, 0))
        if joins:
            self._joined.add(member)
        code = self.circle.invite(member, other)
        return other if code == ACCEPTED else -2 - code, int(joins)

    def inviter(self, event: Event, member: int) -> str | None:
        """Who invites by a join: whom it names, else whom the member's row does."""
        named = event.values[self._names]
        if named is not None:
            return str(named)
        return self._people.ids[self._brought[member]] if member in self._brought else None

    def above(self, member: int, roles: Records) -> list[int]:
        """Who brought a member, who brought that one, and the nearest boss above.

        `roles` are the members' records in the state.
        """
        first = self.circle.referrer.get(member)
        second = None if first is None else self.circle.referrer.get(first)
        return [n for n in (first, second, self._boss(first, roles)) if n is not None]

    def _boss(self, member: int | None, roles: Records) -> int | None:
        while member is not None and not roles[member]["role"]:
            member = self.circle.referrer.get(member)
        if member is None or roles[member]["role"] == BOSS:
            return member
        return int(roles[member]["boss"]) if roles[member]["boss"] >= 0 else None
