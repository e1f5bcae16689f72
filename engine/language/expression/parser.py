"""Parses an expression by binding powers into nodes that do not know their types yet."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from engine.language.expression.lexer import Kind, Token
from engine.language.expression.tree import Fault
from engine.language.expression.words import (
    FUNCTIONS,
    KEYWORDS,
    REFUSED_FUNCTIONS,
    REFUSED_WORDS,
)

DEPTH_MAX = 60

_OR, _AND, _NOT, _COMPARE, _ADD, _MULTIPLY, _SIGN = range(1, 8)
_POWERS = {
    "or": _OR,
    "and": _AND,
    "+": _ADD,
    "-": _ADD,
    "*": _MULTIPLY,
    "/": _MULTIPLY,
    "%": _MULTIPLY,
}
_COMPARISONS = ("=", "<>", "<", "<=", ">", ">=")
_PREDICATES = (*_COMPARISONS, "in", "between", "like", "ilike", "is", "not")


@dataclass(frozen=True, slots=True)
class Raw:
    """A node as written. `op` as in `Expr`, and `word`, `number`, `text`, `call`, `bad`."""

    op: str
    start: int
    stop: int
    args: tuple[Raw, ...] = ()
    text: str = ""
    number: Fraction = Fraction(0)
    depth: int = 1


class _StopError(Exception):
    """Parsing cannot go on; carries the fault."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.what)
        self.fault = fault


def parse(text: str, tokens: list[Token]) -> tuple[list[Raw], list[Fault], list[Fault]]:
    """The nodes of the expression: one, unless faults cut it into pieces at `and` and `or`.

    Behind them the faults of its words, and those that stopped the reading of a piece.
    """
    parser = _Parser(text, tokens)
    pieces: list[Raw] = []
    stops: list[Fault] = []
    try:
        pieces.append(parser.whole())
    except _StopError as stop:
        stops.append(stop.fault)
    while parser.skip_to_next_part():
        try:
            pieces.append(parser.expression(0))
        except _StopError as stop:
            stops.append(stop.fault)
    return pieces, parser.faults, stops


