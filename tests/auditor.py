"""A second, slow reading of the rules: which ledger a program and its events must leave."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from fractions import Fraction
from types import SimpleNamespace as Kept  # a member, a lot, a part of a lot, a note
from typing import Any
from zoneinfo import ZoneInfo

from tests.reading import redemptions, referral, timeline
from tests.reading.grants import AWARDS, Grants
from tests.reading.limits import Limits, count, give_back
from tests.reading.rules import Rules
from tests.reading.tiers import Tiers
from tests.reading.values import UNITS, Plain, dated, later, rounded, scale

ROW = ("at", "member_id", "wallet", "kind", "amount", "rule", "event_id", "lot", "wanted",
       "missing")  # fmt: skip
REFUSED = ("at", "member_id", "event_id", "rule", "code")


class Auditor:
    """One run of a program over its events; it leaves rows, members, grants, refusals."""

    def __init__(self, program: Plain, people: Plain | None) -> None:
        self.program, self.people, self.rewards = program, people or {}, program["rewards"]
        usual = {"round": "down", "pending": "0 days", "expires": "never", "decimals": 0}
        self.wallets = {name: usual | spec for name, spec in program["wallets"].items()}
        self.zone, self.last = ZoneInfo(program["program"]["timezone"]), date.max
        self.members, self.redemptions = dict[str, Kept](), dict[str, Kept]()
        self.known, self.shares = dict[str, Plain](), dict[str, Any]()
        self.rows, self.refused = list[Plain](), list[Plain]()
        self.gifts = defaultdict[str, list[Kept]](list)  # what each event gave
        self.limits, self.grants = Limits(self.wallets), Grants(self.rewards, self.refuse)
        self.tiers = Tiers(program, self.grants, self.balance)
        self.rules = Rules(program, self.limits, self.tiers, self.member)
        self.circle = referral.Circle(program, self.people)

    def row(self, event: Plain, who: Kept, wallet: str, kind: str, amount: int, *rest: Any) -> None:
        """Writes an entry; the rest is its rule, lot, wanted and missing, as far as it has them."""
        rule, *more = rest or (None,)
        rule = rule and rule.partition("/")[0]  # without whose side of it
        made = event["at"], who.id, wallet, kind, amount, rule, event["id"], *more
        self.rows.append(dict.fromkeys(ROW) | dict(zip(ROW, made, strict=False)))

    def refuse(self, who: Kept, event: Plain, rule: Any, code: str) -> None:
        made = event["at"], who.id, event["id"], rule, code
        self.refused.append(dict(zip(REFUSED, made, strict=True)))

    def member(self, name: str, day: date) -> Kept:
        """A member whose clock has come to `day`: each beginning of a day up to it is worked."""
        if name not in self.members:
            given = dict(self.people.get(name, {}))
            joined = given.get("joined_at") and given["joined_at"].astimezone(self.zone).date()
            new = Kept(id=name, day=day, known=given, joined=joined, rung=0, kept=day, grace=None)
            debt = {"id": None, "event": None, "left": 0, "pending": False}
            new.debts = {wallet: Kept(wallet=wallet, **debt) for wallet in self.wallets}
            new.seen, new.lots, self.members[name] = [], [*new.debts.values()], new
            new.referrer, new.friends, new.theirs = None, 0, list[Plain]()
        member = self.members[name]
        while member.day < day:
            member.day += UNITS["day"]
            at = datetime.combine(member.day, time(), self.zone).astimezone(UTC)
            event = {"at": at, "day": member.day, "id": None}
            lots = [x for w in self.wallets for x in member.lots if x.wallet == w and x.left > 0]
            for lot in (x for x in lots if x.pending and x.active <= member.day):
                self.row(event, member, lot.wallet, "post", 0, None, lot.id)
                lot.pending = False
                self.credit(member, lot, 0)
            for lot in lots:
                self.expire(member, lot, event)
            self.tiers.look(member, event)
        return member

    def expire(self, member: Kept, lot: Kept, event: Plain) -> None:
        if lot.left and not lot.pending and self.last_day(member, lot) < event["day"]:
            self.row(event, member, lot.wallet, "expire", -lot.left, None, lot.id)
            lot.expired, lot.left = lot.expired + lot.left, 0

    def last_day(self, member: Kept, lot: Kept) -> Any:
        """The last day on which a lot can be used; `without T` counts from the last T."""
        if lot.last or lot.term == "never":
            return lot.last or date.max
        kind = lot.term.partition(" without ")[2]
        days = [event["day"] for event in member.seen if event["type"] == kind]
        return later(max([lot.active, *days]), lot.term)

    def credit(self, member: Kept, lot: Kept, amount: int) -> None:
        """Adds to a lot; what is active fills a deficit first."""
        debt = member.debts[lot.wallet]
        filled = 0 if lot.pending else min(-debt.left, lot.left + amount)
        lot.left, debt.left = lot.left + amount - filled, debt.left + filled

    def lot(self, who: Kept, wallet: str, amount: int, event: Plain, wait: str = "0 days") -> Any:
        """The id of the lot that an event opens; none for nothing."""
        key, active = f"{event['id']}/{wallet}", later(event["day"], wait)
        found = next((x for x in who.lots if x.id == key and x.active == active), None)
        if amount and not found:
            found = Kept(id=key, wallet=wallet, event=event["id"], left=0, expired=0, active=active)
            found.term = dated(self.wallets[wallet]["expires"], event["day"])
            found.last, found.opened = event.get("expires"), (event["at"], key)
            found.pending = active > event["day"]
            who.lots.append(found)
        if found:
            self.credit(who, found, amount)
        return found and found.id

    def open_lots(self, member: Kept, wallet: str) -> list[Kept]:
        """Lots with something left, in the order in which they are spent."""
        oldest = self.wallets[wallet].get("spend") == "oldest first"
        lots = [x for x in member.lots if x.wallet == wallet and x.left > 0]
        return sorted(lots, key=lambda x: (not oldest and self.last_day(member, x), x.opened))

    def debit(self, amount: int, lots: list[Kept]) -> list[Kept]:
        """Takes up to an amount from lots in their order, any from a debt: the parts."""
        parts = []
        for lot in lots:
            part = min(lot.left, amount) if lot.id else amount
            lot.left, amount = lot.left - part, amount - part
            parts += [Kept(lot=lot, amount=part, back=0)] * (part > 0)
        return parts

    def balance(self, member: Kept, wallet: str, *pending: bool) -> Fraction:
        lots = [x for x in member.lots if x.wallet == wallet and x.pending in pending]
        return Fraction(sum(x.left for x in lots), scale(self.wallets[wallet]))

    def names(self, member: Kept, event: Plain) -> Callable[[str], Any]:
        """What names stand for: balances and the tier as they are now, facts with this event."""
        day, tier = event["day"], self.tiers.of(member, event["day"])
        scope = {**member.known, **event, "at": event["local"], "today": day, "tier": tier}
        for part, pending in {"": (True, False), "_active": (False,), "_pending": (True,)}.items():
            scope |= {w + part: self.balance(member, w, *pending) for w in self.wallets}
        rights = self.tiers.spec.get("benefits", {}).get(tier, {}).get("privileges", [])
        rights = [*rights, *(grant["id"] for grant in self.grants.open(member, day))]
        scope |= {f"has {right}": right in rights for right in self.program.get("privileges", {})}
        scope["friends"] = Fraction(member.friends)

        def named(name: str) -> Any:
            if name.startswith("referrer."):
                above = member.referrer and self.member(member.referrer.id, day)
                return above and self.names(above, event)(name.removeprefix("referrer."))
            spec = self.tiers.facts.get(name)
            if spec:
                return referral.fact_of(member, spec, day)
            return scope.get(name.split(".")[-1])

        return named

    def invite(self, member: Kept, event: Plain) -> None:
        """Somebody brings a member, by whom his join names, else by whom his row does."""
        named = event.get("referrer")
        if named is None and event["type"] == "join":
            named = member.known.get("referrer_id")
        known = named in self.people or named in self.circle.first
        above = self.member(named, event["day"]) if named and known else None
        if named is None or (event["type"] != "join" and member.referrer is above is not None):
            return
        code = self.circle.refusal(member, named, above, event)
        if code or above is None:
            self.refuse(member, event, None, code or "unknown_referrer")
        else:
            member.referrer, above.friends = above, above.friends + 1

    def write(self, member: Kept, event: Plain, held: list[Kept], gifts: list[Kept]) -> None:
        """Rounds once per wallet, cuts each entry by itself, opens the lots, writes."""
        owns = defaultdict[Any, list[Kept]](list)
        for gift in gifts:
            own = gift.own = owns[gift.who.id, gift.wallet]
            own.append(gift)
            gift.place, spec = len(own) - 1, self.wallets[gift.wallet]
            sums = [sum(x.exact for x in own[:end]) * scale(spec) for end in (-1, None)]
            before, after = (rounded(x, spec["round"]) for x in sums)
            gift.wanted = after - before
            self.limits.draw(gift, int(max(0, min(gift.wanted, self.limits.left(gift)))))
        for gift in (gift for gift in gifts if gift.wanted < 0):  # takes no more than was given
            gift.amount = max(gift.wanted, -sum(x.amount for x in gift.own))
        for gift in gifts:
            wait = dated(self.wallets[gift.wallet]["pending"], event["day"])
            total, first = sum(x.amount for x in gift.own), gift.own[0]
            if gift is first:  # one lot for all
                first.lot = self.lot(gift.who, gift.wallet, total, event, wait) if total else None
            values = gift.kind, gift.amount, gift.name, first.lot
            cut = [gift.wanted] * (gift.wanted != gift.amount)
            self.row(event, gift.who, gift.wallet, *values, *cut)
        for note in held:  # what was cut to nothing does not count
            name = note.name.partition("/")[0]
            given = self.grants.award(note.who, event, name, note.rule.get("give", {}))
            some = [x for x in gifts if x.name == note.name and (x.amount or not x.wanted)]
            count(note, int(given or bool(some) or "leads" in note.rule))
            note.own, note.place = [note], 0
        self.gifts[event["id"]] = gifts + held
        for who in {gift.who.id: gift.who for gift in gifts if gift.who is not member}.values():
            self.tiers.look(who, event)

    def reverse(self, event: Plain, order: Plain) -> None:
        """Takes back what an event gave, by the share of it that is reversed so far."""
        asked, whole, day = event.get("amount"), order.get("amount"), event["day"]
        part = asked / whole if asked is not None and whole else 1
        share = self.shares[order["id"]] = min(1, self.shares.get(order["id"], 0) + part)
        for redemption in [*self.redemptions.values()][::-1]:
            if redemption.event.get("order") == order["id"]:
                self.restore(redemption, event, share)
        for gift in self.gifts[order["id"]]:
            sums = [sum(x.amount for x in gift.own[:n]) for n in (gift.place, gift.place + 1, None)]
            mode = self.wallets[gift.wallet]["round"] if gift.wallet else "down"
            before, after, total = (rounded(share * amount, mode) for amount in sums)
            rest = total - sum(x.taken for x in gift.own)
            need = max(0, min(after - before - gift.taken, rest))
            gift.taken += need
            give_back(gift, need)
            if gift.wallet and need:
                self.take(self.member(gift.who.id, day), gift, need, event)
        if share == 1:
            self.grants.withdraw(order["id"], day)
        self.tiers.take_back(order, event, self.member)

    def take(self, member: Kept, gift: Kept, need: int, event: Plain) -> None:
        """From what expired of the order's lots, from their rest, then as `on refund` says."""
        wallet, spec, order = gift.wallet, self.wallets[gift.wallet], gift.event["id"]
        below = "below zero" if spec.get("below zero") == "refunds only" else "clamp"
        policy, lots = spec.get("on refund", below), self.open_lots(member, wallet)
        for lot in (x for x in member.lots if x.event == order and x.wallet == wallet):
            gone = min(need, lot.expired)
            lot.expired, need = lot.expired - gone, need - gone
        lots = [x for x in lots if x.pending or policy != "pending only"]
        others = [x for x in lots if x.event != order and not x.pending]
        debt = [member.debts[wallet]] * (policy == "below zero")
        parts = self.debit(need, [x for x in lots if x.event == order] + others + debt)
        missing = need - sum(part.amount for part in parts)
        parts = parts or [Kept(lot=member.debts[wallet], amount=0)] * bool(missing)
        for part in parts:
            rest = (-need, missing) if missing and part is parts[-1] else ()
            rest = gift.name, part.lot.id, *rest
            self.row(event, member, wallet, "reverse", -part.amount, *rest)

    def restore(self, note: Kept, event: Plain, share: Any) -> None:
        """Spent points come back, last taken first, into their own lots or a new one."""
        member = self.member(note.who.id, event["day"])
        for wallet in {part.lot.wallet: 0 for part in note.parts[::-1]}:
            parts = [part for part in note.parts[::-1] if part.lot.wallet == wallet]
            due = share * sum(part.amount for part in parts)
            due = rounded(due, self.wallets[wallet]["round"]) - sum(part.back for part in parts)
            fresh, new = 0, self.wallets[wallet].get("restore") == "new expiry"
            for part in parts:
                back = max(0, min(part.amount - part.back, due))
                part.back, due = part.back + back, due - back
                if new or not part.lot.id:
                    fresh += back
                elif back:
                    self.row(event, member, wallet, "restore", back, note.name, part.lot.id)
                    part.lot.left += back
                    self.expire(member, part.lot, event)
                    self.credit(member, part.lot, 0)
            if fresh:
                lot = self.lot(member, wallet, fresh, event)
                self.row(event, member, wallet, "restore", fresh, note.name, lot)
        if share == 1:
            give_back(note, note.amount - note.taken)
            note.taken = note.amount
            self.grants.withdraw(note.event["id"], event["day"])

    def spend(self, member: Kept, costs: Plain, event: Plain, kind: str, rule: Any) -> Any:
        """The parts that a member's own debit takes, written; None where it does not fit."""
        costs = {w: int(cost * scale(self.wallets[w])) for w, cost in costs.items()}
        lots = {w: [x for x in self.open_lots(member, w) if not x.pending] for w in costs}
        for wallet, cost in costs.items():
            free = self.wallets[wallet].get("below zero") == "yes"
            if not free and sum(x.left for x in lots[wallet]) < cost:
                return None
            lots[wallet].append(member.debts[wallet])
        parts = [part for w, cost in costs.items() for part in self.debit(cost, lots[w])]
        for part in parts:
            self.row(event, member, part.lot.wallet, kind, -part.amount, rule, part.lot.id)
        return parts

    def redeem(self, member: Kept, event: Plain, names: Any) -> None:
        """Takes the cost and gives the reward, or says why not."""
        name, order = event["reward"], self.known.get(str(event.get("order")), {})
        note = self.limits.note(event, name, self.rewards.get(name, {}), member)
        note.times = int(event.get("quantity") or 1)
        code = redemptions.refusal(note, order, names, limits=self.limits, grants=self.grants)
        if code is None:
            note.parts = self.spend(member, note.costs, event, "spend", name)
            code = "insufficient_balance" if note.parts is None else None
        if code:
            count(note, 0)
            self.refuse(member, event, name, code)
        else:
            self.redemptions[event["id"]] = note
            kinds = {kind: name for kind in AWARDS if kind in note.rule}
            self.grants.award(member, event, name, kinds, note.times)

    def adjust(self, member: Kept, event: Plain) -> None:
        """A correction by hand: opens a lot, or takes like a spend."""
        wallet, amount = event["wallet"], event["amount"]
        if amount > 0:
            whole = int(amount * scale(self.wallets[wallet]))
            lot = self.lot(member, wallet, whole, event)
            self.row(event, member, wallet, "adjust", whole, None, lot)
        elif self.spend(member, {wallet: -amount}, event, "adjust", None) is None:
            self.refuse(member, event, None, "insufficient_balance")

    def work(self, event: Plain) -> None:
        """One event, in the order of S16."""
        kind, cause, day = event["type"], event["cause"], event["day"]
        member, self.known[event["id"]] = self.member(event["member"], day), event
        member.joined = day if kind == "join" else member.joined
        told = {key: event.get(key) for key in self.program.get("members", {}) if kind == "profile"}
        member.known |= {key: value for key, value in told.items() if value is not None}
        self.circle.learn(member.id, told)
        if "referral" in self.program and kind in ("join", timeline.INVITATION):
            self.invite(member, event)
        if kind == timeline.INVITATION:
            return
        member.seen.append(event)
        if member.referrer:
            member.referrer.theirs.append(event)
        self.tiers.before(member, event)
        names = self.names(member, event)
        held, gifts = self.rules.decide(member, event, names)
        if kind == "redeem":
            self.redeem(member, event, names)
        elif kind in ("adjust", "use"):
            (self.adjust if kind == "adjust" else self.grants.use)(member, event)
        elif kind != "cancel_redeem" and cause:
            self.reverse(event, cause)
        elif cause and cause["id"] in self.redemptions:
            self.restore(self.redemptions[cause["id"]], event, 1)
        self.write(member, event, held, gifts)
        self.tiers.look(member, event)


def audit(program: Plain, events: list[Plain], people: Any = None, until: Any = None) -> Auditor:
    """What a program and events must leave: rows, members, grants, refusals."""
    auditor = Auditor(program, people)
    queue, auditor.last = timeline.queue(program, auditor.people, events, until)
    for event in sorted(queue, key=lambda e: e["stood"]):
        if not event["id"].startswith("!"):  # a join that no row says comes before the first row
            auditor.circle.first.setdefault(event["member"], event["stood"])
    for event in queue:
        auditor.work(event)
    for name in auditor.members:
        auditor.member(name, auditor.last)
    auditor.grants.end(auditor.last)
    auditor.rows.sort(key=lambda r: (r["at"], bool(r["event_id"]), r["event_id"] or r["member_id"]))
    return auditor
