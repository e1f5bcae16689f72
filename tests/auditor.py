"""A second, slow reading of the rules: which ledger a program and its events must leave."""

from __future__ import annotations

import math
import operator
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from fractions import Fraction
from functools import cache
from itertools import pairwise
from statistics import median
from types import SimpleNamespace as Kept  # a member, a lot, a part of a lot, a note
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
from dateutil.relativedelta import relativedelta as span  # type: ignore[import-untyped]

Plain = dict[str, Any]  # a section of the program, an event
UNITS = {"day": span(days=1), "week": span(weeks=1), "month": span(months=1),
         "quarter": span(months=3), "year": span(years=1)}  # fmt: skip
ROW = (
    "at",
    "member_id",
    "wallet",
    "kind",
    "amount",
    "rule",
    "event_id",
    "lot",
    "wanted",
    "missing",
)
GRANT = ("at", "member_id", "kind", "id", "rule", "event_id", "until", "state", "since")
REFUSED = ("at", "member_id", "event_id", "rule", "code")
AWARDS = ("coupon", "item", "voucher", "badge", "privilege", "tier")


def dated(value: Any, day: date) -> Any:
    """The value in force on `day`; None before the first date of a dated one."""
    if not isinstance(value, dict) or not all(isinstance(start, date) for start in value):
        return value
    return next((value[start] for start in sorted(value, reverse=True) if start <= day), None)


@cache
def later(day: date, duration: str, sign: int = 1) -> Any:
    """`day` plus or minus a duration in words; months clamp, `to month end` goes to its end."""
    number, unit, *end = re.findall(r"\d+|day|week|month|quarter|year", duration.split(" with")[0])
    day += sign * int(number) * UNITS[unit]
    return pd.Period(day, end[0][0].upper()).end_time.date() if end else day


@cache
def period(unit: str, when: Any) -> Any:
    """The calendar period of a day or instant; weeks begin on Monday."""
    return pd.Period(when, "h" if unit == "hour" else unit[0].upper())


@cache
def limit(text: Any) -> tuple[Fraction, str | None, Callable[[Any, Any], bool]]:
    """`500 points per 30 days`: the number, the wallet, and whether two instants share a period."""
    number, wallet, days, unit = re.match(  # type: ignore[union-attr]
        r"(\S+)(?: (?!per )(\w+))?(?: per (?:(\d+) )?(\w+?)s?)?$", str(text)
    ).groups()
    if days:
        return Fraction(number), wallet, lambda a, b: (a.date() - b.date()).days < int(days)
    return Fraction(number), wallet, lambda a, b: not unit or period(unit, a) == period(unit, b)


def rounded(value: Fraction, mode: str) -> int:
    """`down` and `up` are towards and away from zero, `nearest` is half away from zero."""
    size = abs(value) + (Fraction(1, 2) if mode == "nearest" else 0)
    return (math.ceil(size) if mode == "up" else math.floor(size)) * (1 if value > 0 else -1)


def listed(value: Any) -> list[Any]:
    """One value or a list, or, of what is given, ids with counts."""
    if isinstance(value, dict) and all(isinstance(count, int) for count in value.values()):
        return [name for name in value for _ in range(value[name])]
    return [] if value is None else value if isinstance(value, list) else [value]


def exact(value: Any) -> Any:
    """Numbers as fractions, everything else as it is."""
    number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    return Fraction(value) if number else value


