"""What a rule's condition and amounts look like to whoever puts them into words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from fractions import Fraction

from engine.language.expression.tree import Expr, From, Name, Type, Value
from engine.language.program import Award, Fact, Program

FLIPPED = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_CALENDAR = {
    "hour": (0, 23, ("between",)),
    "weekday": (1, 7, ("=", "in", "between")),
    "day": (1, 31, ("=", "in")),
    "month": (1, 12, ("=", "in", "between")),
}
OPPOSITE = {"=": "<>", "<>": "=", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}


@dataclass(frozen=True, slots=True)
class Scene:
    """Where an expression stands: its program and the events whose fields it names.

    `fact` is the event of the fact whose value is told, if one is; `its` stands before a field.
    `factor`: what is told multiplies, so that nothing leaves things as they are.
    `facts` are the phrases of the facts that an expression may name, `names` the rules' names.
    """

    program: Program
    events: tuple[str, ...]
    fact: str | None = None
    its: str = "its"
    factor: bool = False
    facts: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a condition that belong to the event, to who did it, to when, and the rest."""

    amount: Expr | None
    tiers: tuple[str, ...]
    times: tuple[Expr, ...]
    rest: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Share:
    """An amount that follows a sum of money: `gain` units for each `each` units of `name`.

    `full` says that only whole steps of `each` count.
    """

    name: Name
    gain: Fraction
    each: Fraction
    full: bool


def parts(condition: Expr | None) -> Parts:
    """What a condition says of the amount, the tier and the time, and what is left."""
    amount: Expr | None = None
    tiers: tuple[str, ...] = ()
    times: list[Expr] = []
    rest: list[Expr] = []
    for one in _conjuncts(condition):
        named = tiers_named(one)
        if amount is None and is_of_amount(one):
            amount = one
        elif not tiers and named:
            tiers = named
        elif is_time(one) and all(one.args[0].op != t.args[0].op for t in times):
            times.append(one)
        else:
            rest.append(one)
    return Parts(amount, tiers, tuple(times), tuple(rest))


def amount_and_rest(condition: Expr | None) -> tuple[Expr | None, tuple[Expr, ...]]:
    """What a condition says of the amount, and its other parts."""
    tests = _conjuncts(condition)
    amount = next((t for t in tests if is_of_amount(t)), None)
    return amount, tuple(t for t in tests if t is not amount)


def is_of_amount(condition: Expr) -> bool:
    """True for a comparison of the event's own `amount` with constants."""
    if condition.op not in {*FLIPPED, "between"} or condition.op == "<>":
        return False
    subject = condition.args[0]
    return (
        isinstance(subject.value, Name)
        and subject.value.source == From.FIELD
        and subject.value.name == "amount"
        and subject.value.type == Type.MONEY
        and all(a.op == "const" and a.type.is_number for a in condition.args[1:])
    )


def tiers_named(condition: Expr) -> tuple[str, ...]:
    """The tiers of `tier = 'gold'` or `tier in (...)`; nothing for anything else."""
    if condition.op not in ("=", "in") or not _is_name(condition.args[0], From.TIER):
        return ()
    texts = tuple(a.value for a in condition.args[1:] if isinstance(a.value, str))
    return texts if len(texts) == len(condition.args) - 1 else ()


def is_time(condition: Expr) -> bool:
    """True for what says on which days or hours the event may fall."""
    if condition.op == "is_birthday_month":
        return _is_name(condition.args[0], From.ATTRIBUTE)
    subject = condition.args[0] if condition.args else condition
    if subject.op not in _CALENDAR or not _is_name(subject.args[0], From.AT):
        return False
    numbers = [a.value for a in condition.args[1:] if type(a.value) is int]
    least, most, ways = _CALENDAR[subject.op]
    fit = len(numbers) == len(condition.args) - 1 and all(least <= n <= most for n in numbers)
    return fit and condition.op in ways


def share(amount: Expr) -> Share | None:
    """`amount * 2`, `3 * amount / 40`, `floor(amount / 100) * 5` as a gain for each so much."""
    found = _linear(amount)
    if found is None:
        return None
    name, factor, step = found
    if factor <= 0:
        return None
    if step is not None and _places(step) > 2:
        return None
    if step is not None:
        return Share(name, factor, step, full=True)
    if factor.denominator == 1 or (_places(factor) <= 2 and factor.numerator != 1):
        return Share(name, factor, Fraction(1), full=False)
    return Share(name, Fraction(factor.numerator), Fraction(factor.denominator), full=False)


def counted(scene: Scene, condition: Expr) -> tuple[Fact, int] | None:
    """The fact and the number of `orders = 1`, when the rule's own event is what is counted."""
    if condition.op != "=" or not _is_name(condition.args[0], From.FACT):
        return None
    name, number = condition.args[0].value, condition.args[1].value
    assert isinstance(name, Name)
    fact = scene.program.facts.get(name.name)
    if fact is None or type(number) is not int or number < 1:
        return None
    plain = not (fact.condition or fact.over or fact.before or fact.since or fact.this)
    if fact.kind == "count" and plain and scene.events == (fact.event,):
        return fact, number
    return None


