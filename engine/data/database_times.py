"""Lets a server's times come as text where Python's calendar has no such day, as `infinity`."""

from __future__ import annotations

from typing import Any, Protocol

KINDS = ("timestamp", "timestamptz", "date")
AS_TEXT = 0  # how the server sends them


class Loader(Protocol):
    """What makes a value of the driver's bytes."""

    format: Any

    def __init__(self, oid: int, connection: Any = None) -> None: ...

    def load(self, data: bytes) -> Any:
        """The value."""


def keep(driver: Any) -> None:
    """Changes a connection of psycopg so that one such time costs its row, not all rows."""
    for kind in KINDS:
        oid = driver.adapters.types[kind].oid
        usual = driver.adapters.get_loader(oid, AS_TEXT)
        driver.adapters.register_loader(oid, _or_text(usual))


def _or_text(usual: type[Loader]) -> type[Loader]:
    """The usual way where that works, else the text that the server sent."""

    class OrText:
        format = usual.format

        def __init__(self, oid: int, connection: Any = None) -> None:
            self.usual = usual(oid, connection)

        def load(self, data: bytes) -> Any:
            try:
                return self.usual.load(data)
            except Exception:  # psycopg's own kind, which need not be installed
                return bytes(data).decode()

    return OrText
