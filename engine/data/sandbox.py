"""A DuckDB connection that reaches no file, network, environment or extension."""

from __future__ import annotations

import duckdb

MEMORY = "2GB"
THREADS = 2


def connect(*, threads: int = THREADS) -> duckdb.DuckDBPyConnection:
    """A connection in memory that sees nothing but the tables registered on it.

    Its settings cannot be changed any more, by nobody. It spills nothing to disk.
    """
    connection = duckdb.connect(
        ":memory:",
        config={
            "enable_external_access": "false",
            "autoload_known_extensions": "false",
            "autoinstall_known_extensions": "false",
            "allow_community_extensions": "false",
            "max_temp_directory_size": "0KB",
            "memory_limit": MEMORY,
            "threads": str(threads),
        },
    )
    connection.execute("set python_enable_replacements = false")
    connection.execute("set TimeZone = 'UTC'")
    connection.execute("set enable_progress_bar = false")  # it would stand among the answers
    connection.execute("set lock_configuration = true")
    return connection


def quoted(name: str) -> str:
    """A column's name in SQL."""
    return '"' + name.replace('"', '""') + '"'
