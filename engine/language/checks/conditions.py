"""Finds conditions that never hold or always do, and parts and branches that are never taken."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

from engine.language.checks import setting as settings
from engine.language.checks.setting import Setting
from engine.language.checks.sources import of_frame, warning
from engine.language.checks.truth import Truth, Truths, reads_nulls
from engine.language.checks.ways import both_of, possible
from engine.language.expression.tree import Expr, From, Name, Source, Type
from engine.language.problem import Problem
from engine.language.program import Place, Program

_PARTS_MAX = 40


def check(program: Program, truths: Truths) -> Iterator[Problem]:
    """The problems of all conditions, and of the branches in amounts."""
    granted = settings.granted(program)
    for rule in program.rules:
        if rule.section != "tiers":
            truth = truths.of(settings.of_rule(program, rule, granted))
            yield from _condition(rule.id, rule.place, rule.condition, truth)
            for source in of_frame(rule):
                yield from _branches(rule.id, rule.place, source, truth)
    for reward in program.rewards.values():
        rule, truth = reward.rule, truths.of(settings.of_frame(program, reward.rule, granted))
        yield from _condition(rule.id, rule.place, rule.condition, truth)
        yield from _condition(rule.id, rule.place, reward.on, truths.of(Setting(program)))
    for draw in program.draws.values():
        rule, truth = draw.rule, truths.of(settings.of_frame(program, draw.rule, granted))
        yield from _condition(rule.id, rule.place, rule.condition, truth)
    for fact in program.facts.values():
        truth = truths.of(Setting(program, (fact.event,), to_another=True))
        yield from _condition(fact.name, fact.place, fact.condition, truth)


def never(truth: Truth, tree: Expr) -> bool:
    """True where it is certain that a condition is never true."""
    return not possible(lambda: truth.true(tree))


def always(truth: Truth, tree: Expr) -> bool:
    """True where a condition is certainly true whenever the names it reads have a value.

    Where it asks for nulls itself it is true for empty fields too.
    """
    if truth.may_be_false(tree):
        return False
    asked = truth if reads_nulls(tree) else Truth(replace(truth.setting, nulls=False))
    return not possible(lambda: asked.null(tree))


def _condition(name: str, place: Place, source: Source | None, truth: Truth) -> Iterator[Problem]:
    if source is None:
        return
    if never(truth, source.tree):
        what, expected = _why_never(source, truth)
        yield warning(place, name, "never-holds", f"`{name}` never holds: {what}", expected)
    elif always(truth, source.tree):
        yield warning(
            place,
            name,
            "always-holds",
            f"The condition of `{name}` is always true{_given(source)}.",
            "Leave it out, or write what it should ask.",
        )
    else:
        yield from _dead_parts(name, place, source, truth)


def _why_never(source: Source, truth: Truth) -> tuple[str, str]:
    """Which part, or which two parts, keep it from being true."""
    unbound = Truth(replace(truth.setting, start=None, end=None))
    window = ""
    if not never(unbound, source.tree):
        window = " between its first and its last day"
    parts = source.tree.args if source.tree.op == "and" else (source.tree,)
    parts = parts[:_PARTS_MAX]
    for part in parts:
        if never(truth, part):
            return f"{_shown(source, part)} is never true{window}.", _advice(part, truth.setting)
    for one, other in combinations(parts, 2):
        if never(truth, Expr("and", Type.FLAG, (one, other))):
            both = f"{_shown(source, one)} and {_shown(source, other)}"
            return f"{both} exclude each other{window}.", "Change one of them."
    return f"its parts exclude one another{window}.", "Change one of them."


def _advice(part: Expr, setting: Setting) -> str:
    """What may have been meant by a part that is never true."""
    for node in part.walk():
        if node.op in ("=", "<>", "in") and any(a.type == Type.NULL for a in node.args):
            return "Nothing equals null, and nothing differs from it: write `is null`."
        name = node.value
        if not isinstance(name, Name):
            continue
        if name.source == From.PRIVILEGE:
            return f"No tier has the privilege `{name.name}`, and no rule gives it."
        fact = setting.program.facts.get(name.name) if name.source == From.FACT else None
        if fact is not None and setting.takes_in(fact):
            if fact.kind == "last":
                return f"The `{fact.event}` is the last one already: keep a fact with `previous`."
            return f"The `{fact.event}` itself is in `{fact.name}` already."
    if any(node.op in ("lower", "upper") for node in part.walk()):
        return "Write the text in small letters beside `lower`, in capitals beside `upper`."
    return "Write what can be."


def _given(source: Source) -> str:
    """For which events it is always true, where an empty field would make it null."""
    if reads_nulls(source.tree):
        return ""
    sources = (From.FIELD, From.ATTRIBUTE)
    names = sorted({name.name for name in source.tree.names() if name.source in sources})
    return f" where {' and '.join(f'`{n}`' for n in names)} is given" if names else ""


def _dead_parts(name: str, place: Place, source: Source, truth: Truth) -> Iterator[Problem]:
    """Parts of an `or` that are never true."""
    for node in _alternatives(source.tree):
        if never(truth, node):
            yield warning(
                place,
                name,
                "part-never-holds",
                f"A part of the condition of `{name}` is never true: {_shown(source, node)}.",
                _advice(node, truth.setting),
            )


def _alternatives(tree: Expr) -> Iterator[Expr]:
    """The parts of every `or` that stands under nothing but `and` and `or`."""
    if tree.op == "or":
        yield from tree.args
    if tree.op in ("and", "or"):
        for arg in tree.args:
            yield from _alternatives(arg)


def _branches(name: str, place: Place, source: Source, truth: Truth) -> Iterator[Problem]:
    """Branches of a `case` that an earlier one leaves nothing to."""
    for case in source.tree.walk():
        if case.op != "case":
            continue
        for number, test in enumerate(case.args[:-1:2]):
            before = case.args[: 2 * number : 2]
            if _is_left(truth, before, test):
                continue
            yield warning(
                place,
                name,
                "branch-never-taken",
                f"A branch in `{name}` is never taken: `when {_shown(source, test)[1:]}.",
                "An earlier branch takes what it would take: put the narrower one first."
                if before
                else "Write what can be.",
            )


def _is_left(truth: Truth, before: tuple[Expr, ...], test: Expr) -> bool:
    """Whether a branch may be taken after those before it."""
    return possible(lambda: both_of(*(truth.not_true(one) for one in before), truth.true(test)))


def _shown(source: Source, part: Expr) -> str:
    text = " ".join(source.text[part.start : part.stop].split())
    return f"`{text if len(text) <= 60 else text[:57] + '...'}`"
