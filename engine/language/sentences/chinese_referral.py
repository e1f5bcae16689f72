"""Referral rules and the chain as Chinese sentences."""

from __future__ import annotations

from dataclasses import replace

from engine.language.program import Rule, Side
from engine.language.sentences import chinese, shape
from engine.language.sentences.chinese_words import duration, on_times, sentence
from engine.language.sentences.shape import Scene

_WHO = {
    "friend": "好友",
    "referrer": "邀请人",
    "second referrer": "二级邀请人",
    "boss": "上方最近的老板",
}


def rule(scene: Scene, told: Rule) -> str:
    """What a friend's event gives, and to whom."""
    found = shape.parts(told.condition.tree if told.condition else None)
    text = chinese.window(told) + on_times(found.times)
    text += f"入会{duration(told.within)}内，" if told.within else ""
    text += "好友" + chinese.events(scene.program, told, found) + "，"
    text += chinese.tests(scene, found.rest).replace("会员", "好友")
    gives = [
        f"{_WHO[side.whose]}{_gains(scene, told, side)}" for side in told.sides if not side.nth
    ]
    gives += [
        f"邀请人在第{side.nth:,}位好友时{'另' if gives else ''}{_gains(scene, told, side)}"
        for side in told.sides if side.nth
    ]  # fmt: skip
    said = [text + "，".join(gives), *(["每位好友限一次"] if told.once else [])]
    for side in told.sides:
        said += _bounds(scene, told, side)
    if told.return_limit:
        said[-1:] = ["，".join([*said[-1:], "退款后恢复次数"])]
    return sentence(said)


def chain(scene: Scene, told: Rule) -> str:
    """Who becomes an agent, what that gives to those above, and who becomes a boss."""
    found = shape.parts(told.condition.tree if told.condition else None)
    text = chinese.events(scene.program, told, found) + "，"
    text += chinese.tests(scene, (*found.times, *found.rest)) + "会员成为代理（仅一次），"
    text += "，".join(f"{_WHO[side.whose]}{_gains(scene, told, side)}" for side in told.sides)
    after = scene.program.chain.boss_after if scene.program.chain else 0
    return sentence([text, f"带来{after:,}位代理的代理成为老板"])


def _gains(scene: Scene, told: Rule, side: Side) -> str:
    return chinese.gains(scene, replace(told, gives=side.gives, awards=side.awards))


def _bounds(scene: Scene, told: Rule, side: Side) -> list[str]:
    own = replace(
        told, once=False, return_limit=False, limits=side.limits, budget=side.budget, group=None
    )
    who = _WHO[side.whose]
    texts = [one.removeprefix("每位会员") for one in chinese.bounds(scene.program, own)]
    every = f"全体{who}"
    return [
        one.replace("全体会员", every, 1) if one.startswith("全体会员") else f"每位{who}{one}"
        for one in texts
    ]
