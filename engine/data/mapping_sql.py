"""Checks one expression of a mapping, and says it again so that it can stand in a query."""

from __future__ import annotations

import copy
import difflib
import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

import duckdb

from engine.data.mapping_words import MACROS, OUTSIDE, Node, RefusedError, allow, bound

LONGEST = 4000  # characters of an expression
TOO_LONG = "This expression is too long, or too deeply nested."


@dataclass(frozen=True, slots=True)
class Reader:
    """DuckDB's own parser, and the functions that it knows."""

    connection: duckdb.DuckDBPyConnection
    aggregates: frozenset[str]
    known: frozenset[str]  # that a mapping may use


def reader(connection: duckdb.DuckDBPyConnection) -> Reader:
    """What reads expressions on a connection."""
    found = connection.execute(
        "select distinct lower(function_name), function_type from duckdb_functions()"
        " where function_type in ('aggregate', 'scalar')"
    ).fetchall()
    aggregates = frozenset(str(name) for name, kind in found if kind == "aggregate")
    known = (frozenset(str(name) for name, _ in found) | MACROS) - OUTSIDE
    return Reader(connection, aggregates, known)


@dataclass(frozen=True, slots=True)
class Checked:
    """An expression that may be run: its tree, and the columns of the file that it reads."""

    text: str
    tree: Node
    columns: frozenset[str]
    bare: frozenset[str]  # those outside of aggregates
    aggregates: bool
    single: str | None  # the column, where the expression is nothing but one

    def sql(self, reader: Reader, *, grouped: bool) -> str:
        """The expression as SQL; under `group by` bare columns are their smallest value."""
        tree = _smallest(self.tree, reader.aggregates) if grouped else self.tree
        node = _parsed(reader, "select 1")
        node["statements"][0]["node"]["select_list"] = [tree]
        query, tree_text = "select json_deserialize_sql(?)", json.dumps(node)
        said = reader.connection.execute(query, [tree_text]).fetchall()
        return str(said[0][0]).removeprefix("SELECT ")


def check(reader: Reader, text: str, columns: Collection[str]) -> tuple[Checked, ...]:
    """The expressions in `text`, separated by commas; raises RefusedError for others."""
    if text.strip() in columns:
        text = f'"{text.strip().replace(chr(34), chr(34) * 2)}"'
    if len(text) > LONGEST:
        raise RefusedError(TOO_LONG)
    found = _parsed(reader, f"select {text}")
    if found["error"]:
        raise RefusedError(_syntax(text, found))
    statements = found["statements"]
    if len(statements) != 1 or not _is_list(statements[0]["node"]):
        raise RefusedError("This is more than an expression.")
    listed = statements[0]["node"]["select_list"]
    try:
        return tuple(_checked(reader, text, tree, columns) for tree in listed)
    except RecursionError:
        raise RefusedError(TOO_LONG) from None


def _parsed(reader: Reader, query: str) -> Node:
    """The tree of a query as DuckDB's own parser reads it."""
    got = reader.connection.execute("select json_serialize_sql(?)", [query]).fetchall()
    tree: Node = json.loads(got[0][0])
    return tree


def _syntax(text: str, found: Node) -> str:
    """What to say where the parser stopped."""
    place = int(found.get("position") or 0) - len("select ")
    near = text[place:].split() if 0 <= place < len(text) else []
    return f"This cannot be read as an expression near `{near[0]}`." if near else (
        "This cannot be read as an expression."
    )  # fmt: skip


def _is_list(node: Node) -> bool:
    """True for a `select` of expressions and nothing else."""
    return (
        node["type"] == "SELECT_NODE"
        and node["from_table"]["type"] == "EMPTY"
        and not node["modifiers"]
        and not node["cte_map"]["map"]
        and not node["group_expressions"]
        and all(node[k] is None for k in ("where_clause", "having", "sample", "qualify"))
    )


def _checked(reader: Reader, text: str, tree: Node, columns: Collection[str]) -> Checked:
    """One expression, looked at node by node."""
    exact = {c.lower(): c for c in columns}
    used, bare, grouping = set(), set(), False
    tree = copy.deepcopy(tree)
    tree["alias"] = ""
    bound(tree)
    for node, inside in _walk(tree, reader.aggregates):
        allow(node, reader.known)
        grouping = grouping or _is_aggregate(node, reader.aggregates)
        if node["class"] != "COLUMN_REF":
            continue
        name = node["column_names"][-1]
        if len(node["column_names"]) > 1 or name.lower() not in exact:
            raise RefusedError(_no_column(".".join(node["column_names"]), columns))
        column = name if name in columns else exact[name.lower()]
        used.add(column)
        if not inside:
            bare.add(column)
    single = None if tree["class"] != "COLUMN_REF" else next(iter(used))
    return Checked(text, tree, frozenset(used), frozenset(bare), grouping, single)


def _no_column(name: str, columns: Collection[str]) -> str:
    """What to say of a column that the file does not have."""
    near = difflib.get_close_matches(name, columns, 1)
    hint = f" Did you mean `{near[0]}`?" if near else ""
    listed = ", ".join(f"`{c}`" for c in list(columns)[:20])
    return f"The file has no column `{name}`.{hint} Its columns are: {listed}."


def _walk(
    tree: Any, aggregates: frozenset[str], inside: bool = False
) -> Iterator[tuple[Node, bool]]:
    """Every node with whether it stands in an aggregate."""
    if isinstance(tree, list):
        for part in tree:
            yield from _walk(part, aggregates, inside)
    elif isinstance(tree, dict):
        if "class" in tree:
            yield tree, inside
            inside = inside or _is_aggregate(tree, aggregates)
        for part in tree.values():
            if isinstance(part, dict | list):
                yield from _walk(part, aggregates, inside)


def _is_aggregate(node: Node, aggregates: frozenset[str]) -> bool:
    """True for a call of an aggregate."""
    return node.get("class") == "FUNCTION" and node["function_name"].lower() in aggregates


def _smallest(tree: Any, aggregates: frozenset[str]) -> Any:
    """The tree with `min()` round every column that stands in no aggregate."""
    if isinstance(tree, list):
        return [_smallest(part, aggregates) for part in tree]
    if not isinstance(tree, dict) or _is_aggregate(tree, aggregates):
        return tree
    if tree.get("class") == "COLUMN_REF":
        return {**_MIN, "arguments": [{"name": "", "expression": tree}]}
    return {key: _smallest(part, aggregates) for key, part in tree.items()}


_MIN: Node = {
    "class": "FUNCTION", "type": "FUNCTION", "alias": "", "query_location": 0,
    "query_location_length": 0, "function_name": "min", "schema": "", "filter": None,
    "order_bys": {"type": "ORDER_MODIFIER", "orders": []}, "distinct": False,
    "is_operator": False, "export_state": False, "catalog": "", "arguments": [],
    "qualified_name": {"path": ["min"]}, "is_legacy_function_call": False,
}  # fmt: skip
