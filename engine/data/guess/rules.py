"""Writes a guess down as rules: the section `data`, and a first program that runs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from engine.data.guess import Guess
from engine.data.guess.mapping import EventsGuess, Guessed
from engine.language.program import BUILT_IN

DATA, FIRST = "data.yaml", "first.yaml"
PLAIN = re.compile(r"-?[\w(./](?:[^:#]|:(?=\S)|(?<=\S)#)*")
SPECIAL = re.compile("[\x00-\x1f\x7f\u2028\u2029\ufeff]")


def texts(guess: Guess) -> dict[str, str]:
    """The rules' files by their names; `guess` has nothing missing."""
    return {DATA: "\n".join(_data(guess)) + "\n", FIRST: "\n".join(_first(guess)) + "\n"}


def _data(guess: Guess) -> Iterator[str]:
    """The section `data` with the reasons as comments."""
    yield "# How the files become members and events: left our columns, right theirs."
    yield "# `perkbook inspect` guessed it; change what is wrong: docs/tutorial-own-data.md."
    yield "data:"
    if guess.members is not None:
        mapping = guess.members.mapping
        lines = ["members:", *(f"  {line}" for line in _mapping(mapping))]
        mark = "  " if mapping.used else "  # "
        yield from (f"{mark}{line}" for line in lines)
    yield "  events:"
    for mapping in (m for one in guess.events for m in one.mappings):
        lines = [*_mapping(mapping)]
        for note in mapping.notes:
            yield f"    # {_comment(note)}"
        yield f"    - {lines[0]}"
        yield from (f"      {line}" for line in lines[1:])


def _mapping(mapping: Guessed) -> Iterator[str]:
    """The keys of one entry."""
    yield f"file: {scalar(mapping.file)}"
    keys = (
        ("type", mapping.type), ("where", mapping.where), ("group by", mapping.group_by),
        ("zone", mapping.zone),
    )  # fmt: skip
    for key, said in keys:
        if said is not None:
            yield f"{key}: {expression(said) if key == 'group by' else scalar(said)}"
    yield "columns:"
    for name, said in mapping.columns.items():
        yield f"  {name}: {expression(said)}"


def _first(guess: Guess) -> Iterator[str]:
    """A program with one wallet and one rule, and an example that passes."""
    main, setting = guess.main, guess.setting
    stem = guess.main.mappings[0].file.rpartition("/")[2].partition(".")[0]
    yield "# A first program, so that there is something to run. Make it yours: docs/language.md."
    yield "program:"
    yield f"  name: {scalar(stem)}"
    yield f"  timezone: {setting.zone}  # days begin here; {_comment(setting.zone_why)}"
    yield f"  money: {setting.money}  # {_comment(setting.money_why)}"
    yield ""
    yield from _events(guess)
    if guess.members is not None and guess.members.attributes:
        yield "members:"
        for name, (type_, personal) in guess.members.attributes.items():
            yield f"  {name}: " + (f"{{type: {type_}, personal: yes}}" if personal else type_)
        yield ""
    yield "wallets:"
    yield "  points: {expires: 12 months, value: 0.01}  # 100 points are worth 1 in money"
    yield ""
    yield from _facts(guess, main)
    yield from _earn(guess, main)


def _events(guess: Guess) -> Iterator[str]:
    """The types of event with their fields."""
    yield "events:"
    written: set[str] = set()
    for one in guess.events:
        for type_, fields in one.types.items():
            if type_ in written or type_ in BUILT_IN:
                continue
            written.add(type_)
            reverses = one.reverses if type_ == one.back else None
            if not fields and not reverses:
                yield f"  {type_}: {{}}"
                continue
            yield f"  {type_}:"
            if reverses:
                yield f"    reverses: {reverses}"
            yield from (f"    {name}: {kind}" for name, kind in fields.items())
    yield ""


def _facts(guess: Guess, main: EventsGuess) -> Iterator[str]:
    """How often and for how much."""
    yield "facts:"
    yield f"  orders: {{count: {main.main}}}"
    if main.amount:
        backs = [one.back for one in guess.events if one.back and _worth(one, one.back)]
        less = f", less: {backs[0]}.amount" if backs and backs[0] != main.main else ""
        yield f"  spend: {{sum: {main.main}.amount{less}}}"
    yield ""


def _worth(one: EventsGuess, type_: str) -> bool:
    """True where events of the type carry an amount."""
    return "amount" in one.types.get(type_, {})


def _earn(guess: Guess, main: EventsGuess) -> Iterator[str]:
    """Two rules, and the example that shows what they do."""
    each = guess.setting.money if main.amount else main.main
    spent = " and spend >= 200" if main.amount else ""
    fields = "{amount: 40}" if main.amount else "{}"
    once = 40 if main.amount else 1
    yield "earn:"
    yield "  purchase:"
    yield f"    name: 1 point per {each}"
    yield f"    when: {main.main}"
    yield "    give: {points: amount}" if main.amount else "    give: {points: 1}"
    yield "  regular:"
    yield "    name: 50 points more, once, from the fifth on"
    yield f"    when: {main.main}"
    yield f"    if: orders >= 5{spent}"
    yield "    once: true"
    yield "    give: {points: 50}"
    yield ""
    yield "examples:"
    yield f"  - name: five times {once} points, and 50 more"
    yield "    events:"
    for day in range(2, 7):
        yield f"      - {{at: 2026-03-0{day} 10:00, {main.main}: {fields}}}"
    expected = f"points: {5 * once + 50}, orders: 5" + (", spend: 200" if main.amount else "")
    yield f"    expect: {{{expected}}}"


def scalar(said: str) -> str:
    """A text as YAML says it, in quotes only where it has to."""
    if SPECIAL.search(said):
        return json.dumps(said)
    plain = PLAIN.fullmatch(said) and said == said.strip()
    if not plain and "'" in said and not re.search(r'["\\]', said):
        return f'"{said}"'
    return said if plain else "'" + said.replace("'", "''") + "'"


def expression(said: str) -> str:
    """An expression as YAML says it; one that is a column and nothing else, as its name."""
    alone = re.fullmatch(r'"([^"]+)"', said)
    name = alone[1] if alone else ""
    return scalar(name if name and PLAIN.fullmatch(name) and name == name.strip() else said)


def _comment(said: str) -> str:
    """A text that stays in its line."""
    return SPECIAL.sub(" ", said)