def given_or(comparison: Expr) -> tuple[Expr, bool] | None:
    """`coalesce(x, 'none') = 'a'` as the plain comparison, and whether it holds without x."""
    op, left, right = comparison.op, *comparison.args[:2]
    if left.op != "coalesce" or len(left.args) != 2 or right.op != "const":
        return None
    instead = left.args[1].value
    if left.args[1].op != "const" or instead is None or right.value is None:
        return None
    plain = replace(comparison, args=(left.args[0], right))
    return plain, _holds(op, instead, right.value)


def sided(comparison: Expr) -> tuple[str, Expr, Expr]:
    """A comparison with its constant, if it has one, on the right."""
    left, right = comparison.args
    if left.op == "const" and right.op != "const":
        return FLIPPED[comparison.op], right, left
    return comparison.op, left, right


def turned(condition: Expr) -> Expr:
    """The condition with constants on the right, and days up to the event as days since then."""
    args = tuple(turned(a) for a in condition.args)
    op = condition.op
    if op == "days_between" and (_is_name(args[1], From.AT) or _is_name(args[1], From.TODAY)):
        op, args = "days_since", args[:1]
    if op in FLIPPED and args[0].op == "const" and args[1].op != "const":
        op, args = FLIPPED[op], args[::-1]
    return Expr(op, condition.type, args, condition.value, condition.start, condition.stop)


def pattern(text: str) -> tuple[str, str] | None:
    """How a `like` pattern is met, when that has a word: starts, ends, contains or equals what."""
    core = text.strip("%")
    if not core or "%" in core or "_" in core:
        return None
    before, after = text.startswith("%"), text.endswith("%")
    how = {(True, True): "contains", (False, True): "starts", (True, False): "ends"}
    return how.get((before, after), "equals"), core


def number(value: Fraction | int) -> str:
    """A number with its thousands set apart: 1,000 or 0.29; what does not end is a fraction."""
    exact = Fraction(value)
    if exact.denominator == 1:
        return f"{exact.numerator:,}"
    places = _places(exact)
    if places > 12:
        return f"{exact.numerator:,}/{exact.denominator:,}"
    whole, rest = divmod(abs(exact.numerator), exact.denominator)
    digits = f"{rest * 10**places // exact.denominator:0{places}d}"
    return f"{'-' if exact < 0 else ''}{whole:,}.{digits}"


def award_name(program: Program, told: Award) -> str:
    """What people call the reward or privilege that a rule gives."""
    if told.kind == "privilege":
        return privilege_name(program, told.id)
    return program.rewards[told.id].rule.name if told.id in program.rewards else told.id


def privilege_name(program: Program, name: str) -> str:
    """What people call a privilege."""
    return program.privileges[name].name if name in program.privileges else name


def part(share: Fraction) -> str:
    """A share as a percentage, or as a fraction where that would not end: `5%`, `1/3`."""
    return f"{number(share * 100)}%" if _places(share * 100) <= 2 else number(share)


def clock(at: datetime) -> str:
    """An instant's time of day, or nothing at midnight."""
    if not (at.hour or at.minute or at.second):
        return ""
    return f"{at:%H:%M:%S}" if at.second else f"{at:%H:%M}"


def _conjuncts(condition: Expr | None) -> list[Expr]:
    if condition is None:
        return []
    if condition.op != "and":
        return [turned(condition)]
    return [one for arg in condition.args for one in _conjuncts(arg)]


def _holds(op: str, left: Value, right: Value) -> bool:
    """Whether a comparison of two constants of one type holds."""
    order = 0 if left == right else -1 if left < right else 1  # type: ignore[operator]
    return order in {"=": (0,), "<>": (-1, 1), "<": (-1,), "<=": (-1, 0), ">": (1,)}.get(op, (0, 1))


def _is_name(expression: Expr, source: From) -> bool:
    name = expression.value
    return isinstance(name, Name) and name.source == source and not name.of_referrer


def _linear(amount: Expr) -> tuple[Name, Fraction, Fraction | None] | None:
    """The sum of money, the factor on it, and the step of which only whole ones count."""
    if isinstance(amount.value, Name):
        of_event = amount.value.source == From.FIELD and amount.value.type == Type.MONEY
        return (amount.value, Fraction(1), None) if of_event else None
    if amount.op in ("*", "/"):
        return _scaled(amount)
    if amount.op == "floor":
        inner = _linear(amount.args[0])
        if inner is not None and inner[2] is None and inner[1] > 0:
            return inner[0], Fraction(1), 1 / inner[1]
    return None


def _scaled(amount: Expr) -> tuple[Name, Fraction, Fraction | None] | None:
    left, right = amount.args
    if amount.op == "*" and left.op == "const":
        left, right = right, left
    inner = _linear(left)
    by = right.value
    if inner is None or right.op != "const" or isinstance(by, bool):
        return None
    if not isinstance(by, int | Fraction) or by == 0:
        return None
    factor = Fraction(by) if amount.op == "*" else 1 / Fraction(by)
    return inner[0], inner[1] * factor, inner[2]


def _places(value: Fraction) -> int:
    """How many decimals it has; 99 when it never ends."""
    rest, places = value.denominator, 0
    while places < 13 and 10**places % rest:
        places += 1
    return places if places < 13 else 99
