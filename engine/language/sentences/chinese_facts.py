"""What a fact measures, in Chinese."""

from __future__ import annotations

from engine.language.program import Fact, Program
from engine.language.sentences import shape
from engine.language.sentences.chinese_clauses import clause, phrase
from engine.language.sentences.chinese_words import duration, event, of_amount
from engine.language.sentences.shape import Scene

_KINDS = {
    "count": "{0}数",
    "sum": "{0}合计",
    "average": "平均{0}",
    "min": "最小{0}",
    "max": "最大{0}",
    "distinct": "不同{0}数",
    "most frequent": "最常见{0}",
    "previous": "前一次{0}",
    "median gap": "{0}间隔天数中位数",
}
_UNITS = {"day": "天", "week": "周", "month": "月", "quarter": "季度", "year": "年"}
AWARDS = {
    "coupon": ("优惠券", "张"),
    "voucher": ("代金券", "张"),
    "item": ("礼品", "份"),
    "badge": ("徽章", "枚"),
    "privilege": ("特权", "项"),
    "tier": ("等级", "次"),
}
_THIS = {
    "hour": "本小时", "day": "当天", "week": "本周", "month": "本月", "quarter": "本季度",
    "year": "今年",
}  # fmt: skip


def fact(program: Program, told: Fact) -> str:
    """What a fact measures of a member: `会员近90天的订单数`."""
    whose = "会员好友" if told.of_friends else "会员"
    return f"{whose}{_span(told)}{_only(program, told)}的{_core(program, told)}"


def _of_coupons(program: Program, told: Fact) -> str:
    it = program.rewards[told.reward or ""]
    word, count = AWARDS[it.kind]
    if told.kind == "unused":
        return f"最早一{count}{word}“{it.rule.name}”的未用天数"
    return f"{word}“{it.rule.name}”{'持有' if told.kind == 'held' else '使用'}数"


def _core(program: Program, told: Fact) -> str:
    if told.reward is not None:
        return _of_coupons(program, told)
    noun = event(told.event)
    scene = Scene(program, (told.event,), told.event)
    value = phrase(scene, told.value.tree) if told.value else ""
    if told.kind == "streak":
        unit = _UNITS[told.by.unit if told.by and told.by.unit else "day"]
        return f"连续{noun}{unit}数{_breaks(told, unit)}"
    if told.kind in ("last", "first"):
        words = ("最近", "首个") if value else ("上次", "首次")
        return words[told.kind == "first"] + (value or noun)
    text = _KINDS[told.kind].format(value or noun)
    if told.less is None:
        return text
    scene = Scene(program, (told.less[0],), told.less[0])
    return f"{text}减{phrase(scene, told.less[1].tree)}合计"


def _breaks(told: Fact, unit: str) -> str:
    said = [f"满{told.starts_over:,}后重新计起"] if told.starts_over else []
    if told.freeze and told.freeze[1].unit:
        said.append(f"每{_UNITS[told.freeze[1].unit]}可漏{told.freeze[0]:,}{unit}")
    return f"（{'，'.join(said)}）" if said else ""


def _span(told: Fact) -> str:
    text = f"自上次{event(told.since)}以来" if told.since else ""
    if told.over and told.before:
        text += f"近{duration(told.before)}之前{duration(told.over)}"
    elif told.over:
        text += f"近{duration(told.over)}"
    if told.this and told.this.unit:
        text += _THIS[told.this.unit]
    return text + (f"最近{told.of_last:,}次" if told.of_last else "")


def _only(program: Program, told: Fact) -> str:
    amount, tests = shape.amount_and_rest(told.condition.tree if told.condition else None)
    scene = Scene(program, (told.event,))
    said = [of_amount(program, amount)] if amount else []
    return "且".join(said + [clause(scene, t, inner=bool(said) or len(tests) > 1) for t in tests])
