"""Conditions and amounts in English: an expression as a clause or as the name of a value."""

from __future__ import annotations

from dataclasses import replace

from engine.language.expression.tree import Expr, From, Name, Type
from engine.language.sentences import shape
from engine.language.sentences.english_words import (
    NUMBERS,
    constant,
    event,
    listed,
    ordinal,
    spaced,
)
from engine.language.sentences.shape import FLIPPED, OPPOSITE, Scene

_DAYS = {
    "=": "{0}", "<>": "not {0}", "<": "before {0}", "<=": "on or before {0}", ">": "after {0}",
    ">=": "on or after {0}",
}  # fmt: skip
_TEXTS = {**_DAYS, "<=": "{0} or before it in order", ">=": "{0} or after it in order"} | {
    "<": "before {0} in order",
    ">": "after {0} in order",
}
_TWO = {"+": "{0} plus {1}", "-": "{0} minus {1}", "*": "{0} times {1}", "/": "{0} divided by {1}"}
_OF = {
    "abs": "{0} without its sign",
    "floor": "{0} rounded down",
    "ceil": "{0} rounded up",
    "lower": "{0} in small letters",
    "upper": "{0} in capital letters",
    "length": "the length of {0}",
    "year": "the year of {0}",
    "month": "the month of {0}",
    "day": "the day of the month of {0}",
    "weekday": "the weekday of {0}",
    "hour": "the hour of {0}",
    "date": "the day of {0}",
    "days_since": "the number of days since {0}",
}
_TELLS = {
    "starts_with": ("begins with", "does not begin with"),
    "ends_with": ("ends with", "does not end with"),
    "contains": ("contains", "does not contain"),
}
_LIKES = {
    "starts": ("begins with", "does not begin with"),
    "ends": ("ends with", "does not end with"),
    "contains": ("contains", "does not contain"),
    "equals": ("is", "is not"),
}


def clause(scene: Scene, test: Expr, *, holds: bool = True, inner: bool = False) -> str:
    """A condition, or its opposite, as a clause: `its category is “seafood”`."""
    op = test.op
    if op in ("and", "or"):
        return _joined(scene, test, holds=holds, inner=inner)
    if op == "not":
        return clause(scene, test.args[0], holds=not holds, inner=inner)
    if op in FLIPPED:
        return _compared(scene, test, holds=holds, inner=inner)
    if op == "between":
        return _between(scene, test, holds)
    if op in ("is_true", "is_false"):
        says = clause(scene, test.args[0], holds=(op == "is_true") == holds, inner=True)
        return says if holds else _or_not_given(says, inner)
    if op == "is_null":
        return f"{phrase(scene, test.args[0])} {_be(test.args[0])} {'not ' * holds}given"
    return _told(scene, test, holds)


def phrase(scene: Scene, value: Expr, *, inner: bool = False) -> str:
    """A value's name: `its amount divided by 2`."""
    if value.op == "const":
        return constant(scene.program, value.value)
    if isinstance(value.value, Name):
        return _named(scene, value.value)
    if value.op in (*_TWO, "%", "neg", "case", "coalesce", "nullif"):
        text = _reckoned(scene, value)
        return f"({text})" if inner and value.op not in ("coalesce", "nullif") else text
    if value.op in ("least", "greatest"):
        size = ("smaller", "smallest") if value.op == "least" else ("larger", "largest")
        word = size[len(value.args) > 2]
        return f"the {word} of {listed([phrase(scene, a, inner=True) for a in value.args])}"
    if value.type == Type.FLAG:
        return f"whether {clause(scene, value, inner=True)}"
    return _worked(scene, value)


def _joined(scene: Scene, test: Expr, *, holds: bool, inner: bool) -> str:
    both = (test.op == "and") == holds
    words = [clause(scene, a, holds=holds, inner=True) for a in test.args]
    mixed = any(a.op in ("and", "or") for a in test.args) and not inner
    text = listed(words, ("and" if both else "or") if not mixed else ", and" if both else ", or")
    if not inner:
        return text
    several_words = len(words) > 2
    first = ("all of these: " if several_words else "both ") if both else (
        "one of these: " if several_words else "either "
    )  # fmt: skip
    return first + text


