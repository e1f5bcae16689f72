"""In which ways a condition may be true, false or null; none where it never is."""

from __future__ import annotations

from collections.abc import Hashable

from engine.language.checks import terms
from engine.language.checks.domain import (
    AllBut,
    Domain,
    Few,
    Numbers,
    Span,
    Values,
    both,
    compared,
    divided,
)
from engine.language.checks.setting import Setting
from engine.language.checks.ways import Way, both_of, limited, possible
from engine.language.expression.amounts import constant
from engine.language.expression.tree import Expr, Name, Type

_OPPOSITE = {"=": "<>", "<>": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
_FLIPPED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}
_ON_TEXTS = ("starts_with", "ends_with", "contains", "like", "ilike")
_ZERO = Numbers((Span(0, 0),))
_SIGNS = {"=": (0,), "<>": (-1, 1), "<": (-1,), "<=": (-1, 0), ">": (1,), ">=": (0, 1)}


class Truth:
    """The ways of the conditions of one setting. They say too much rather than too little."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self._compared: dict[Hashable, list[Way]] = {}

    def true(self, test: Expr) -> list[Way]:
        """The ways in which it is true."""
        return self._ways(test, True)

    def false(self, test: Expr) -> list[Way]:
        """The ways in which it is false."""
        return self._ways(test, False)

    def null(self, test: Expr) -> list[Way]:
        """The ways in which it, or a value, is null."""
        op, args = test.op, test.args
        if op in ("and", "or"):
            return self._null_of_joined(op, args)
        if op in ("is_null", "is_true", "is_false"):
            return []
        if op == "const":
            return [{}] if test.value is None else []
        if isinstance(test.value, Name):
            if not (self.setting.nulls and terms.may_be_null(self.setting, test)):
                return []
            return [{terms.key(test): Domain(True, None)}]
        if op in ("coalesce", "least", "greatest"):
            return both_of(*(self.null(a) for a in args))
        found = [way for a in args for way in self.null(a)]
        divides = op in ("/", "%") and not constant(args[1])
        return [{}] if divides or op == "nullif" else limited(found)

    def may_be_false(self, test: Expr) -> bool:
        """Whether a way is found in which it is false; True where there are too many."""
        if test.op == "and":  # one part that may be false is enough
            return any(self.may_be_false(a) for a in test.args)
        return possible(lambda: self.false(test))

    def not_true(self, test: Expr) -> list[Way]:
        """The ways in which it is false or null."""
        return limited([*self.false(test), *self.null(test)])

    def _ways(self, test: Expr, holds: bool) -> list[Way]:
        op, args = test.op, test.args
        if op in ("and", "or"):
            found = [self._ways(a, holds) for a in args]
            joined = (op == "and") == holds
            return both_of(*found) if joined else limited([w for ways in found for w in ways])
        if op == "not":
            return self._ways(args[0], not holds)
        if op in ("is_true", "is_false"):
            is_so = self.true if op == "is_true" else self.false
            other = self.false if op == "is_true" else self.true
            return is_so(args[0]) if holds else limited([*other(args[0]), *self.null(args[0])])
        if op == "is_null":
            return self.null(args[0]) if holds else self._given(args[0])
        if op in _OPPOSITE:
            return self._relation(op if holds else _OPPOSITE[op], *args)
        if op == "between":
            return self._between(args, holds)
        if op == "in":
            return self._in(args, holds)
        if op in _ON_TEXTS:
            return self._on_text(test, holds)
        return self._flag(test, holds)

    def _null_of_joined(self, op: str, args: tuple[Expr, ...]) -> list[Way]:
        """Null where one is null and the others do not decide."""
        undecided = [self._ways(a, op == "and") for a in args]
        found, beside = self.null(args[-1]), undecided[-1]
        for place in reversed(range(len(args) - 1)):
            nulls = both_of(self.null(args[place]), [*beside, *found])
            found = limited([*nulls, *both_of(undecided[place], found)])
            beside = both_of(undecided[place], beside) if place else []
        return found

    def _given(self, value: Expr) -> list[Way]:
        """Not null, as far as single names go."""
        if value.type == Type.FLAG and value.op != "name":
            return limited([*self.true(value), *self.false(value)])
        if value.op == "const":
            return [] if value.value is None else [{}]
        if not isinstance(value.value, Name):
            return [{}]
        return self._literal(value, None)

    def _flag(self, test: Expr, holds: bool) -> list[Way]:
        op, args = test.op, test.args
        if op == "const":
            return [{}] if test.value is holds else []
        if op == "coalesce":
            first, rest = args[0], args[1:]
            if not rest:
                return self._ways(first, holds)
            instead = self._flag(Expr("coalesce", Type.FLAG, rest), holds)
            return limited([*self._ways(first, holds), *both_of(self.null(first), instead)])
        if op == "case":
            chosen = [both_of(when, self._ways(v, holds)) for when, v in self._branches(test)]
            return limited([w for ways in chosen for w in ways])
        return self._literal(test, Few(frozenset((holds,))))

    def _branches(self, case: Expr) -> list[tuple[list[Way], Expr]]:
        """Each value of a `case` with the ways in which it is taken."""
        found = []
        before: list[Way] = [{}]
        for when, value in zip(case.args[:-1:2], case.args[1:-1:2], strict=True):
            found.append((both_of(before, self.true(when)), value))
            before = both_of(before, self.not_true(when))
        return [*found, (before, case.args[-1])]

    def _choices(self, value: Expr) -> list[tuple[list[Way], Expr]]:
        """What a value comes to, and when."""
        if value.op == "case":
            return self._branches(value)
        if value.op != "coalesce":
            return [([{}], value)]
        found = []
        before: list[Way] = [{}]
        for arg in value.args:
            found.append((both_of(before, self._given(arg)), arg))
            before = both_of(before, self.null(arg))
        return found

    def _between(self, args: tuple[Expr, ...], holds: bool) -> list[Way]:
        value, low, high = args
        if holds:
            return both_of(self._relation(">=", value, low), self._relation("<=", value, high))
        return limited([*self._relation("<", value, low), *self._relation(">", value, high)])

    def _in(self, args: tuple[Expr, ...], holds: bool) -> list[Way]:
        value, *items = args
        if holds:
            return limited([w for item in items for w in self._relation("=", value, item)])
        return both_of(*(self._relation("<>", value, item) for item in items))

    def _relation(self, op: str, left: Expr, right: Expr) -> list[Way]:
        """The ways in which a comparison is true, worked out once."""
        asked = (op, terms.key(left), terms.key(right))
        if asked not in self._compared:
            found: list[Way] = []
            for when, one in self._choices(left):
                for then, other in self._choices(right):
                    found += both_of(when, then, self._plain(op, one, other))
            self._compared[asked] = limited(found)
        return self._compared[asked]

    def _plain(self, op: str, left: Expr, right: Expr) -> list[Way]:
        if Type.NULL in (left.type, right.type):
            return []
        if Type.FLAG in (left.type, right.type):
            return self._alike(op, left, right)
        if Type.TEXT in (left.type, right.type):
            return self._texts(op, left, right)
        return self._numbers(op, left, right)

    def _alike(self, op: str, left: Expr, right: Expr) -> list[Way]:
        pairs = ((True, True), (False, False)) if op == "=" else ((True, False), (False, True))
        found = [both_of(self._ways(left, a), self._ways(right, b)) for a, b in pairs]
        return limited([w for ways in found for w in ways])

    def _texts(self, op: str, left: Expr, right: Expr) -> list[Way]:
        if left.op == "const" and right.op != "const":
            op, left, right = _FLIPPED.get(op, op), right, left
        if left.op == "const":
            sign = (left.value > right.value) - (left.value < right.value)  # type: ignore[operator]
            return [{}] if sign in _SIGNS[op] else []
        if right.op == "const":
            text = str(right.value)
            if op == "=":
                return self._literal(left, Few(frozenset((text,))))
            if op == "<>":
                return self._literal(left, AllBut(frozenset((text,))))
            return self._literal(left, AllBut(tests=frozenset(((op, text, True),))))
        return self._signs(op, left, right)

    def _signs(self, op: str, left: Expr, right: Expr) -> list[Way]:
        """Two texts that are not known: whether one stands before the other."""
        one, other = terms.key(left), terms.key(right)
        if repr(one) > repr(other):
            op, one, other = _FLIPPED.get(op, op), other, one
        may = frozenset((0,)) if one == other else frozenset((-1, 0, 1))
        signs = may & frozenset(_SIGNS[op])
        known: Way = {("sign", one, other): Domain(False, Few(signs))}
        return both_of([known], self._given(left), self._given(right)) if signs else []

    def _numbers(self, op: str, left: Expr, right: Expr) -> list[Way]:
        """A comparison of sums, as one of a single term, or of a sum of terms, with a number."""
        slack = 0
        if left.type == Type.TIME and "const" in (left.op, right.op):
            slack = terms.SLACK
        one, other = (terms.linear(side) for side in (left, right))
        if one is None or other is None:
            return [{}]
        sum_ = terms.less(one, other)
        if not sum_.factors:
            holds = both(_ZERO, compared(op, -sum_.rest, slack))
            return both_of(self._given(left), self._given(right)) if holds else []
        lead = min(sum_.factors, key=repr) if len(sum_.factors) > 1 else next(iter(sum_.factors))
        by, term = sum_.factors[lead]
        op = op if by > 0 else _FLIPPED.get(op, op)
        values = compared(op, divided(-sum_.rest, by), slack)
        if len(sum_.factors) == 1:
            others = (self._given(side) for side in (left, right) if side is not term)
            return both_of(*others, self._literal(term, values))
        parts = frozenset((k, divided(factor, by)) for k, (factor, _) in sum_.factors.items())
        known: Way = {("sum", parts): Domain(False, values)}
        return both_of(self._given(left), self._given(right), [known] if values.spans else [])

    def _on_text(self, test: Expr, holds: bool) -> list[Way]:
        value, text = test.args
        if text.op != "const" or not isinstance(text.value, str):
            return [] if text.type == Type.NULL else self._literal(test, Few(frozenset((holds,))))
        if test.op == "like" and not set("%_") & set(text.value):
            return self._texts("=" if holds else "<>", value, text)
        tested = AllBut(tests=frozenset(((test.op, text.value, holds),)))
        if value.op == "const":
            return [{}] if both(Few(frozenset((value.value,))), tested) else []
        return self._literal(value, tested)

    def _literal(self, term: Expr, values: Values | None) -> list[Way]:
        """That a term has one of these values, or any that it may have."""
        may = terms.values(self.setting, term)
        found = both(may, may if values is None else values)
        return [{terms.key(term): Domain(False, found)}] if found else []


class Truths:
    """The truth of each setting, one for all rules of it: what they compare alike is done once."""

    def __init__(self) -> None:
        self._of: dict[Setting, Truth] = {}

    def of(self, setting: Setting) -> Truth:
        """The truth of a setting."""
        return self._of.setdefault(setting, Truth(setting))


def reads_nulls(test: Expr) -> bool:
    """Whether it asks for nulls, so that an empty field may be what it is about."""
    ops = {"is_null", "is_true", "is_false", "coalesce", "case", "least", "greatest", "nullif"}
    return any(node.op in ops for node in test.walk())
