"""Earn rules and what all rules share as Chinese sentences."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import partial

from engine.language.expression.tree import Expr, Source
from engine.language.program import Award, Budget, Give, Limit, Period, Program, Rule
from engine.language.sentences import chinese_tasks, shape
from engine.language.sentences.chinese_clauses import clause, phrase
from engine.language.sentences.chinese_facts import AWARDS
from engine.language.sentences.chinese_words import (
    currency,
    dated,
    day,
    duration,
    each,
    event,
    holders,
    listed,
    money,
    named,
    of_amount,
    on_times,
    sentence,
    tier,
    wallet,
)
from engine.language.sentences.shape import Scene

_EVERY = {
    "hour": "每小时", "day": "每天", "week": "每周", "month": "每月", "quarter": "每季度",
    "year": "每年",
}  # fmt: skip


def rule(scene: Scene, told: Rule) -> str:
    """What an earn rule, a task, or a tier's multiplier, does."""
    found = shape.parts(told.condition.tree if told.condition else None)
    gained = gains(scene, told)
    if told.section == "tiers":
        text = holders(told.id.removeprefix("tiers."))
    else:
        text = window(told) + on_times(found.times)
        text += f"入会{duration(told.within)}内，" if told.within else ""
    asked = tests(scene, found.rest)
    if told.section != "tiers":
        done = holders_text(found.tiers) + events(scene.program, told, found)
        if told.progress is not None:
            done, asked = chinese_tasks.gathered(scene, told.progress, done, asked), ""
        text += done
    if asked or not gained.startswith(("每", "得", "享", "自")):
        text += "，"
    text += asked + gained
    if told.of:
        names = [f"“{scene.names.get(one, one)}”" for one in told.of]
        text += f"（仅计{listed(names)}所得）"
    text += f"，发给{named(told.to)}所指的会员" if told.to else ""
    return sentence([text, *bounds(scene.program, told)])


def window(told: Rule) -> str:
    """On which days a rule holds."""
    if told.start and told.end:
        return f"{day(told.start)}至{day(told.end)}，"
    if told.start:
        return f"自{day(told.start)}起，"
    return f"截至{day(told.end)}，" if told.end else ""


def holders_text(tiers: tuple[str, ...]) -> str:
    """Those who hold one of several tiers."""
    words = [tier(t) for t in tiers]
    return "或".join([*words[:-1], holders(tiers[-1])]) if tiers else ""


def events(program: Program, told: Rule, found: shape.Parts) -> str:
    """Which events a rule looks at."""
    if told.when == ("join",):
        return "入会"
    of = f"{of_amount(program, found.amount)}的" if found.amount else ""
    return "或".join(f"每{each(one)}{of}{event(one)}" for one in told.when)


def gains(scene: Scene, told: Rule) -> str:
    """All that a rule gives and multiplies; what has the same rate is told together."""
    groups: list[tuple[str, list[str]]] = []
    said = []
    for give in told.gives:
        steps = give.amount.steps
        rate, thing = _gain(scene, give, steps[0][1])
        if len(steps) > 1 or steps[0][0] or not thing:
            said.append(dated(give.amount, partial(_gain_text, scene, give), "，"))
        elif groups and groups[-1][0] == rate:
            groups[-1][1].append(thing)
        else:
            groups.append((rate, [thing]))
    awards = [_award(scene.program, one) for one in told.awards]
    if groups and not groups[-1][0]:
        groups[-1][1].extend(awards)
    elif awards:
        groups.append(("", awards))
    said = [f"{rate}得{listed(things)}" for rate, things in groups] + said
    plain = [g for g in told.multiplies if len(g.amount.steps) == 1 and not g.amount.steps[0][0]]
    if plain:
        said.append("享" + listed([_times(scene, g, g.amount.steps[0][1]) for g in plain]))
    for give in told.multiplies:
        if give not in plain:
            said.append(dated(give.amount, partial(_times_text, scene, give), "，"))
    return "，".join(
        [*said[:1], *(f"并{one}" if one.startswith("得") else one for one in said[1:])]
    )


