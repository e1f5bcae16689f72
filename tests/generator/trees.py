"""Prints expressions of nested tuples as SQL, also in another way that means the same."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

Tree = Any  # a name, a number, a date, ("text", "gold"), or (operator, part, ...)
COMPARE = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}  # seen from the right
INFIX = ("+", "-", "*", "/", "%", *COMPARE)


def sql(tree: Tree) -> str:
    """The expression as a user would write it."""
    if not isinstance(tree, tuple):
        return f"'{tree}'" if isinstance(tree, date) else "null" if tree is None else str(tree)
    name: str = tree[0]
    parts = tree[1:]
    if name == "text":
        return "'" + str(parts[0]).replace("'", "''") + "'"
    if name == "case":
        tests = " ".join(f"when {sql(test)} then {sql(then)}" for test, then in parts[0])
        return f"case {tests} else {sql(parts[1])} end"
    words: list[str] = [sql(part) for part in parts]
    pairs = list(zip(words, parts, strict=True))
    if name == "not":
        return f"not ({words[0]})"
    if name in ("and", "or"):
        return f" {name} ".join(_held(word, part, ("and", "or")) for word, part in pairs)
    if name in INFIX:
        left, right = (_held(word, part, INFIX) for word, part in pairs)
        return f"{left} {name} {right}"
    if name == "in":
        return f"{words[0]} in ({', '.join(words[1:])})"
    if name == "between":
        return f"{words[0]} between {words[1]} and {words[2]}"
    return f"{words[0]} {name}" if name.startswith("is ") else f"{name}({', '.join(words)})"


def _held(word: str, part: Tree, among: tuple[str, ...]) -> str:
    """The printed part, in brackets where it is one of these operators."""
    return f"({word})" if isinstance(part, tuple) and part[0] in among else word


def other(tree: Tree) -> Tree:
    """An equal expression, written differently."""
    if not isinstance(tree, tuple) or tree[0] == "text":
        return tree
    name, *parts = tree
    if name == "case":
        return ("case", tuple((other(a), other(b)) for a, b in parts[0]), other(parts[1]))
    parts = [other(part) for part in parts]
    if name in COMPARE:
        return (COMPARE[name], parts[1], parts[0])
    ways: dict[str, Callable[[], Tree]] = {
        "between": lambda: ("and", (">=", parts[0], parts[1]), ("<=", parts[0], parts[2])),
        "in": lambda: ("or", *(("=", parts[0], part) for part in parts[1:])),
        "and": lambda: ("not", ("or", *(("not", part) for part in parts))),
        "or": lambda: ("or", *reversed(parts)),
        "+": lambda: ("+", parts[1], parts[0]),
        "*": lambda: ("*", parts[1], parts[0]),
    }
    return ways[name]() if name in ways else (name, *parts)
