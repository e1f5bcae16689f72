"""Rewards and draws as Chinese sentences."""

from __future__ import annotations

from fractions import Fraction
from functools import partial

from engine.language.program import Draw, Give, Prize, Program, Reward, Rule
from engine.language.sentences import shape
from engine.language.sentences.chinese import (
    bounds,
    budget_text,
    holders_text,
    tests,
    units,
    window,
    worth,
)
from engine.language.sentences.chinese_clauses import clause
from engine.language.sentences.chinese_facts import AWARDS
from engine.language.sentences.chinese_words import dated, duration, listed, money, sentence
from engine.language.sentences.shape import Scene


def reward(scene: Scene, told: Reward) -> str:
    """What a reward is, what it costs and who may have it."""
    if told.kind == "pay":
        return sentence([_pay(scene.program, told), *bounds(scene.program, told.rule)])
    text, some = _offered(scene, told.rule)
    if told.cost:
        text += f"{'可用' if some else ''}{_price(scene, told.cost)}兑换"
    elif told.code is not None:
        text += f"{'可' if some else ''}凭优惠码“{told.code}”得"
    elif some:
        text += "可得"
    said = [text + _goods(scene, told), *bounds(scene.program, told.rule)]
    if not told.stacks:
        said.insert(1, "不可与其他优惠券叠加")
    if told.stock:
        said.append(f"库存{dated(told.stock, shape.number)}份")
    return sentence(said)


def draw(scene: Scene, told: Draw) -> str:
    """What a spin costs, the chance of each prize, and who may spin."""
    text, some = _offered(scene, told.rule)
    text += f"{'可用' if some else ''}{_price(scene, told.cost)}" if told.cost else "免费"
    prizes = [(one, _prize(scene.program, one)) for one in told.prizes]
    chances = [f"{shape.number(one.share * 100)}%的机会{prize}" for one, prize in prizes]
    said = [f"{text}抽一次：{'，'.join(chances)}", *bounds(scene.program, told.rule)]
    for one, prize in prizes:
        if one.stock:
            most = dated(one.stock.amount, partial(budget_text, scene.program, one.stock))
            said.append(f"{prize.removeprefix('得')}全体会员合计{most}")
    return sentence(said)


def _offered(scene: Scene, told: Rule) -> tuple[str, bool]:
    """When and for whom a reward or a draw is there, and whether not everybody may have it."""
    found = shape.parts(told.condition.tree if told.condition else None)
    amount = (found.amount,) if found.amount else ()
    asked = tests(scene, (*amount, *found.times, *found.rest))
    text = window(told)
    text += f"入会{duration(told.within)}内，" if told.within else ""
    return text + asked + holders_text(found.tiers), bool(asked or found.tiers)


def _price(scene: Scene, cost: tuple[Give, ...]) -> str:
    return listed([dated(g.amount, partial(units, scene, g)) for g in cost])


def _prize(program: Program, told: Prize) -> str:
    if told.reward is not None:
        reward = program.rewards[told.reward]
        return f"得{AWARDS[reward.kind][0]}“{reward.rule.name}”"
    return "落空" if told.wallet is None else "得" + worth(program, told.wallet, told.amount)


def _goods(scene: Scene, told: Reward) -> str:
    program = scene.program
    if told.kind == "item":
        return f"礼品“{told.rule.name}”"
    if told.kind == "privilege":
        return f"特权“{shape.privilege_name(program, told.privilege or '')}”" + _valid(told)
    face = dated(told.amount, partial(_face, program, told)) if told.amount else ""
    text = face + ("代金券" if told.kind == "voucher" else "优惠券")
    fits = ["满" + dated(told.min_spend, partial(money, program))] if told.min_spend else []
    fits += [clause(scene, told.on.tree, inner=bool(fits))] if told.on else []
    text += f"，{'且'.join(fits)}可用" if fits else ""
    return text + _valid(told)


def _valid(told: Reward) -> str:
    return f"，有效期{dated(told.valid, duration)}" if told.valid else ""


def _face(program: Program, told: Reward, amount: Fraction) -> str:
    if not told.percent:
        return money(program, amount)
    return f"{shape.number((1 - amount) * 10)}折" if amount < 1 else "全额"


def _pay(program: Program, told: Reward) -> str:
    assert told.rate is not None
    name, points, value = told.rate
    text = f"{window(told.rule)}付款时{dated(points, partial(worth, program, name))}"
    text += f"抵{dated(value, partial(money, program))}"
    if told.at_least:
        text += f"，{dated(told.at_least, partial(worth, program, name))}起用"
    if told.at_most:
        share = dated(told.at_most, lambda v: f"{shape.number(v * 100)}%")
        text += f"，最多抵订单金额的{share}"
    return text