def _gain(scene: Scene, give: Give, source: Source) -> tuple[str, str]:
    """At what rate and what is given: `每1元`, `1积分`; no thing where it takes a sentence."""
    found = shape.share(source.tree)
    program = scene.program
    if found is None:
        is_constant = source.tree.op == "const"
        return "", units(scene, give, source) if is_constant else ""
    name = found.name.name
    if program.wallets[give.wallet].unit == "money" and not found.full:
        share = shape.part(found.gain / found.each)
        return "", f"{named(name)}{share}的{wallet(give.wallet)}"
    of = "" if name == "amount" else named(name)
    rate = f"{of}每{'满' * found.full}{shape.number(found.each)}{currency(program)}"
    return rate, worth(program, give.wallet, found.gain)


def _gain_text(scene: Scene, give: Give, source: Source) -> str:
    rate, thing = _gain(scene, give, source)
    if thing:
        return f"{rate}得{thing}"
    amount = "数额在" if source.tree.op == "case" else "数额为"
    return f"得{wallet(give.wallet)}，{amount}{phrase(scene, source.tree)}"


def units(scene: Scene, give: Give, source: Source) -> str:
    """An amount of a wallet, or what it is equal to."""
    value = source.tree.value
    if source.tree.op == "const" and isinstance(value, int | Fraction):
        return worth(scene.program, give.wallet, Fraction(value))
    return f"{phrase(scene, source.tree, inner=True)}{wallet(give.wallet)}"


def worth(program: Program, name: str, amount: Fraction) -> str:
    """So many units of a wallet."""
    is_money = program.wallets[name].unit == "money"
    return (money(program, amount) if is_money else shape.number(amount)) + wallet(name)


def _times(scene: Scene, give: Give, source: Source) -> str:
    factor, name = source.tree.value, wallet(give.wallet)
    if source.tree.op != "const" or not isinstance(factor, int | Fraction):
        return f"{name}乘以{phrase(replace(scene, factor=True), source.tree, inner=True)}"
    words = {Fraction(2): "双", Fraction(3): "三"}
    return f"{words.get(Fraction(factor), shape.number(factor))}倍{name}"


def _times_text(scene: Scene, give: Give, source: Source) -> str:
    return "享" + _times(scene, give, source)


def _award(program: Program, told: Award) -> str:
    word, count = AWARDS[told.kind]
    text = (
        f"{tier(told.id)}等级"
        if told.kind == "tier"
        else f"{word}“{shape.award_name(program, told)}”"
    )
    text += f"{told.count:,}{count}" if told.count > 1 else ""
    return text + (f"（{duration(told.lasts)}）" if told.lasts else "")


def tests(scene: Scene, asked: tuple[Expr, ...]) -> str:
    """What else must hold."""
    said = "且".join(clause(scene, test, inner=len(asked) > 1) for test in asked)
    return f"若{said}，" if said else ""


def bounds(program: Program, told: Rule) -> list[str]:
    """Once, limits, budget and group, each as a part of the sentence."""
    said = ["每位会员限一次"] if told.once else []
    said += [dated(one.amount, partial(_limit, program, one)) for one in told.limits]
    if told.return_limit:
        said[-1:] = ["，".join([*said[-1:], "退款后恢复次数"])]
    if told.budget:
        text = "全体会员合计" + dated(
            told.budget.amount, partial(budget_text, program, told.budget)
        )
        said.append(text + ("，余量不足时不发放" if told.budget.over == "refuse" else ""))
    if told.group:
        high = f"（优先级{told.priority:,}）" if told.priority is not None else ""
        said.append(f"“{told.group}”组内仅取最优一条{high}")
    return said


def _limit(program: Program, told: Limit, amount: Fraction) -> str:
    return f"{_every(told.period) or '每位会员'}最多{_many(program, told.unit, amount)}"


def budget_text(program: Program, told: Budget, amount: Fraction) -> str:
    """What may be given to all members together."""
    return f"{_every(told.period)}最多{_many(program, told.unit, amount)}"


def _many(program: Program, unit: str | None, amount: Fraction) -> str:
    return f"{shape.number(amount)}次" if unit is None else worth(program, unit, amount)


def _every(period: Period) -> str:
    if period.days is not None:
        return f"每{period.days:,}天"
    return _EVERY[period.unit] if period.unit else ""
