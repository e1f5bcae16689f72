"""Conditions and amounts in Chinese: an expression as a clause or as the name of a value."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from engine.language.expression.tree import Expr, From, Name, Type
from engine.language.sentences import shape
from engine.language.sentences.chinese_words import (
    NUMBERS,
    constant,
    each,
    event,
    listed,
    named,
    tier,
    wallet,
)
from engine.language.sentences.shape import FLIPPED, OPPOSITE, Scene

_DAYS = {
    "=": "为{0}", "<>": "不为{0}", "<": "早于{0}", "<=": "不晚于{0}", ">": "晚于{0}",
    ">=": "不早于{0}",
}  # fmt: skip
_TEXTS = {
    "=": "为{0}", "<>": "不是{0}", "<": "按字符顺序在{0}之前", "<=": "按字符顺序不在{0}之后",
    ">": "按字符顺序在{0}之后", ">=": "按字符顺序不在{0}之前",
}  # fmt: skip
_TWO = {"+": "{0}加{1}", "-": "{0}减{1}", "*": "{0}乘以{1}", "/": "{0}除以{1}"}
_OF = {
    "abs": "{0}的绝对值",
    "floor": "{0}向下取整",
    "ceil": "{0}向上取整",
    "lower": "小写的{0}",
    "upper": "大写的{0}",
    "length": "{0}的长度",
    "year": "{0}的年份",
    "month": "{0}的月份",
    "day": "{0}的日",
    "weekday": "{0}的星期",
    "hour": "{0}的小时",
    "date": "{0}的日期",
}
_TELLS = {
    "starts_with": ("以{0}开头", "不以{0}开头"),
    "ends_with": ("以{0}结尾", "不以{0}结尾"),
    "contains": ("包含{0}", "不包含{0}"),
    "includes": ("包含{0}", "不包含{0}"),
}
_LIKES = {
    "starts": ("以{0}开头", "不以{0}开头"),
    "ends": ("以{0}结尾", "不以{0}结尾"),
    "contains": ("包含{0}", "不包含{0}"),
    "equals": ("为{0}", "不是{0}"),
}


def clause(scene: Scene, test: Expr, *, holds: bool = True, inner: bool = False) -> str:
    """A condition, or its opposite, as a clause: `类目为“海鲜”`."""
    op = test.op
    if op in ("and", "or"):
        both = (op == "and") == holds
        words = [clause(scene, a, holds=holds, inner=True) for a in test.args]
        text = ("且" if both else "或").join(words)
        return f"（{text}）" if inner else text
    if op == "not":
        return clause(scene, test.args[0], holds=not holds, inner=inner)
    if op in FLIPPED:
        return _compared(scene, test, holds=holds, inner=inner)
    if op == "between":
        return _between(scene, test, holds)
    if op in ("is_true", "is_false"):
        says = clause(scene, test.args[0], holds=(op == "is_true") == holds, inner=True)
        return says if holds else _or_empty(says, inner)
    if op == "is_null":
        return f"{phrase(scene, test.args[0])}{'' if holds else '不'}为空"
    return _told(scene, test, holds)


def phrase(scene: Scene, value: Expr, *, inner: bool = False) -> str:
    """A value's name: `金额除以2`."""
    if value.op == "const":
        return constant(scene.program, value.value)
    if isinstance(value.value, Name):
        return _named(scene, value.value)
    if value.op in (*_TWO, "%", "neg", "case", "coalesce", "nullif", "floor", "ceil", "round"):
        text = _reckoned(scene, value)
        return f"（{text}）" if inner and value.op not in ("coalesce", "nullif") else text
    if value.op in ("least", "greatest"):
        words = listed([phrase(scene, a, inner=True) for a in value.args], "与")
        size = ("较小", "最小") if value.op == "least" else ("较大", "最大")
        return f"{words}中{size[len(value.args) > 2]}的"
    if value.type == Type.FLAG:
        return f"（{clause(scene, value)}）是否成立"
    return _worked(scene, value)


