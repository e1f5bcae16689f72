"""Wallets, facts and tiers as Chinese sentences."""

from __future__ import annotations

from fractions import Fraction

from engine.language.expression.tree import Type
from engine.language.program import Duration, Fact, Program, Tiers, Wallet
from engine.language.sentences import chinese_facts, shape
from engine.language.sentences.chinese_words import (
    dated,
    duration,
    event,
    holders,
    listed,
    money,
    sentence,
    tier,
)
from engine.language.sentences.chinese_words import wallet as noun
from engine.language.sentences.shape import Scene

_ROUND = {"down": "小数舍去", "up": "小数进一", "nearest": "小数四舍五入"}
_ON_REFUND = {"below zero": "退款可使余额为负", "pending only": "退款只收回尚未生效的部分"}
_ON_CHANGE = {"upgrade only": "只升不降", "reassess": "全部重新评定"}
_FALLS = {"one step": "降一级", "reassess": "降至相应等级"}
_ENDS = {"month": "当月月底", "quarter": "当季季末", "year": "当年年底"}


def wallet(program: Program, told: Wallet) -> str:
    """How long a wallet's units live, and how they are rounded, spent and taken back."""
    said = [noun(told.name) + _life(told), _ROUND[told.round]]
    if told.spend == "oldest first":
        said.append("先获得的先使用")
    if told.below_zero == "yes":
        said.append("使用时余额可为负")
    if told.on_refund != "clamp":
        said.append(_ON_REFUND[told.on_refund])
    if told.restore == "new expiry":
        said.append("退回时重新计算有效期")
    if told.transfer:
        said.append("会员之间可转赠")
    if told.value:
        worth = dated(told.value, lambda v: money(program, v))
        said.append(f"1{noun(told.name)}价值{worth}")
    return sentence(said)


def fact(program: Program, told: Fact) -> str:
    """What a fact measures."""
    return sentence([chinese_facts.fact(program, told)])


def tiers(scene: Scene, told: Tiers) -> str:
    """How members rise and fall."""
    program = scene.program
    measured = program.facts.get(told.measure)
    name = scene.facts.get(told.measure, noun(told.measure))
    held = program.wallets.get(told.measure)
    is_money = (measured and measured.type == Type.MONEY) or (held and held.unit == "money")

    def rung(threshold: Fraction) -> str:
        return f"{money(program, threshold) if is_money else shape.number(threshold)}起"

    rungs = [f"{tier(r.name)}{dated(r.threshold, rung)}" for r in told.ladder]
    counts = "即按新等级计算" if told.upgrade == "before" else "仍按原等级计算"
    said = [f"等级按{name.removeprefix('会员的')}评定：{'，'.join(rungs)}", f"升级当次{counts}"]
    said.append(_falls(told))
    for one in told.ladder:
        if one.privileges:
            rights = [f"“{program.privileges[p].name}”" for p in one.privileges]
            said.append(f"{holders(one.name)}享有特权{listed(rights)}")
    if told.on_change != "keep":
        said.append(f"等级门槛调整时{_ON_CHANGE[told.on_change]}")
    return sentence(said)


def _life(told: Wallet) -> str:
    first = told.pending.steps[0]
    lasts = dated(told.expires, _lasts, "，")
    if len(told.pending.steps) == 1 and first[1].count == 0:
        return lasts
    return f"获得{dated(told.pending, duration)}后可用，{lasts.removeprefix('在')}"


def _lasts(lasts: Duration | None) -> str:
    if lasts is None:
        return "永久有效"
    if lasts.without:
        return f"在连续{duration(lasts)}无{event(lasts.without)}后失效"
    return f"有效期{duration(lasts)}" + (f"，至{_ENDS[lasts.to_end]}" if lasts.to_end else "")


def _falls(told: Tiers) -> str:
    if told.downgrade == "never":
        return "等级只升不降"
    if isinstance(told.review, Duration):
        when = f"每{duration(told.review)}评定一次"
    else:
        days = {"yearly": "每年1月1日评定", "on anniversary": "每年入会周年日评定"}
        when = days.get(told.review, "随时评定")
    grace = f"，宽限期{duration(told.grace)}" if told.grace else ""
    return f"等级{when}{grace}，未达标{_FALLS[told.downgrade]}"
