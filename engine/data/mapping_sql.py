"""Checks one expression of a mapping, and says it again so that it can stand in a query."""

from __future__ import annotations

import copy
import difflib
import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

import duckdb

Node = dict[str, Any]

CLASSES = frozenset(
    (
        "COLUMN_REF",
        "CONSTANT",
        "FUNCTION",
        "OPERATOR",
        "COMPARISON",
        "CONJUNCTION",
        "CASE",
        "CAST",
        "BETWEEN",
        "LAMBDA",
        "TYPE",
        "COLLATE",
    )
)
NAMES_OF = {
    "SUBQUERY": "a query inside",
    "WINDOW": "a window function",
    "STAR": "`*`",
    "PARAMETER": "a parameter",
    "POSITIONAL_REFERENCE": "a column's number",
}
# What reads the clock, draws chance, waits, or looks at the connection.
OUTSIDE = frozenset(
    (
        "age",
        "ago",
        "now",
        "today",
        "random",
        "setseed",
        "uuid",
        "uuidv4",
        "uuidv7",
        "gen_random_uuid",
        "sleep_ms",
        "write_log",
        "nextval",
        "currval",
        "getvariable",
        "getenv",
        "current_setting",
        "current_database",
        "current_schema",
        "current_schemas",
        "current_query",
        "current_query_id",
        "current_connection_id",
        "current_catalog",
        "current_transaction_id",
        "current_date",
        "current_time",
        "current_timestamp",
        "current_localtime",
        "current_localtimestamp",
        "get_current_time",
        "get_current_timestamp",
        "transaction_timestamp",
        "txid_current",
        "in_search_path",
        "stats",
        "unnest",
        "version",
        "reservoir_quantile",
        "vector_type",
    )
)
MACROS = frozenset(
    ("nullif", "if", "split_part", "date_add", "days_in_month", "array_to_string", "fdiv")
)
OPERATORS = frozenset(("GROUPING_FUNCTION", "OPERATOR_UNPACK"))


class RefusedError(Exception):
    """An expression that may not stand in a mapping; its text is the message."""


@dataclass(frozen=True, slots=True)
class Checked:
    """An expression that may be run: its tree, and the columns of the file that it reads."""

    text: str
    tree: Node
    columns: frozenset[str]
    bare: frozenset[str]  # those outside of aggregates
    aggregates: bool
    single: str | None  # the column, where the expression is nothing but one

    def sql(self, connection: duckdb.DuckDBPyConnection, *, grouped: bool) -> str:
        """The expression as SQL; under `group by` bare columns are their smallest value."""
        tree = _smallest(self.tree, _aggregates(connection)) if grouped else self.tree
        node = _parsed(connection, "select 1")
        node["statements"][0]["node"]["select_list"] = [tree]
        said = connection.execute("select json_deserialize_sql(?)", [json.dumps(node)]).fetchall()
        return str(said[0][0]).removeprefix("SELECT ")


def check(
    connection: duckdb.DuckDBPyConnection, text: str, columns: Collection[str]
) -> tuple[Checked, ...]:
    """The expressions in `text`, separated by commas; raises RefusedError for others."""
    if text.strip() in columns:
        text = f'"{text.strip().replace(chr(34), chr(34) * 2)}"'
    found = _parsed(connection, f"select {text}")
    if found["error"]:
        raise RefusedError(_syntax(text, found))
    statements = found["statements"]
    if len(statements) != 1 or not _is_list(statements[0]["node"]):
        raise RefusedError("This is more than an expression.")
    return tuple(
        _checked(connection, text, tree, columns) for tree in statements[0]["node"]["select_list"]
    )


def _parsed(connection: duckdb.DuckDBPyConnection, query: str) -> Node:
    """The tree of a query as DuckDB's own parser reads it."""
    got = connection.execute("select json_serialize_sql(?)", [query]).fetchall()
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


def _checked(
    connection: duckdb.DuckDBPyConnection, text: str, tree: Node, columns: Collection[str]
) -> Checked:
    """One expression, looked at node by node."""
    aggregates, known = _aggregates(connection), _functions(connection)
    exact = {c.lower(): c for c in columns}
    used, bare, grouping = set(), set(), False
    tree = copy.deepcopy(tree)
    tree["alias"] = ""
    for node, inside, local in _walk(tree, aggregates):
        _allowed(node, known)
        if node["class"] == "FUNCTION" and node["function_name"].lower() in aggregates:
            grouping = True
        if node["class"] != "COLUMN_REF":
            continue
        name = node["column_names"][-1]
        if name in local:
            continue
        if len(node["column_names"]) > 1 or name.lower() not in exact:
            raise RefusedError(_no_column(".".join(node["column_names"]), columns))
        column = name if name in columns else exact[name.lower()]
        used.add(column)
        if not inside:
            bare.add(column)
    single = None if tree["class"] != "COLUMN_REF" else next(iter(used))
    return Checked(text, tree, frozenset(used), frozenset(bare), grouping, single)