def _compared(scene: Scene, test: Expr, *, holds: bool, inner: bool) -> str:
    op, left, right = shape.sided(test)
    first = shape.counted(scene, test) if holds else None
    if first is not None:
        return f"it is the member's {ordinal(first[1])} {event(first[0].event)}"
    if not holds:
        op = OPPOSITE[op]
    plain = shape.given_or(replace(test, op=op, args=(left, right)))
    if plain is not None:
        said = clause(scene, plain[0])
        return _or_not_given(said, inner) if plain[1] else said
    if Type.FLAG in (left.type, right.type):
        return _flags(scene, op, left, right)
    words = NUMBERS if left.type.is_number else _TEXTS if left.type == Type.TEXT else _DAYS
    if left.op in ("days_since", "days_between") and right.op == "const":
        return _apart(scene, left, words[op].format(_beside(scene, left, right) + " days"))
    if left.op == "%" and op in ("=", "<>") and right.value == 0:
        name, by = phrase(scene, left.args[0]), phrase(scene, left.args[1], inner=True)
        return f"{name} is {'not ' * (op == '<>')}a multiple of {by}"
    subject = phrase(scene, left, inner=left.op == "case")
    return f"{subject} {_be(left)} {words[op].format(_beside(scene, left, right))}"


def _flags(scene: Scene, op: str, left: Expr, right: Expr) -> str:
    if right.op == "const" and isinstance(right.value, bool) and op in ("=", "<>"):
        return clause(scene, left, holds=right.value == (op == "="), inner=True)
    words = {"=": "the same as {0}", "<>": "not the same as {0}"} | {
        op: _TEXTS[op] for op in ("<", "<=", ">", ">=")
    }
    return f"{phrase(scene, left)} is {words[op].format(phrase(scene, right))}"


def _apart(scene: Scene, days: Expr, many: str) -> str:
    names = [phrase(scene, a) for a in days.args]
    if days.op == "days_since":
        return f"{many} have passed since {names[0]}"
    return f"{many} lie between {names[0]} and {names[1]}"


def _between(scene: Scene, test: Expr, holds: bool) -> str:
    subject = test.args[0]
    low, high = (_beside(scene, subject, a) for a in test.args[1:])
    if subject.op in ("days_since", "days_between"):
        return _apart(scene, subject, f"{'not ' * (not holds)}{low} to {high} days")
    span = f"from {low} to {high}" if subject.type != Type.TEXT else f"{low} to {high} in order"
    return f"{phrase(scene, subject)} {_be(subject)} {'not ' * (not holds)}{span}"


def _or_not_given(says: str, inner: bool) -> str:
    return f"{'either ' * inner}{says} or that is not given"


def _told(scene: Scene, test: Expr, holds: bool) -> str:
    if test.op == "in":
        return _among(scene, test, holds)
    if test.op in _TELLS or test.op in ("like", "ilike"):
        return _matched(scene, test, holds)
    names = [phrase(scene, a) for a in test.args]
    if test.op == "includes":
        verb = "include" if _be(test.args[0]) == "are" else "includes"
        negated = "do not include" if verb == "include" else "does not include"
        return f"{names[0]} {verb if holds else negated} {names[1]}"
    if test.op == "is_birthday_month":
        whose = "the member's birthday month" if shape.is_time(test) else f"the month of {names[0]}"
        return f"it is {'not ' * (not holds)}{whose}"
    if isinstance(test.value, Name):
        return _marked(scene, test.value, holds)
    if isinstance(test.value, bool):
        return "always" if test.value == holds else "never"
    return f"{phrase(scene, test)} is {constant(scene.program, holds)}"


def _among(scene: Scene, test: Expr, holds: bool) -> str:
    subject, *others = test.args
    words = [_beside(scene, subject, a) for a in others]
    said = listed(words, "or")
    if not holds and len(words) > 1:
        said = (
            f"neither {words[0]} nor {words[1]}" if len(words) == 2 else f"none of {listed(words)}"
        )
    elif not holds:
        said = f"not {said}"
    return f"{phrase(scene, subject)} {_be(subject)} {said}"


def _matched(scene: Scene, test: Expr, holds: bool) -> str:
    subject, other = test.args
    said, verbs = phrase(scene, other), _TELLS.get(test.op)
    if verbs is None:
        how = shape.pattern(other.value) if isinstance(other.value, str) else None
        verbs = _LIKES[how[0]] if how else ("matches", "does not match")
        said = f"“{how[1]}”" if how else f"the pattern {said}"
    any_case = " in any case" if test.op == "ilike" else ""
    return f"{phrase(scene, subject)} {verbs[not holds]} {said}{any_case}"


