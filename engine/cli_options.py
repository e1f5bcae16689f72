"""The arguments and options that several commands take."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

import typer

Rules = Annotated[str, typer.Argument(metavar="RULES", help="The folder with the rules.")]
Members = Annotated[
    list[str] | None,
    typer.Option("--members", metavar="F", help="Members: a file or a folder. May be repeated."),
]
Events = Annotated[
    list[str] | None,
    typer.Option("--events", metavar="F", help="Events: a file or a folder. May be repeated."),
]


def _day(text: str) -> date:
    """A day as an option says it."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        raise typer.BadParameter(f"{text} is not a day, written like 2026-01-31.") from None


def _part(text: str) -> Literal["month"]:
    """What the ledger is split by, as an option says it."""
    if text == "month":
        return "month"
    raise typer.BadParameter(f"The ledger is split by month, and not by {text!r}.")


Until = Annotated[
    date | None,
    typer.Option(metavar="DAY", parser=_day, help="The last day that counts."),
]
Say = Annotated[
    Literal["en", "zh"] | None,
    typer.Option(metavar="en|zh", help="Also tell every rule as a sentence in this language."),
]
Fix = Annotated[
    bool, typer.Option("--fix", help="Write a new salt, once, for each draw that has none.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for machines.")]
Month = Annotated[
    Literal["month"] | None,
    typer.Option(metavar="month", parser=_part, help="Write the ledger as folders of months."),
]