def _compared(scene: Scene, test: Expr, *, holds: bool, inner: bool) -> str:
    op, left, right = shape.sided(test)
    first = shape.counted(scene, test) if holds else None
    if first is not None:
        of = first[0].event
        nth = "首" if first[1] == 1 else f"第{first[1]:,}"
        return f"为会员的{nth}{each(of)}{event(of)}"
    if not holds:
        op = OPPOSITE[op]
    plain = shape.given_or(replace(test, op=op, args=(left, right)))
    if plain is not None:
        said = clause(scene, plain[0])
        return _or_empty(said, inner) if plain[1] else said
    if Type.FLAG in (left.type, right.type):
        return _flags(scene, op, left, right)
    if left.op in ("days_since", "days_between") and right.op == "const":
        return _apart(scene, left, _days(NUMBERS[op], _beside(scene, left, right)))
    if left.op == "%" and op in ("=", "<>") and right.value == 0:
        name, by = phrase(scene, left.args[0]), phrase(scene, left.args[1], inner=True)
        return f"{name}{'是' if op == '=' else '不是'}{by}的倍数"
    words = NUMBERS if left.type.is_number else _TEXTS if left.type == Type.TEXT else _DAYS
    said = words[op]
    if op == ">=" and left.type == Type.MONEY and right.op == "const":
        said = "满{0}"
    return phrase(scene, left, inner=left.op == "case") + said.format(_beside(scene, left, right))


def _flags(scene: Scene, op: str, left: Expr, right: Expr) -> str:
    if right.op == "const" and isinstance(right.value, bool) and op in ("=", "<>"):
        return clause(scene, left, holds=right.value == (op == "="), inner=True)
    words = {"=": "与{0}相同", "<>": "与{0}不同"}
    return phrase(scene, left) + words.get(op, _TEXTS[op]).format(phrase(scene, right))


def _days(words: str, number: str) -> str:
    return words.removeprefix("为").format(f"{number}天") if words[0] != "为" else f"恰为{number}天"


def _apart(scene: Scene, days: Expr, many: str) -> str:
    names = [phrase(scene, a) for a in days.args]
    if days.op == "days_since":
        return f"距{names[0]}{many}"
    return f"{names[0]}至{names[1]}相隔{many}"


def _between(scene: Scene, test: Expr, holds: bool) -> str:
    subject = test.args[0]
    low, high = (_beside(scene, subject, a) for a in test.args[1:])
    if subject.op in ("days_since", "days_between"):
        return _apart(scene, subject, f"{low}至{high}天" if holds else f"不在{low}至{high}天之内")
    order = "按字符顺序" if subject.type == Type.TEXT else ""
    return f"{phrase(scene, subject)}{order}{'' if holds else '不'}在{low}至{high}之间"


def _or_empty(says: str, inner: bool) -> str:
    return f"（{says}或该项为空）" if inner else f"{says}或该项为空"


def _told(scene: Scene, test: Expr, holds: bool) -> str:
    if test.op == "in":
        return _among(scene, test, holds)
    if test.op in _TELLS or test.op in ("like", "ilike"):
        return _matched(scene, test, holds)
    if test.op == "is_birthday_month":
        whose = "会员的生日" if shape.is_time(test) else phrase(scene, test.args[0])
        return f"{'' if holds else '不'}在{whose}当月"
    if isinstance(test.value, Name) and test.value.source == From.PRIVILEGE:
        right = shape.privilege_name(scene.program, test.value.name)
        return f"会员{'' if holds else '不'}享有特权“{right}”"
    if isinstance(test.value, Name):
        who = "" if test.value.source == From.FIELD else _who(test.value)
        return f"{who}{'' if holds else '未'}标记为“{test.value.name}”"
    if isinstance(test.value, bool):
        return "总是成立" if test.value == holds else "永不成立"
    return f"{phrase(scene, test)}为{constant(scene.program, holds)}"


def _among(scene: Scene, test: Expr, holds: bool) -> str:
    subject, *others = test.args
    words = [_beside(scene, subject, a) for a in others]
    if holds:
        return f"{phrase(scene, subject)}为{listed(words, '或')}"
    said = f"不是{words[0]}" if len(words) == 1 else "也".join(f"不是{w}" for w in words)
    return f"{phrase(scene, subject)}{'既' * (len(words) > 1)}{said}"