class _Parser:
    """A position in the tokens; each method reads on from there."""

    def __init__(self, text: str, tokens: list[Token]) -> None:
        self.text = text
        self.tokens = tokens
        self.position = 0
        self.depth = 0
        self.faults: list[Fault] = []

    @property
    def here(self) -> Token:
        return self.tokens[self.position]

    def step(self) -> Token:
        token = self.here
        if token.kind != Kind.END:
            self.position += 1
        return token

    def takes(self, *words: str) -> Token | None:
        """Steps over one of `words`, if it stands here."""
        return self.step() if any(self.here.says(w) for w in words) else None

    def skip_to_next_part(self) -> bool:
        """After a fault: goes behind the next `and` or `or`; False at the end of the text."""
        self.depth = 0
        while self.here.kind != Kind.END:
            if self.step().text.lower() in ("and", "or"):
                return self.here.kind != Kind.END
        return False

    def whole(self) -> Raw:
        node = self.expression(0)
        if self.here.kind != Kind.END:
            raise _StopError(self.leftover())
        return node

    def leftover(self) -> Fault:
        """What is wrong with a token behind a complete expression."""
        token = self.here
        before = self.tokens[max(self.position - 1, 0)]
        if before.kind is Kind.WORD and before.text.lower() in REFUSED_WORDS:
            return Fault(before.start, before.stop, *REFUSED_WORDS[before.text.lower()])
        said = REFUSED_WORDS.get(token.text.lower()) if token.kind is Kind.WORD else None
        if said is None and token.says(")"):
            said = ("This bracket was never opened.", "Leave it out, or open one before.")
        if said is None and token.says(","):
            said = ("A comma stands between no brackets.", "Write and, or leave it out.")
        if said is None and token.text.lower() in ("when", "then", "else", "end"):
            said = (
                f"`{token.text}` stands without a case.",
                "Write case when a then b else c end.",
            )
        if said is None:
            said = (
                "Two values stand side by side.",
                "Put = or and or another operator between them.",
            )
        return Fault(token.start, max(token.stop, token.start + 1), *said)

    def expression(self, floor: int) -> Raw:
        """Everything here that binds tighter than `floor`."""
        if self.here.says("not") and floor >= _COMPARE:
            said = ("This not stands inside a comparison or a sum.", "Put brackets round it.")
            raise _StopError(Fault(self.here.start, self.here.stop, *said))
        left = self.operand()
        compared = False
        while True:
            token = self.here
            word = token.text.lower() if token.kind in (Kind.WORD, Kind.MARK) else ""
            if word in _PREDICATES and floor < _COMPARE:
                left = self.predicate(left, chained=compared)
                compared = True
            elif _POWERS.get(word, 0) > floor:
                left = self.infix(left, word)
                compared = compared and word not in ("and", "or")
            else:
                return left

    def infix(self, left: Raw, word: str) -> Raw:
        """`left` joined with what follows `word`; `and` and `or` gather all their parts."""
        parts = [left]
        while self.takes(word):
            parts.append(self.expression(_POWERS[word]))
            if word not in ("and", "or"):
                break
        return self.node(word, tuple(parts))

    def node(self, op: str, args: tuple[Raw, ...], start: int | None = None) -> Raw:
        first = args[0].start if start is None else start
        made = Raw(op, first, self.tokens[self.position - 1].stop, args)
        return self.deepened(made)

    def deepened(self, node: Raw) -> Raw:
        depth = 1 + max((a.depth for a in node.args), default=0)
        if depth > DEPTH_MAX:
            raise _StopError(_too_deep(node.start, node.stop))
        return replace(node, depth=depth)

    def operand(self) -> Raw:
        """One value: a constant, a name, a call, a bracket, a case, or one with `not` or `-`."""
        self.depth += 1
        token = self.step()
        if self.depth > DEPTH_MAX:
            raise _StopError(_too_deep(token.start, token.stop))
        made = self.started_by(token)
        self.depth -= 1
        return made

    def started_by(self, token: Token) -> Raw:
        word = token.text.lower()
        if token.kind is Kind.NUMBER:
            return Raw("number", token.start, token.stop, number=token.number)
        if token.kind is Kind.TEXT:
            return Raw("text", token.start, token.stop, text=token.text)
        if token.says("("):
            return self.bracket(token)
        if token.says("not"):
            return self.node("not", (self.expression(_NOT),), token.start)
        if token.says("-"):
            return self.node("neg", (self.expression(_SIGN),), token.start)
        if token.says("case"):
            return self.case(token)
        if token.says("null") or token.says("true") or token.says("false"):
            return Raw(word, token.start, token.stop)
        if token.kind is Kind.WORD and word not in KEYWORDS:
            return self.word(token)
        raise _StopError(_missing(token))

    def bracket(self, opened: Token) -> Raw:
        inside = self.expression(0)
        closed = self.close(opened)
        return replace(inside, start=opened.start, stop=closed.stop)

    def close(self, opened: Token) -> Token:
        token = self.takes(")")
        if token is not None:
            return token
        if self.here.kind is Kind.END:
            said = ("This bracket is never closed.", "A ) was expected.")
            raise _StopError(Fault(opened.start, opened.stop, *said))
        raise _StopError(self.leftover())

    def word(self, token: Token) -> Raw:
        """A name or a call."""
        word = token.text.lower()
        if self.here.says("("):
            return self.call(token)
        if word == "date" and self.here.kind is Kind.TEXT:
            said = ("A day is written as a text alone.", f"Write '{self.here.text}' without date.")
            self.faults.append(Fault(token.start, token.stop, *said))
            return self.operand()
        if word == "interval" and self.here.kind in (Kind.TEXT, Kind.NUMBER):
            raise _StopError(Fault(token.start, self.here.stop, *REFUSED_WORDS["interval"]))
        return Raw("word", token.start, token.stop, text=token.text)

    def call(self, token: Token) -> Raw:
        opened = self.step()
        name = token.text.lower()
        if name in REFUSED_FUNCTIONS and name not in FUNCTIONS:
            self.faults.append(Fault(token.start, token.stop, *REFUSED_FUNCTIONS[name]))
            return self.skipped(token, opened)
        args: list[Raw] = []
        if not self.here.says(")"):
            args.append(self.expression(0))
        while self.takes(","):
            args.append(self.expression(0))
        closed = self.close(opened)
        made = Raw("call", token.start, closed.stop, tuple(args), text=token.text)
        return self.deepened(made)

    def skipped(self, token: Token, opened: Token) -> Raw:
        """Steps over a bracket whose inside does not matter."""
        level = 1
        while level and self.here.kind != Kind.END:
            inside = self.step()
            level += inside.says("(") - inside.says(")")
        if level:
            raise _StopError(
                Fault(
                    opened.start, opened.stop, "This bracket is never closed.", "A ) was expected."
                )
            )
        return Raw("bad", token.start, self.tokens[self.position - 1].stop)

    def case(self, opened: Token) -> Raw:
        """`case when a then b ... else c end`; without `else` its value is null."""
        args: list[Raw] = []
        if not self.here.says("when"):
            said = ("After case stands when.", "Write case when a = 1 then b else c end.")
            raise _StopError(
                Fault(self.here.start, max(self.here.stop, self.here.start + 1), *said)
            )
        while self.takes("when"):
            args.append(self.expression(0))
            self.must("then", opened)
            args.append(self.expression(0))
        if self.takes("else"):
            args.append(self.expression(0))
        else:
            args.append(Raw("null", self.here.start, self.here.start))
        self.must("end", opened)
        return self.node("case", tuple(args), opened.start)

    def must(self, word: str, opened: Token) -> None:
        if self.takes(word):
            return
        token = self.here
        if token.kind is Kind.END:
            said = (f"This case has no `{word}`.", "Write case when a then b else c end.")
            raise _StopError(Fault(opened.start, opened.stop, *said))
        said = (
            f"`{word}` is missing before `{token.text}`.",
            "Write case when a then b else c end.",
        )
        raise _StopError(Fault(token.start, token.stop, *said))

    def predicate(self, left: Raw, chained: bool) -> Raw:
        """`left` with one comparison behind it; a second one is said and read over."""
        token = self.here
        made = self.compared(left, token)
        if not chained:
            return made
        self.faults.append(self.chain(left, token, made))
        return Raw("bad", made.start, made.stop)

    def compared(self, left: Raw, token: Token) -> Raw:
        negated = self.takes("not")
        if negated and not any(self.here.says(w) for w in ("in", "between", "like", "ilike")):
            said = ("After not stands in, between, like or ilike.", "Write not before a condition.")
            raise _StopError(Fault(token.start, token.stop, *said))
        word = self.step().text.lower()
        if word == "is":
            return self.is_what(left)
        if word == "in":
            made = self.node("in", (left, *self.list_of_values()))
        elif word == "between":
            made = self.between(left)
        else:
            made = self.node(word, (left, self.expression(_COMPARE)))
        return self.deepened(replace(made, op="not", args=(made,))) if negated else made

    def chain(self, left: Raw, token: Token, made: Raw) -> Fault:
        advice = "Put brackets round the first comparison, or write and between two."
        if made.op in _COMPARISONS and left.op in _COMPARISONS and made.stop - made.start < 60:
            shown = self.text[left.start : left.stop]
            second = self.text[left.args[1].start : made.stop]
            advice = f"Write {shown} and {second}."
        return Fault(token.start, token.stop, "Comparisons do not follow one another.", advice)

    def is_what(self, left: Raw) -> Raw:
        negated = self.takes("not")
        token = self.step()
        if token.says("unknown"):
            raise _StopError(Fault(token.start, token.stop, *REFUSED_WORDS["unknown"]))
        if not (token.says("null") or token.says("true") or token.says("false")):
            said = ("After is stands null, true or false.", "To compare two values write =.")
            raise _StopError(Fault(token.start, max(token.stop, token.start + 1), *said))
        made = self.node(f"is_{token.text.lower()}", (left,))
        return self.deepened(replace(made, op="not", args=(made,))) if negated else made

    def list_of_values(self) -> tuple[Raw, ...]:
        token = self.here
        if not self.takes("("):
            said = ("After in stands a list in brackets.", "Write in ('a', 'b').")
            raise _StopError(Fault(token.start, max(token.stop, token.start + 1), *said))
        if self.here.says(")"):
            said = ("This list is empty.", "Write at least one value: in ('a', 'b').")
            raise _StopError(Fault(token.start, self.here.stop, *said))
        values = [self.expression(0)]
        while self.takes(","):
            values.append(self.expression(0))
        self.close(token)
        return tuple(values)

    def between(self, left: Raw) -> Raw:
        low = self.expression(_COMPARE)
        if not self.takes("and"):
            token = self.here
            said = ("between has no and.", "Write x between 1 and 10.")
            raise _StopError(Fault(token.start, max(token.stop, token.start + 1), *said))
        return self.node("between", (left, low, self.expression(_COMPARE)))


def _missing(token: Token) -> Fault:
    """What is wrong with a token where a value was expected."""
    if token.kind is Kind.END:
        said = ("A value is missing at the end.", "A name, a number or a text was expected.")
        return Fault(max(token.start - 1, 0), max(token.start, 1), *said)
    if token.says("+"):
        return Fault(token.start, token.stop, "A + stands before a value.", "Leave it out.")
    said = (
        f"A value is missing before `{token.text}`.",
        "A name, a number or a text was expected.",
    )
    return Fault(token.start, token.stop, *said)


def _too_deep(start: int, stop: int) -> Fault:
    return Fault(
        start,
        stop,
        f"More than {DEPTH_MAX} brackets or signs stand one inside the other.",
        "Split it.",
    )
