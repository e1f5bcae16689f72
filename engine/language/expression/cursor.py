"""A place in the tokens of an expression, and what is said when reading cannot go on there."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from engine.language.expression.lexer import Kind, Token
from engine.language.expression.tree import Fault
from engine.language.expression.words import FUNCTIONS, REFUSED_WORDS

DEPTH_MAX = 100

_CASE = ("This word stands without a case.", "Write case when a then b else c end.")
_LEFT = {
    ")": ("This bracket was never opened.", "Leave it out, or open one before."),
    ",": ("A comma stands between no brackets.", "Write and, or leave it out."),
    **dict.fromkeys(("when", "then", "else", "end"), _CASE),
}
_SIDE_BY_SIDE = (
    "Two values stand side by side.",
    "Put = or and or another operator between them.",
)


class Raw(NamedTuple):
    """A node as written. `op` as in `Expr`, and `word`, `number`, `text`, `call`, `bad`."""

    op: str
    start: int
    stop: int
    args: tuple[Raw, ...] = ()
    text: str = ""
    number: Fraction = Fraction(0)
    depth: int = 1


class StopError(Exception):
    """Parsing cannot go on; carries the fault."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.what)
        self.fault = fault


class Cursor:
    """Reads tokens one after the other and makes nodes of what was read."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.position = 0
        self.depth = 0
        self.faults: list[Fault] = []

    @property
    def here(self) -> Token:
        return self.tokens[self.position]

    def deeper(self) -> None:
        """One more thing inside the other."""
        self.depth += 1
        if self.depth > DEPTH_MAX:
            raise StopError(_too_deep(self.here.start, self.here.stop))

    def step(self) -> Token:
        token = self.here
        if token.kind != Kind.END:
            self.position += 1
        return token

    def takes(self, *words: str) -> Token | None:
        """Steps over one of `words`, if it stands here."""
        return self.step() if self.here.word in words else None

    def skip_to_next_part(self) -> bool:
        """After a fault: goes behind the next `and` or `or`; False at the end of the text."""
        self.depth = 0
        for at in range(self.position, len(self.tokens)):
            if self.tokens[at].word in ("and", "or"):
                self.position = at + 1
                return self.here.kind is not Kind.END
        return False

    def close(self, opened: Token) -> Token:
        token = self.takes(")")
        if token is not None:
            return token
        if self.here.kind is Kind.END:
            said = ("This bracket is never closed.", "A ) was expected.")
            raise StopError(Fault(opened.start, opened.stop, *said))
        raise StopError(self.leftover())

    def must(self, word: str, opened: Token) -> None:
        if self.takes(word):
            return
        token = self.here
        if token.kind is Kind.END:
            said = (f"This case has no `{word}`.", "Write case when a then b else c end.")
            raise StopError(Fault(opened.start, opened.stop, *said))
        said = (
            f"`{word}` is missing before `{token.text}`.",
            "Write case when a then b else c end.",
        )
        raise StopError(Fault(token.start, token.stop, *said))

    def skipped(self, token: Token, opened: Token) -> Raw:
        """Steps over a bracket whose inside does not matter."""
        level = 1
        while level and self.here.kind != Kind.END:
            inside = self.step()
            level += (inside.word == "(") - (inside.word == ")")
        if level:
            raise StopError(
                Fault(
                    opened.start, opened.stop, "This bracket is never closed.", "A ) was expected."
                )
            )
        return Raw("bad", token.start, self.tokens[self.position - 1].stop)

    def leftover(self) -> Fault:
        """What is wrong with a token behind a complete expression."""
        token = self.here
        before = self.tokens[max(self.position - 1, 0)]
        if before.kind is Kind.WORD and before.word in REFUSED_WORDS:
            return Fault(before.start, before.stop, *REFUSED_WORDS[before.word])
        after = self.tokens[min(self.position + 1, len(self.tokens) - 1)]
        said = _LEFT.get(token.text.lower(), ())
        if token.kind is Kind.WORD and token.word in REFUSED_WORDS:
            said = REFUSED_WORDS[token.word]
        elif token.kind is Kind.WORD and token.word in FUNCTIONS:
            usage = FUNCTIONS[token.word].usage
            said = (f"`{token.text}` stands before its values.", f"Write {usage}.")
        elif token.word == "," and before.kind is after.kind is Kind.NUMBER:
            said = ("A comma stands inside a number.", f"Write {before.text}{after.text}.")
        elif token.kind is Kind.WORD and before.kind is Kind.NUMBER and not said:
            said = ("A number stands before a word.", f"Units are left out: write {before.text}.")
        return Fault(token.start, max(token.stop, token.start + 1), *(said or _SIDE_BY_SIDE))

    def node(self, op: str, args: tuple[Raw, ...], start: int | None = None, text: str = "") -> Raw:
        """A node over `args` that ends with what was read last."""
        first = args[0].start if start is None else start
        stop = self.tokens[self.position - 1].stop
        depth = 1 + max([a.depth for a in args], default=0)
        if depth > DEPTH_MAX:
            raise StopError(_too_deep(first, stop))
        return Raw(op, first, stop, args, text, depth=depth)


def missing(token: Token) -> Fault:
    """What is wrong with a token where a value was expected."""
    if token.kind is Kind.END:
        said = ("A value is missing at the end.", "A name, a number or a text was expected.")
        return Fault(max(token.start - 1, 0), max(token.start, 1), *said)
    if token.word == "+":
        return Fault(token.start, token.stop, "A + stands before a value.", "Leave it out.")
    said = (
        f"A value is missing before `{token.text}`.",
        "A name, a number or a text was expected.",
    )
    return Fault(token.start, token.stop, *said)


def _too_deep(start: int, stop: int) -> Fault:
    said = ("Too many brackets or signs stand one inside the other.", "Split this in two.")
    return Fault(start, max(stop, start + 1), *said)