def _matched(scene: Scene, test: Expr, holds: bool) -> str:
    subject, other = test.args
    said, words = phrase(scene, other), _TELLS.get(test.op)
    if words is None:
        how = shape.pattern(other.value) if isinstance(other.value, str) else None
        words = _LIKES[how[0]] if how else ("符合样式{0}", "不符合样式{0}")
        said = f"“{how[1]}”" if how else said
    any_case = "（不分大小写）" if test.op == "ilike" else ""
    return phrase(scene, subject) + words[not holds].format(said) + any_case


def _beside(scene: Scene, subject: Expr, other: Expr) -> str:
    """The other side of a comparison, as a value of the subject's kind."""
    if isinstance(subject.value, Name) and subject.value.source == From.TIER:
        return tier(other.value) if isinstance(other.value, str) else phrase(scene, other)
    if other.op == "const":
        return constant(scene.program, other.value, subject.type)
    return phrase(scene, other, inner=other.op in ("case", "coalesce", "nullif"))


def _named(scene: Scene, name: Name) -> str:
    if name.source in (From.FIELD, From.AT, From.TODAY):
        word = "当天日期" if name.source == From.TODAY else named(name.name)
        return (event(scene.fact) if scene.fact else "") + word
    who = _who(name)
    if name.source == From.FACT and name.name in scene.facts:
        return scene.facts[name.name].replace("会员", who, 1)
    if name.source == From.START:
        return f"起始事件的{named(name.name.removeprefix('start.'))}"
    if name.source == From.PROGRESS:
        id_ = name.name.removesuffix("_progress")
        return f"{who}在“{scene.names.get(id_, id_)}”的进度"
    if name.source == From.TIER:
        return f"{who}的等级"
    if name.source == From.FRIENDS:
        return f"{who}的好友数"
    if name.source == From.WALLET:
        return f"{who}的{wallet(name.name)}"
    if name.source == From.ACTIVE:
        return f"{who}的可用{wallet(name.name.removesuffix('_active'))}"
    if name.source == From.PENDING:
        return f"{who}的待生效{wallet(name.name.removesuffix('_pending'))}"
    return f"{who}的{named(name.name)}"


def _who(name: Name) -> str:
    return "邀请人" if name.of_referrer else "会员"


def _reckoned(scene: Scene, value: Expr) -> str:
    """Arithmetic, choices: what needs brackets inside something larger."""
    args = value.args
    if value.op == "case":
        return _cases(scene, value)
    words = [phrase(scene, a, inner=True) for a in args]
    if value.op == "neg":
        return f"负的{words[0]}"
    if value.op == "%":
        return f"{words[0]}除以{words[1]}的余数"
    if value.op == "coalesce":
        return f"{words[0]}（为空时取{'，再为空时取'.join(words[1:])}）"
    if value.op == "nullif":
        return f"{words[0]}（为{words[1]}时视为空）"
    if value.op == "round":
        places = args[1].value if len(args) > 1 else 0
        return f"{words[0]}四舍五入" + (f"至{places}位小数" if places else "取整")
    if value.op == "*" and any(isinstance(a.value, int | Fraction) for a in args):
        first, other = words if args[1].op == "const" else reversed(words)
        return f"{first}的{other}倍"
    return (_TWO.get(value.op) or _OF[value.op]).format(*words)


def _cases(scene: Scene, value: Expr) -> str:
    pairs = zip(value.args[:-1:2], value.args[1:-1:2], strict=True)
    said = [f"{clause(scene, c)}时为{phrase(scene, v)}" for c, v in pairs]
    last = value.args[-1]
    stays = scene.factor and last.op == "const" and last.value is None
    return f"{'，'.join(said)}，否则为{' 1' if stays else phrase(scene, last)}"


def _worked(scene: Scene, value: Expr) -> str:
    words = [phrase(scene, a, inner=True) for a in value.args]
    if value.op == "days_since":
        return f"距{words[0]}的天数"
    if value.op == "days_between":
        return f"{words[0]}至{words[1]}的天数"
    if value.op == "age":
        name = value.args[0].value
        of_member = isinstance(name, Name) and name.source == From.ATTRIBUTE
        return "会员的年龄" if of_member else f"{words[0]}至今的周岁数"
    return _OF[value.op].format(*words)
