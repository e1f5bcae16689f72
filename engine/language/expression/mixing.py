"""Brings values to one kind for a comparison or a choice, and says why they do not go together."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from engine.language.expression import kinds
from engine.language.expression.cursor import Raw
from engine.language.expression.scope import nearest
from engine.language.expression.tree import Expr, Fault, From, Name, Type

_EQUAL = ("=", "<>", "in", "nullif")
_ORDERED = ("<", "<=", ">", ">=", "between", "least", "greatest")


@dataclass(frozen=True, slots=True)
class Voice:
    """Says faults about parts of a text."""

    text: str
    faults: list[Fault] = field(default_factory=list)

    def say(self, node: Raw | Expr, what: str, expected: str) -> None:
        self.faults.append(Fault(node.start, max(node.stop, node.start + 1), what, expected))

    def shown(self, node: Raw | Expr) -> str:
        """The part of the text that `node` was read from, shortened."""
        part = " ".join(self.text[node.start : node.stop].split())
        return part if len(part) <= 40 else f"{part[:37]}..."


def joined(voice: Voice, raw: Raw, args: list[Expr]) -> list[Expr] | None:
    """The arguments brought to one kind: texts beside days are read as days."""
    read = _days_read(voice, args)
    if read is None:
        return None
    known = [a for a in read if a.type is not Type.NULL]
    for arg in known[1:]:
        if not kinds.mix(known[0].type, arg.type):
            _mismatch(voice, raw, known[0], arg)
            return None
    return read if _is_comparable(voice, raw, known) else None


def _days_read(voice: Voice, args: list[Expr]) -> list[Expr] | None:
    types = [a.type for a in args]
    wanted = next((t for t in (Type.TIME, Type.DATE) if t in types), None)
    if wanted is None:
        return args
    read = [day(voice, a, wanted) if a.type is Type.TEXT and a.op == "const" else a for a in args]
    kept = [r for r in read if r is not None]
    return kept if len(kept) == len(read) else None


def day(voice: Voice, arg: Expr, wanted: Type) -> Expr | None:
    """A text read as a day or an instant; a bad one is a fault."""
    value = kinds.read_day(str(arg.value), wanted)
    if value is None:
        form = "'2026-01-31'" if wanted is Type.DATE else "'2026-01-31' or '2026-01-31 10:00'"
        what = f"{voice.shown(arg)} is no {'day' if wanted is Type.DATE else 'instant'}."
        voice.say(arg, what, f"Write it as {form}.")
        return None
    return replace(arg, type=wanted, value=value)


def _mismatch(voice: Voice, raw: Raw, left: Expr, right: Expr) -> None:
    pair = f"{voice.shown(left)} is {kinds.NAMES[left.type]}, {voice.shown(right)} is "
    what = f"{pair}{kinds.NAMES[right.type]}: the two do not go together."
    voice.say(right, what, kinds.mismatch_advice(left, right, voice.shown))


def _is_comparable(voice: Voice, raw: Raw, known: list[Expr]) -> bool:
    word = raw.text.lower() or raw.op
    for arg in known:
        if arg.type is Type.TEXTS:
            said = (
                f"{voice.shown(arg)} holds several texts.",
                f"Write includes({voice.shown(arg)}, 'crab').",
            )
            voice.say(arg, *said)
            return False
        if word in _ORDERED and arg.type is Type.FLAG:
            said = (
                f"{voice.shown(arg)} is true or false, which has no order.",
                "Write = or <>.",
            )
            voice.say(arg, *said)
            return False
        if word in _ORDERED and isinstance(arg.value, Name) and arg.value.source is From.TIER:
            said = (
                "Tiers have no order here: texts compare by their letters.",
                "Write tier in ('silver', 'gold').",
            )
            voice.say(arg, *said)
            return False
    return word not in _EQUAL or _are_possible(voice, known)


def _are_possible(voice: Voice, known: list[Expr]) -> bool:
    """Texts beside a name whose values are known must be among them."""
    values = next(
        (a.value.values for a in known if isinstance(a.value, Name) and a.value.values), None
    )
    if values is None:
        return True
    name = next(voice.shown(a) for a in known if isinstance(a.value, Name) and a.value.values)
    wrong = [a for a in known if a.op == "const" and a.value not in values]
    for arg in wrong:
        found = nearest(str(arg.value), values)
        listed = ", ".join(f"'{v}'" for v in values[:8])
        hint = f"Did you mean '{found}'?" if found else f"It is one of {listed}."
        voice.say(arg, f"{name} is never {voice.shown(arg)}.", hint)
    return not wrong