def _marked(scene: Scene, name: Name, holds: bool) -> str:
    if name.source == From.PRIVILEGE:
        right = f"the privilege “{shape.privilege_name(scene.program, name.name)}”"
        return f"the member {'has' if holds else 'does not have'} {right}"
    who = "it" if name.source == From.FIELD else _who(name)
    return f"{who} is {'not ' * (not holds)}marked “{spaced(name.name)}”"


def _beside(scene: Scene, subject: Expr, other: Expr) -> str:
    """The other side of a comparison, as a value of the subject's kind."""
    if isinstance(subject.value, Name) and subject.value.source == From.TIER:
        return spaced(other.value) if isinstance(other.value, str) else phrase(scene, other)
    if other.op == "const":
        return constant(scene.program, other.value, subject.type)
    return phrase(scene, other, inner=other.op in ("case", "coalesce", "nullif"))


def _be(subject: Expr) -> str:
    """`are` where the subject is a name in the plural."""
    name = subject.value
    if not isinstance(name, Name) or name.source == From.FACT:
        return "is"
    if name.source == From.PROGRESS:
        return "is"
    word = name.name.removesuffix("_active").removesuffix("_pending")
    return "are" if word.endswith("s") else "is"


def _named(scene: Scene, name: Name) -> str:
    word = spaced(name.name)
    if name.source == From.FIELD:
        return f"{event(scene.fact)} {word}" if scene.fact else f"{scene.its} {word}"
    who = _who(name)
    if name.source == From.FACT:
        return f"{who}'s {scene.facts.get(name.name, word)}"
    if name.source == From.START:
        return f"the start's {spaced(name.name.removeprefix('start.'))}"
    if name.source == From.PROGRESS:
        id_ = name.name.removesuffix("_progress")
        return f"{who}'s progress in “{scene.names.get(id_, id_)}”"
    if name.source in (From.AT, From.TODAY):
        word = "time" if name.source == From.AT else "day"
        return f"{event(scene.fact)} {word}" if scene.fact else f"{scene.its} {word}"
    if name.source == From.ACTIVE:
        return f"{who}'s spendable {word.removesuffix(' active')}"
    if name.source == From.PENDING:
        return f"{who}'s pending {word.removesuffix(' pending')}"
    return f"{who}'s {word}"


def _who(name: Name) -> str:
    return "the referrer" if name.of_referrer else "the member"


def _reckoned(scene: Scene, value: Expr) -> str:
    """Arithmetic, choices: what needs brackets inside something larger."""
    args = value.args
    if value.op == "case":
        return _cases(scene, value)
    words = [phrase(scene, a, inner=True) for a in args]
    if value.op == "neg":
        return f"minus {words[0]}"
    if value.op == "%":
        return f"the remainder of {words[0]} divided by {words[1]}"
    if value.op == "coalesce":
        return f"{words[0]} (or " + " or ".join(words[1:]) + " where it is not given)"
    if value.op == "nullif":
        return f"{words[0]} (nothing where it is {words[1]})"
    if value.op == "*" and args[1].op == "const":
        words.reverse()
    return _TWO[value.op].format(*words)


def _cases(scene: Scene, value: Expr) -> str:
    pairs = zip(value.args[:-1:2], value.args[1:-1:2], strict=True)
    said = [f"{phrase(scene, v)} when {clause(scene, c)}" for c, v in pairs]
    last = value.args[-1]
    stays = scene.factor and last.op == "const" and last.value is None
    return f"{', '.join(said)}, otherwise {'1' if stays else phrase(scene, last)}"


def _worked(scene: Scene, value: Expr) -> str:
    words = [phrase(scene, a, inner=True) for a in value.args]
    if value.op == "round":
        places = value.args[1].value if len(value.args) > 1 else 0
        return f"{words[0]} rounded" + (f" to {places} places" if places else " to a whole")
    if value.op == "days_between":
        return f"the number of days from {words[0]} to {words[1]}"
    if value.op == "age":
        name = value.args[0].value
        of_member = isinstance(name, Name) and name.source == From.ATTRIBUTE
        return "the member's age" if of_member else f"the full years since {words[0]}"
    text = _OF[value.op].format(*words)
    return text.removeprefix("the ") if scene.fact else text
