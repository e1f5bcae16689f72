"""A second, slow reading of the rules that says which ledger a program and its events must leave."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time
from fractions import Fraction
from types import SimpleNamespace as Kept  # a lot, a member, a gift, a redemption
from typing import Any
from zoneinfo import ZoneInfo

from tests.generator.language import ONE_DAY, Names, Plain, dated, evaluate, exact, fact, later
from tests.generator.language import counted, listed, read_limit, rounded

AWARDS = ("coupon", "item", "voucher", "badge", "privilege", "tier")


class Auditor:
    """One run of a program over its events; what it leaves are rows, members, grants, refusals."""

    def __init__(self, program: Plain, members: dict[str, Plain] | None) -> None:
        self.program, self.given, self.zone = program, members, ZoneInfo(program["program"]["timezone"])
        self.wallets, self.types, self.facts, self.tiers, self.rewards = (
            program.get(section, {}) for section in ("wallets", "events", "facts", "tiers", "rewards"))  # fmt: skip
        self.rules = [pair for section in program for pair in self.section(section)]
        self.members: dict[str, Kept] = {}
        self.rows, self.grants, self.refused = list[Plain](), list[Plain](), list[Plain]()
        self.events, self.aside = dict[str, Plain](), set[str]()
        self.gifts = defaultdict[str, list[Kept]](list)  # what each event gave
        self.shares = defaultdict[str, Fraction](Fraction)  # how much of each event is reversed
        self.redemptions, self.budgets = dict[str, Kept](), defaultdict[str, list[Kept]](list)
        self.rises: dict[Any, Any] = {}  # the rungs from and to which an event made a member rise

    def section(self, section: str) -> list[tuple[str, Plain]]:
        """The rules of a section, in its order: what is earned, and benefits that multiply."""
        if section == "earn":
            return list(self.program["earn"].items())
        found = self.tiers.get("benefits", {}).items() if section == "tiers" else ()
        factors = [(t, {w: f for w, f in given.items() if w in self.wallets}) for t, given in found]
        return [(f"tiers.{tier}", {"tier": tier, "multiply": f}) for tier, f in factors if f]

    def member(self, name: str, day: date) -> Kept:
        """A member whose clock has come to `day`: each beginning of a day up to it is worked."""
        if name not in self.members:
            given = (self.given or {}).get(name, {})
            at = given.get("joined_at")
            self.members[name] = Kept(
                id=name, day=day, attributes=dict(given), joined=at and at.astimezone(self.zone).date(),
                seen=[], lots=[], debt=defaultdict(int), used=defaultdict(list), gone=defaultdict(int),
                rung=0, kept=day, grace=None, floors=[])  # fmt: skip
        member = self.members[name]
        while member.day < day:
            member.day += ONE_DAY
            self.begin(member, member.day)
        return member

    def begin(self, member: Kept, day: date) -> None:
        """Pending points become active, lots expire, tiers are looked at."""
        at = datetime.combine(day, time(), self.zone).astimezone(UTC)
        lots = [x for wallet in self.wallets for x in member.lots if x.wallet == wallet and x.left]
        for lot in (x for x in lots if x.pending and x.active <= day):
            self.row(member, at, lot.wallet, "post", 0, None, None, lot)
            lot.pending = False
            self.fill(member, lot)
        for lot in lots:
            self.expire(member, lot, at, day, None)
        member.floors = [floor for floor in member.floors if floor[1] >= day]
        self.look(member, day, begins=True)

    def expire(self, member: Kept, lot: Kept, at: datetime, day: date, event: Any) -> None:
        if lot.left and not lot.pending and self.last_day(member, lot) < day:
            self.row(member, at, lot.wallet, "expire", -lot.left, None, event, lot)
            lot.expired, lot.left = lot.expired + lot.left, 0

    def last_day(self, member: Kept, lot: Kept) -> date:
        """The last day on which a lot can be used; `without T` counts from the last T."""
        if lot.last:
            return lot.last  # type: ignore[no-any-return]
        kind = lot.term.split(" without ")[1]
        days = (event["day"] for event in reversed(member.seen) if event["type"] == kind)
        return later(max(lot.active, next(days, lot.active)), lot.term)

    def row(self, member: Kept, at: datetime, wallet: str, kind: str, amount: int, rule: Any,
            event: Any, lot: Any, wanted: Any = None, missing: Any = None) -> None:  # fmt: skip
        names = ("at", "member_id", "wallet", "kind", "amount", "rule", "event_id", "lot", "wanted", "missing")
        values = (at, member.id, wallet, kind, amount, rule, event, lot and lot.id, wanted, missing)
        self.rows.append(dict(zip(names, values, strict=True)))

    def fill(self, member: Kept, lot: Kept) -> None:
        """What becomes active fills a deficit first."""
        filled = min(member.debt[lot.wallet], lot.left)
        member.debt[lot.wallet] -= filled
        lot.left -= filled

    def lot(self, member: Kept, wallet: str, amount: int, event: Plain, wait: str = "0 days") -> Any:
        """The lot that an event opens; none for nothing."""
        if not amount:
            return None
        key, day, spec = f"{event['id']}/{wallet}", event["day"], self.wallets[wallet]
        lot = next((lot for lot in member.lots if lot.id == key), None)
        if lot is None:
            active, term = later(day, wait), dated(spec.get("expires", "never"), day)
            ends = date.max if term == "never" else None if " without " in term else later(active, term)
            lot = Kept(id=key, wallet=wallet, event=event["id"], left=0, expired=0, active=active, term=term,
                       pending=active > day, last=event.get("expires") or ends, opened=(event["at"], key))  # fmt: skip
            member.lots.append(lot)
        lot.left += amount
        if not lot.pending:
            self.fill(member, lot)
        return lot

    def open_lots(self, member: Kept, wallet: str) -> list[Kept]:
        """Lots with something left, in the order in which they are spent."""
        oldest = self.wallets[wallet].get("spend") == "oldest first"
        return sorted((lot for lot in member.lots if lot.wallet == wallet and lot.left),
                      key=lambda x: (date.min if oldest else self.last_day(member, x), x.opened))  # fmt: skip

    def debit(self, wallet: str, amount: int, lots: list[Kept]) -> tuple[list[Kept], int]:
        """Takes up to `amount` from lots in their order: the parts taken, and what is missing."""
        parts = []
        for lot in lots:
            taken = min(lot.left, amount)
            lot.left, amount = lot.left - taken, amount - taken
            parts += [Kept(lot=lot, amount=taken, wallet=wallet, back=0)] * (taken > 0)
        return parts, amount

    def spend(self, member: Kept, costs: dict[str, int]) -> list[Kept] | None:
        """What a member's own debit takes; None where it does not fit."""
        lots = {w: [x for x in self.open_lots(member, w) if not x.pending] for w in costs}
        bound = [w for w in costs if self.wallets[w].get("below zero") != "yes"]
        if any(sum(x.left for x in lots[w]) < costs[w] for w in bound):
            return None
        taken = []
        for wallet, cost in costs.items():
            parts, rest = self.debit(wallet, cost, lots[wallet])
            member.debt[wallet] += rest
            taken += [*parts, *[Kept(lot=None, amount=rest, wallet=wallet, back=0)] * (rest > 0)]
        return taken

    def balance(self, member: Kept, wallet: str, part: str = "") -> Fraction:
        """Active and pending units, or one of the two."""
        pending = {"": (True, False), "_pending": (True,), "_active": (False,)}[part]
        left = sum(x.left for x in member.lots if x.wallet == wallet and x.pending in pending)
        return Fraction(left - member.debt[wallet] * (False in pending), self.scale(wallet))

    def scale(self, wallet: str | None) -> int:
        """How many of the smallest unit one unit of a wallet is; a count is in ones."""
        spec = self.wallets.get(wallet, {})
        return int(10 ** (2 if spec.get("unit") == "money" else spec.get("decimals", 0)))

    def whole(self, wallet: str, amount: Fraction) -> int:
        return rounded(amount, self.wallets[wallet].get("round", "down"))

    def tier(self, member: Kept) -> str | None:
        rung = max([member.rung, *(floor[0] for floor in member.floors)])
        return list(self.tiers["ladder"])[rung] if self.tiers else None

    def names(self, member: Kept, event: Plain) -> Names:
        """What names stand for: balances and the tier as they are now, facts with this event."""
        tier, day, seen, facts = self.tier(member), event["day"], list(member.seen), self.facts
        scope = {**member.attributes, **event, "at": event["local"], "today": day, "tier": tier}
        for part in ("", "_active", "_pending"):
            scope |= {wallet + part: self.balance(member, wallet, part) for wallet in self.wallets}
        rights = self.tiers.get("benefits", {}).get(tier, {}).get("privileges", [])
        open_ones = [g["id"] for g in self.open_grants(member, day)]
        scope |= {f"has {r}": r in [*rights, *open_ones] for r in self.program.get("privileges", {})}
        return lambda n: fact(seen, facts[n], day) if n in facts else scope.get(n.split(".")[-1])

    def open_grants(self, member: Kept, day: date) -> list[Plain]:
        """A member's open grants, the one that ends first first."""
        own = [g for g in self.grants if g["member_id"] == member.id and g["state"] == "open"]
        return sorted((g for g in own if g["until"] >= day), key=lambda g: g["until"])

    def rise(self, member: Kept, day: date, event: Any) -> int:
        """Up to the highest rung reached: that rung."""
        reached = self.reached(member, day)
        if reached > member.rung:
            start = self.rises.get((event, member.id), (member.rung, 0))[0]
            self.rises[event, member.id] = start, reached
            member.rung, member.kept, member.grace = reached, day, None
        return reached

    def reached(self, member: Kept, day: date) -> int:
        measure, ladder = self.tiers["measure"], self.tiers["ladder"].values()
        value = (fact(member.seen, self.facts[measure], day) or 0) if measure in self.facts else (
            self.balance(member, measure))  # fmt: skip
        return max([0, *(rung for rung, least in enumerate(ladder) if value >= least)])

    def look(self, member: Kept, day: date, event: Any = None, *, begins: bool = False) -> None:
        """A rise, else perhaps a fall where a review, or the look after a grace, is due."""
        if not self.tiers:
            return
        reached, spec = self.rise(member, day, event), self.tiers
        low, review, downgrade = reached < member.rung, spec.get("review", "at once"), spec.get("downgrade")
        if member.grace and not (begins and day > member.grace):
            member.grace = None if review == "at once" and not low else member.grace
        elif downgrade in ("one step", "reassess") and self.due(member, review, day, begins):
            if low and "grace" in spec and not member.grace:
                member.grace = later(day, spec["grace"])
            else:
                fallen = reached if downgrade == "reassess" else member.rung - 1
                member.rung, member.kept, member.grace = fallen if low else member.rung, day, None

    def due(self, member: Kept, review: str, day: date, begins: bool) -> bool:
        """Whether a review, or the look when a grace is over, falls now."""
        if review == "at once" or not begins or member.grace:
            return review == "at once" or begins
        if review == "yearly":
            return (day.month, day.day) == (1, 1)
        years = day.year - member.joined.year if member.joined else 0
        if review == "on anniversary":
            return years > 0 and day == later(member.joined, f"{years} years")
        return day > later(member.kept, review.removeprefix("every "))

    def in_window(self, member: Kept, rule: Plain, day: date) -> bool:
        joined = member.joined and later(member.joined, rule.get("within", "0 days")) >= day
        since, until = rule.get("from", day), rule.get("until", day)
        return bool(since <= day <= until and ("within" not in rule or joined))

    def holds(self, member: Kept, event: Plain, name: str, rule: Plain, names: Names) -> bool:
        """Window, condition, dated values and count of a rule; `group` is looked at later."""
        day, factors = event["day"], rule.get("multiply", {})
        amounts = [*self.amounts(rule.get("give", {})).values(), *factors.values()]
        return (
            event["type"] in listed(rule.get("when", event["type"]))
            and rule.get("tier", self.tier(member)) == self.tier(member)
            and ("to" not in rule or event.get(rule["to"]) is not None)
            and self.in_window(member, rule, day)
            and evaluate(rule.get("if", True), names) is True
            and None not in [dated(amount, day) for amount in amounts]
            and None not in [evaluate(dated(factor, day), names) for factor in factors.values()]
            and self.left(member, event, name, rule, None) >= 1
        )

    def amounts(self, give: Plain) -> Plain:
        return {wallet: amount for wallet, amount in give.items() if wallet in self.wallets}

    def left(self, member: Kept, event: Plain, name: str, rule: Plain, wallet: str | None) -> Any:
        """How much the limits of a rule leave of a wallet, or of its count."""
        left: Any = math.inf
        limits = listed(dated(rule.get("limit"), event["day"])) + ["1"] * bool(rule.get("once"))
        for number, unit, same in (read_limit(str(limit)) for limit in limits):
            if unit == wallet:
                used = (u.amounts.get(wallet, 0) for u in member.used[name] if same(event["local"], u.local))
                left = min(left, number * self.scale(wallet) - sum(used))
        return max(0, left)

    def draw(self, event: Plain, name: str, rule: Plain, wallet: str | None, wanted: int) -> Kept:
        """What the rule's budget grants of an amount or a count, noted in it."""
        number, unit, same = read_limit(str(dated(rule.get("budget", "0"), event["day"])))
        note = Kept(name=name, local=event["local"], amount=wanted, ended=False, same=same)
        if "budget" in rule and unit == wallet:
            notes = [x for x in self.budgets[name] if same(note.local, x.local)]
            left = number * self.scale(wallet) - sum(x.amount for x in notes)
            note.ended = wanted > left or any(x.ended for x in notes)
            if note.ended:
                cut = wallet and wanted > left and rule.get("over budget") != "refuse"
                note.amount = int(left) if cut and not any(x.ended for x in notes) else 0
            self.budgets[name].append(note)
        return note

    def give_back(self, note: Kept, amount: int) -> None:
        """Gives an amount back to a budget that has not ended in its period."""
        notes = [x for x in self.budgets[note.name] if note.same(note.local, x.local)]
        note.amount -= 0 if any(x.ended for x in notes) else amount

    def leaders(self, held: list[Any], size: Callable[[Plain], Any]) -> list[tuple[str, Plain]]:
        """Of each group the one with the highest priority, else the largest; and all in none."""
        best: dict[str, Any] = {}
        for pair in held:
            priority = pair[1].get("priority")
            rank = priority is not None, size(pair[1]) if priority is None else priority
            if "group" in pair[1] and (pair[1]["group"] not in best or rank > best[pair[1]["group"]][0]):
                best[pair[1]["group"]] = rank, pair
        return [p for p in held if "group" not in p[1] or best[p[1]["group"]][1] is p]

    def earn(self, member: Kept, event: Plain) -> None:
        """Conditions, then gives, then multipliers on what was given, then what it comes to."""
        names, day, stacking = self.names(member, event), event["day"], self.program["program"].get("stacking")
        held = [(n, rule) for n, rule in self.rules if self.holds(member, event, n, rule, names)]
        plan = []

        def value(amount: Any) -> Fraction:
            return evaluate(dated(amount, day), names) or Fraction(0)

        def reach(rule: Plain, wallet: str) -> list[Kept]:
            gifts = [g for g in plan if (g.wallet, g.who, g.kind) == (wallet, member, "earn")]
            return [g for g in gifts if g.name in rule.get("of", [g.name])]

        def alone(rule: Plain) -> Fraction:
            wallet, factor = next(iter(rule["multiply"].items()))
            return (value(factor) - 1) * sum(g.exact for g in reach(rule, wallet))

        def size(rule: Plain) -> Fraction:
            return value(next(iter(self.amounts(rule["give"]).values()), 0))

        for name, rule in self.leaders([pair for pair in held if "give" in pair[1]], size):
            who = self.member(event[rule["to"]], day) if "to" in rule else member
            use = Kept(local=event["local"], amounts={None: 1}, sure=self.award(who, event, name, rule["give"], 1))
            member.used[name].append(use)
            for wallet, amount in self.amounts(rule["give"]).items():
                plan.append(Kept(kind="earn", name=name, rule=rule, who=who, use=use, wallet=wallet, exact=value(amount), product=value(amount)))
        steps = []
        for name, rule in self.leaders([pair for pair in held if "multiply" in pair[1]], alone):
            use = Kept(local=event["local"], amounts={None: 1}, sure=False)
            member.used[name].append(use)
            for wallet, factor in rule["multiply"].items():
                steps += [Kept(kind="bonus", name=name, rule=rule, who=member, use=use, wallet=wallet, factor=value(factor), reach=reach(rule, wallet))] * bool(reach(rule, wallet))
        if stacking == "best":
            steps = [s for s in steps if s is max((x for x in steps if x.wallet == s.wallet), key=lambda x: x.factor)]
        for step in steps:
            step.exact = (step.factor - 1) * sum(g.exact if stacking in ("add", "best") else g.product for g in step.reach)
            for gift in step.reach:
                gift.product *= step.factor
        self.write(member, event, plan + steps)

    def write(self, member: Kept, event: Plain, gifts: list[Kept]) -> None:
        """Rounds once per wallet, cuts each row by itself, opens the lots."""
        running, day = defaultdict[Any, Fraction](Fraction), event["day"]
        for gift in gifts:
            key = gift.who.id, gift.wallet
            before, running[key] = running[key], running[key] + gift.exact * self.scale(gift.wallet)
            gift.wanted = self.whole(gift.wallet, running[key]) - self.whole(gift.wallet, before)
            fits = int(min(gift.wanted, self.left(member, event, gift.name, gift.rule, gift.wallet)))
            gift.note, gift.counted = self.draw(event, gift.name, gift.rule, gift.wallet, fits), 0
            gift.amount = gift.use.amounts[gift.wallet] = gift.note.amount
        lots: Plain = {}
        for gift in gifts:
            key = gift.who.id, gift.wallet
            if key not in lots:
                total = sum(g.amount for g in gifts if (g.who.id, g.wallet) == key)
                wait = dated(self.wallets[gift.wallet].get("pending", "0 days"), day)
                lots[key] = self.lot(gift.who, gift.wallet, total, event, wait)
            cut = gift.wanted if gift.amount != gift.wanted else None
            self.row(gift.who, event["at"], gift.wallet, gift.kind, gift.amount, gift.name,
                     event["id"], lots[key], cut)  # fmt: skip
        self.gifts[event["id"]] = gifts
        for name, uses in member.used.items():
            mine = [gift for gift in gifts if gift.name == name]
            cut_off = all(gift.wanted and not gift.amount for gift in mine)
            if uses and uses[-1].local is event["local"] and not uses[-1].sure and cut_off:
                uses.pop()
        for who in {gift.who.id: gift.who for gift in gifts if gift.who is not member}.values():
            self.look(who, day, event["id"])

    def award(self, member: Kept, event: Plain, name: str, give: Plain, times: int) -> bool:
        """Coupons, badges, rights and tiers that a rule gives; whether there were any."""
        given = [(kind, x) for kind in AWARDS for x in counted(give.get(kind)) * times]
        for kind, text in given:
            key, _, lasts = text.partition(" for ")
            lasts = lasts or dated(self.rewards.get(key, {}).get("valid"), event["day"])
            until = later(event["day"], lasts) if lasts else date.max
            if kind == "tier":
                member.floors.append((list(self.tiers["ladder"]).index(key), until, event["id"]))
                continue
            self.grants.append({"member_id": member.id, "kind": kind, "id": key, "rule": name,
                                "event_id": event["id"], "until": until, "state": "open"})  # fmt: skip
        return bool(given)

    def reverse(self, event: Plain, cause: Plain) -> None:
        """Takes back what an event gave, by the share that is reversed so far."""
        order, asked, whole = cause["id"], event.get("amount"), cause.get("amount")
        part = asked / whole if asked is not None and whole else Fraction(1)
        share = self.shares[order] = min(Fraction(1), self.shares[order] + part)
        for redemption in self.redemptions.values():
            if redemption.order == order:
                self.restore(redemption, event, share)
        for who, wallet in {(g.who.id, g.wallet): 0 for g in self.gifts[order]}:
            mine = [g for g in self.gifts[order] if (g.who.id, g.wallet) == (who, wallet)]
            self.claim(self.member(who, event["day"]), wallet, mine, share, order)
        for gift in self.gifts[order]:
            self.take(gift, event, order, share)
        self.withdraw(order, share)
        for (made, name), (low, high) in self.rises.items():
            who = self.members[name]
            back = max(low, self.reached(who, event["day"])) if made == order else high
            if back < who.rung <= high:
                who.rung, who.kept, who.grace = back, event["day"], None

    def claim(self, member: Kept, wallet: str, gifts: list[Kept], share: Fraction, order: str) -> None:
        """How much of each gift is still to be taken; what expired counts as taken first."""
        gone = sum(x.expired for x in member.lots if (x.event, x.wallet) == (order, wallet))
        gone -= member.gone[order, wallet]
        due = self.whole(wallet, share * sum(g.amount for g in gifts)) - sum(g.counted for g in gifts)
        running = 0
        for gift in gifts:
            before, running = self.whole(wallet, share * running), running + gift.amount
            target = self.whole(wallet, share * running) - before
            gift.claimed = min(max(target - gift.counted, 0), due)
            gift.need = gift.claimed - min(gift.claimed, gone)
            gift.counted, due, gone = gift.counted + gift.claimed, due - gift.claimed, gone - gift.claimed + gift.need
            member.gone[order, wallet] += gift.claimed - gift.need

    def take(self, gift: Kept, event: Plain, order: str, share: Fraction) -> None:
        """Takes from the order's own lots, then from others, then as `on refund` says."""
        member, wallet, spec = gift.who, gift.wallet, self.wallets[gift.wallet]
        below = "below zero" if spec.get("below zero") == "refunds only" else "clamp"
        policy, lots = spec.get("on refund", below), self.open_lots(member, wallet)
        own = [x for x in lots if x.event == order and (x.pending or policy != "pending only")]
        others = [x for x in lots if x.event != order and not x.pending and policy != "pending only"]
        parts, rest = self.debit(wallet, gift.need, own + others)
        if rest and (policy == "below zero" or not parts):
            owed = rest if policy == "below zero" else 0
            parts.append(Kept(lot=None, amount=owed))
            member.debt[wallet], rest = member.debt[wallet] + owed, rest - owed
        for part in parts:
            short = (-gift.need, rest) if rest and part is parts[-1] else (None, None)
            self.row(member, event["at"], wallet, "reverse", -part.amount, gift.name, event["id"], part.lot, *short)
        self.give_back(gift.note, gift.need - rest)
        if gift.rule.get("on refund") == "return limit":
            gift.use.amounts[wallet] -= gift.claimed
            gift.use.amounts[None] = 0 if share == 1 else 1

    def withdraw(self, event: str, share: Fraction) -> None:
        """Open grants of a wholly reversed event go, and the tiers it gave."""
        for grant in self.grants if share == 1 else []:
            if grant["event_id"] == event and grant["state"] == "open":
                grant["state"] = "cancelled"
        for member in self.members.values() if share == 1 else []:
            member.floors = [floor for floor in member.floors if floor[2] != event]

    def restore(self, redemption: Kept, event: Plain, share: Fraction) -> None:
        """Spent points come back, last taken first, into their own lots or a new one."""
        member, at, day = self.member(redemption.member, event["day"]), event["at"], event["day"]
        for wallet in {part.wallet: 0 for part in redemption.parts}:
            parts = [part for part in redemption.parts if part.wallet == wallet][::-1]
            due = self.whole(wallet, share * sum(x.amount for x in parts)) - sum(x.back for x in parts)
            fresh, own = 0, []
            for part in parts:
                back = max(0, min(part.amount - part.back, due))
                part.back, due = part.back + back, due - back
                if part.lot is None or self.wallets[wallet].get("restore") == "new expiry":
                    fresh += back
                elif back:
                    own.append((part.lot, back))
            new = [(self.lot(member, wallet, fresh, event), fresh)] if fresh else []
            for lot, back in new + own:
                self.row(member, at, wallet, "restore", back, redemption.name, event["id"], lot)
                if (lot, back) not in new:
                    lot.left += back
                    self.expire(member, lot, at, day, event["id"])
                    self.fill(member, lot)
        if share == 1 and not redemption.returned:
            redemption.returned = day
            self.give_back(redemption.note, redemption.use.amounts[None])
            self.withdraw(redemption.id, share)
            if redemption.reward.get("on refund") == "return limit":
                redemption.use.amounts[None] = 0

    def redeem(self, member: Kept, event: Plain) -> None:
        """Takes the cost and gives the reward, or says why not."""
        name, times = event.get("reward"), int(event.get("quantity") or 1)
        reward, made = self.rewards.get(name), Kept(id=event["id"], name=name, member=member.id)
        checks = self.checks(member, event, reward, times, made)
        code = next((code for code, passed in checks if not passed), None)
        if code:
            return self.refuse(member, event, name, code)
        for part in made.parts:
            self.row(member, event["at"], part.wallet, "spend", -part.amount, name, event["id"], part.lot)
        made.use = Kept(local=event["local"], amounts={None: times}, sure=True)
        made.reward, made.order, made.returned = reward, event.get("order"), None
        made.count = times
        member.used[name].append(made.use)
        self.redemptions[event["id"]] = made
        kind = next((kind for kind in AWARDS if kind in reward), "")
        self.award(member, event, name, {kind: [name]}, times)
        return None

    def refuse(self, member: Kept, event: Plain, rule: Any, code: str) -> None:
        self.refused.append({"member_id": member.id, "event_id": event["id"], "rule": rule, "code": code})

    def checks(self, member: Kept, event: Plain, reward: Any, times: int, made: Kept) -> Iterator[tuple[str, Any]]:
        """What a redemption must pass, in this order; the last takes the cost."""
        names, day = self.names(member, event), event["day"]
        yield "unknown_reward", reward is not None
        yield "not_in_window", self.in_window(member, reward, day)
        yield "not_eligible", evaluate(reward.get("if", True), names) is True and self.payable(reward, event)
        yield "limit_reached", self.left(member, event, made.name, reward, None) >= times
        others = [x for x in self.redemptions.values() if x.name == made.name]
        out = sum(x.count for x in others if not x.returned or x.returned >= day)
        yield "out_of_stock", dated(reward.get("stock", math.inf), day) - out >= times
        made.note = self.draw(event, made.name, reward, None, times)
        yield "budget_exhausted", not made.note.ended
        costs = {w: evaluate(dated(cost, day), names) * times for w, cost in reward.get("cost", {}).items()}
        costs |= {w: event["points"] for w in self.amounts(reward.get("rate", {}))}
        made.parts = self.spend(member, {w: int(cost * self.scale(w)) for w, cost in costs.items()})
        made.note.amount *= made.parts is not None
        yield "insufficient_balance", made.parts is not None

    def payable(self, reward: Plain, event: Plain) -> bool:
        """Whether so many points may pay: enough of them, and not too much of the order."""
        if "rate" not in reward:
            return True
        points, day = event.get("points") or 0, event["day"]
        units = next(dated(x, day) for x in self.amounts(reward["rate"]).values())
        order = self.events.get(event.get("order"), {}).get("amount") or 0
        most = Fraction(reward.get("at most", "0%").split("%")[0]) / 100 * order
        money = Fraction(points) * exact(dated(reward["rate"]["money"], day)) / units
        return points >= int(reward.get("at least", "0 points").split()[0]) and ("at most" not in reward or money <= most)

    def adjust(self, member: Kept, event: Plain) -> None:
        """A correction by hand: opens a lot, or takes like a spend."""
        wallet, at, key = event["wallet"], event["at"], event["id"]
        amount = int(event["amount"] * self.scale(wallet))
        if amount > 0:
            lot = self.lot(member, wallet, amount, event)
            return self.row(member, at, wallet, "adjust", amount, None, key, lot)
        parts = self.spend(member, {wallet: -amount})
        if parts is None:
            self.refuse(member, event, None, "insufficient_balance")
        for part in parts or []:
            self.row(member, at, wallet, "adjust", -part.amount, None, key, part.lot)
        return None

    def use(self, member: Kept, event: Plain) -> None:
        grants = [g for g in self.open_grants(member, event["day"]) if g["id"] == event["reward"]]
        if grants:
            grants[0]["state"] = "used"
        else:
            known = event["reward"] in self.rewards
            self.refuse(member, event, event["reward"], "not_eligible" if known else "unknown_reward")

    def work(self, event: Plain, cause: Any) -> None:
        """One event, in the order of S16."""
        member, day, kind = self.member(event["member"], event["day"]), event["day"], event["type"]
        if kind == "join":
            member.joined = day
        if kind == "profile":
            known = self.program.get("members", {})
            member.attributes |= {k: v for k, v in event.items() if k in known and v is not None}
        member.seen.append(event)
        if self.tiers.get("upgrade") == "before":
            self.rise(member, day, event["id"])
        if kind in ("redeem", "adjust", "use"):
            {"redeem": self.redeem, "adjust": self.adjust, "use": self.use}[kind](member, event)
        elif kind == "cancel_redeem" and cause["id"] in self.redemptions:
            self.restore(self.redemptions[cause["id"]], event, Fraction(1))
        elif kind != "cancel_redeem" and cause:
            self.reverse(event, cause)
        self.earn(member, event)
        self.look(member, day, event["id"])

    def run(self, events: list[Plain], until: date | None) -> None:
        """Works all events in order, then every member's clock up to `until`."""
        known: dict[str, Plain] = {}
        for event in sorted(events, key=lambda e: e["at"]):
            if self.given is None or event["member"] in self.given:
                known.setdefault(event["id"], self.ready(event))
        last = until or max(event["day"] for event in known.values())
        self.events = known = {key: event for key, event in known.items() if event["day"] <= last}
        queue = []
        for event in known.values():
            kind = "redeem" if event["type"] == "cancel_redeem" else (
                self.types.get(event["type"], {}).get("reverses"))  # fmt: skip
            cause, place = known.get(event.get(kind)), (event["at"], event["id"])
            if kind and (not cause or cause["type"] != kind):
                self.aside.add(event["id"])
            elif cause and (cause["at"], cause["id"]) > place:
                moved = event | {key: cause[key] for key in ("at", "local", "day")}
                queue.append(((cause["at"], cause["id"]), 1, place, moved, cause))
            else:
                queue.append((place, 0, place, event, cause))
        for _, _, _, event, cause in sorted(self.joined(queue, last), key=lambda x: x[:3]):
            self.work(event, cause)
        for name in self.members:
            self.member(name, last)
        self.rows.sort(key=lambda r: (r["at"], r["event_id"] is not None, r["event_id"] or r["member_id"]))

    def ready(self, event: Plain) -> Plain:
        """An event with every field of its type, exact numbers, its local instant and day."""
        local = event["at"].astimezone(self.zone)
        numbers = {key: exact(value) for key, value in event.items()}
        return dict.fromkeys(self.types.get(event["type"], {})) | numbers | {"local": local, "day": local.date()}

    def joined(self, queue: list[Any], last: date) -> list[Any]:
        """The queue with everybody's one join: at `joined_at`, else before the first event."""
        firsts: dict[str, Any] = {}
        for entry in sorted(queue, key=lambda x: x[:3]):
            firsts.setdefault(entry[3]["member"], entry)
        known = {n: m["joined_at"] for n, m in (self.given or {}).items() if m.get("joined_at")}
        kept = [entry for entry in queue if entry[3]["type"] != "join"]
        for name in known | firsts:
            first = firsts.get(name)
            if name not in known and first[3]["type"] == "join":
                kept.append(first)
                continue
            at = known.get(name) or first[3]["at"]
            event = self.ready({"id": f"!join:{name}", "member": name, "type": "join", "at": at})
            place = (at, event["id"]) if name in known else first[0]
            kept += [(place, -1, place, event, None)] * (event["day"] <= last)
        return kept


def audit(program: Plain, events: list[Plain], members: Any = None, until: Any = None) -> Auditor:
    """What a program and events must leave: rows, members, grants, refusals."""
    auditor = Auditor(program, members)
    auditor.run(events, until)
    return auditor
