"""Cuts the text of an expression into words, numbers, texts and marks."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from engine.language.expression.tree import Fault

DIGITS_BEFORE_MAX = 18
DIGITS_AFTER_MAX = 9


class Kind(StrEnum):
    """What a token is."""

    NUMBER = "number"
    TEXT = "text"
    WORD = "word"
    MARK = "mark"
    END = "end"


class Token(NamedTuple):
    """A piece of the text: `text` is a word as written, a text's content, or the mark."""

    kind: Kind
    text: str
    start: int
    stop: int
    word: str = ""  # the word in small letters, or the mark; empty for numbers and texts
    number: Fraction = Fraction(0)


_PIECE = re.compile(
    r"""[ \t\r\n]*(?:(?P<comment>--[^\n]*|/\*(?:.|\n)*?(?:\*/|\Z))
    |(?P<number>(?:[0-9]|\.[0-9])(?:\w|\.(?!\.))*)
    |(?P<text>'(?:[^']|'')*+')
    |(?P<open>'(?:[^']|'')*+)
    |(?P<quoted>"[^"]*"?|`[^`]*`?|[‘“「『][^’”」』]*[’”」』]?)
    |(?P<word>[^\W\d]\w*(?:\.[^\W\d]\w*)*)
    |(?P<mark><>|!=|<=|>=|==|=>|=<|><|::|:=|\|\||&&|\*\*|//|->|.))""",
    re.VERBOSE | re.DOTALL,
)
_SHARE = re.compile(
    r"\s*%(?:(?P<of>\s*of\b)|(?=\s*(?:\Z|[),<>=!]|(?:and|or|then|else|end)\b)))", re.IGNORECASE
)
_MARKS = frozenset([*"=<>+-*/%(),", "<>", "<=", ">="])

# A mark people write, what is said about it, and the mark that reading goes on with.
_WRONG_MARKS = {
    "==": ("Two equals signs are not used here.", "Write one: =.", "="),
    "=>": ("There is no mark `=>`.", "Write >=.", ">="),
    "=<": ("There is no mark `=<`.", "Write <=.", "<="),
    "><": ("There is no mark `><`.", "Write <>.", "<>"),
    ":=": ("There is no mark `:=`.", "Write =.", "="),
    "&&": ("There is no mark `&&`.", "Write and.", "and"),
    "||": ("There is no mark `||`.", "Write or; texts are not put together here.", ""),
    "!": ("There is no mark `!`.", "Write not, or <> for is not equal.", "not"),
    "**": ("There are no powers here.", "Write x * x.", "*"),
    "^": ("There are no powers here.", "Write x * x.", "*"),
    "//": ("There is no mark `//`.", "Write floor(a / b).", "/"),
    "::": (
        "Types are not changed here.",
        "A text beside a day is read as one: birthday > '1990-12-31'.",
        "",
    ),
    ";": ("An expression ends at the end of its text.", "Leave the ; out.", ""),
    "~": ("There are no search patterns but those of like.", "Write x like '%crab%'.", "="),
}


def scan(text: str) -> tuple[list[Token], list[Fault]]:
    """The tokens of `text`, with an END behind them, and every fault that shows before parsing.

    What is wrong stands as what was most likely meant, so that reading goes on.
    """
    tokens: list[Token] = []
    faults: list[Fault] = []
    stop, end = 0, len(text.rstrip(" \t\r\n"))
    while stop < end:
        found = _PIECE.match(text, stop)
        assert found is not None
        name = str(found.lastgroup)
        start, stop = found.span(name)
        if name == "number":
            stop = _number(text, start, stop, tokens, faults)
        elif name in ("text", "word"):
            tokens.append(_plain(name, found[name], start, stop))
        elif name == "mark":
            _mark(found[name], start, stop, tokens, faults)
        else:
            _other(name, found[name], start, stop, tokens, faults)
    tokens.append(Token(Kind.END, "", len(text), len(text)))
    return tokens, faults


def _plain(name: str, written: str, start: int, stop: int) -> Token:
    if name == "word":
        return Token(Kind.WORD, written, start, stop, written.lower())
    return Token(Kind.TEXT, written[1:-1].replace("''", "'"), start, stop)


def _number(text: str, start: int, stop: int, tokens: list[Token], faults: list[Fault]) -> int:
    """Adds a number, or what its digits say where it is written in another way."""
    written = text[start:stop]
    value = Fraction(0)
    fault = _number_fault(written)
    if fault is None:
        value = Fraction(written)
    elif re.fullmatch(r"[0-9_]+(\.[0-9_]+)?", written):
        value = Fraction(written.replace("_", "")) if len(written) < 40 else Fraction(0)
    if fault is not None:
        faults.append(Fault(start, stop, *fault))
    share = _SHARE.match(text, stop)
    if share is None:
        tokens.append(Token(Kind.NUMBER, written, start, stop, number=value))
        return stop
    value /= 100
    tokens.append(Token(Kind.NUMBER, written, start, share.end(), number=value))
    advice = f"Write {plain(value)}"
    if share.group("of"):
        following = re.match(r"\s*([\w.]+)", text[share.end() :])
        advice += f" * {following.group(1)}" if following else " * amount"
        tokens.append(Token(Kind.MARK, "*", share.end(), share.end(), "*"))
    faults.append(Fault(start, share.end(), "A percent sign divides here.", f"{advice}."))
    return share.end()


