"""Referral rules and the chain as English sentences."""

from __future__ import annotations

from dataclasses import replace

from engine.language.program import Rule, Side
from engine.language.sentences import english, shape
from engine.language.sentences.english_words import listed, sentence
from engine.language.sentences.shape import Scene

_WHO = {
    "friend": "the friend", "referrer": "the referrer", "second referrer": "the second referrer",
    "boss": "the nearest boss above",
}  # fmt: skip
_ENDINGS = {1: "st", 2: "nd", 3: "rd"}


def rule(scene: Scene, told: Rule) -> str:
    """What a friend's event gives, and to whom."""
    found = shape.parts(told.condition.tree if told.condition else None)
    plain = replace(told, within=None)
    text = f"{english.window(told)}{english.subject(scene.program, plain, found)} by a friend"
    text += english.within(told)
    asked = english.tests(scene, found.rest).replace("the member", "the friend")
    gives = [_gift(scene, told, side) for side in told.sides]
    apart = "; " if any(" and " in gift for gift in gives) else ""
    text += f",{asked}," if asked else ""
    text += f" gives {apart.join(gives) if apart else listed(gives)}"
    said = [text, *(["once per friend"] if told.once else [])]
    for side in told.sides:
        said += _bounds(scene, told, side)
    if told.return_limit:
        said[-1:] = [", and ".join([*said[-1:], "a refund gives its place back"])]
    return sentence(said)


def chain(scene: Scene, told: Rule) -> str:
    """Who becomes an agent, what that gives to those above, and who becomes a boss."""
    found = shape.parts(told.condition.tree if told.condition else None)
    asked = english.tests(scene, (*found.times, *found.rest))
    text = f"{english.subject(scene.program, told, replace(found, tiers=(), times=()))}"
    text += f",{asked}," if asked else ""
    gives = [_gift(scene, told, side) for side in told.sides]
    text += f" makes its member an agent, once, and gives {listed(gives)}"
    after = scene.program.chain.boss_after if scene.program.chain else 0
    agents = "1 agent" if after == 1 else f"{after:,} agents"
    return sentence([text, f"an agent who has brought {agents} becomes a boss"])


def _gift(scene: Scene, told: Rule, side: Side) -> str:
    """What one side gets: `the referrer 200 points`."""
    gains = english.gains(scene, replace(told, gives=side.gives, awards=side.awards))
    nth = f" with the {_ordinal(side.nth)} friend" if side.nth else ""
    return f"{_WHO[side.whose]} {gains}{nth}"


def _bounds(scene: Scene, told: Rule, side: Side) -> list[str]:
    own = replace(
        told, once=False, return_limit=False, limits=side.limits, budget=side.budget, group=None
    )
    texts = english.bounds(scene.program, own)
    return [f"{_WHO[side.whose]} {one.replace(' per member', '')}" for one in texts]


def _ordinal(number: int) -> str:
    teens = number % 100 in (11, 12, 13)
    return f"{number:,}{'th' if teens else _ENDINGS.get(number % 10, 'th')}"