STRICT: dict[str, Callable[..., Any]] = {  # null as soon as one part is null
    "=": operator.eq, "<>": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt,
    ">=": operator.ge, "not": operator.not_, "+": operator.add, "-": operator.sub,
    "*": operator.mul, "/": lambda a, b: a / b if b else None, "includes": lambda a, b: b in a,
    "%": lambda a, b: a - b * math.trunc(a / b) if b else None, "hour": lambda a: a.hour,
    "floor": lambda a: Fraction(math.floor(a)), "weekday": lambda a: a.isoweekday(),
    "month": lambda a: a.month, "lower": str.lower, "starts_with": str.startswith,
    "days_between": lambda a, b: (pd.Timestamp(b).date() - pd.Timestamp(a).date()).days,
}  # fmt: skip
LOOSE: dict[str, Callable[[list[Any]], Any]] = {  # nulls have their own meaning
    "or": lambda v: True if True in v else None if None in v else False,
    "and": lambda v: False if False in v else None if None in v else True,
    "is null": lambda v: v[0] is None, "is true": lambda v: v[0] is True,
    "coalesce": lambda v: next((x for x in v if x is not None), None),
    "least": lambda v: min((x for x in v if x is not None), default=None),
    "greatest": lambda v: max((x for x in v if x is not None), default=None),
    "in": lambda v: LOOSE["or"]([None if None in (v[0], x) else v[0] == x for x in v[1:]]),
    "between": lambda v: None if None in v else v[1] <= v[0] <= v[2],  # its ends are constants
}  # fmt: skip
FACTS: dict[str, Callable[[list[Any]], Any]] = {
    "count": lambda v: Fraction(len(v)), "sum": lambda v: Fraction(sum(v)),
    "distinct": lambda v: Fraction(len(set(v))), "average": lambda v: sum(v) / len(v),
    "min": min, "max": max, "first": lambda v: v[0], "last": lambda v: v[-1],
    "previous": lambda v: v[-2] if v[1:] else None,
    "most frequent": lambda v: sorted(v, key=v.count)[-1],  # a tie: the last seen
    "median gap": lambda v: median(
        Fraction((b.date() - a.date()).days) for a, b in pairwise(v)) if v[1:] else None,
}  # fmt: skip


def evaluate(tree: Any, names: Callable[[str], Any]) -> Any:
    """The value of an expression of nested tuples, as SQL has it; None is null."""
    if not isinstance(tree, tuple):
        return names(tree) if isinstance(tree, str) else exact(tree)
    name, *parts = tree
    if name in ("text", "has"):
        return parts[0] if name == "text" else names("has " + parts[0][1])
    if name == "case":
        return evaluate(next((x for test, x in parts[0] if evaluate(test, names)), parts[1]), names)
    values = [evaluate(part, names) for part in parts]
    if name in LOOSE:
        return LOOSE[name](values)
    return None if None in values else STRICT[name](*values)


def fact(seen: list[Plain], spec: Plain, today: date) -> Any:
    """A fact on a day, from all that was seen of a member until then."""
    if "streak" in spec:  # periods in a row, up to this one, or the one before if this has none
        marks = {period(spec["by"], e["day"]) for e in seen if e["type"] == spec["streak"]}
        now, length = period(spec["by"], today), 0
        now -= int(now not in marks)
        while now - length in marks:
            length += 1
        return Fraction(length)
    kind = next(key for key in spec if key in FACTS)
    values = taken(seen, spec, spec[kind], today)[-spec.get("of last", 0) :]
    values += [-value for value in taken(seen, spec, spec.get("less", ""), today)]
    return FACTS[kind](values) if values else 0 if kind in ("count", "sum", "distinct") else None


def taken(seen: list[Plain], spec: Plain, target: Any, today: date) -> list[Any]:
    """What a fact takes from events: the instant, a field, or an expression; nulls left out."""
    name = target[-1] if isinstance(target, tuple) else target
    last = later(today, spec["before"], -1) if "before" in spec else today
    first = later(last, spec["over"], -1) + UNITS["day"] if "over" in spec else date.min
    first = period(spec["this"], today).start_time.date() if "this" in spec else first
    starts = [i + 1 for i, event in enumerate(seen) if event["type"] == spec.get("since")]
    rows = seen[max(starts, default=len(seen)) :] if "since" in spec else seen
    rows = [e for e in rows if e["type"] == name.split(".")[0] and first <= e["day"] <= last]
    fields = [lambda n, e=e: e.get("local" if ".at" in n else n.split(".")[-1]) for e in rows]
    held = [f for f in fields if evaluate(spec.get("if", True), f) is True]
    values = [evaluate(target if "." in name else "x.at", f) for f in held]
    return [value for value in values if value is not None]