def _number_fault(written: str) -> tuple[str, str] | None:
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", written):
        before, _, after = written.partition(".")
        if len(before.lstrip("0")) > DIGITS_BEFORE_MAX or len(after) > DIGITS_AFTER_MAX:
            return (
                "This number is too long.",
                f"At most {DIGITS_BEFORE_MAX} digits before the point, {DIGITS_AFTER_MAX} after.",
            )
        return None
    shown = written if len(written) <= 30 else f"{written[:30]}..."
    if re.fullmatch(r"[0-9_]+(\.[0-9_]+)?", written):
        return f"`{shown}` has a _ between its digits.", f"Write {shown.replace('_', '')}."
    if re.fullmatch(r"\.[0-9]+", written):
        return f"`{shown}` has no digit before the point.", f"Write 0{shown}."
    if re.fullmatch(r"[0-9]+\.", written):
        return f"`{shown}` has no digit after the point.", f"Write {shown[:-1]}."
    if re.fullmatch(r"[0-9.]+[eE][0-9]+", written):
        return f"`{shown}` is a short form.", "Write the number out, such as 100000."
    return (
        f"`{shown}` is no number.",
        "Numbers are written 1000 or 19.99; names begin with a letter.",
    )


def plain(value: Fraction) -> str:
    """A number as a person writes it: `0.5`; thirds stay a fraction."""
    if value.denominator == 1:
        return str(value.numerator)
    for places in range(1, 19):
        scaled = value * 10**places
        if scaled.denominator == 1:
            sign, digits = ("-" if scaled < 0 else ""), str(abs(scaled.numerator)).zfill(places + 1)
            return f"{sign}{digits[:-places]}.{digits[-places:]}"
    return f"{value.numerator}/{value.denominator}"


def _mark(mark: str, start: int, stop: int, tokens: list[Token], faults: list[Fault]) -> None:
    """Adds a mark of the language, or the one that was meant."""
    if mark == "!=":
        tokens.append(Token(Kind.MARK, "<>", start, stop, "<>"))
        return
    if mark in _MARKS:
        tokens.append(Token(Kind.MARK, mark, start, stop, mark))
        return
    what, expected, meant = _WRONG_MARKS.get(mark) or _strange(mark)
    faults.append(Fault(start, stop, what, expected))
    if meant:
        tokens.append(Token(Kind.MARK, meant, start, stop, meant))


def _strange(mark: str) -> tuple[str, str, str]:
    """What is said about a character that is no mark, and the mark it looks like."""
    usual = unicodedata.normalize("NFKC", mark)
    if mark in "‘’“”「」『』":
        return (
            f"`{mark}` is not the quote of texts.",
            "Write '...' with straight single quotes.",
            "",
        )
    if usual != mark and usual.strip() and usual.isascii():
        meant = usual if usual in _MARKS else ""
        return f"`{mark}` is a full-width mark.", f"Write {usual} instead.", meant
    if not mark.isprintable() or not usual.strip():
        return f"An invisible character stands here (U+{ord(mark):04X}).", "Write a space.", ""
    if mark in "≤≥≠":
        meant = {"≤": "<=", "≥": ">=", "≠": "<>"}[mark]
        return f"There is no mark `{mark}`.", f"Write {meant}.", meant
    if mark in "×÷−·":
        meant = {"×": "*", "÷": "/", "−": "-", "·": "*"}[mark]
        return f"There is no mark `{mark}`.", f"Write {meant}.", meant
    return (
        f"There is no mark `{mark}`.",
        "Marks are = <> < <= > >= + - * / % ( ) and the comma.",
        "",
    )


def _other(
    name: str, written: str, start: int, stop: int, tokens: list[Token], faults: list[Fault]
) -> None:
    """Says what is wrong with a comment, a text without an end, or another kind of quote."""
    if name == "comment":
        said = (
            "Comments do not stand inside an expression.",
            "Write them behind a # of YAML, or as note:.",
        )
        faults.append(Fault(start, stop, *said))
        return
    if name == "open":
        said = (
            "This text never ends.",
            "Close it with '; a quote inside a text is written twice: 'it''s'.",
        )
        faults.append(Fault(start, stop, *said))
        tokens.append(Token(Kind.TEXT, written[1:], start, stop))
        return
    inside = written.strip('"`‘’“”「」『』')
    quotes = {'"': "double quotes", "`": "backticks"}.get(written[0], "curly quotes")
    said = (
        f"{written} stands in {quotes}.",
        f"Write '{inside}' for a text, {inside or 'the word'} alone for a name.",
    )
    faults.append(Fault(start, stop, *said))
    tokens.append(Token(Kind.TEXT, inside, start, stop))
