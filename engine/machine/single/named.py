"""What an event that comes alone names: the event it reverses, a reward, a wallet, a grant.

The meaning and the words are those of `references`, which does it for a whole history.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from engine.data.columns import DECIMAL_PLACES
from engine.data.one_cell import Said
from engine.data.one_event import Event, Reader, refused
from engine.machine import chance, named_coupons
from engine.machine.compiled import Compiled
from engine.machine.references import QUANTITY_MAX, SPUN
from engine.machine.state import MOST_COUPONS

_PARTS: int = 10**DECIMAL_PLACES

Coupons = tuple[named_coupons.Named, ...]
Find = Callable[[Event], "Named"]


class Named(NamedTuple):
    """The columns of the feed of the same names, -1 where there is none.

    `order` is the id of the event that it reverses, cancels or is used on; `moves` says that the
    event is worked after that one, whenever it comes.
    """

    order: str | None = None
    moves: bool = False
    reward: int = -1
    quantity: int = 1
    wallet: int = -1
    last_day: int = -1
    grant: str | None = None
    grant_rule: int = -1
    grant_number: int = -1
    coupons: Coupons = ()


NOTHING = Named()


class Finder:
    """Finds what events name.

    `finds` are, by type, what does so, or None where events of the type name nothing. They raise
    DataError for what nothing can be called, and for numbers that cannot be.
    """

    def __init__(self, compiled: Compiled, reader: Reader) -> None:
        self._compiled = compiled
        self._rewards = {name: number for number, name in enumerate(compiled.program.rewards)}
        self._pays = {  # rewards that are paid with points: how many parts one has
            number: compiled.book.scale(it.rate[0])
            for number, it in enumerate(compiled.program.rewards.values())
            if it.rate is not None
        }
        self._wallets = {name: number for number, name in enumerate(compiled.program.wallets)}
        self._places: tuple[Mapping[str, int], ...] = tuple(
            {name: place for place, (name, _) in enumerate(fields)} for fields in reader.fields
        )
        types = list(compiled.program.events)
        self._redemption = types.index("redeem")
        self._draws = {name: number for number, name in enumerate(compiled.program.draws)}
        self._wheels = chance.wheels(compiled.program)
        own = {
            "redeem": self._redeem, "adjust": self._adjust, "use": self._use,
            "transfer": self._transfer, "draw": self._spin,
        }  # fmt: skip
        own |= dict.fromkeys(compiled.program.coupon_events, self._coupons)
        self.finds: tuple[Find | None, ...] = tuple(
            self._reverse if self.target(number) >= 0 else own.get(name)
            for number, name in enumerate(types)
        )

    def target(self, type_: int) -> int:
        """The type of event that one of this type reverses or cancels, or -1."""
        events = self._compiled.program.events
        types = list(events)
        name = types[type_]
        target = "redeem" if name == "cancel_redeem" else events[name].reverses
        return -1 if target is None else types.index(target)

    def redeems(self, event: Event) -> bool:
        """Whether an event is a redemption, on which no points are used."""
        return event.type == self._redemption

    def asks_in(self, event: Event) -> str:
        """The field in which an event says which reward it asks for."""
        places = self._places[event.type]
        return next((name for name in ("coupon", "draw") if name in places), "reward")

    def wrong(self, event: Event, order: Event) -> tuple[str, str] | None:
        """What is wrong with one event's reversing another: the column and the reason."""
        wanted = self.target(event.type)
        types = list(self._compiled.program.events)
        name = types[wanted]
        if order.type != wanted:
            is_spin = (types[event.type], types[order.type]) == ("cancel_redeem", "draw")
            return name, SPUN if is_spin else f"no {name} has this id"
        return None if order.member == event.member else (name, f"this {name} is of another member")

    def said(self, event: Event, name: str) -> Said:
        """The value of one of the event's fields; None too where its type has no such field."""
        place = self._places[event.type].get(name)
        return None if place is None else event.values[place]

    def _redeem(self, event: Event) -> Named:
        reward, order = self.said(event, "reward"), self.said(event, "order")
        number = self._rewards.get(str(reward), -1) if reward is not None else -1
        said = self.said(event, "quantity")
        quantity = 1 if said is None else int(said)
        if not 1 <= quantity <= QUANTITY_MAX:
            raise refused(event.id, "quantity", f"a quantity is 1 to {QUANTITY_MAX}", said)
        if number in self._pays:
            quantity = self._whole(event, "points", self._pays[number])
        return Named(None if order is None else str(order), reward=number, quantity=quantity)

    def _whole(self, event: Event, column: str, scale: int) -> int:
        """A decimal in whole parts of `scale`."""
        said = self.said(event, column)
        value, part = 0 if said is None else int(said), _PARTS // scale
        if value % part:
            raise refused(event.id, column, "more places than the wallet has", said)
        return value // part

    def _adjust(self, event: Event) -> Named:
        expires = self.said(event, "expires")
        return self._amount(event)._replace(last_day=-1 if expires is None else int(expires))

    def _transfer(self, event: Event) -> Named:
        named = self._amount(event)
        if named.quantity <= 0:
            said = self.said(event, "amount")
            raise refused(event.id, "amount", "what is sent is above zero", said)
        return named

    def _spin(self, event: Event) -> Named:
        number = self._draws.get(str(self.said(event, "draw")), -1)
        if number < 0:
            return Named()
        prize = self._wheels[number].prize(event.member, event.id)
        return Named(reward=len(self._rewards) + number, wallet=prize)

    def _amount(self, event: Event) -> Named:
        """A wallet, and an amount in its smallest unit."""
        name = self.said(event, "wallet")
        wallet = self._wallets.get(str(name), -1) if name is not None else -1
        if wallet < 0:
            raise refused(event.id, "wallet", "unknown wallet", name)
        if self.said(event, "amount") is None:
            raise refused(event.id, "amount", "no amount", None)
        quantity = self._whole(event, "amount", self._compiled.book.scale(str(name)))
        return Named(wallet=wallet, quantity=quantity)

    def _use(self, event: Event) -> Named:
        reward, grant = self.said(event, "reward"), self.said(event, "grant")
        number = self._rewards.get(str(reward), -1) if reward is not None else -1
        said = self.said(event, "order")
        order = None if said is None else str(said)
        if grant is None:
            return Named(order, reward=number)
        named = named_coupons.grant_named(self._compiled.names.rules, str(grant))
        if named is None:
            raise refused(event.id, "grant", "no grant has this id", grant)
        return Named(
            order, reward=number, grant=named.event, grant_rule=named.rule,
            grant_number=named.number,
        )  # fmt: skip

    def _coupons(self, event: Event) -> Named:
        """The coupons that an order asks to use."""
        said = self.said(event, "coupon")
        if said is None:
            return NOTHING
        asked = named_coupons.named(self._compiled, str(said))
        if len(asked) > MOST_COUPONS:
            raise refused(event.id, "coupon", named_coupons.TOO_MANY, said)
        return Named(coupons=asked) if asked else NOTHING

    def _reverse(self, event: Event) -> Named:
        types = list(self._compiled.program.events)
        target = types[self.target(event.type)]
        said, amount = self.said(event, target), self.said(event, "amount")
        if said is None:
            raise refused(event.id, target, f"no {target} has this id", None)
        if isinstance(amount, int) and amount < 0:
            raise refused(event.id, "amount", "what is reversed is not below zero", amount)
        return Named(str(said), moves=True)
