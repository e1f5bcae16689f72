"""The values of an example, read as strictly as the cells of a file: by the type of their field."""

from __future__ import annotations

import re
from datetime import datetime
from fractions import Fraction

from engine.language.expression.tree import Type
from engine.language.linking.draft import Draft
from engine.language.shapes import values
from engine.language.shapes.forms import one, parsed
from engine.language.shapes.values import WrongValueError
from engine.language.text.nodes import Items, Node
from engine.language.text.quote import quoted

DECIMAL_PLACES = 6
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"([ T][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)


def cell(node: Node, type: Type, draft: Draft) -> str | tuple[str, ...] | None:
    """The text at `node` where a value of `type` may be written so; None after a problem."""
    if type is Type.TEXTS and isinstance(node, Items):
        read = [one(item, draft.complaints) for item in node.items]
        return tuple(item.text for item in read if item is not None)
    single = one(node, draft.complaints)
    if single is None:
        return None

    def check(text: str) -> str:
        _check(text, type, draft)
        return text

    found = parsed(single, check, draft.complaints)
    return (found,) if found is not None and type is Type.TEXTS else found


def instant(text: str) -> str:
    """The text of an instant or a day, as it stands."""
    wrong = WrongValueError(
        f"{quoted(text)} is not an instant.", "Write it as `2026-09-03 10:00`, or a day."
    )
    if not _INSTANT.fullmatch(text):
        raise wrong
    try:
        datetime.fromisoformat(text)
    except ValueError:
        raise wrong from None
    return text


def _check(text: str, type: Type, draft: Draft) -> None:
    if type is Type.WHOLE:
        values.integer(text)
    elif type is Type.DECIMAL:
        _places(text, values.number(text), DECIMAL_PLACES, "a decimal number")
    elif type is Type.MONEY:
        _places(text, values.number(text), draft.money_decimals, draft.money)
    elif type is Type.FLAG:
        values.flag(text)
    elif type is Type.DATE:
        values.day(text)
    elif type is Type.TIME:
        instant(text)


def _places(text: str, number: Fraction, places: int, what: str) -> None:
    if (number * 10**places).denominator != 1:
        raise WrongValueError(
            f"{quoted(text)} has more places than {what} has: {places}.", "Round it."
        )