class Auditor:
    """One run of a program over its events; it leaves rows, members, grants, refusals."""

    def __init__(self, program: Plain, people: Plain | None) -> None:
        self.program, self.people, self.rewards = program, people or {}, program["rewards"]
        usual = {"round": "down", "pending": "0 days", "expires": "never", "decimals": 0}
        self.wallets = {name: usual | spec for name, spec in program["wallets"].items()}
        self.tiers, self.facts = program.get("tiers", {}), program.get("facts", {})
        self.zone, self.last = ZoneInfo(program["program"]["timezone"]), date.max
        self.members, self.redemptions = dict[str, Kept](), dict[str, Kept]()
        self.known, self.shares = dict[str, Plain](), dict[str, Any]()
        self.rows, self.grants, self.refused = list[Plain](), list[Plain](), list[Plain]()
        self.notes, self.gifts = defaultdict[str, Any](list), defaultdict[str, Any](list)
        self.rises = dict[Any, Any]()  # the rungs from and to which an event made a member rise
        benefits = {f"tiers.{tier}": {"tier": tier, "multiply": self.amounts(gifts)}
                    for tier, gifts in self.tiers.get("benefits", {}).items()}  # fmt: skip
        rules = {"tiers": benefits, "earn": program["earn"]}
        self.rules = [rule for section in program for rule in rules.get(section, {}).items()]

    def amounts(self, give: Plain) -> Plain:
        return {wallet: amount for wallet, amount in give.items() if wallet in self.wallets}

    def row(self, event: Plain, who: Kept, wallet: str, kind: str, amount: int, *rest: Any) -> None:
        """Writes an entry; the rest is its rule, lot, wanted and missing, as far as it has them."""
        rule, *more = rest or (None,)
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
            self.look(member, event)
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
        return Fraction(sum(x.left for x in lots), self.scale(wallet))

    def scale(self, wallet: str | None) -> int:
        """How many of the smallest unit one unit of a wallet is; a count is in ones."""
        spec = self.wallets.get(wallet, {"decimals": 0})
        return int(10 ** (2 if spec.get("unit") == "money" else spec["decimals"]))

    def tier(self, member: Kept, day: date) -> Any:
        """What a member reached himself, or a higher one given to him."""
        ladder, own = list(self.tiers.get("ladder", [None])), self.open_grants(member, day)
        given = [ladder.index(grant["id"]) for grant in own if grant["kind"] == "tier"]
        return ladder[max([member.rung, *given])]

    def rise(self, member: Kept, event: Plain) -> int:
        """Up to the highest rung whose number the measure has come to: that rung."""
        measure, day = self.tiers["measure"], event["day"]
        if measure in self.facts:
            value = fact(member.seen, self.facts[measure], day) or 0
        else:
            value = self.balance(member, measure, True, False)
        least = [dated(number, day) for number in self.tiers["ladder"].values()]
        reached = max([0, *(i for i, x in enumerate(least) if value >= x)])
        if reached > member.rung:
            low, _ = self.rises.get((event["id"], member.id), (member.rung, 0))
            self.rises[event["id"], member.id] = low, reached
            member.rung, member.kept, member.grace = reached, day, None
        return reached

    def look(self, member: Kept, event: Plain) -> None:
        """A rise, else perhaps a fall where a review, or the look after a grace, is due."""
        if not self.tiers:
            return
        day, begins, ladder = event["day"], event["id"] is None, self.tiers["ladder"].values()
        reached, falls = self.rise(member, event), self.tiers.get("downgrade", "never")
        at_once = self.tiers.get("review", "at once") == "at once"
        changed = begins and day in [d for x in ladder if isinstance(x, dict) for d in x]
        if changed and reached < member.rung and self.tiers.get("on change") == "reassess":
            member.rung, member.kept, member.grace = reached, day, None
        low, over = reached < member.rung, begins and member.grace and day > member.grace
        if member.grace and not over:
            member.grace = None if at_once and not low else member.grace
        elif falls != "never" and (at_once or over or (begins and self.due(member, day))):
            if low and "grace" in self.tiers and not over:
                member.grace = later(day, self.tiers["grace"])
            else:
                fallen = reached if falls == "reassess" else member.rung - 1
                member.rung, member.kept, member.grace = fallen if low else member.rung, day, None

    def due(self, member: Kept, day: date) -> bool:
        """Whether a review falls on a day that begins."""
        review, joined = self.tiers["review"], member.joined or date.max
        if review.startswith("every "):
            return bool(day > later(member.kept, review.removeprefix("every ")))
        if review == "yearly":
            return (day.month, day.day) == (1, 1)
        return day.year > joined.year and day == later(joined, f"{day.year - joined.year} years")

    def note(self, event: Plain, name: str, rule: Plain, who: Kept, wallet: Any = None) -> Kept:
        """What a rule wants of a wallet, or without one a time that it holds; in its limits."""
        new = Kept(event=event, name=name, rule=rule, who=who, wallet=wallet, taken=0, ended=False)
        new.amount = new.limited = new.drawn = 0  # of the member's limits, of the budget
        self.notes[name].append(new)
        return new

    def shared(self, note: Kept, text: Any) -> tuple[Any, list[Kept]]:
        """What a limit or budget allows a note, and the notes that share it in its period."""
        number, wallet, same = limit(dated(text, note.event["day"]))
        own = [x for x in self.notes[note.name] if x.wallet == note.wallet == wallet]
        own = [x for x in own if same(note.event["local"], x.event["local"])]
        return number * self.scale(wallet) if wallet == note.wallet else math.inf, own

    def left(self, note: Kept) -> Any:
        """How much the limits of a rule leave of a wallet, or of its count."""
        texts = listed(note.rule.get("limit")) + ["1"] * bool(note.rule.get("once"))
        limits = [self.shared(note, text) for text in texts]
        used = [most - sum(x.limited for x in own if x.who is note.who) for most, own in limits]
        return max(0, min([math.inf, *used]))

    def draw(self, note: Kept, wanted: int) -> None:
        """Grants what the budget leaves; what does not fit ends it in its period."""
        if "budget" in note.rule:
            most, own = self.shared(note, note.rule["budget"])
            ended, left = any(x.ended for x in own), most - sum(x.drawn for x in own)
            if wanted > 0 and (ended or wanted > left):
                cut = note.wallet and not ended and note.rule.get("over budget") != "refuse"
                wanted = int(max(left, 0)) if cut else 0
                for other in own:
                    other.ended = True
        note.amount = note.limited = note.drawn = wanted

    def give_back(self, note: Kept, amount: int) -> None:
        """To the budget until it has ended, and to limits that return."""
        note.drawn -= 0 if note.ended else amount
        note.limited -= amount if note.rule.get("on refund") == "return limit" else 0

    def award(self, member: Kept, event: Plain, name: str, give: Plain, times: int = 1) -> bool:
        """Coupons, badges, rights and tiers that a rule gives; whether there are any."""
        day, given = event["day"], [(k, x) for k in AWARDS for x in listed(give.get(k)) * times]
        for kind, text in given:
            key, _, lasts = text.partition(" for ")
            lasts = lasts or dated(self.rewards.get(key, {}).get("valid"), day)
            until = later(day, lasts) if lasts else date.max
            if self.stock(key, day) < 1:
                self.refuse(member, event, name, "out_of_stock")
            elif kind != "badge" or key not in [x["id"] for x in self.open_grants(member, day)]:
                values = event["at"], member.id, kind, key, name, event["id"], until, "open", day
                self.grants.append(dict(zip(GRANT, values, strict=True)))
        return bool(given)

    def open_grants(self, member: Kept, day: date) -> list[Plain]:
        """A member's open grants, the one that ends first first."""
        own = [g for g in self.grants if (g["member_id"], g["state"]) == (member.id, "open")]
        return sorted((g for g in own if g["until"] >= day), key=lambda g: g["until"])

    def stock(self, name: str, day: date) -> Any:
        """How many are left; what came back can be had again from the next day on."""
        out = [g for g in self.grants if g["state"] != "cancelled" or g["since"] >= day]
        own = [g for g in out if g["id"] == name]
        return dated(self.rewards.get(name, {}).get("stock", math.inf), day) - len(own)

    def withdraw(self, event: str, day: date) -> None:
        """Open grants of a wholly reversed event go."""
        for grant in self.grants:
            if (grant["event_id"], grant["state"]) == (event, "open"):
                grant |= {"state": "cancelled", "since": day}

    def names(self, member: Kept, event: Plain) -> Callable[[str], Any]:
        """What names stand for: balances and the tier as they are now, facts with this event."""
        day, tier = event["day"], self.tier(member, event["day"])
        scope = {**member.known, **event, "at": event["local"], "today": day, "tier": tier}
        for part, pending in {"": (True, False), "_active": (False,), "_pending": (True,)}.items():
            scope |= {w + part: self.balance(member, w, *pending) for w in self.wallets}
        rights = self.tiers.get("benefits", {}).get(tier, {}).get("privileges", [])
        rights = [*rights, *(grant["id"] for grant in self.open_grants(member, day))]
        scope |= {f"has {right}": right in rights for right in self.program.get("privileges", {})}
        seen, facts = member.seen, self.facts
        return lambda n: fact(seen, facts[n], day) if n in facts else scope.get(n.split(".")[-1])

    def in_time(self, member: Kept, rule: Plain, day: date) -> bool:
        term, joined = rule.get("within"), member.joined
        return not term or bool(joined and day <= later(joined, term))

    def holds(self, note: Kept, member: Kept, value: Callable[[Any], Any]) -> bool:
        """Whether a rule holds for an event; its group is looked at later."""
        event, rule, day = note.event, note.rule, note.event["day"]
        gives, tier = self.amounts(rule.get("give", {})), self.tier(member, day)
        held = (
            event["type"] in listed(rule.get("when", event["type"]))
            and rule.get("tier", tier) == tier
            and event.get(rule.get("to", "id"))
            and rule.get("from", day) <= day <= rule.get("until", day)
            and self.in_time(member, rule, day)
            and value(rule.get("if", True)) is True
            and None not in [dated(amount, day) for amount in gives.values()]
            and None not in [value(factor) for factor in rule.get("multiply", {}).values()]
            and self.left(note) >= 1
        )
        self.draw(note, int(bool(held)))
        granted = bool(note.amount)
        note.amount = note.limited = note.drawn = 0  # until it has given something
        return granted

    def decide(self, member: Kept, event: Plain, names: Any) -> tuple[list[Kept], list[Kept]]:
        """The rules that hold; what each gives before rounding: gifts, then multipliers' steps."""
        value = lambda amount: evaluate(dated(amount, event["day"]), names)  # noqa: E731
        held, gifts, steps, notes = list[Kept](), list[Kept](), list[Kept](), list[Kept]()
        for name, rule in self.rules:
            to = event.get(rule.get("to"))
            note = self.note(event, name, rule, self.member(to, event["day"]) if to else member)
            notes += [note] * self.holds(note, member, value)
        for key, made in {"give": gifts, "multiply": steps}.items():
            some = [note for note in notes if key in note.rule]
            for note in some:
                self.want(note, key, value, [gift for gift in gifts if gift.who is member])
            for note in some:  # of a group the best
                group = [x for x in some if x.rule.get("group") == note.rule.get("group")]
                if "group" not in note.rule or note is max(group, key=lambda x: x.rank):
                    held, made[len(made) :] = [*held, note], note.wants
        stacking = self.program["program"].get("stacking", "multiply")
        if stacking == "best":
            best = {w: [x for x in steps if x.wallet == w] for w in self.wallets}
            steps = [x for x in steps if x is max(best[x.wallet], key=lambda y: y.exact)]
        for step in steps:
            factor, step.exact = step.exact, 0
            for gift in step.reach:
                step.exact += (factor - 1) * gift.product
                gift.product *= factor if stacking == "multiply" else 1
        return held, gifts + steps

    def want(self, note: Kept, key: str, value: Any, gifts: list[Kept]) -> None:
        """What a rule gives, or the factors and the gifts that it multiplies; and its rank."""
        note.wants, sizes = [], []
        for wallet, amount in self.amounts(note.rule[key]).items():
            new = self.note(note.event, note.name, note.rule, note.who, wallet)
            new.kind, exact = "earn" if key == "give" else "bonus", value(amount)
            new.exact = new.product = max(exact or Fraction(0), Fraction(0))  # never takes
            own = [x for x in gifts if x.wallet == wallet]
            new.reach = [x for x in own if x.name in note.rule.get("of", [x.name])]
            sizes.append((new.exact - 1) * sum(x.exact for x in new.reach))
            sizes[-1] = new.exact if key == "give" else sizes[-1]
            note.wants += [new] * (exact is not None if key == "give" else bool(new.reach))
        note.rank = note.rule.get("priority", -math.inf), [*sizes, 0][0]

    def write(self, member: Kept, event: Plain, held: list[Kept], gifts: list[Kept]) -> None:
        """Rounds once per wallet, cuts each entry by itself, opens the lots, writes."""
        owns = defaultdict[Any, list[Kept]](list)
        for gift in gifts:
            own = gift.own = owns[gift.who.id, gift.wallet]
            own.append(gift)
            gift.place, scale = len(own) - 1, self.scale(gift.wallet)
            sums = [sum(x.exact for x in own[:end]) * scale for end in (-1, None)]
            before, after = (rounded(x, self.wallets[gift.wallet]["round"]) for x in sums)
            gift.wanted = after - before
            self.draw(gift, int(max(0, min(gift.wanted, self.left(gift)))))
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
            given = self.award(note.who, event, note.name, note.rule.get("give", {}))
            some = [x for x in gifts if x.name == note.name and (x.amount or not x.wanted)]
            note.amount = note.limited = note.drawn = int(given or bool(some))
            note.own, note.place = [note], 0
        self.gifts[event["id"]] = gifts + held
        for who in {gift.who.id: gift.who for gift in gifts if gift.who is not member}.values():
            self.look(who, event)

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
            self.give_back(gift, need)
            if gift.wallet and need:
                self.take(self.member(gift.who.id, day), gift, need, event)
        if share == 1:
            self.withdraw(order["id"], day)
        for (_, name), (low, high) in [x for x in self.rises.items() if x[0][0] == order["id"]]:
            who = self.member(name, day)
            back = max(low, self.rise(who, event))
            if back < who.rung <= high:
                who.rung, who.kept, who.grace = back, day, None

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
            self.give_back(note, note.amount - note.taken)
            note.taken = note.amount
            self.withdraw(note.event["id"], event["day"])

    def spend(self, member: Kept, costs: Plain, event: Plain, kind: str, rule: Any) -> Any:
        """The parts that a member's own debit takes, written; None where it does not fit."""
        costs = {w: (int(cost * self.scale(w)), self.wallets[w]) for w, cost in costs.items()}
        lots = {w: [x for x in self.open_lots(member, w) if not x.pending] for w in costs}
        for wallet, (cost, spec) in costs.items():
            if spec.get("below zero") != "yes" and sum(x.left for x in lots[wallet]) < cost:
                return None
            lots[wallet].append(member.debts[wallet])
        parts = [part for w, (cost, _) in costs.items() for part in self.debit(cost, lots[w])]
        for part in parts:
            self.row(event, member, part.lot.wallet, kind, -part.amount, rule, part.lot.id)
        return parts

    def redeem(self, member: Kept, event: Plain, names: Any) -> None:
        """Takes the cost and gives the reward, or says why not."""
        name, times = event["reward"], int(event.get("quantity") or 1)
        note = self.note(event, name, self.rewards.get(name, {}), member)
        for code, passed in self.checks(note, times, names):
            if not passed:
                note.amount = note.limited = note.drawn = 0
                self.refuse(member, event, name, code)
                return
        self.redemptions[event["id"]] = note
        kinds = {kind: name for kind in AWARDS if kind in note.rule}
        self.award(member, event, name, kinds, times)

    def checks(self, note: Kept, times: int, names: Any) -> Iterator[tuple[str, Any]]:
        """What a redemption must pass, in this order; the last takes the cost."""
        event, rule, day, member = note.event, note.rule, note.event["day"], note.who
        yield "unknown_reward", rule
        yield "not_in_window", rule.get("from", day) <= day <= rule.get("until", day)
        yield "not_eligible", self.in_time(member, rule, day)
        yield "not_eligible", evaluate(rule.get("if", True), names) is True
        costs = {w: evaluate(dated(x, day), names) * times for w, x in rule.get("cost", {}).items()}
        if "rate" in rule:
            wallet, units = next(iter(rule["rate"].items()))
            order = self.known.get(event.get("order"), {}).get("amount") or 0
            money = (event.get("points") or 0) * exact(rule["rate"]["money"]) / units
            costs = {wallet: event.get("points") or 0}
            share = Fraction(rule.get("at most", "0%").split("%")[0]) / 100
            yield "not_eligible", "at most" not in rule or money <= share * order
            yield "not_eligible", costs[wallet] >= int(rule.get("at least", "0").split()[0])
        yield "limit_reached", self.left(note) >= times
        yield "out_of_stock", self.stock(note.name, day) >= times
        self.draw(note, times)
        yield "budget_exhausted", note.amount
        note.parts = self.spend(member, costs, event, "spend", note.name)
        yield "insufficient_balance", note.parts is not None

    def adjust(self, member: Kept, event: Plain) -> None:
        """A correction by hand: opens a lot, or takes like a spend."""
        wallet, amount = event["wallet"], event["amount"]
        if amount > 0:
            whole = int(amount * self.scale(wallet))
            lot = self.lot(member, wallet, whole, event)
            self.row(event, member, wallet, "adjust", whole, None, lot)
        elif self.spend(member, {wallet: -amount}, event, "adjust", None) is None:
            self.refuse(member, event, None, "insufficient_balance")

    def use(self, member: Kept, event: Plain) -> None:
        """Uses what was granted, of several the one that ends first."""
        name, own = event["reward"], self.open_grants(member, event["day"])
        if own := [grant for grant in own if grant["id"] == name]:
            own[0]["state"] = "used"
        else:
            code = "not_eligible" if name in self.rewards else "unknown_reward"
            self.refuse(member, event, name, code)

    def work(self, event: Plain) -> None:
        """One event, in the order of S16."""
        kind, cause, day = event["type"], event["cause"], event["day"]
        member, self.known[event["id"]] = self.member(event["member"], day), event
        member.joined = day if kind == "join" else member.joined
        told = {key: event.get(key) for key in self.program.get("members", {}) if kind == "profile"}
        member.known |= {key: value for key, value in told.items() if value is not None}
        member.seen.append(event)
        if self.tiers.get("upgrade") == "before":
            self.rise(member, event)
        names = self.names(member, event)
        held, gifts = self.decide(member, event, names)
        if kind == "redeem":
            self.redeem(member, event, names)
        elif kind in ("adjust", "use"):
            (self.adjust if kind == "adjust" else self.use)(member, event)
        elif kind != "cancel_redeem" and cause:
            self.reverse(event, cause)
        elif cause and cause["id"] in self.redemptions:
            self.restore(self.redemptions[cause["id"]], event, 1)
        self.write(member, event, held, gifts)
        self.look(member, event)

    def ready(self, event: Plain) -> Plain:
        """An event with exact numbers, its instant in the program's zone, its day and place."""
        local = event["at"].astimezone(self.zone).replace(tzinfo=None)
        new = {key: exact(value) for key, value in event.items()} | {"cause": None}
        return new | {"local": local, "day": local.date(), "place": (event["at"], event["id"], 1)}

    def timeline(self, events: list[Plain], until: Any) -> tuple[list[Plain], date]:
        """Each id once, reversals behind what they reverse, one join for all; the last day."""
        known = dict[str, Plain]()
        for event in sorted(events, key=lambda e: e["at"]):
            if not self.people or event["member"] in self.people:
                known.setdefault(event["id"], self.ready(event))
        last, queue = until or max(event["day"] for event in known.values()), list[Plain]()
        known = {key: event for key, event in known.items() if event["day"] <= last}
        for event in known.values():
            spec = self.program["events"].get(event["type"], {})
            kind = "redeem" if event["type"] == "cancel_redeem" else spec.get("reverses")
            cause = known.get(str(event.get(kind)))
            if cause and cause["type"] == kind and cause["place"] > event["place"]:
                moved = {key: cause[key] for key in ("at", "local", "day")}
                event = event | moved | {"place": (*cause["place"], *event["place"])}
            if kind is None or (cause and cause["type"] == kind):
                queue.append(event | {"cause": cause})
        return self.joined(sorted(queue, key=lambda e: e["place"]), last), last

    def joined(self, queue: list[Plain], last: date) -> list[Plain]:
        """The queue with everybody's one join: at `joined_at`, else before the first event."""
        given = {n: x["joined_at"] for n, x in self.people.items() if x.get("joined_at")}
        made = [event for event in queue if event["type"] != "join"]
        for name in {**given, **{event["member"]: 0 for event in queue}}:
            own = [event for event in queue if event["member"] == name]
            at, own = (given[name], own) if name in given else (own[0]["at"], own[:1])
            told = [event for event in own if event["type"] == "join" and event["at"] == at]
            new = self.ready({"id": f"!join:{name}", "member": name, "type": "join", "at": at})
            made += told[:1] or [new] * (new["day"] <= last)
        return sorted(made, key=lambda e: e["place"])


def audit(program: Plain, events: list[Plain], people: Any = None, until: Any = None) -> Auditor:
    """What a program and events must leave: rows, members, grants, refusals."""
    auditor = Auditor(program, people)
    queue, auditor.last = auditor.timeline(events, until)
    for event in queue:
        auditor.work(event)
    for name in auditor.members:
        auditor.member(name, auditor.last)
    for grant in auditor.grants:
        gone = grant["state"] == "open" and grant["until"] < auditor.last
        grant["state"] = "expired" if gone else grant["state"]
    auditor.rows.sort(key=lambda r: (r["at"], bool(r["event_id"]), r["event_id"] or r["member_id"]))
    return auditor
