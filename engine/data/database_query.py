"""Keeps a query to reading, and says in words why a database refuses it."""

from __future__ import annotations

import hashlib
import sqlite3
from dataclasses import dataclass, field

from sqlalchemy.engine import URL

from engine.data.frame import clip

READS = {
    sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE,
    sqlite3.SQLITE_TRANSACTION,
}  # fmt: skip
CLOSED = {"load_extension"}

ONLY_READS = "A query may only read."
DENIED = ("not authorized", "authorization denied", "prohibited", "readonly")  # says SQLite
ONE_SELECT = "Expected one SELECT."
CANNOT_OPEN = "The database cannot be opened."
# What a part of the database's own message means where it is not opened.
OPENING = {
    "authentication failed": "The database refuses this user or password.",
    "no password supplied": "The database refuses this user or password.",
    "role ": "The database refuses this user or password.",
    "pg_hba.conf": "The database refuses this user or password.",
    "database ": "The server has no such database.",
    "not a database": "This is no SQLite file, or it is damaged.",
    "malformed": "This is no SQLite file, or it is damaged.",
}
# What PostgreSQL's codes mean where a query fails.
CODES = {
    "25006": ONLY_READS,
    "42501": "This user of the database may not read it.",
    "57014": "The database takes too long.",
}


@dataclass(eq=False)
class DatabaseError(Exception):
    """Why nothing can be read: at which of the keys `from`, `table`, `query`, and in words."""

    key: str
    what: str
    expected: str = field(default="")


def called(query: str) -> str:
    """What messages call a query: the same for the same words, whatever else is asked."""
    words = " ".join(query.split())
    return f"query-{hashlib.sha256(words.encode()).hexdigest()[:6]}"


def allow(action: int, _: str | None, function: str | None, *__: str | None) -> int:
    """SQLite's question before a query does anything: it may read and call functions."""
    if action == sqlite3.SQLITE_FUNCTION and function in CLOSED:
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK if action in READS else sqlite3.SQLITE_DENY


def worded(key: str, failed: Exception, url: URL) -> DatabaseError:
    """A library's error in words that hold nothing of the URL; `key` is `table` or `query`."""
    cause = getattr(failed, "orig", None) or failed
    code = getattr(cause, "sqlstate", None)
    told = str(getattr(getattr(cause, "diag", None), "message_primary", None) or cause)
    told = clip(_without_secrets(told.split("\n")[0].rstrip("."), url))
    if code in ("28P01", "28000") or (code is None and _is_opening(cause, told)):
        for part, words in OPENING.items():
            if part in told:
                return DatabaseError("from", words)
        return DatabaseError("from", CANNOT_OPEN, "Expected one that answers within 10 seconds.")
    if code == "3D000":
        return DatabaseError("from", OPENING["database "])
    if "one statement" in told or "multiple commands" in told:
        return DatabaseError(key, "This is more than one statement.", ONE_SELECT)
    if CODES.get(code or ""):
        return DatabaseError(key, CODES[str(code)], ONE_SELECT if code == "25006" else "")
    if any(part in told for part in DENIED):
        return DatabaseError(key, ONLY_READS, ONE_SELECT)
    return DatabaseError(key, f"The database says: {told}.")


def _is_opening(cause: BaseException, told: str) -> bool:
    """True where the database was not even opened."""
    if isinstance(cause, sqlite3.Error):
        return any(p in told for p in ("unable to open", "not a database", "malformed"))
    return type(cause).__name__ in ("OperationalError", "ConnectionTimeout")


def _without_secrets(told: str, url: URL) -> str:
    """A message without what the URL holds."""
    for secret in (url.password, url.render_as_string(hide_password=False)):
        if secret:
            told = told.replace(str(secret), "***")
    return told
