"""Finds rules that say the same twice, and rules that another of their group always hides."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from functools import partial

from engine.language.checks import setting as settings
from engine.language.checks import terms
from engine.language.checks.domain import Number
from engine.language.checks.ranges import ends
from engine.language.checks.setting import Setting
from engine.language.checks.sources import constants, warning
from engine.language.checks.truth import Truth, Truths
from engine.language.checks.ways import Way, found, meets, possible
from engine.language.expression.tree import Expr, Source
from engine.language.problem import Problem
from engine.language.program import Dated, Give, Program, Rule

_GROUP_MAX = 60


def check(program: Program, truths: Truths) -> Iterator[Problem]:
    """The problems between earn rules."""
    yield from _twice(program)
    groups: dict[str, list[Rule]] = defaultdict(list)
    for rule in program.rules:
        if rule.group:
            groups[rule.group].append(rule)
    granted = settings.granted(program)
    for rules in groups.values():
        yield from _hidden(_Ways(program, granted, truths), rules[:_GROUP_MAX])


def _twice(program: Program) -> Iterator[Problem]:
    seen: dict[Hashable, Rule] = {}
    for rule in program.rules:
        if rule.section == "tiers":
            continue
        first = seen.setdefault(_meaning(rule), rule)
        if first is not rule:
            yield warning(
                rule.place,
                rule.id,
                "twice",
                f"`{rule.id}` says the same as `{first.id}`.",
                "Both give. Leave one out, or put them into one `group`.",
            )


def _meaning(rule: Rule) -> Hashable:
    """What a rule does, whatever it is called."""
    condition = terms.key(rule.condition.tree) if rule.condition else None
    awards = tuple((a.kind, a.id, a.count, a.lasts) for a in rule.awards)
    bounds = (rule.start, rule.end, rule.once, rule.within, rule.group, rule.to)
    given = (_amounts(rule.gives), awards, _amounts(rule.multiplies), frozenset(rule.of))
    limits = tuple((one.amount, one.unit, one.period) for one in rule.limits)
    kind = (rule.section, rule.progress)
    return (frozenset(rule.when), kind, condition, bounds, given, limits)


def _amounts(gives: tuple[Give, ...]) -> Hashable:
    return tuple(
        (give.wallet, tuple((start, terms.key(source.tree)) for start, source in give.amount.steps))
        for give in gives
    )


@dataclass(slots=True)
class _Ways:
    """In which ways each rule of a group holds and does not, worked out once; None: too many."""

    program: Program
    granted: frozenset[str]
    truths: Truths
    held: dict[str, list[Way] | None] = field(default_factory=dict)
    missed: dict[str, list[Way] | None] = field(default_factory=dict)

    def holding(self, rule: Rule) -> list[Way] | None:
        """The ways in which the rule's condition is true."""
        if rule.id not in self.held:
            truth = self.truths.of(settings.of_rule(self.program, rule, self.granted))
            tree = rule.condition.tree if rule.condition else None
            self.held[rule.id] = found(lambda: [{}] if tree is None else truth.true(tree))
        return self.held[rule.id]

    def missing(self, rule: Rule) -> list[Way] | None:
        """The ways in which it is not."""
        if rule.id not in self.missed:
            truth = self.truths.of(Setting(self.program, rule.when, granted=self.granted))
            tree = rule.condition.tree if rule.condition else None
            self.missed[rule.id] = found(lambda: [] if tree is None else truth.not_true(tree))
        return self.missed[rule.id]


def _hidden(ways: _Ways, rules: list[Rule]) -> Iterator[Problem]:
    fixed = {rule.id: _equalities(rule) for rule in rules}
    for place, rule in enumerate(rules):
        for other_place, other in enumerate(rules):
            first = other_place < place
            if other is rule or _differ(fixed[other.id], fixed[rule.id]):
                continue
            if _hides(ways, other, rule, first=first):
                yield warning(
                    rule.place,
                    rule.id,
                    "hidden",
                    f"`{rule.id}` never applies: `{other.id}` of the same group is always better.",
                    "Give it a higher `priority`, or narrow the other one.",
                )
                break


