"""Rewards and draws as English sentences."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import partial

from engine.language.program import Draw, Give, Prize, Program, Reward, Rule
from engine.language.sentences import shape
from engine.language.sentences.english import bounds, budget_text, tests, units, window, worth
from engine.language.sentences.english_words import (
    dated,
    duration,
    holders,
    listed,
    money,
    sentence,
)
from engine.language.sentences.shape import Scene


def reward(scene: Scene, told: Reward) -> str:
    """What a reward is, what it costs and who may have it."""
    if told.kind == "pay":
        return sentence([_pay(scene.program, told), *bounds(scene.program, told.rule)])
    goods = _bought(scene, told.cost, _goods(scene, told))
    if not told.cost and told.code is not None:
        goods = f"the code “{told.code}” gives {goods}"
    text = _offered(scene, told.rule) + goods
    said = [text, *bounds(scene.program, told.rule)]
    if not told.stacks:
        said.insert(1, "not combined with other coupons")
    if told.stock:
        said.append(f"{dated(told.stock, shape.number)} in stock")
    return sentence(said)


def draw(scene: Scene, told: Draw) -> str:
    """What a spin costs, the chance of each prize, and who may spin."""
    text = _offered(scene, told.rule)
    text += _bought(scene, told.cost, "a spin") if told.cost else "a free spin"
    prizes = [(one, _prize(scene.program, one)) for one in told.prizes]
    chances = [f"{shape.number(one.share * 100)}% for {prize}" for one, prize in prizes]
    said = [f"{text}: {listed(chances)}", *bounds(scene.program, told.rule)]
    said += [f"{p} {budget_text(scene.program, one.stock)}" for one, p in prizes if one.stock]
    return sentence(said)


def _offered(scene: Scene, told: Rule) -> str:
    """When and for whom a reward or a draw is there."""
    found = shape.parts(told.condition.tree if told.condition else None)
    text = window(told)
    amount = (found.amount,) if found.amount else ()
    asked = tests(replace(scene, its="the"), (*amount, *found.times, *found.rest))
    text += f"{asked.strip()}, " if asked else ""
    text += f"for {holders(found.tiers)}, " if found.tiers else ""
    return text + (f"within {duration(told.within)} of joining, " if told.within else "")


def _bought(scene: Scene, cost: tuple[Give, ...], goods: str) -> str:
    if not cost:
        return goods
    price = listed([dated(g.amount, partial(units, scene, g)) for g in cost])
    return f"{price} {'buys' if price.startswith('1 ') else 'buy'} {goods}"


def _prize(program: Program, told: Prize) -> str:
    if told.reward is not None:
        reward = program.rewards[told.reward]
        return f"the {reward.kind} “{reward.rule.name}”"
    return "nothing" if told.wallet is None else worth(program, told.wallet, told.amount)


def _goods(scene: Scene, told: Reward) -> str:
    program = scene.program
    if told.kind == "item":
        return f"the item “{told.rule.name}”"
    if told.kind == "privilege":
        name = shape.privilege_name(program, told.privilege or "")
        return f"the privilege “{name}”" + _valid(told)
    off = dated(told.amount, lambda v: _face(program, told, v)) if told.amount else ""
    least = dated(told.min_spend, lambda v: money(program, v)) if told.min_spend else ""
    if told.kind == "voucher":
        text = f"a voucher that pays {off} of an order"
    else:
        text = f"a coupon for {off} off" + (" an order" if least or told.on else "")
    text += f" of {least} or more" if least else ""
    text += _whose(tests(scene, (told.on.tree,))) if told.on else ""
    return text + _valid(told)


def _valid(told: Reward) -> str:
    return f", valid for {dated(told.valid, duration)}" if told.valid else ""


def _whose(asked: str) -> str:
    """` if its category is “cake”` as ` whose category is “cake”`, where all parts are so."""
    parts = asked.removeprefix(" if ").split(" and ")
    is_of_order = all(part.startswith("its ") for part in parts)
    return (
        " whose " + asked.removeprefix(" if its ").replace(" and its ", " and whose ")
        if is_of_order
        else asked
    )


def _face(program: Program, told: Reward, amount: Fraction) -> str:
    return f"{shape.number(amount * 100)}%" if told.percent else money(program, amount)


def _pay(program: Program, told: Reward) -> str:
    assert told.rate is not None
    name, points, value = told.rate
    text = dated(points, lambda v: worth(program, name, v))
    text = f"{window(told.rule)}{text} pay {dated(value, lambda v: money(program, v))} of an order"
    if told.at_least:
        text += f", from {dated(told.at_least, lambda v: worth(program, name, v))} on"
    if told.at_most:
        text += f", up to {dated(told.at_most, lambda v: shape.number(v * 100))}% of its amount"
    return text
