"""Parses an expression by binding powers into nodes that do not know their types yet."""

from __future__ import annotations

from engine.language.expression.cursor import Cursor, Raw, StopError, missing
from engine.language.expression.lexer import Kind, Token
from engine.language.expression.tree import Fault
from engine.language.expression.words import (
    FUNCTIONS,
    KEYWORDS,
    REFUSED_FUNCTIONS,
    REFUSED_WORDS,
)

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


def parse(text: str, tokens: list[Token]) -> tuple[list[Raw], list[Fault], list[Fault]]:
    """The nodes of the expression: one, unless faults cut it into pieces at `and` and `or`.

    Behind them the faults of its words, and those that stopped the reading of a piece.
    """
    parser = _Parser(text, tokens)
    pieces: list[Raw] = []
    stops: list[Fault] = []
    try:
        pieces.append(parser.whole())
    except StopError as stop:
        stops.append(stop.fault)
    while parser.at.skip_to_next_part():
        try:
            pieces.append(parser.expression(0))
        except StopError as stop:
            stops.append(stop.fault)
    return pieces, parser.at.faults, stops


class _Parser:
    """A position in the tokens; each method reads on from there."""

    def __init__(self, text: str, tokens: list[Token]) -> None:
        self.text = text
        self.at = Cursor(tokens)

    def whole(self) -> Raw:
        node = self.expression(0)
        if self.at.here.kind != Kind.END:
            raise StopError(self.at.leftover())
        return node

    def expression(self, floor: int) -> Raw:
        """Everything here that binds tighter than `floor`."""
        if self.at.here.word == "not" and floor >= _COMPARE:
            said = ("This not stands inside a comparison or a sum.", "Put brackets round it.")
            raise StopError(Fault(self.at.here.start, self.at.here.stop, *said))
        self.at.deeper()
        left = self.operand()
        compared = False
        while True:
            word = self.at.here.word
            if word in _PREDICATES and floor < _COMPARE:
                left = self.predicate(left, chained=compared)
                compared = True
            elif _POWERS.get(word, 0) > floor:
                left = self.infix(left, word)
                compared = compared and word not in ("and", "or")
            else:
                self.at.depth -= 1
                return left

    def infix(self, left: Raw, word: str) -> Raw:
        """`left` joined with what follows `word`; `and` and `or` gather all their parts."""
        parts = [left]
        while self.at.takes(word):
            parts.append(self.expression(_POWERS[word]))
            if word not in ("and", "or"):
                break
        return self.at.node(word, tuple(parts))

    def operand(self) -> Raw:
        """One value: a constant, a name, a call, a bracket, a case, or one with `not` or `-`."""
        token = self.at.step()
        word = token.word
        if token.kind is Kind.NUMBER:
            return Raw("number", token.start, token.stop, number=token.number)
        if token.kind is Kind.TEXT:
            return Raw("text", token.start, token.stop, text=token.text)
        if word == "(":
            return self.bracket(token)
        if word == "not":
            return self.at.node("not", (self.expression(_NOT),), token.start)
        if word == "-":
            return self.at.node("neg", (self.expression(_SIGN),), token.start)
        if word == "case":
            return self.case(token)
        if word in ("null", "true", "false"):
            return Raw(word, token.start, token.stop)
        if token.kind is Kind.WORD and word not in KEYWORDS:
            return self.word(token)
        raise StopError(missing(token))

    def bracket(self, opened: Token) -> Raw:
        inside = self.expression(0)
        closed = self.at.close(opened)
        return inside._replace(start=opened.start, stop=closed.stop)

    def word(self, token: Token) -> Raw:
        """A name or a call."""
        word = token.word
        if self.at.here.word == "(":
            return self.call(token)
        if word == "date" and self.at.here.kind is Kind.TEXT:
            said = (
                "A day is written as a text alone.",
                f"Write '{self.at.here.text}' without date.",
            )
            self.at.faults.append(Fault(token.start, token.stop, *said))
            return self.operand()
        if word == "interval" and self.at.here.kind in (Kind.TEXT, Kind.NUMBER):
            raise StopError(Fault(token.start, self.at.here.stop, *REFUSED_WORDS["interval"]))
        return Raw("word", token.start, token.stop, text=token.text)

    def call(self, token: Token) -> Raw:
        opened = self.at.step()
        name = token.word
        if name in REFUSED_FUNCTIONS and name not in FUNCTIONS:
            self.at.faults.append(Fault(token.start, token.stop, *REFUSED_FUNCTIONS[name]))
            return self.at.skipped(token, opened)
        args: list[Raw] = []
        if self.at.here.word != ")":
            args.append(self.expression(0))
        while self.at.takes(","):
            args.append(self.expression(0))
        self.at.close(opened)
        return self.at.node("call", tuple(args), token.start, token.text)

    def case(self, opened: Token) -> Raw:
        """`case when a then b ... else c end`; without `else` its value is null."""
        args: list[Raw] = []
        if self.at.here.word != "when":
            said = ("After case stands when.", "Write case when a = 1 then b else c end.")
            raise StopError(
                Fault(self.at.here.start, max(self.at.here.stop, self.at.here.start + 1), *said)
            )
        while self.at.takes("when"):
            args.append(self.expression(0))
            self.at.must("then", opened)
            args.append(self.expression(0))
        if self.at.takes("else"):
            args.append(self.expression(0))
        else:
            args.append(Raw("null", self.at.here.start, self.at.here.start))
        self.at.must("end", opened)
        return self.at.node("case", tuple(args), opened.start)

    def predicate(self, left: Raw, chained: bool) -> Raw:
        """`left` with one comparison behind it; a second one is said and read over."""
        token = self.at.here
        made = self.compared(left, token)
        if not chained:
            return made
        self.at.faults.append(self.chain(left, token, made))
        return Raw("bad", made.start, made.stop)

    def compared(self, left: Raw, token: Token) -> Raw:
        negated = self.at.takes("not")
        if negated and self.at.here.word not in ("in", "between", "like", "ilike"):
            said = ("After not stands in, between, like or ilike.", "Write not before a condition.")
            raise StopError(Fault(token.start, token.stop, *said))
        word = self.at.step().word
        if word == "is":
            return self.is_what(left)
        if word == "in":
            made = self.at.node("in", (left, *self.list_of_values()))
        elif word == "between":
            made = self.between(left)
        else:
            made = self.at.node(word, (left, self.expression(_COMPARE)))
        return self.at.node("not", (made,)) if negated else made

    def chain(self, left: Raw, token: Token, made: Raw) -> Fault:
        advice = "Put brackets round the first comparison, or write and between two."
        if made.op in _COMPARISONS and left.op in _COMPARISONS and made.stop - made.start < 60:
            shown = self.text[left.start : left.stop]
            second = self.text[left.args[1].start : made.stop]
            advice = f"Write {shown} and {second}."
        return Fault(token.start, token.stop, "Comparisons do not follow one another.", advice)

    def is_what(self, left: Raw) -> Raw:
        negated = self.at.takes("not")
        token = self.at.step()
        if token.word == "unknown":
            raise StopError(Fault(token.start, token.stop, *REFUSED_WORDS["unknown"]))
        if token.word not in ("null", "true", "false"):
            said = ("After is stands null, true or false.", "To compare two values write =.")
            raise StopError(Fault(token.start, max(token.stop, token.start + 1), *said))
        made = self.at.node(f"is_{token.word}", (left,))
        return self.at.node("not", (made,)) if negated else made

    def list_of_values(self) -> tuple[Raw, ...]:
        token = self.at.here
        if not self.at.takes("("):
            said = ("After in stands a list in brackets.", "Write in ('a', 'b').")
            raise StopError(Fault(token.start, max(token.stop, token.start + 1), *said))
        if self.at.here.word == ")":
            said = ("This list is empty.", "Write at least one value: in ('a', 'b').")
            raise StopError(Fault(token.start, self.at.here.stop, *said))
        values = [self.expression(0)]
        while self.at.takes(","):
            values.append(self.expression(0))
        self.at.close(token)
        return tuple(values)

    def between(self, left: Raw) -> Raw:
        low = self.expression(_COMPARE)
        if not self.at.takes("and"):
            token = self.at.here
            said = ("between has no and.", "Write x between 1 and 10.")
            raise StopError(Fault(token.start, max(token.stop, token.start + 1), *said))
        return self.at.node("between", (left, low, self.expression(_COMPARE)))
