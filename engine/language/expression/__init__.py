"""Reads one SQL expression into a checked tree, with every fault at its place."""

from __future__ import annotations

from engine.language.expression.amounts import (
    constant,
    denominator,
    faults_of_amount,
    faults_of_size,
)
from engine.language.expression.check import Checker
from engine.language.expression.kinds import NAMES
from engine.language.expression.lexer import Kind, Token, scan
from engine.language.expression.parser import parse
from engine.language.expression.scope import Scope, Want, nearest
from engine.language.expression.tree import AT, TODAY, Expr, Fault, Type
from engine.language.expression.words import KEYWORDS, NO_NAMES, SQL_WORDS

__all__ = [
    "AT",
    "KEYWORDS",
    "LENGTH_MAX",
    "NO_NAMES",
    "SQL_WORDS",
    "TODAY",
    "Scope",
    "Want",
    "constant",
    "denominator",
    "nearest",
    "read",
    "spelling",
]

LENGTH_MAX = 10_000
FAULTS_MAX = 20

_FITTING = {
    Want.FLAG: (Type.FLAG,),
    Want.AMOUNT: (Type.WHOLE, Type.DECIMAL, Type.MONEY),
    Want.NUMBER: (Type.WHOLE, Type.DECIMAL, Type.MONEY),
    Want.TEXT: (Type.TEXT,),
    Want.DATE: (Type.DATE,),
    Want.TIME: (Type.TIME,),
    Want.ANY: tuple(Type),
}
_WANTED = {
    Want.FLAG: ("A condition was expected", "Write a comparison, such as amount > 50."),
    Want.AMOUNT: ("An amount was expected", "Write a number, such as amount * 0.5."),
    Want.NUMBER: ("A number was expected", "Write a number, such as amount * 0.5."),
    Want.TEXT: ("A text was expected", "Write a name of type text, or 'a text' in quotes."),
    Want.DATE: ("A day was expected", "Write a name of type date, or date(at)."),
    Want.TIME: ("An instant was expected", "Write a name of type time, such as at."),
    Want.ANY: ("A value was expected", ""),
}


def read(text: str, scope: Scope, want: Want) -> tuple[Expr | None, tuple[Fault, ...]]:
    """The checked tree of `text`, or None with what is wrong, ordered by where it stands.

    Offsets are in `text`. At most 20 faults are said. Never raises on any text.
    """
    if len(text) > LENGTH_MAX:
        said = (f"This expression is longer than {LENGTH_MAX} characters.", "Split the rule.")
        return None, (Fault(0, 1, *said),)
    tokens, faults = scan(text)
    if len(tokens) == 1 and not faults:
        return None, (Fault(0, 1, "The expression is empty.", _WANTED[want][1]),)
    tree, later = _understood(text, tokens, faults, scope)
    if tree is not None and not faults:
        later += _fitting(tree, want)
    found = sorted({*faults, *later}, key=lambda f: (f.start, f.stop, f.what))[:FAULTS_MAX]
    return (None if found else tree), tuple(found)


def spelling(text: str) -> tuple[Fault, ...]:
    """What is wrong with `text` whatever its names may stand for."""
    if len(text) > LENGTH_MAX:
        return ()
    tokens, faults = scan(text)
    if not faults and not all(t.kind is Kind.END for t in tokens):
        _, of_words, stops = parse(text, tokens)
        faults = of_words + stops
    return tuple(sorted({*faults}, key=lambda f: (f.start, f.stop, f.what))[:FAULTS_MAX])


def _understood(
    text: str, tokens: list[Token], faults: list[Fault], scope: Scope
) -> tuple[Expr | None, list[Fault]]:
    """The typed tree and the faults of parsing and typing; none that only follow from `faults`."""
    if all(t.kind is Kind.END for t in tokens):
        return None, []
    pieces, of_words, stops = parse(text, tokens)
    later = of_words if faults else of_words + stops
    checker = Checker(text, scope)
    trees = [checker.node(piece) for piece in pieces]
    return (None if stops else trees[0]), later + checker.voice.faults


def _fitting(tree: Expr, want: Want) -> list[Fault]:
    """Whether the tree is what is wanted, and small enough to count with."""
    if tree.type is not Type.NULL and tree.type not in _FITTING[want]:
        what, expected = _WANTED[want]
        return [Fault(tree.start, tree.stop, f"{what}; this is {NAMES[tree.type]}.", expected)]
    found = list(faults_of_size(tree))
    if not found and tree.type.is_number and want in (Want.AMOUNT, Want.ANY):
        found = list(faults_of_amount(tree))
    return found