def _allowed(node: Node, known: frozenset[str]) -> None:
    """Raises RefusedError where the node is no scalar and no aggregate."""
    kind = node["class"]
    if kind not in CLASSES or node["type"] in OPERATORS:
        raise RefusedError(f"A mapping may not hold {NAMES_OF.get(kind, 'this')}.")
    if kind == "FUNCTION":
        name = node["function_name"].lower()
        if name in OUTSIDE or node["catalog"] or node["schema"]:
            raise RefusedError(f"A mapping may not use `{name}`.")
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            hint = f" Did you mean `{near[0]}`?" if near else ""
            raise RefusedError(f"There is no function `{name}`.{hint}")


def _no_column(name: str, columns: Collection[str]) -> str:
    """What to say of a column that the file does not have."""
    near = difflib.get_close_matches(name, columns, 1)
    hint = f" Did you mean `{near[0]}`?" if near else ""
    listed = ", ".join(f"`{c}`" for c in list(columns)[:20])
    return f"The file has no column `{name}`.{hint} Its columns are: {listed}."


def _walk(
    tree: Any, aggregates: frozenset[str], inside: bool = False, local: frozenset[str] = frozenset()
) -> Iterator[tuple[Node, bool, frozenset[str]]]:
    """Every node with whether it stands in an aggregate, and the names of lambdas round it."""
    if isinstance(tree, list):
        for part in tree:
            yield from _walk(part, aggregates, inside, local)
    elif isinstance(tree, dict):
        if "class" in tree:
            yield tree, inside, local
            if tree["class"] == "FUNCTION" and tree["function_name"].lower() in aggregates:
                inside = True
            if tree["class"] == "LAMBDA":
                local = local | _parameters(tree["lhs"])
        for part in tree.values():
            if isinstance(part, dict | list):
                yield from _walk(part, aggregates, inside, local)


def _parameters(tree: Any) -> frozenset[str]:
    """The names that a lambda's left side gives."""
    if isinstance(tree, list):
        return frozenset().union(*(_parameters(t) for t in tree))
    if not isinstance(tree, dict):
        return frozenset()
    own = frozenset(tree.get("column_names", ()))
    return own.union(*(_parameters(t) for t in tree.values()))


def _smallest(tree: Any, aggregates: frozenset[str], local: frozenset[str] = frozenset()) -> Any:
    """The tree with `min()` round every column that stands in no aggregate."""
    if isinstance(tree, list):
        return [_smallest(part, aggregates, local) for part in tree]
    if not isinstance(tree, dict):
        return tree
    kind = tree.get("class")
    if kind == "FUNCTION" and tree["function_name"].lower() in aggregates:
        return tree
    if kind == "COLUMN_REF" and tree["column_names"][-1] not in local:
        return {**_MIN, "arguments": [{"name": "", "expression": tree}]}
    if kind == "LAMBDA":
        local = local | _parameters(tree["lhs"])
        return {**tree, "expr": _smallest(tree["expr"], aggregates, local)}
    return {key: _smallest(part, aggregates, local) for key, part in tree.items()}


_MIN: Node = {
    "class": "FUNCTION", "type": "FUNCTION", "alias": "", "query_location": 0,
    "query_location_length": 0, "function_name": "min", "schema": "", "filter": None,
    "order_bys": {"type": "ORDER_MODIFIER", "orders": []}, "distinct": False,
    "is_operator": False, "export_state": False, "catalog": "", "arguments": [],
    "qualified_name": {"path": ["min"]}, "is_legacy_function_call": False,
}  # fmt: skip


def _aggregates(connection: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """The names of DuckDB's aggregates."""
    return _names(connection, "'aggregate'")


def _functions(connection: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """The names of the functions that a mapping may use."""
    return (_names(connection, "'aggregate', 'scalar'") | MACROS) - OUTSIDE


def _names(connection: duckdb.DuckDBPyConnection, kinds: str) -> frozenset[str]:
    """The names of functions of some kinds."""
    query = (
        f"select distinct function_name from duckdb_functions() where function_type in ({kinds})"
    )
    return frozenset(str(name).lower() for (name,) in connection.execute(query).fetchall())
