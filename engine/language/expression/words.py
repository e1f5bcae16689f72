"""The words that expressions may use, and what is said about those they may not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from engine.language.expression.tree import Type

Kind = Literal["same", "number", "places", "text", "texts", "day", "time", "privilege"]


@dataclass(frozen=True, slots=True)
class Function:
    """A function: the kinds of its values (the last kind repeats), how many, what it gives."""

    takes: tuple[Kind, ...]
    least: int
    most: int | None
    gives: Type | None  # None: what its values are
    usage: str


FUNCTIONS = {
    "coalesce": Function(("same",), 2, None, None, "coalesce(a, b)"),
    "nullif": Function(("same",), 2, 2, None, "nullif(a, b)"),
    "least": Function(("same",), 2, None, None, "least(a, b)"),
    "greatest": Function(("same",), 2, None, None, "greatest(a, b)"),
    "abs": Function(("number",), 1, 1, None, "abs(x)"),
    "floor": Function(("number",), 1, 1, Type.WHOLE, "floor(x)"),
    "ceil": Function(("number",), 1, 1, Type.WHOLE, "ceil(x)"),
    "round": Function(("number", "places"), 1, 2, None, "round(x) or round(x, 2)"),
    "lower": Function(("text",), 1, 1, Type.TEXT, "lower(x)"),
    "upper": Function(("text",), 1, 1, Type.TEXT, "upper(x)"),
    "length": Function(("text",), 1, 1, Type.WHOLE, "length(x)"),
    "starts_with": Function(("text",), 2, 2, Type.FLAG, "starts_with(x, 'a')"),
    "ends_with": Function(("text",), 2, 2, Type.FLAG, "ends_with(x, 'a')"),
    "contains": Function(("text",), 2, 2, Type.FLAG, "contains(x, 'a')"),
    "includes": Function(("texts", "text"), 2, 2, Type.FLAG, "includes(likes, 'crab')"),
    "year": Function(("day",), 1, 1, Type.WHOLE, "year(at)"),
    "month": Function(("day",), 1, 1, Type.WHOLE, "month(at)"),
    "day": Function(("day",), 1, 1, Type.WHOLE, "day(at)"),
    "weekday": Function(("day",), 1, 1, Type.WHOLE, "weekday(at)"),
    "hour": Function(("time",), 1, 1, Type.WHOLE, "hour(at)"),
    "date": Function(("day",), 1, 1, Type.DATE, "date(at)"),
    "days_between": Function(("day",), 2, 2, Type.WHOLE, "days_between(a, b)"),
    "days_since": Function(("day",), 1, 1, Type.WHOLE, "days_since(x)"),
    "age": Function(("day",), 1, 1, Type.WHOLE, "age(birthday)"),
    "is_birthday_month": Function(("day",), 1, 1, Type.FLAG, "is_birthday_month(birthday)"),
    "has": Function(("privilege",), 1, 1, Type.FLAG, "has('ships_first')"),
}

_KEYWORDS = "and or not in between like ilike is null true false case when then else end"
KEYWORDS = frozenset(_KEYWORDS.split())

NO_NAMES = KEYWORDS | {"select"}  # not even with a prefix

_RESERVED = """all analyse analyze any array as asc asymmetric both cast check collate column
constraint create default deferrable desc describe distinct do except fetch for foreign from grant
group having initially intersect into lambda lateral leading limit offset on only order pivot
pivot_longer pivot_wider placing primary qualify references returning show some summarize symmetric
table to trailing union unique unpivot using variadic where window with"""

# The words that DuckDB reserves: a field or an attribute called so is written with its prefix.
SQL_WORDS = NO_NAMES | frozenset(_RESERVED.split())

_CLOCK = ("The clock is not read here.", "Write at for the event's instant, today for its day.")
_QUERY = ("An expression holds no query.", "Write a condition over names, such as orders > 3.")
_CAST = (
    "Types are not changed here.",
    "A text beside a day is read as one: birthday > '1990-12-31'.",
)
_FACT = (
    "Nothing is added up or counted inside an expression.",
    "Keep a fact under facts: and write its name.",
)
_JOINED = (
    "Texts are not put together or cut here.",
    "Use like, starts_with, ends_with or contains.",
)
_BETWEEN = ("Durations are not added here.", "Write days_between(a, b) > 7 or days_since(a) > 7.")
_NOT_HERE = ("Only = <> < <= > >= in between like ilike and is compare.", "Write one of these.")

# What people write for a function we call otherwise, or do not have.
REFUSED_FUNCTIONS = {
    "if": ("There is no function `if`.", "Write case when a then b else c end."),
    "iif": ("There is no function `iif`.", "Write case when a then b else c end."),
    "ifnull": ("There is no function `ifnull`.", "Write coalesce(a, b)."),
    "nvl": ("There is no function `nvl`.", "Write coalesce(a, b)."),
    "len": ("There is no function `len`.", "Write length(x)."),
    "char_length": ("There is no function `char_length`.", "Write length(x)."),
    "mod": ("There is no function `mod`.", "Write a % b."),
    "ceiling": ("There is no function `ceiling`.", "Write ceil(x)."),
    "lcase": ("There is no function `lcase`.", "Write lower(x)."),
    "ucase": ("There is no function `ucase`.", "Write upper(x)."),
    "dayofweek": ("There is no function `dayofweek`.", "Write weekday(at): 1 is Monday."),
    "isodow": ("There is no function `isodow`.", "Write weekday(at): 1 is Monday."),
    "datediff": ("There is no function `datediff`.", "Write days_between(a, b)."),
    "date_diff": ("There is no function `date_diff`.", "Write days_between(a, b)."),
    "list_contains": ("There is no function `list_contains`.", "Write includes(likes, 'crab')."),
    "isnull": ("There is no function `isnull`.", "Write a is null."),
    "now": _CLOCK,
    "getdate": _CLOCK,
    "today": _CLOCK,
    "cast": _CAST,
    "try_cast": _CAST,
    "convert": _CAST,
    "extract": (
        "There is no function `extract`.",
        "Write year(at), month(at), day(at) or hour(at).",
    ),
    "concat": _JOINED,
    "substr": _JOINED,
    "substring": _JOINED,
    "left": _JOINED,
    "right": _JOINED,
    "replace": _JOINED,
    "trim": _JOINED,
    "count": _FACT,
    "sum": _FACT,
    "avg": _FACT,
    "min": ("There is no function `min`.", "Write least(a, b), or keep a fact under facts:."),
    "max": ("There is no function `max`.", "Write greatest(a, b), or keep a fact under facts:."),
    "exists": _QUERY,
    "any": _QUERY,
    "all": _QUERY,
}

# The same for words that stand without a bracket.
REFUSED_WORDS = {
    "if": ("A condition begins without if.", "Leave it out."),
    "select": _QUERY,
    "from": _QUERY,
    "where": _QUERY,
    "exists": _QUERY,
    "union": _QUERY,
    "having": _QUERY,
    "with": _QUERY,
    "any": _QUERY,
    "cast": _CAST,
    "collate": ("Texts compare letter by letter, by code point.", "Write lower(x) = 'a'."),
    "escape": ("There is no escape in a pattern.", "Use contains, starts_with or ends_with."),
    "interval": _BETWEEN,
    "now": _CLOCK,
    "current_date": _CLOCK,
    "current_time": _CLOCK,
    "current_timestamp": _CLOCK,
    "localtimestamp": _CLOCK,
    "notnull": ("`notnull` is not used here.", "Write a is not null."),
    "isnull": ("`isnull` is not used here.", "Write a is null."),
    "unknown": ("`unknown` is not used here.", "Write a is null."),
    "similar": _NOT_HERE,
    "regexp": _NOT_HERE,
    "rlike": _NOT_HERE,
    "glob": _NOT_HERE,
    "overlaps": _NOT_HERE,
    "distinct": _NOT_HERE,
    "xor": ("There is no `xor`.", "Write a <> b."),
    "mod": ("`mod` is not used here.", "Write a % b."),
    "div": ("`div` is not used here.", "Write floor(a / b)."),
    "asc": ("Nothing is sorted here.", "Leave it out."),
    "desc": ("Nothing is sorted here.", "Leave it out."),
}
