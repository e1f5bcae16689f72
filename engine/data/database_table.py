"""Makes the query for a table or view: its rows in order, and only the columns that are used."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence

import sqlalchemy
from sqlalchemy.engine import Connection

from engine.data.database_query import DatabaseError
from engine.data.frame import clip

Choice = Callable[[Sequence[str]], Sequence[str]]  # of a table's columns those that are used


def query(connection: Connection, table: str, choice: Choice) -> tuple[str, tuple[str, ...]]:
    """The query for all rows of `table`, `schema.table` where it has one, and all its columns.

    A column that is not used is not asked for: who reads need not be allowed to see it.
    """
    look = sqlalchemy.inspect(connection)
    schema, plain = _found(look, table)
    quoted = connection.dialect.identifier_preparer.quote_identifier
    columns = tuple(str(column["name"]) for column in look.get_columns(plain, schema))
    keys = look.get_pk_constraint(plain, schema)["constrained_columns"]
    used = choice(columns) or keys or columns[:1]
    ordered = f" order by {', '.join(map(quoted, keys))}" if keys else ""
    place = f"{quoted(schema)}.{quoted(plain)}" if schema else quoted(plain)
    return f"select {', '.join(map(quoted, used))} from {place}{ordered}", columns


def _found(look: sqlalchemy.Inspector, table: str) -> tuple[str | None, str]:
    """The schema and the name of a table; raises DatabaseError where there is none such."""
    before, _, after = table.rpartition(".")
    for schema, plain in ((before or None, after), (None, table)):
        if look.has_table(plain, schema):
            return schema, plain
    schema, listed = before or None, []
    if schema is None or schema in look.get_schema_names():
        listed = sorted([*look.get_table_names(schema), *look.get_view_names(schema)])
    near = difflib.get_close_matches(after, listed, 1)
    hint = f" Did you mean `{near[0]}`?" if near else ""
    said = ", ".join(f"`{clip(one, 40)}`" for one in listed[:20]) or "none"
    raise DatabaseError("table", f"There is no table `{table}`.{hint}", f"The tables are: {said}.")
