"""A second, slow reading of the rules: which ledger a program and its events must leave."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction
from types import SimpleNamespace as Kept  # a gift, a redemption, a use, a note
from typing import Any

from tests.generator.book import Book
from tests.generator.judge import Judge
from tests.generator.language import (
    Plain,
    dated,
    evaluate,
    exact,
)
from tests.generator.shelf import AWARDS, Shelf
from tests.generator.timeline import timeline


class Auditor:
    """One run of a program over its events; it leaves rows, members, grants, refusals."""

    def __init__(self, program: Plain, given: dict[str, Plain] | None) -> None:
        self.program, self.rewards = program, program["rewards"]
        self.book = Book(program, given or {})
        self.stacking = program["program"].get("stacking", "multiply")
        self.shelf = Shelf(self.book, self.rewards)
        self.judge = Judge(program, self.book, self.shelf)
        self.redemptions, self.orders = dict[str, Kept](), dict[str, Plain]()
        self.gifts = defaultdict[str, list[Kept]](list)  # what each event gave
        self.shares = defaultdict[str, Fraction](Fraction)  # how much of each event is reversed

    def spend(self, member: Kept, costs: dict[str, int], event: Plain, kind: str, rule: Any) -> Any:
        """The parts that a member's own debit takes, written; None where it does not fit."""
        lots = {w: [x for x in self.book.open_lots(member, w) if not x.pending] for w in costs}
        bound = [w for w in costs if self.book.wallets[w].get("below zero") != "yes"]
        if any(sum(x.left for x in lots[w]) < costs[w] for w in bound):
            return None
        taken = []
        for wallet, cost in costs.items():
            parts, rest = self.book.debit(wallet, cost, lots[wallet])
            member.debt[wallet] += rest
            taken += [
                *parts,
                *[Kept(lot=None, id=None, amount=rest, wallet=wallet, back=0)] * (rest > 0),
            ]
        for part in taken:
            self.book.row(
                event["at"], member.id, part.wallet, kind, -part.amount, rule, event["id"], part.id
            )
        return taken

    def earn(self, member: Kept, event: Plain) -> None:
        """Conditions, then gives, then multipliers on what was given, then what it comes to."""
        names, day = self.judge.names(member, event), event["day"]
        gifts, steps = list[Kept](), list[Kept]()
        judge, every = self.judge, self.judge.rules
        held = [(n, rule) for n, rule in every if judge.holds(member, event, n, rule, names)]

        def value(amount: Any) -> Any:
            return evaluate(dated(amount, day), names) or Fraction(0)

        def reach(rule: Plain, wallet: str) -> list[Kept]:
            own = [gift for gift in gifts if gift.wallet == wallet and gift.who is member]
            return [gift for gift in own if gift.name in rule.get("of", [gift.name])]

        def alone(rule: Plain) -> Any:
            wallet, factor = next(iter(rule["multiply"].items()))
            return (value(factor) - 1) * sum(gift.base for gift in reach(rule, wallet))

        def use(name: str, sure: bool) -> Kept:
            new = Kept(event=event["id"], local=event["local"], amounts={None: 1}, sure=sure)
            member.used[name].append(new)
            return new

        first = lambda rule: value(next(iter(self.judge.amounts(rule["give"]).values()), 0))  # noqa: E731
        for name, rule in self.judge.leaders(held, "give", first):
            who = self.book.member(event[rule["to"]], day) if "to" in rule else member
            used = use(name, self.shelf.award(who, event, name, rule["give"], 1))
            for wallet, amount in self.judge.amounts(rule["give"]).items():
                base = evaluate(dated(amount, day), names)  # null gives nothing
                gift = Kept(kind="earn", name=name, rule=rule, who=who, use=used, wallet=wallet)
                gift.exact = gift.base = gift.product = base
                gifts += [gift] * (base is not None)
        for name, rule in self.judge.leaders(held, "multiply", alone):
            used = use(name, False)
            steps += [
                Kept(
                    kind="bonus",
                    name=name,
                    rule=rule,
                    who=member,
                    use=used,
                    wallet=wallet,
                    factor=value(factor),
                    reach=reach(rule, wallet),
                )
                for wallet, factor in rule["multiply"].items()
                if reach(rule, wallet)
            ]
        if self.stacking == "best":
            ranked = sorted(steps, key=lambda s: s.factor, reverse=True)
            best = {s.wallet: s for s in ranked[::-1]}
            steps = [step for step in steps if step is best[step.wallet]]
        for step in steps:
            bases = [g.product if self.stacking == "multiply" else g.base for g in step.reach]
            step.exact = (step.factor - 1) * sum(bases)
            for gift in step.reach:
                gift.product *= step.factor
        self.write(member, event, gifts + steps)

    def write(self, member: Kept, event: Plain, gifts: list[Kept]) -> None:
        """Rounds once per wallet, cuts each row by itself, opens the lots."""
        sums, totals, day = (
            defaultdict[Any, Fraction](Fraction),
            defaultdict[Any, int](int),
            event["day"],
        )
        for g in gifts:
            key = g.who.id, g.wallet
            before, sums[key] = sums[key], sums[key] + g.exact * self.book.scale(g.wallet)
            g.wanted, g.counted = (
                self.book.whole(g.wallet, sums[key]) - self.book.whole(g.wallet, before),
                0,
            )
            fits = int(min(g.wanted, self.shelf.left(member, event, g.name, g.rule, g.wallet)))
            g.note = self.shelf.draw(event, g.name, g.rule, g.wallet, fits)
            g.amount = g.use.amounts[g.wallet] = g.note.amount
            totals[key] += g.amount
        lots = {
            (name, w): self.book.lot(
                self.book.members[name],
                w,
                total,
                event,
                dated(self.book.wallets[w].get("pending", "0 days"), day),
            )
            for (name, w), total in totals.items()
        }
        for g in gifts:
            self.book.row(
                event["at"],
                g.who.id,
                g.wallet,
                g.kind,
                g.amount,
                g.name,
                event["id"],
                lots[g.who.id, g.wallet],
                g.wanted if g.amount != g.wanted else None,
            )
        self.gifts[event["id"]] = gifts
        for name, uses in member.used.items():  # what was cut to nothing is not counted
            nothing = all(g.wanted and not g.amount for g in gifts if g.name == name)
            if uses and uses[-1].event == event["id"] and not uses[-1].sure and nothing:
                uses.pop()
        for who in {g.who.id: g.who for g in gifts if g.who is not member}.values():
            self.book.look(who, day, event["id"])

    def reverse(self, event: Plain, cause: Plain) -> None:
        """Takes back what an event gave, by the share that is reversed so far."""
        order, asked, whole, day = (
            cause["id"],
            event.get("amount"),
            cause.get("amount"),
            event["day"],
        )
        part = asked / whole if asked is not None and whole else Fraction(1)
        share = self.shares[order] = min(Fraction(1), self.shares[order] + part)
        for redemption in (x for x in [*self.redemptions.values()][::-1] if x.order == order):
            self.restore(redemption, event, share)
        for who, wallet in {(g.who.id, g.wallet): 0 for g in self.gifts[order]}:
            mine = [g for g in self.gifts[order] if (g.who.id, g.wallet) == (who, wallet)]
            self.claim(self.book.member(who, day), wallet, mine, share, order)
        for gift in self.gifts[order]:
            self.take(gift, event, order, share)
        if share == 1:
            self.shelf.withdraw(order, day)
        for (_, name), (low, high) in [x for x in self.book.rises.items() if x[0][0] == order]:
            who = self.book.member(name, day)
            back = max(low, self.book.rise(who, day, None))
            if back < who.rung <= high:
                who.rung, who.kept, who.grace = back, day, None

    def claim(
        self, member: Kept, wallet: str, gifts: list[Kept], share: Fraction, order: str
    ) -> None:
        """How much of each gift is still to be taken; what expired counts as taken first."""
        gone = sum(x.expired for x in member.lots if (x.event, x.wallet) == (order, wallet))
        gone, running = gone - member.gone[order, wallet], 0
        due = self.book.whole(wallet, share * sum(g.amount for g in gifts)) - sum(
            g.counted for g in gifts
        )
        for g in gifts:
            before, running = self.book.whole(wallet, share * running), running + g.amount
            target = self.book.whole(wallet, share * running) - before
            g.claimed = min(max(target - g.counted, 0), due)
            filled = min(g.claimed, gone)
            g.need, g.counted = g.claimed - filled, g.counted + g.claimed
            due, gone = due - g.claimed, gone - filled
            member.gone[order, wallet] += filled

    def take(self, gift: Kept, event: Plain, order: str, share: Fraction) -> None:
        """Takes from the order's own lots, then from others, then as `on refund` says."""
        member, wallet, spec = gift.who, gift.wallet, self.book.wallets[gift.wallet]
        below = "below zero" if spec.get("below zero") == "refunds only" else "clamp"
        policy, lots = spec.get("on refund", below), self.book.open_lots(member, wallet)
        every = policy != "pending only"
        own = [x for x in lots if x.event == order and (x.pending or every)]
        others = [x for x in lots if x.event != order and not x.pending and every]
        parts, rest = self.book.debit(wallet, gift.need, own + others)
        owed = rest if policy == "below zero" else 0
        member.debt[wallet], rest = member.debt[wallet] + owed, rest - owed
        parts += [Kept(id=None, amount=owed)] * bool(owed or (rest and not parts))
        for part in parts:
            short = (-gift.need, rest) if rest and part is parts[-1] else ()
            self.book.row(
                event["at"],
                member.id,
                wallet,
                "reverse",
                -part.amount,
                gift.name,
                event["id"],
                part.id,
                *short,
            )
        self.shelf.give_back(gift.note, gift.claimed)
        if gift.rule.get("on refund") == "return limit":
            gift.use.amounts[wallet] -= gift.claimed
            gift.use.amounts[None] = 0 if share == 1 else 1

    def restore(self, redemption: Kept, event: Plain, share: Fraction) -> None:
        """Spent points come back, last taken first, into their own lots or a new one."""
        member, at, day = (
            self.book.member(redemption.member, event["day"]),
            event["at"],
            event["day"],
        )
        for wallet in {part.wallet: 0 for part in redemption.parts[::-1]}:
            parts = [part for part in redemption.parts if part.wallet == wallet][::-1]
            due = self.book.whole(wallet, share * sum(x.amount for x in parts)) - sum(
                x.back for x in parts
            )
            fresh, own, new = 0, [], self.book.wallets[wallet].get("restore") == "new expiry"
            for part in parts:
                back = max(0, min(part.amount - part.back, due))
                part.back, due = part.back + back, due - back
                own += [(part.lot, back)] * bool(back and part.lot and not new)
                fresh += back if new or not part.lot else 0
            for lot, back in own:
                self.book.row(
                    at, member.id, wallet, "restore", back, redemption.name, event["id"], lot.id
                )
                lot.left += back
                self.book.expire(member, lot, at, day, event["id"])
                self.book.fill(member, lot)
            if fresh:
                lot_id = self.book.lot(member, wallet, fresh, event)
                self.book.row(
                    at, member.id, wallet, "restore", fresh, redemption.name, event["id"], lot_id
                )
        if share == 1 and not redemption.returned:
            redemption.returned = day
            self.shelf.give_back(redemption.note, redemption.count)
            self.shelf.withdraw(redemption.id, day)
            if self.rewards[redemption.name].get("on refund") == "return limit":
                redemption.use.amounts[None] = 0

    def redeem(self, member: Kept, event: Plain) -> None:
        """Takes the cost and gives the reward, or says why not."""
        name, times = event.get("reward"), int(event.get("quantity") or 1)
        made = Kept(
            id=event["id"],
            name=name,
            member=member.id,
            order=event.get("order"),
            count=times,
            use=Kept(event=event["id"], local=event["local"], amounts={None: times}, sure=True),
            returned=None,
        )
        code = next(
            (code for code, passed in self.checks(member, event, made, times) if not passed), None
        )
        if code:
            self.shelf.refuse(member, event, name, code)
            return
        member.used[name].append(made.use)
        self.redemptions[event["id"]] = made
        self.shelf.award(
            member,
            event,
            made.name,
            {kind: name for kind in AWARDS if kind in self.rewards[name]},
            times,
        )

    def checks(
        self, member: Kept, event: Plain, made: Kept, times: int
    ) -> Iterator[tuple[str, Any]]:
        """What a redemption must pass, in this order; the last takes the cost."""
        names, day, name, reward = (
            self.judge.names(member, event),
            event["day"],
            made.name,
            self.rewards.get(made.name, {}),
        )
        yield "unknown_reward", name in self.rewards
        yield "not_in_window", reward.get("from", day) <= day <= reward.get("until", day)
        yield "not_eligible", self.judge.in_window(member, reward, day)
        yield "not_eligible", evaluate(reward.get("if", True), names) is True
        yield "not_eligible", "rate" not in reward or self.payable(reward, event)
        yield "limit_reached", self.shelf.left(member, event, name, reward, None) >= times
        yield "out_of_stock", self.shelf.in_stock(name, times, day)
        made.note = self.shelf.draw(event, name, reward, None, times)
        yield "budget_exhausted", not made.note.ended
        costs = {
            w: evaluate(dated(x, day), names) * times for w, x in reward.get("cost", {}).items()
        }
        costs |= dict.fromkeys(self.judge.amounts(reward.get("rate", {})), event.get("points"))
        costs = {wallet: int(cost * self.book.scale(wallet)) for wallet, cost in costs.items()}
        made.parts = self.spend(member, costs, event, "spend", name)
        made.note.amount *= made.parts is not None
        yield "insufficient_balance", made.parts is not None

    def payable(self, reward: Plain, event: Plain) -> bool:
        """Whether so many points may pay: enough of them, and not too much of the order."""
        points, rate = event.get("points") or 0, self.judge.amounts(reward["rate"])
        order = self.orders.get(event.get("order") or "", {}).get("amount") or 0
        most = Fraction(reward.get("at most", "0%").split("%")[0]) / 100 * order
        money = points * exact(reward["rate"]["money"]) / Fraction(next(iter(rate.values())))
        return points >= int(reward.get("at least", "0 points").split()[0]) and (
            "at most" not in reward or money <= most
        )

    def adjust(self, member: Kept, event: Plain) -> None:
        """A correction by hand: opens a lot, or takes like a spend."""
        wallet, amount = event["wallet"], int(event["amount"] * self.book.scale(event["wallet"]))
        if amount > 0:
            lot = self.book.lot(member, wallet, amount, event)
            self.book.row(event["at"], member.id, wallet, "adjust", amount, None, event["id"], lot)
        elif self.spend(member, {wallet: -amount}, event, "adjust", None) is None:
            self.shelf.refuse(member, event, None, "insufficient_balance")

    def use(self, member: Kept, event: Plain) -> None:
        grants = self.shelf.open_grants(member, event["day"])
        grants = [grant for grant in grants if grant["id"] == event["reward"]]
        if grants:
            grants[0]["state"] = "used"
        else:
            code = "not_eligible" if event["reward"] in self.rewards else "unknown_reward"
            self.shelf.refuse(member, event, event["reward"], code)

    def work(self, event: Plain, cause: Any) -> None:
        """One event, in the order of S16."""
        day, kind = event["day"], event["type"]
        member = self.book.member(event["member"], day)
        self.orders[event["id"]] = event
        member.joined = day if kind == "join" else member.joined
        known = self.program.get("members", {}) if kind == "profile" else ()
        member.attributes |= {
            key: value for key, value in event.items() if key in known and value is not None
        }
        member.seen.append(event)
        if self.book.tiers.get("upgrade") == "before":
            self.book.rise(member, day, event["id"])
        if kind in ("redeem", "adjust", "use"):
            {"redeem": self.redeem, "adjust": self.adjust, "use": self.use}[kind](member, event)
        elif kind == "cancel_redeem" and cause["id"] in self.redemptions:
            self.restore(self.redemptions[cause["id"]], event, Fraction(1))
        elif kind != "cancel_redeem" and cause:
            self.reverse(event, cause)
        self.earn(member, event)
        self.book.look(member, day, event["id"])


def audit(program: Plain, events: list[Plain], members: Any = None, until: Any = None) -> Auditor:
    """What a program and events must leave: rows, members, grants, refusals."""
    auditor = Auditor(program, members)
    queue, last = timeline(program, events, members, until)
    for event, cause in queue:
        auditor.work(event, cause)
    for name in auditor.book.members:
        auditor.book.member(name, last)
    auditor.book.rows.sort(
        key=lambda r: (r["at"], r["event_id"] is not None, r["event_id"] or r["member_id"])
    )
    return auditor
