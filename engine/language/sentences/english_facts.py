"""What a fact measures, in English."""

from __future__ import annotations

from engine.language.program import Fact, Program
from engine.language.sentences import shape
from engine.language.sentences.english_clauses import clause, phrase
from engine.language.sentences.english_words import a, duration, event, listed, of_amount, several
from engine.language.sentences.shape import Scene


def fact(program: Program, told: Fact) -> str:
    """What a fact measures: `number of orders in the last 90 days`."""
    friends = " by friends" if told.of_friends else ""
    return _core(program, told) + friends + _span(told) + _only(program, told)


def _of_coupons(program: Program, told: Fact) -> str:
    it = program.rewards[told.reward or ""]
    if told.kind == "unused":
        return f"number of days without use of the oldest {it.kind} “{it.rule.name}” held"
    return f"number of {it.kind}s “{it.rule.name}” {told.kind}"


def _core(program: Program, told: Fact) -> str:
    if told.reward is not None:
        return _of_coupons(program, told)
    noun = event(told.event)
    scene = Scene(program, (told.event,), told.event)
    value = phrase(scene, told.value.tree) if told.value else ""
    only = _of(program, told)
    if told.kind == "count":
        return f"number of {several(noun)}{only}"
    if told.kind == "streak":
        unit = told.by.unit if told.by else "day"
        return f"number of {unit}s in a row with {a(noun)}{only}{_breaks(told)}"
    if told.kind == "median gap":
        return f"median days between {several(noun)}{only}"
    if told.kind == "previous":
        return f"{noun} before this one{only}"
    if told.kind == "distinct":
        return f"number of different {several(value)}{only}"
    words = {"sum": "total", "average": "average", "min": "smallest", "max": "largest"}
    text = f"{words.get(told.kind, told.kind)} {value or noun}{only}"
    if told.less is None:
        return text
    less = phrase(Scene(program, (told.less[0],), told.less[0]), told.less[1].tree)
    return f"{text} less total {less}"


def _breaks(told: Fact) -> str:
    text = f", from 1 again after {told.starts_over:,}" if told.starts_over else ""
    if told.freeze:
        count, per = told.freeze
        text += f", {count:,} missed one{'s' * (count > 1)} forgiven per {per.unit}"
    return text


def _of(program: Program, told: Fact) -> str:
    test, _ = shape.amount_and_rest(told.condition.tree if told.condition else None)
    return f" {of_amount(program, test)}" if test else ""


def _span(told: Fact) -> str:
    text = ""
    if told.of_last:
        text += f" among the last {told.of_last:,}"
    if told.over and told.before:
        text += f" in the {duration(told.over)} before the last {duration(told.before)}"
    elif told.over:
        text += f" in the last {duration(told.over)}"
    if told.this and told.this.unit:
        text += f" this {told.this.unit}"
    return text + (f" since the last {event(told.since)}" if told.since else "")


def _only(program: Program, told: Fact) -> str:
    _, tests = shape.amount_and_rest(told.condition.tree if told.condition else None)
    scene = Scene(program, (told.event,), its="the")
    said = [clause(scene, t, inner=len(tests) > 1) for t in tests]
    return f" where {listed(said)}" if said else ""
