"""Chooses which other columns of a file come along as fields of an event or of a member."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from engine.data.guess import names as guess_names
from engine.data.guess import words
from engine.data.guess.look import Look, Sheet
from engine.data.guess.names import Names

MOST = 24
LONG = 60  # characters: more is prose
SAME = 0.99  # of the groups must say one thing


@dataclass(frozen=True, slots=True)
class Chosen:
    """A column that comes along: our name, the expression, the type, whether it is personal."""

    name: str
    sql: str
    type: str
    look: Look | None = None
    personal: bool = False


def of_events(
    sheet: Sheet, taken: Collection[str], key: Look | None, names: Names
) -> tuple[list[Chosen], list[str]]:
    """The fields of events, and the columns that differ between the lines of one event."""
    looks = [
        look for look in sheet.looks
        if look.name not in taken and _is_useful(look)
        and not words.score(look.called, "personal")
    ]  # fmt: skip
    if key is None:
        return [*_by_row(looks[:MOST], names)], []
    fine = _same_in_groups(sheet, looks, key)
    kept = [look for look in looks if look in fine or _adds_up(look)][:MOST]
    fields = [_of_group(look, names, same=look in fine) for look in kept]
    fields.append(Chosen(names.give("lines"), "count(*)", "whole"))
    return fields, [look.name for look in looks if look not in kept]


def _by_row(looks: list[Look], names: Names) -> Iterator[Chosen]:
    """The fields of rows; parts of objects that are called alike become one."""
    done: set[str] = set()
    for look in looks:
        if look.name in done:
            continue
        called = guess_names.spelled(look.called)
        alike = [one for one in looks if one.opened and one.type == look.type == "text"
                 and guess_names.spelled(one.called) == called]  # fmt: skip
        chosen = _chosen(look, names)
        if look.opened and len(alike) > 1:
            done |= {one.name for one in alike}
            chosen = replace(chosen, sql=f"coalesce({', '.join(one.sql for one in alike)})")
        yield chosen


def of_members(sheet: Sheet, taken: Collection[str], names: Names) -> list[Chosen]:
    """The attributes of members; names, addresses and the like are marked as personal."""
    return [
        _chosen(look, names, personal=bool(words.score(look.called, "personal")))
        for look in sheet.looks
        if look.name not in taken and (
            _is_useful(look) or (words.score(look.called, "personal") and look.filled)
        )
    ][:MOST]  # fmt: skip


def _is_useful(look: Look) -> bool:
    """False for empty columns, prose, and ids that never come back."""
    if look.filled == 0 or look.of_day:
        return False
    if look.type != "text":
        return True
    once = look.filled > 50 and look.different > 0.9 * look.filled
    return not once and all(len(e) <= LONG for e in look.examples)


def _chosen(look: Look, names: Names, *, personal: bool = False) -> Chosen:
    """A column as it stands, or as the expression that makes what it holds."""
    type_, sql = look.type, look.sql
    if look.bad or personal:
        type_ = "text"
    elif look.clock is not None:
        sql = look.clock.sql
    elif look.number and look.number != look.sql and _is_cleaned(look):
        sql = look.number
    return Chosen(names.give(guess_names.field(look.called)), sql, type_, look, personal)


def _is_cleaned(look: Look) -> bool:
    """True where the text itself is no number, as ¥1,234.50 is none."""
    return look.number is not None and "replace(" in look.number


def _of_group(look: Look, names: Names, *, same: bool) -> Chosen:
    """A column of lines as a field of the whole event."""
    chosen = _chosen(look, names)
    if not same:
        return Chosen(chosen.name, f"sum({look.number})", chosen.type, look)
    sql = chosen.sql if chosen.sql == look.sql and not look.opened else f"min({chosen.sql})"
    return Chosen(chosen.name, sql, chosen.type, look)


def _adds_up(look: Look) -> bool:
    """True for counts of pieces, which may be added up."""
    return bool(look.number) and not look.bad and words.score(look.called, "quantity") >= 6


def _same_in_groups(sheet: Sheet, looks: list[Look], key: Look) -> list[Look]:
    """The columns that say one thing in nearly every group."""
    if not looks:
        return []
    counts = ", ".join(f"count(distinct {look.sql}) <= 1 as c{i}" for i, look in enumerate(looks))
    sums = ", ".join(f"count(*) filter (c{i})" for i in range(len(looks)))
    found = sheet.ask(
        f"select count(*), {sums} from (select {counts} from given"
        f" where {key.sql} is not null group by {key.sql})"
    )
    return [
        look
        for look, fine in zip(looks, found[1:], strict=True)
        if fine >= (1 if look.number else SAME) * found[0]
    ]