def _equalities(rule: Rule) -> dict[Hashable, Hashable]:
    """What a condition asks to be one constant: `category = 'crab'`."""
    tree = rule.condition.tree if rule.condition else None
    parts = () if tree is None else tree.args if tree.op == "and" else (tree,)
    pairs = [part.args for part in parts if part.op == "="]
    return {terms.key(a): b.value for a, b in pairs if b.op == "const" and a.op != "const"}


def _differ(one: dict[Hashable, Hashable], other: dict[Hashable, Hashable]) -> bool:
    """Whether two rules ask one term to be two things, so that neither holds with the other."""
    return any(key in other and other[key] != value for key, value in one.items())


def _hides(ways: _Ways, other: Rule, rule: Rule, *, first: bool) -> bool:
    """Whether `other` holds whenever `rule` does, and is then preferred."""
    is_free = not (other.limits or other.once or other.budget or other.within or other.to)
    if not is_free or not set(rule.when) <= set(other.when) or rule.to:
        return False
    starts_later = other.start is not None and (rule.start is None or other.start > rule.start)
    ends_sooner = other.end is not None and (rule.end is None or other.end < rule.end)
    if starts_later or ends_sooner or not _preferred(ways.program, other, rule, first=first):
        return False
    held, missed = ways.holding(rule), ways.missing(other)
    if held is None or missed is None:
        return False
    return not any(meets(a, b) for a in missed for b in held)


def _preferred(program: Program, other: Rule, rule: Rule, *, first: bool) -> bool:
    """By priority, else by the amount, else by the order of the file."""
    one, two = other.priority, rule.priority
    if one != two:  # who has a priority goes before who has none
        return one is not None and (two is None or one > two) and _is_known(program, other)
    if len(other.gives) + len(other.multiplies) > 1 and not _is_known(program, other):
        return False
    if bool(other.gives) != bool(rule.gives) or bool(other.multiplies) != bool(rule.multiplies):
        return False
    mine, yours = _first(other), _first(rule)
    if mine is None or yours is None or mine.wallet != yours.wallet or other.of != rule.of:
        return False
    if other.awards or rule.awards:
        return False
    return _is_more(program, mine.amount, yours.amount, rule, first=first)


def _is_known(program: Program, rule: Rule) -> bool:
    """Whether its amounts always have a value: where one is null the rule gives nothing."""
    truth = Truth(Setting(program, rule.when))
    amounts = [give.amount for give in (*rule.gives, *rule.multiplies)]
    if any(amount.steps[0][0] is not None for amount in amounts):
        return False
    trees = [source.tree for amount in amounts for _, source in amount.steps]
    return not any(possible(partial(truth.null, tree)) for tree in trees)


def _first(rule: Rule) -> Give | None:
    gives = rule.gives or rule.multiplies
    return gives[0] if gives else None


def _is_more(
    program: Program, one: Dated[Source], other: Dated[Source], rule: Rule, *, first: bool
) -> bool:
    """Whether the one is never less, and more where the other stands first in the file."""
    if one.steps[0][0] is not None:
        return False
    fixed, others = constants(one), constants(other)
    difference: Number | None = None
    if fixed is not None and others is not None:
        difference = min(fixed) - max(others)
    elif len(one.steps) == len(other.steps) == 1:
        setting = Setting(program, rule.when)
        difference = _difference(setting, one.steps[0][1].tree, other.steps[0][1].tree)
    return difference is not None and (difference >= 0 if first else difference > 0)


def _difference(setting: Setting, one: Expr, other: Expr) -> Number | None:
    """The least by which the one amount is above the other; None where that is not known."""
    left, right = terms.linear(one), terms.linear(other)
    if left is None or right is None or not one.names() <= other.names():
        return None  # where the one is null and the other is not, the other is better
    sum_ = terms.less(left, right)
    total = sum_.rest
    for factor, term in sum_.factors.values():
        span = ends(setting, term)
        end = span.low if factor > 0 else span.high
        if end is None:
            return None
        total += factor * end
    return total
