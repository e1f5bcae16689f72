"""Links the section `tasks`: what is done with one event, step by step, or when all is done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from engine.language.expression import Want, denominator
from engine.language.expression.tree import From, Name, Source, Type
from engine.language.linking import giving, names, runs
from engine.language.linking.draft import Draft
from engine.language.linking.earn import events_of, group_of
from engine.language.linking.scopes import UNKNOWN, Scopes, event_alone
from engine.language.program import (
    Award,
    Duration,
    Need,
    Period,
    Progress,
    Rule,
    Start,
)
from engine.language.shapes import terms, values
from engine.language.shapes.forms import parsed
from engine.language.shapes.shape import read as read_shape
from engine.language.shapes.tasks import TaskShape
from engine.language.text.nodes import Items, Node, Pairs, Scalar

PROGRESS = "_progress"  # what follows a task's id in the name of how far it is
_GATHERS = ("sum", "every", "reaches")


@dataclass(frozen=True, slots=True)
class Read:
    """A task as it is written, with the events it looks at and what it gathers of each."""

    key: Scalar
    shape: TaskShape
    when: tuple[str, ...]
    sum: Source | None

    @property
    def progresses(self) -> bool:
        """Whether one event may not be all of it."""
        return any(self.shape.node.get(name) is not None for name in (*_GATHERS, "needs", "starts"))


def read(entries: list[tuple[Scalar, Node]], draft: Draft) -> list[Read]:
    """The tasks, whose progress is a name in conditions from now on."""
    found = []
    for key, value in entries:
        shape = read_shape(TaskShape, value, draft.complaints)
        named = names.is_spelled(key, draft.complaints)
        if shape is None or not named or not _keys_fit(key, shape, draft):
            continue
        when = events_of(shape.when, draft)
        scope = event_alone(when, draft) if when else UNKNOWN
        gathers = Scopes(draft).source(shape.sum, scope, Want.AMOUNT)
        one = Read(key, shape, when, gathers)
        if one.progresses and shape.node.get("starts") is None:
            _name(one, draft)
        found.append(one)
    return found


def _name(it: Read, draft: Draft) -> None:
    word = it.key.text + PROGRESS
    key = replace(it.key, text=word)
    if names.in_conditions(key, "how far a task is", draft):
        type, scale = Type.WHOLE, 1
        if it.sum is not None:
            type, scale = it.sum.tree.type, denominator(it.sum.tree) or 1
        draft.progress[word] = Name(From.PROGRESS, word, type, scale=scale)


def _keys_fit(key: Scalar, shape: TaskShape, draft: Draft) -> bool:
    """The keys of progress go with one another; whether it says what it looks at."""
    node = shape.node

    def say(name: str, what: str, expected: str) -> None:
        draft.complaints.add(node.key(name) or key, "task", what, expected)

    keys = ("when", *_GATHERS, "needs", "per", "starts", "start if")
    has = {name for name in keys if node.get(name) is not None}
    for name in ("every", "needs", "per"):
        if {name, "starts"} <= has:
            say(name, f"`{name}` does not go with `starts`.", "A run is done once; keep one.")
    if "start if" in has and "starts" not in has:
        say("start if", "`start if` needs `starts`.", "Write `starts: offer_received` or the like.")
    if "needs" in has and (other := next((n for n in ("when", *_GATHERS) if n in has), None)):
        say(other, f"`{other}` does not go with `needs`.", "What it needs says what it looks at.")
    if {"every", "reaches"} <= has:
        say("reaches", "`every` and `reaches` do not go together.", "Keep one.")
    if "sum" in has and not has & {"every", "reaches"}:
        say("sum", "`sum` needs `every` or `reaches`.", "Write `reaches: 100` or the like.")
    if "per" in has and not has & {"every", "reaches", "needs"}:
        expected = "For a task that is done with one event write `limit: 1 per day` or the like."
        say("per", "`per` needs `every`, `reaches` or `needs`.", expected)
    if not has & {"when", "needs"} and not draft.complaints.speaks_of(node):
        expected = "Add `when: order` or the like, or `needs` with events, tasks or badges."
        say("", f"`{key.text}` does not say what it looks at.", expected)
    if not shape.give and shape.badge is None and not draft.complaints.speaks_of(node):
        what = f"`{key.text}` gives nothing."
        expected = "Add `give: {points: 100}`, or `badge: critic`."
        draft.complaints.add(key, "gives-nothing", what, expected)
    return bool(has & {"when", "needs"})


def tasks(found: list[Read], earned: Iterable[Rule], scopes: Scopes, draft: Draft) -> list[Rule]:
    """The tasks as rules, each behind those that it needs."""
    badges: dict[str, list[str]] = {}
    made = {rule.id: rule for rule in earned}
    for id_, badge in _badges(made.values(), found):
        badges.setdefault(badge, []).append(id_)
    linked: list[Rule] = []
    for it in _in_turn(found, badges, draft):
        needs = tuple(_needs(it, badges, found, draft))
        when = it.when if it.shape.needs is None else _looks_at(needs, made)
        rule = _rule(it, when, needs, scopes, draft)
        if when:
            made[rule.id] = rule
            linked.append(rule)
    return linked


def _badges(earned: Iterable[Rule], found: Iterable[Read]) -> Iterator[tuple[str, str]]:
    """Each rule with each badge that it gives."""
    for rule in earned:
        yield from ((rule.id, award.id) for award in rule.awards if award.kind == "badge")
    for it in found:
        written = [entry.value for entry in it.shape.give or () if entry.key.text == "badge"]
        for node in (*written, *([it.shape.badge] if it.shape.badge else [])):
            yield from ((it.key.text, badge) for badge in _ids(node))


def _ids(node: Node) -> Iterator[str]:
    if isinstance(node, Items):
        for item in node.items:
            yield from _ids(item)
    elif isinstance(node, Pairs):
        yield from (key.text for key, _ in node)
    else:
        yield node.text


def _in_turn(found: list[Read], badges: Mapping[str, list[str]], draft: Draft) -> list[Read]:
    """The tasks, each behind those that it needs; says so where one needs itself."""
    by_id = {it.key.text: it for it in found}
    done: dict[str, Read] = {}
    waiting = list(found)
    while waiting:
        ready = [it for it in waiting if _behind(it, by_id, badges) <= done.keys()]
        if not ready:
            for it in waiting:
                what = f"`{it.key.text}` needs itself, or a task that needs it."
                draft.complaints.add(it.key, "task", what, "Leave one of them out.")
            break
        done |= {it.key.text: it for it in ready}
        waiting = [it for it in waiting if it.key.text not in done]
    return list(done.values())


def _behind(it: Read, tasks: Mapping[str, Read], badges: Mapping[str, list[str]]) -> set[str]:
    """The tasks that a task needs."""
    needed = [need.text for need in it.shape.needs or ()]
    found = {name for name in needed if name in tasks}
    return found | {id_ for name in needed for id_ in badges.get(name, ()) if id_ in tasks}


def _needs(
    it: Read, badges: Mapping[str, list[str]], tasks: list[Read], draft: Draft
) -> Iterator[Need]:
    """What a task needs, each once."""
    ids = {one.key.text for one in tasks}
    kinds = {"an event": draft.events, "a task": ids, "a badge": badges}
    every = [*draft.events, *ids, *badges]
    for need in {need.text: need for need in it.shape.needs or ()}.values():
        named = [kind for kind, known in kinds.items() if need.text in known]
        if badges.get(need.text) == [need.text]:
            named.remove("a badge")  # it is given with the task of its name alone
        if len(named) > 1:
            what = f"`{need.text}` is the name of {' and of '.join(named)}."
            draft.complaints.add(need, "task", what, "Give one of them another name.")
        elif names.known(need, every, "event, task or badge", draft):
            rules = (need.text,) if need.text in ids else tuple(badges.get(need.text, ()))
            yield Need(need.text, need.text if need.text in draft.events else None, rules)


def _looks_at(needs: Iterable[Need], rules: Mapping[str, Rule]) -> tuple[str, ...]:
    """The events with which something that is needed may be done."""
    found: dict[str, None] = {}
    for need in needs:
        if need.event is not None:
            found[need.event] = None
        for rule in need.rules:
            found |= dict.fromkeys(rules[rule].when if rule in rules else ())
    return tuple(found)


def _rule(
    it: Read, when: tuple[str, ...], needs: tuple[Need, ...], scopes: Scopes, draft: Draft
) -> Rule:
    shape, key = it.shape, it.key
    giving.window_is_right(shape, draft)
    starts = shape.starts is not None and names.known(shape.starts, draft.events, "event", draft)
    scope = scopes.of_events(when) if when else UNKNOWN
    if when and shape.starts is not None:
        scope = scopes.of_run(when, shape.starts.text) if starts else UNKNOWN
    start = runs.start(shape, shape.starts.text, scopes, draft) if starts and shape.starts else None
    gives, awards = giving.gifts(shape.give or (), scopes, scope, draft)
    if shape.badge is not None and names.is_spelled(shape.badge, draft.complaints):
        awards += (Award("badge", shape.badge.text, 1, None, shape.badge.place),)
    wallets = tuple(e.key.text for e in shape.give or () if e.key.text in draft.wallets)
    return Rule(
        id=key.text,
        section="tasks",
        name=shape.name or key.text,
        note=shape.note or "",
        when=when,
        condition=scopes.source(shape.if_, scope, Want.FLAG),
        start=shape.from_,
        end=shape.until,
        once=shape.once,
        within=_within_of_joining(shape, draft),
        limits=giving.limits(shape.limit or (), wallets, draft),
        budget=giving.budget(shape.budget, shape, wallets, draft),
        group=group_of(shape, draft),
        priority=shape.priority,
        return_limit=shape.on_refund == "return limit",
        gives=gives,
        awards=awards,
        place=key.place,
        progress=_progress(it, needs, start, draft),
    )


def _within_of_joining(shape: TaskShape, draft: Draft) -> Duration | None:
    if shape.within is None or shape.starts is not None:
        return None
    return parsed(shape.within, terms.some_days, draft.complaints)


def _progress(
    it: Read, needs: tuple[Need, ...], start: Start | None, draft: Draft
) -> Progress | None:
    if not it.progresses:
        return None
    shape = it.shape
    parts = 1 if it.sum is None else denominator(it.sum.tree) or 1
    if shape.every is not None and (shape.every * parts).denominator > 1:
        what = "That has more places than what is gathered."
        draft.complaints.add(shape.at("every"), "task", what, "Write a number that can come up.")
    goal = shape.every
    if shape.reaches is not None and shape.starts is None:
        goal = parsed(shape.reaches, values.amount, draft.complaints)
    return Progress(
        sum=it.sum,
        goal=Fraction(1) if goal is None else goal,
        repeats=shape.every is not None,
        per=shape.per or Period(None),
        needs=needs,
        start=start,
    )


def behind_needs(rules: Iterable[Rule]) -> Iterator[Rule]:
    """The rules in their order, but each task behind what it needs."""
    waiting = list(rules)
    done: set[str] = set()
    ids = {rule.id for rule in waiting}
    while waiting:
        later = []
        for rule in waiting:
            needs = rule.progress.needs if rule.progress is not None else ()
            if {id_ for need in needs for id_ in need.rules} & ids <= done:
                done.add(rule.id)
                yield rule
            else:
                later.append(rule)
        waiting = later
