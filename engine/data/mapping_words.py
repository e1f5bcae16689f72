"""What an expression of a mapping may hold, node by node of DuckDB's own tree."""

from __future__ import annotations

import difflib
from typing import Any

Node = dict[str, Any]

WIDEST = 1000  # characters that `lpad` and `rpad` may fill up to
GROWTHS = 2  # replacements by something longer that may stand in one another

CLASSES = {
    "COLUMN_REF", "CONSTANT", "FUNCTION", "OPERATOR", "COMPARISON", "CONJUNCTION", "CASE", "CAST",
    "BETWEEN", "TYPE", "COLLATE",
}  # fmt: skip
CALLED = {
    "SUBQUERY": "a query inside",
    "WINDOW": "a window function",
    "STAR": "`*`",
    "PARAMETER": "a parameter",
    "POSITIONAL_REFERENCE": "a column's number",
    "LAMBDA": "a function of its own",
}
OPERATORS = {"GROUPING_FUNCTION", "OPERATOR_UNPACK"}
# What reads the clock, draws chance, waits, or looks at the connection.
OUTSIDE = {
    "age", "ago", "now", "today", "random", "setseed", "uuid", "uuidv4", "uuidv7",
    "gen_random_uuid", "sleep_ms", "write_log", "nextval", "currval", "getvariable", "getenv",
    "current_setting", "current_database", "current_schema", "current_schemas", "current_query",
    "current_query_id", "current_connection_id", "current_catalog", "current_transaction_id",
    "current_date", "current_time", "current_timestamp", "current_localtime",
    "current_localtimestamp", "get_current_time", "get_current_timestamp",
    "transaction_timestamp", "txid_current", "in_search_path", "stats", "unnest", "version",
    "reservoir_quantile", "vector_type",
}  # fmt: skip
# What makes much of little, or compares long texts letter by letter: a word of it fills memory.
ENDLESS = {
    "repeat", "range", "generate_series", "list_resize", "array_resize", "bar", "bitstring",
    "printf", "format", "list_reduce", "reduce", "array_reduce", "levenshtein", "editdist3",
    "damerau_levenshtein", "jaro_similarity", "jaro_winkler_similarity",
}  # fmt: skip
PADS = {"lpad", "rpad"}
REPLACES = {"replace", "regexp_replace", "array_to_string", "translate"}
MACROS = {"nullif", "if", "split_part", "date_add", "days_in_month", "array_to_string", "fdiv"}


class RefusedError(Exception):
    """An expression that may not stand in a mapping; its text is the message."""


def allow(node: Node, known: frozenset[str]) -> None:
    """Raises RefusedError where the node is no scalar and no aggregate among those `known`."""
    kind = node["class"]
    if kind not in CLASSES or node["type"] in OPERATORS:
        raise RefusedError(f"A mapping may not hold {CALLED.get(kind, 'this')}.")
    if kind != "FUNCTION":
        return
    name = node["function_name"].lower()
    if name in OUTSIDE or name in ENDLESS or node["catalog"] or node["schema"]:
        raise RefusedError(f"A mapping may not use `{name}`.")
    if name not in known:
        near = difflib.get_close_matches(name, known, 1)
        hint = f" Did you mean `{near[0]}`?" if near else ""
        raise RefusedError(f"There is no function `{name}`.{hint}")
    if name in PADS and not 0 <= _number(node, 1) <= WIDEST:
        raise RefusedError(f"`{name}` needs a number up to {WIDEST} for its width.")


def bound(tree: Any) -> None:
    """Raises RefusedError where replacements in one another could make a text without end."""
    if _growths(tree) > GROWTHS:
        raise RefusedError("Too many replacements by something longer stand in one another.")


def _growths(tree: Any) -> int:
    """How deep replacements that lengthen a text stand in one another."""
    if isinstance(tree, list):
        return max((_growths(part) for part in tree), default=0)
    if not isinstance(tree, dict):
        return 0
    below = max((_growths(part) for part in tree.values()), default=0)
    return below + (tree.get("class") == "FUNCTION" and _lengthens(tree))


def _lengthens(node: Node) -> bool:
    """True for a replacement that is not by something shorter than what is replaced."""
    if node["function_name"].lower() not in REPLACES:
        return False
    old, new = _text(node, 1), _text(node, 2)
    return new is None or (new != "" and (old is None or len(new) > len(old)))


def _argument(node: Node, position: int) -> Node:
    """The literal at a position of a function's arguments; empty where there is none."""
    arguments = node["arguments"]
    if position >= len(arguments):
        return {}
    found: Node = arguments[position]["expression"].get("literal", {})
    return found


def _number(node: Node, position: int) -> int:
    """A whole number that is written there; -1 for anything else."""
    literal = _argument(node, position)
    return int(literal["text"]) if literal.get("kind") == "INTEGER" else -1


def _text(node: Node, position: int) -> str | None:
    """A text that is written there; None for anything else."""
    literal = _argument(node, position)
    return str(literal["text"]) if literal.get("kind") == "STRING" else None
