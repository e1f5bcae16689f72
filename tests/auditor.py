"""A second, slow reading of the rules that says which ledger a program and its events must leave."""

from __future__ import annotations

import math
import operator
import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace as Kept  # a lot, a member, a gift, a redemption, a use
from typing import Any
from zoneinfo import ZoneInfo

Plain = dict[str, Any]  # a section of the program, an event, a row of the ledger
Names = Callable[[str], Any]  # what a name in an expression stands for
ONE_DAY, MONTHS = timedelta(days=1), {"month": 1, "quarter": 3, "year": 12}
AWARDS = ("coupon", "item", "voucher", "badge", "privilege", "tier")


def dated(value: Any, day: date) -> Any:
    """The value in force on `day`; None before the first date of a dated one."""
    if not isinstance(value, dict) or not all(isinstance(start, date) for start in value):
        return value
    return next((value[start] for start in sorted(value, reverse=True) if start <= day), None)


def later(day: date, duration: str, sign: int = 1) -> date:
    """`day` plus or minus a duration in words; months clamp, `to month end` goes to its end."""
    words = re.match(r"(\d+) (\w+?)s?(?: to (\w+) end)?(?: without .*)?$", duration)
    number, unit, end = words.groups() if words else ("", duration, None)
    if unit in ("day", "week"):
        return day + sign * int(number) * (7 if unit == "week" else 1) * ONE_DAY
    month = day.year * 12 + day.month - 1 + sign * int(number) * MONTHS[unit]
    month += (MONTHS[end] - 1 - month % MONTHS[end]) if end else 0
    first, after = (date(m // 12, m % 12 + 1, 1) for m in (month, month + 1))
    last = after - ONE_DAY
    return last if end else first.replace(day=min(day.day, last.day))


def day_of(when: Any) -> Any:
    return when.date() if isinstance(when, datetime) else when


def period_of(unit: str | None, when: Any) -> Any:
    """A mark that two instants or days share exactly when they lie in one calendar period."""
    if unit in (None, "hour"):
        return unit and (when.date(), when.hour)
    day = day_of(when)
    month = {"month": day.month, "quarter": (day.month + 2) // 3 * 3 - 2, "year": 1}.get(unit)
    week = day - day.weekday() * ONE_DAY
    return day.replace(month=month, day=1) if month else week if unit == "week" else day


def read_limit(text: Any) -> tuple[Fraction, str | None, Callable[[Any, Any], bool]]:
    """`500 points per 30 days`: the number, the wallet, and whether two instants share a period."""
    words = re.match(r"(\S+)(?: (?!per )(\w+))?(?: per (?:(\d+) )?(\w+?)s?)?$", str(text))
    number, wallet, days, unit = words.groups() if words else (text, None, None, None)
    if days:
        return Fraction(number), wallet, lambda a, b: (day_of(a) - day_of(b)).days < int(days)
    return Fraction(number), wallet, lambda a, b: bool(period_of(unit, a) == period_of(unit, b))


def rounded(exact: Fraction, mode: str) -> int:
    """`down` and `up` are towards and away from zero, `nearest` is half away from zero."""
    half = Fraction(1, 2) if mode == "nearest" else 0
    whole = math.ceil(abs(exact)) if mode == "up" else math.floor(abs(exact) + half)
    return whole if exact > 0 else -whole


def listed(value: Any) -> list[Any]:
    return [] if value is None else value if isinstance(value, list) else [value]


STRICT: dict[str, Callable[..., Any]] = {  # null as soon as one part is null
    "=": operator.eq, "<>": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt,
    ">=": operator.ge, "not": operator.not_, "+": operator.add, "-": operator.sub,
    "*": operator.mul, "/": lambda a, b: a / b if b else None, "includes": lambda a, b: b in a,
    "%": lambda a, b: a - b * math.trunc(a / b) if b else None,
    "floor": lambda a: Fraction(math.floor(a)), "weekday": lambda a: a.isoweekday(),
    "hour": lambda a: a.hour, "month": lambda a: a.month, "length": len, "lower": str.lower,
    "days_between": lambda a, b: (day_of(b) - day_of(a)).days, "starts_with": str.startswith,
}  # fmt: skip


def evaluate(tree: Any, names: Names) -> Any:
    """The value of an expression of nested tuples, as SQL has it; None is null."""
    if not isinstance(tree, tuple):
        return names(tree) if isinstance(tree, str) else exact(tree)
    name, *parts = tree
    if name == "text":
        return parts[0]
    if name == "case":
        taken = [then for test, then in parts[0] if evaluate(test, names) is True]
        return evaluate([*taken, parts[1]][0], names)
    if name == "has":
        return names("has " + parts[0][1])
    if name == "in":
        return evaluate(("or", *(("=", parts[0], part) for part in parts[1:])), names)
    if name == "between":
        return evaluate(("and", (">=", parts[0], parts[1]), ("<=", parts[0], parts[2])), names)
    values = [evaluate(part, names) for part in parts]
    if name in ("and", "or"):
        decides = name == "or"
        return decides if decides in values else None if None in values else not decides
    if name in ("is null", "is not null", "is true"):
        return values[0] is True if name == "is true" else (values[0] is None) == (name == "is null")
    if name in ("coalesce", "least", "greatest"):
        known = [value for value in values if value is not None] or [None]
        return known[0] if name == "coalesce" else min(known) if name == "least" else max(known)
    return None if None in values else STRICT[name](*values)


FACTS: dict[str, Callable[[list[Any]], Any]] = {
    "count": len, "sum": sum, "average": lambda v: sum(v) / len(v) if v else None,
    "min": lambda v: min(v, default=None), "max": lambda v: max(v, default=None),
    "last": lambda v: v[-1] if v else None, "first": lambda v: v[0] if v else None,
    "previous": lambda v: v[-2] if len(v) > 1 else None, "distinct": lambda v: len(set(v)),
    "streak": len, "most frequent": lambda v: v[-1] if v else None,
}  # fmt: skip


def counted(given: Any) -> list[tuple[str, int]]:
    """`five_off`, a list, or `{five_off: 2}`."""
    many = given.items() if isinstance(given, dict) else ((x, 1) for x in listed(given))
    return [(str(key), int(number)) for key, number in many]


def exact(value: Any) -> Any:
    number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    return Fraction(value) if number else value


class Auditor:
    """One run of a program over its events."""

    def __init__(self, program: Plain, members: dict[str, Plain] | None) -> None:
        self.program, self.given = program, members
        self.zone = ZoneInfo(program["program"]["timezone"])
        self.stacking = program["program"].get("stacking", "multiply")
        self.wallets, self.types, self.tiers = (program.get(k, {}) for k in ("wallets", "events", "tiers"))
        self.rewards, self.facts = program.get("rewards", {}), program.get("facts", {})
        self.rules = [pair for section in program for pair in self.section(section)]
        self.members: dict[str, Kept] = {}
        self.rows, self.grants, self.refused = list[Plain](), list[Plain](), list[Plain]()
        self.gifts: dict[str, list[Kept]] = {}  # what each event gave
        self.shares = defaultdict[str, Fraction](Fraction)  # how much of each event is reversed
        self.redemptions: dict[str, Kept] = {}
        self.budgets = defaultdict[str, list[Kept]](list)
        self.events: dict[str, Plain] = {}
        self.aside: set[str] = set()
        self.rises: dict[Any, int] = {}  # the rung from which an event made a member rise

    def section(self, section: str) -> list[tuple[str, Plain]]:
        """The rules of a section, in its order: what is earned, and benefits that multiply."""
        if section == "earn":
            return list(self.program["earn"].items())
        found = self.tiers.get("benefits", {}).items() if section == "tiers" else ()
        factors = [(tier, {w: given[w] for w in given if w in self.wallets}) for tier, given in found]
        return [(f"tiers.{tier}", {"tier": tier, "multiply": f}) for tier, f in factors if f]

    def member(self, name: str, day: date) -> Kept:
        """A member whose clock has come to `day`: each beginning of a day up to it is worked."""
        if name not in self.members:
            self.members[name] = Kept(
                id=name, day=day, attributes=dict((self.given or {}).get(name, {})), joined=None, at=None,
                seen=[], lots=[], debt=defaultdict(int), used=defaultdict(list), back=defaultdict(int),
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
            self.row(member, at, lot.wallet, "post", 0, lot=lot)
            lot.pending = False
            self.fill(member, lot)
        for lot in lots:
            self.expire(member, lot, at, day)
        member.floors = [floor for floor in member.floors if not floor[1] or floor[1] >= day]
        self.look(member, day, begins=True)

    def expire(self, member: Kept, lot: Kept, at: datetime, day: date, event: Any = None) -> None:
        if lot.left and not lot.pending and self.last_day(member, lot) < day:
            self.row(member, at, lot.wallet, "expire", -lot.left, event=event, lot=lot)
            lot.expired, lot.left = lot.expired + lot.left, 0

    def last_day(self, member: Kept, lot: Kept) -> date:
        """The last day on which a lot can be used; `without T` counts from the last T."""
        term, _, kind = lot.term.partition(" without ")
        days = [event["day"] for event in member.seen if event["type"] == kind]
        return lot.last or (date.max if term == "never" else later(max([lot.active, *days]), term))

    def row(self, member: Kept, at: datetime, wallet: str, kind: str, amount: int, *,
            rule: Any = None, event: Any = None, lot: Any = None, wanted: Any = None,
            missing: Any = None) -> None:  # fmt: skip
        self.rows.append({
            "at": at, "member_id": member.id, "wallet": wallet, "kind": kind, "amount": amount,
            "rule": rule, "event_id": event, "lot": lot and lot.id, "wanted": wanted,
            "missing": missing})  # fmt: skip

    def fill(self, member: Kept, lot: Kept) -> None:
        """What becomes active fills a deficit first."""
        filled = min(member.debt[lot.wallet], lot.left)
        member.debt[lot.wallet] -= filled
        lot.left -= filled

    def lot(self, member: Kept, wallet: str, amount: int, event: Plain, *, waits: bool = False) -> Any:
        """The lot that an event opens; none for nothing."""
        if not amount:
            return None
        spec, day, key = self.wallets[wallet], event["day"], f"{event['id']}/{wallet}"
        lot = next((x for x in member.lots if x.id == key), None)
        if lot:
            lot.left += amount
            self.fill(member, lot)
            return lot
        active = later(day, dated(spec.get("pending", "0 days"), day)) if waits else day
        lot = Kept(
            id=key, wallet=wallet, event=event["id"], left=amount, expired=0,
            opened=(event["at"], event["id"]), active=active, pending=active > day,
            term=dated(spec.get("expires", "never"), day), last=event.get("expires"))  # fmt: skip
        member.lots.append(lot)
        if not lot.pending:
            self.fill(member, lot)
        return lot

    def open_lots(self, member: Kept, wallet: str) -> list[Kept]:
        """Lots with something left, in the order in which they are spent."""
        oldest = self.wallets[wallet].get("spend") == "oldest first"
        order = lambda x: (date.min if oldest else self.last_day(member, x), x.opened)
        return sorted((x for x in member.lots if x.wallet == wallet and x.left), key=order)

    def debit(self, wallet: str, amount: int, lots: list[Kept]) -> tuple[list[Kept], int]:
        """Takes up to `amount` from lots in their order: the parts taken, and what is missing."""
        parts = []
        for lot in lots:
            if taken := min(lot.left, amount):
                lot.left, amount = lot.left - taken, amount - taken
                parts.append(Kept(lot=lot, amount=taken, wallet=wallet, back=0))
        return parts, amount

    def spend(self, member: Kept, costs: dict[str, int]) -> list[Kept] | None:
        """What a member's own debit takes; None where it does not fit."""
        lots = {w: [x for x in self.open_lots(member, w) if not x.pending] for w in costs}
        free = {w for w in costs if self.wallets[w].get("below zero") == "yes"}
        if any(sum(x.left for x in lots[w]) < costs[w] for w in costs if w not in free):
            return None
        taken = []
        for wallet, cost in costs.items():
            parts, rest = self.debit(wallet, cost, lots[wallet])
            member.debt[wallet] += rest
            taken += [*parts, *[Kept(lot=None, amount=rest, wallet=wallet, back=0)] * (rest > 0)]
        return taken

    def balance(self, member: Kept, wallet: str, part: str = "") -> int:
        pending = {"": (True, False), "_pending": (True,), "_active": (False,)}[part]
        left = sum(x.left for x in member.lots if x.wallet == wallet and x.pending in pending)
        return left - (member.debt[wallet] if part != "_pending" else 0)

    def scale(self, wallet: str) -> int:
        """How many of the smallest unit one unit of a wallet is."""
        spec = self.wallets[wallet]
        return int(10 ** (2 if spec.get("unit") == "money" else spec.get("decimals", 0)))

    def whole(self, wallet: str, amount: Fraction) -> int:
        return rounded(amount, self.wallets[wallet].get("round", "down"))

    def tier(self, member: Kept) -> str | None:
        rung = max([member.rung, *(floor[0] for floor in member.floors)])
        return list(self.tiers["ladder"])[rung] if self.tiers else None

    def names(self, member: Kept, event: Plain) -> Names:
        """What names stand for: balances and the tier as they are now, facts with this event."""
        scope = {**member.attributes, **event, "at": event["local"], "today": event["day"]}
        scope["tier"] = tier = self.tier(member)
        for wallet in self.wallets:
            for part in ("", "_active", "_pending"):
                amount = self.balance(member, wallet, part)
                scope[wallet + part] = Fraction(amount, self.scale(wallet))
        rights = self.tiers.get("benefits", {}).get(tier, {}).get("privileges", [])
        given = [g["id"] for g in self.grants if g["member_id"] == member.id and g["state"] == "open" and (g["until"] or event["day"]) >= event["day"]]
        scope |= {f"has {right}": right in rights + given for right in self.program.get("privileges", {})}
        facts, day = self.facts, event["day"]
        return lambda n: self.fact(member, facts[n], day) if n in facts else scope.get(n.split(".")[-1])

    def fact(self, member: Kept, spec: Plain, today: date) -> Any:
        """A fact on a day, from all that was seen of the member."""
        kind, target = next((k, v) for k, v in spec.items() if k in FACTS)
        rows = self.within(member, spec, target, today)
        values = [v for row in rows if (v := self.taken(target, row)) is not None]
        less = self.within(member, spec, spec["less"], today) if "less" in spec else []
        if kind in ("count", "sum"):
            lost = [v for row in less if (v := self.taken(spec["less"], row)) is not None]
            return Fraction(len(rows) if kind == "count" else sum(values) - sum(lost))
        if kind == "streak":
            periods = {period_of(spec["by"], row["local"]) for row in rows}
            now = period_of(spec["by"], today)
            now, length = now if now in periods else period_of(spec["by"], now - ONE_DAY), 0
            while now in periods:
                now, length = period_of(spec["by"], now - ONE_DAY), length + 1
            return Fraction(length)
        if kind == "most frequent":
            recent = values[-spec.get("of last", 0) :]
            values = sorted(recent, key=recent.count)  # of a tie the one seen last stands last
        return FACTS[kind](values)

    def taken(self, target: Any, row: Plain) -> Any:
        """What a fact takes from an event: its instant, a field, or an expression of them."""
        at = isinstance(target, str) and "." not in target
        return evaluate("at" if at else target, lambda n: row.get("local" if n.endswith("at") else n.split(".")[-1]))

    def within(self, member: Kept, spec: Plain, target: Any, today: date) -> list[Plain]:
        """The events that a fact looks at on a day."""
        kind = (target if isinstance(target, str) else target[-1]).split(".")[0]
        last = later(today, spec["before"], -1) if "before" in spec else today
        first = later(last, spec["over"], -1) + ONE_DAY if "over" in spec else date.min
        first = period_of(spec["this"], today) if "this" in spec else first
        rows = member.seen
        if "since" in spec:
            starts = [i for i, row in enumerate(rows) if row["type"] == spec["since"]]
            rows = rows[starts[-1] + 1 :] if starts else []
        return [row for row in rows if row["type"] == kind and first <= row["day"] <= last
                and evaluate(spec.get("if", True), row.get) is True]  # fmt: skip

    def rise(self, member: Kept, day: date, event: Any = None) -> int:
        """Up to the highest rung reached: that rung."""
        reached = self.reached(member, day)
        if reached > member.rung:
            start = self.rises.get((event, member.id), (member.rung, 0))[0]
            self.rises[event, member.id] = start, reached
            member.rung, member.kept, member.grace = reached, day, None
        return reached

    def look(self, member: Kept, day: date, event: Any = None, *, begins: bool = False) -> None:
        """A rise, else perhaps a fall where a review, or the look after a grace, is due."""
        if not self.tiers:
            return
        low, spec = self.rise(member, day, event) < member.rung, self.tiers
        review, downgrade = spec.get("review", "at once"), spec.get("downgrade", "never")
        if member.grace and not (begins and day > member.grace):
            member.grace = None if review == "at once" and not low else member.grace
        elif downgrade != "never" and self.due(member, review, day, begins):
            if low and "grace" in spec and not member.grace:
                member.grace = later(day, spec["grace"])
            else:
                fallen = self.reached(member, day) if downgrade == "reassess" else member.rung - 1
                member.rung, member.kept, member.grace = fallen if low else member.rung, day, None

    def reached(self, member: Kept, day: date) -> int:
        measure, ladder = self.tiers["measure"], self.tiers["ladder"].values()
        value = self.fact(member, self.facts[measure], day) or 0 if measure in self.facts else (
            Fraction(self.balance(member, measure), self.scale(measure)))  # fmt: skip
        return max([0, *(rung for rung, least in enumerate(ladder) if value >= least)])

    def due(self, member: Kept, review: str, day: date, begins: bool) -> bool:
        """Whether a review, or the look when a grace is over, falls now."""
        if review == "at once" or not begins or member.grace:
            return review == "at once" or begins
        if review == "yearly":
            return (day.month, day.day) == (1, 1)
        if review == "on anniversary":
            years = day.year - member.joined.year if member.joined else 0
            return years > 0 and day == later(member.joined, f"{years} years")
        return day > later(member.kept, review.removeprefix("every "))

    def holds(self, member: Kept, event: Plain, name: str, rule: Plain, names: Names) -> bool:
        """Window, condition, dated values and count of a rule; `group` is looked at later."""
        day = event["day"]
        amounts = [dated(x, day) for key in ("give", "multiply") for w, x in rule.get(key, {}).items() if w in self.wallets]
        factors = [evaluate(dated(x, day), names) for x in rule.get("multiply", {}).values()]
        return (
            event["type"] in listed(rule.get("when", event["type"]))
            and rule.get("tier", self.tier(member)) == self.tier(member)
            and rule.get("from", day) <= day <= rule.get("until", day)
            and ("within" not in rule or member.joined and day <= later(member.joined, rule["within"]))
            and ("to" not in rule or event.get(rule["to"]) is not None)
            and evaluate(rule.get("if", True), names) is True
            and None not in amounts + factors
            and self.left(member, event, name, rule, None) >= 1
        )

    def left(self, member: Kept, event: Plain, name: str, rule: Plain, wallet: str | None) -> Any:
        """How much the limits of a rule leave of a wallet, or of its count."""
        left: Any = math.inf
        once = ["1"] if rule.get("once") else []
        for limit in listed(dated(rule.get("limit"), event["day"])) + once:
            number, unit, same = read_limit(limit)
            if unit == wallet:
                used = [u for u in member.used[name] if same(event["local"], u.local)]
                spent = sum(u.count if wallet is None else u.amounts.get(wallet, 0) for u in used)
                left = min(left, number * (self.scale(wallet) if wallet else 1) - spent)
        return max(0, left)

    def draw(self, event: Plain, name: str, rule: Plain, wallet: str | None, wanted: int) -> Kept:
        """What the rule's budget grants of an amount or a count, noted in it."""
        number, unit, same = read_limit(dated(rule.get("budget", 0), event["day"]))
        note = Kept(local=event["local"], amount=wanted, ended=False, same=same)
        if "budget" in rule and unit == wallet:
            notes = [x for x in self.budgets[name] if same(note.local, x.local)]
            left = number * (self.scale(wallet) if wallet else 1) - sum(x.amount for x in notes)
            ended = any(x.ended for x in notes)
            if ended or wanted > left:
                cuts = wallet and not ended and rule.get("over budget", "cut") == "cut"
                note.amount, note.ended = int(left) if cuts else 0, True
            self.budgets[name].append(note)
        return note

    def leaders(self, held: list[Any], size: Callable[[Plain], Any]) -> list[tuple[str, Plain]]:
        """Of each group the one with the highest priority, else the largest; the others stay."""
        def rank(pair: Any) -> Any:
            priority = pair[1].get("priority")
            return priority is not None, size(pair[1]) if priority is None else priority
        groups = {pair[1].get("group"): None for pair in held}
        best = [max((p for p in held if p[1].get("group") == group), key=rank) for group in groups]
        return [pair for pair in held if "group" not in pair[1] or pair in best]

    def earn(self, member: Kept, event: Plain) -> None:
        """Conditions, gives, multipliers, then what they come to."""
        names, day = self.names(member, event), event["day"]
        value = lambda x: evaluate(dated(x, day), names)
        first = lambda rule, key: next((w, x) for w, x in [*rule[key].items(), (None, 0)] if w in (*self.wallets, None))
        held = [(n, r) for n, r in self.rules if self.holds(member, event, n, r, names)]
        gifts: list[Kept] = []
        uses = []
        for name, rule in self.leaders([x for x in held if "give" in x[1]], lambda r: value(first(r, "give")[1]) or 0):
            who = self.member(event[rule["to"]], day) if "to" in rule else member
            amounts = {w: value(x) or Fraction(0) for w, x in rule["give"].items() if w in self.wallets}
            uses.append(use := Kept(local=event["local"], count=1, amounts={}, name=name, sure=self.award(who, event, name, rule["give"])))
            gifts += [Kept(kind="earn", name=name, rule=rule, who=who, use=use, wallet=w, base=x, product=x, exact=x) for w, x in amounts.items()]
        reach = lambda rule, wallet: [g for g in gifts if g.wallet == wallet and g.who is member and g.name in rule.get("of", [g.name])]
        alone = lambda r: (value(first(r, "multiply")[1]) - 1) * sum(g.base for g in reach(r, first(r, "multiply")[0]))
        steps = []
        for name, rule in self.leaders([x for x in held if "multiply" in x[1]], alone):
            use = Kept(local=event["local"], count=1, amounts={}, name=name, sure=False)
            uses.append(use)
            steps += [Kept(kind="bonus", name=name, rule=rule, who=member, use=use, wallet=w, factor=value(x), reached=reach(rule, w)) for w, x in rule["multiply"].items() if reach(rule, w)]
        if self.stacking == "best":
            steps = [s for s in steps if s is max((t for t in steps if t.wallet == s.wallet), key=lambda t: t.factor)]
        for step in steps:
            step.exact = (step.factor - 1) * sum(g.product if self.stacking == "multiply" else g.base for g in step.reached)
            for gift in step.reached:
                gift.product *= step.factor
        self.write(member, event, gifts + steps)
        for use in uses:
            mine = [g for g in gifts + steps if g.use is use]
            if use.sure or any(g.amount or not g.wanted for g in mine):
                member.used[use.name].append(use)

    def write(self, member: Kept, event: Plain, gifts: list[Kept]) -> None:
        """Rounds once per wallet, cuts each row by itself, opens the lots."""
        running, lots = defaultdict[Any, Fraction](Fraction), {}
        for gift in gifts:
            key = gift.who.id, gift.wallet
            before = self.whole(gift.wallet, running[key])
            running[key] += gift.exact * self.scale(gift.wallet)
            gift.wanted = self.whole(gift.wallet, running[key]) - before
            fits = min(gift.wanted, self.left(member, event, gift.name, gift.rule, gift.wallet))
            gift.budget, gift.counted = self.draw(event, gift.name, gift.rule, gift.wallet, int(fits)), 0
            gift.amount = gift.use.amounts[gift.wallet] = gift.budget.amount
        for gift in gifts:
            key = gift.who.id, gift.wallet
            if key not in lots:
                total = sum(g.amount for g in gifts if (g.who.id, g.wallet) == key)
                lots[key] = self.lot(gift.who, gift.wallet, total, event, waits=True)
            cut = gift.wanted if gift.amount != gift.wanted else None
            self.row(gift.who, event["at"], gift.wallet, gift.kind, gift.amount, rule=gift.name, event=event["id"], lot=lots[key], wanted=cut)
        self.gifts[event["id"]] = gifts
        for who in {g.who.id: g.who for g in gifts if g.who is not member}.values():
            self.look(who, event["day"], event["id"])

    def award(self, member: Kept, event: Plain, name: str, give: Plain, times: int = 1) -> bool:
        """Coupons, badges, rights and tiers that a rule gives; whether there were any."""
        given = [(kind, x, n * times) for kind in AWARDS for x, n in counted(give.get(kind))]
        for kind, text, number in given:
            key, _, lasts = text.partition(" for ")
            lasts = lasts or dated(self.rewards.get(key, {}).get("valid"), event["day"])
            until = later(event["day"], lasts) if lasts else None
            if kind == "tier":
                member.floors.append((list(self.tiers["ladder"]).index(key), until, event["id"]))
            else:
                grant = {"at": event["at"], "member_id": member.id, "kind": kind, "id": key, "rule": name, "event_id": event["id"], "until": until, "state": "open"}
                self.grants += [dict(grant) for _ in range(number)]
        return bool(given)

    def reverse(self, event: Plain, cause: Plain) -> None:
        """Takes back what an event gave, by the share that is reversed so far."""
        order, asked, whole = cause["id"], event.get("amount"), cause.get("amount")
        part = asked / whole if asked is not None and whole else Fraction(1)
        share = self.shares[order] = min(Fraction(1), self.shares[order] + part)
        for redemption in self.redemptions.values():
            if redemption.order == order:
                self.restore(redemption, event, share)
        gifts = self.gifts.get(order, [])
        for who, wallet in {(g.who.id, g.wallet): 0 for g in gifts}:
            mine = [g for g in gifts if (g.who.id, g.wallet) == (who, wallet)]
            self.claim(self.member(who, event["day"]), wallet, mine, share, order)
        for gift in gifts:
            self.take(gift, event, order, share)
        self.withdraw(order, share)
        for (made, name), (low, high) in self.rises.items():
            who = self.members[name]
            back = max(low, self.reached(who, event["day"])) if made == order else high
            if made == order and back < who.rung <= high:
                who.rung, who.kept, who.grace = back, event["day"], None

    def claim(self, member: Kept, wallet: str, gifts: list[Kept], share: Fraction, order: str) -> None:
        """How much of each gift is still to be taken; what expired counts as taken first."""
        gone = sum(x.expired for x in member.lots if (x.event, x.wallet) == (order, wallet))
        gone -= member.back[order, wallet]
        due = self.whole(wallet, share * sum(g.amount for g in gifts)) - sum(g.counted for g in gifts)
        running = 0
        for gift in gifts:
            before, running = self.whole(wallet, share * running), running + gift.amount
            target = self.whole(wallet, share * running) - before
            need = min(max(target - gift.counted, 0), due)
            filled = min(need, gone)
            gift.counted, gift.claimed, gift.need = gift.counted + need, need, need - filled
            due, gone = due - need, gone - filled
            member.back[order, wallet] += filled

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
            short = rest > 0 and part is parts[-1]
            self.row(member, event["at"], wallet, "reverse", -part.amount, rule=gift.name, event=event["id"], lot=part.lot, wanted=-gift.need if short else None, missing=rest if short else None)
        self.unbudget(gift, gift.need - rest)
        if gift.rule.get("on refund") == "return limit":
            gift.use.amounts[wallet] -= gift.claimed
            gift.use.count = 0 if share == 1 else gift.use.count

    def unbudget(self, award: Kept, amount: int) -> None:
        """Gives an amount back to a budget that has not ended in its period."""
        notes = [x for x in self.budgets[award.name] if award.budget.same(award.budget.local, x.local)]
        if not any(x.ended for x in notes):
            award.budget.amount -= amount

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
            own = [(self.lot(member, wallet, fresh, event), fresh)] * (fresh > 0) + own
            for lot, back in own:
                self.row(member, at, wallet, "restore", back, rule=redemption.name, event=event["id"], lot=lot)
                if lot.event != event["id"]:
                    lot.left += back
                    self.expire(member, lot, at, day, event["id"])
                    self.fill(member, lot)
        if share == 1 and not redemption.returned:
            redemption.returned = day
            self.unbudget(redemption, redemption.count)
            self.withdraw(redemption.id, share)
            if redemption.reward.get("on refund") == "return limit":
                redemption.use.count = 0

    def redeem(self, member: Kept, event: Plain) -> None:
        """Takes the cost and gives the reward, or says why not."""
        name, day, times = event.get("reward"), event["day"], int(event.get("quantity") or 1)
        reward = self.rewards.get(name)
        code, parts, budget = self.refusal(member, event, name, reward, times)
        if code:
            self.refused.append({"at": event["at"], "member_id": member.id, "event_id": event["id"], "rule": name, "code": code})
            return
        for part in parts:
            self.row(member, event["at"], part.wallet, "spend", -part.amount, rule=name, event=event["id"], lot=part.lot)
        use = Kept(local=event["local"], count=times, amounts={})
        member.used[name].append(use)
        self.redemptions[event["id"]] = Kept(id=event["id"], name=name, reward=reward, member=member.id, order=event.get("order"), parts=parts, count=times, use=use, budget=budget, returned=None)
        kind = next((kind for kind in ("coupon", "item", "voucher") if kind in reward), None)
        self.award(member, event, name, {kind: {name: times}} if kind else {})

    def refusal(self, member: Kept, event: Plain, name: str, reward: Any, times: int) -> Any:
        """The first check that fails, else what the redemption took."""
        names, day = self.names(member, event), event["day"]
        if reward is None:
            return "unknown_reward", [], None
        if not (reward.get("from", day) <= day <= reward.get("until", day)) or ("within" in reward and day > later(member.joined, reward["within"])):
            return "not_in_window", [], None
        if evaluate(reward.get("if", True), names) is not True or not self.payable(reward, event):
            return "not_eligible", [], None
        if self.left(member, event, name, reward, None) < times:
            return "limit_reached", [], None
        out = sum(x.count for x in self.redemptions.values() if x.name == name and not (x.returned and x.returned < day))
        if "stock" in reward and dated(reward["stock"], day) - out < times:
            return "out_of_stock", [], None
        budget = self.draw(event, name, reward, None, times)
        if budget.ended:
            return "budget_exhausted", [], None
        cost = {w: x * times for w, c in reward.get("cost", {}).items() for x in [evaluate(dated(c, day), names)]}
        cost = {next(w for w in reward["rate"] if w in self.wallets): event.get("points")} if "rate" in reward else cost
        parts = self.spend(member, {w: int(x * self.scale(w)) for w, x in cost.items()})
        if parts is None:
            budget.amount = 0
        return ("insufficient_balance", [], None) if parts is None else (None, parts, budget)

    def payable(self, reward: Plain, event: Plain) -> bool:
        """Whether so many points may pay: enough of them, and not too much of the order."""
        if "rate" not in reward:
            return True
        points, day = event.get("points") or 0, event["day"]
        units = next(dated(x, day) for w, x in reward["rate"].items() if w in self.wallets)
        money = Fraction(points) * exact(dated(reward["rate"]["money"], day)) / units
        order = self.events.get(event.get("order"), {}).get("amount") or 0
        most = Fraction(str(reward.get("at most", "100%")).split("%")[0]) / 100 * order
        least = Fraction(str(reward.get("at least", "0 points")).split()[0])
        return points >= least and ("at most" not in reward or money <= most)

    def adjust(self, member: Kept, event: Plain) -> None:
        """A correction by hand: opens a lot, or takes like a spend."""
        wallet = event["wallet"]
        amount = int(event["amount"] * self.scale(wallet))
        if amount > 0:
            lot = self.lot(member, wallet, amount, event)
            self.row(member, event["at"], wallet, "adjust", amount, event=event["id"], lot=lot)
            return
        parts = self.spend(member, {wallet: -amount})
        if parts is None:
            self.refused.append({"at": event["at"], "member_id": member.id, "event_id": event["id"], "rule": None, "code": "insufficient_balance"})
        for part in parts or []:
            self.row(member, event["at"], wallet, "adjust", -part.amount, event=event["id"], lot=part.lot)

    def work(self, event: Plain, cause: Any) -> None:
        """One event, in the order of S16."""
        member, day, kind = self.member(event["member"], event["day"]), event["day"], event["type"]
        if kind == "join":
            member.joined = day
        if kind == "profile":
            member.attributes |= {k: event[k] for k in self.program.get("members", {}) if event.get(k) is not None}
        member.seen.append(event)
        if self.tiers.get("upgrade") == "before":
            self.rise(member, day, event["id"])
        if kind == "redeem":
            self.redeem(member, event)
        elif kind == "cancel_redeem" and cause["id"] in self.redemptions:
            self.restore(self.redemptions[cause["id"]], event, Fraction(1))
        elif kind == "adjust":
            self.adjust(member, event)
        elif kind == "use":
            reward = event.get("reward")
            grants = [g for g in self.grants if g["member_id"] == member.id and g["id"] == reward and g["state"] == "open" and (g["until"] or day) >= day]
            if grants:
                min(grants, key=lambda g: g["until"] or date.max)["state"] = "used"
            else:
                self.refused.append({"at": event["at"], "member_id": member.id, "event_id": event["id"], "rule": reward, "code": "not_eligible" if reward in self.rewards else "unknown_reward"})
        elif cause:
            self.reverse(event, cause)
        self.earn(member, event)
        self.look(member, day, event["id"])

    def run(self, events: list[Plain], until: date | None) -> None:
        """Works all events in order, then every member's clock up to `until`."""
        unique: dict[str, Plain] = {}
        for event in sorted(events, key=lambda e: e["at"]):
            if self.given is None or event["member"] in self.given:
                unique.setdefault(event["id"], self.ready(event))
        last = until or max(event["day"] for event in unique.values())
        unique = {key: event for key, event in unique.items() if event["day"] <= last}
        self.events, queue = unique, list[Any]()
        for event in unique.values():
            kind = "redeem" if event["type"] == "cancel_redeem" else self.types.get(event["type"], {}).get("reverses")
            cause, place = unique.get(event.get(kind)), (event["at"], event["id"])
            if kind and (not cause or cause["type"] != kind):
                self.aside.add(event["id"])
            elif cause and (cause["at"], cause["id"]) > place:
                moved = {**event, **{key: cause[key] for key in ("at", "local", "day")}}
                queue.append(((cause["at"], cause["id"]), 1, place, moved, cause))
            else:
                queue.append((place, 0, place, event, cause))
        for _, _, _, event, cause in sorted(self.joined(queue, last), key=lambda x: x[:3]):
            self.work(event, cause)
        for member in self.members.values():
            self.member(member.id, last)
        self.rows.sort(key=lambda r: (r["at"], r["event_id"] is not None, r["event_id"] or r["member_id"]))

    def ready(self, event: Plain) -> Plain:
        """An event with every field of its type, exact numbers, its local instant and day."""
        fields = dict.fromkeys(self.types.get(event["type"], {}))
        local = event["at"].astimezone(self.zone)
        return fields | {key: exact(x) for key, x in event.items()} | {"local": local, "day": local.date()}

    def joined(self, queue: list[Any], last: date) -> list[Any]:
        """The queue with everybody's one join: at `joined_at`, else before the first event."""
        firsts: dict[str, Any] = {}
        for entry in sorted(queue, key=lambda x: x[:3]):
            firsts.setdefault(entry[3]["member"], entry)
        known = {n: m["joined_at"] for n, m in (self.given or {}).items() if m.get("joined_at")}
        kept = [x for x in queue if x[3]["type"] != "join"]
        for name in {**known, **firsts}:
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
