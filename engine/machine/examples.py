"""Runs the examples that stand in the rules, and says where one comes out otherwise."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from engine.data import history as histories
from engine.language.expression.tree import Type
from engine.language.program import Example, Expectation, Field, Place, Program
from engine.machine import folding, openings, values
from engine.machine.folding import Outcome

Cell = str | tuple[str, ...] | None
TRUE = ("yes", "true", "1")
_GRANTS = {
    "coupons": "coupon", "items": "item", "vouchers": "voucher", "badges": "badge",
    "privileges": "privilege", "prizes": "prize",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Difference:
    """What an example expected at a place, and what came of it."""

    place: Place
    said: str


@dataclass(frozen=True, slots=True)
class ExampleResult:
    """An example with its differences; none: it passed."""

    example: Example
    differences: tuple[Difference, ...]

    @property
    def passed(self) -> bool:
        """Whether everything came as expected."""
        return not self.differences


def run(program: Program) -> tuple[ExampleResult, ...]:
    """Every example of the program, in the order of the files, each from a start of its own."""
    return tuple(one(program, example) for example in program.examples)


def one(program: Program, example: Example) -> ExampleResult:
    """One example."""
    outcome = replayed(program, example)
    found = [d for expect in example.expects for d in _differences(program, outcome, expect)]
    return ExampleResult(example, tuple(found))


def replayed(program: Program, example: Example) -> Outcome:
    """What an example's events come to."""
    names = ("member_id", "joined_at", "referrer_id", *program.attributes)
    people = [
        {
            "member_id": m.id,
            **_cells(m.values, program.attributes),
            "joined_at": m.values.get("joined_at"),
            "referrer_id": m.values.get("referrer"),
        }
        for m in example.members
    ]
    rows = [
        {
            "event_id": e.id, "member_id": e.member, "type": e.type, "at": e.at,
            **_cells(e.fields, program.events[e.type].fields),
        }
        for e in example.events
    ]  # fmt: skip
    fields = {field for kind in program.events.values() for field in kind.fields}
    columns = ("event_id", "member_id", "type", "at", *sorted(fields))
    history = histories.read(program, _table(people, names), _table(rows, columns), example.until)
    folded = folding.fold(
        program, history, example.until,
        opening=lambda compiled, line, state: openings.open(
            example, compiled, line, state, history.texts
        ),
    )  # fmt: skip
    return folding.tell(folded)


def _table(rows: list[dict[str, Any]], columns: tuple[str, ...]) -> pa.Table:
    """Rows as a table of texts."""
    return pa.table({
        name: pa.array([row.get(name) for row in rows], pa.string()) for name in columns
    })  # fmt: skip


def _cells(said: Mapping[str, Cell], fields: Mapping[str, Field]) -> dict[str, str | None]:
    """Values as files hold them: a flag as true or false, several texts as a JSON list."""
    found: dict[str, str | None] = {}
    for name, value in said.items():
        if name not in fields:
            continue
        if isinstance(value, tuple):
            found[name] = json.dumps(value, ensure_ascii=False)
        elif value is not None and fields[name].type is Type.FLAG:
            found[name] = "true" if value in TRUE else "false"
        else:
            found[name] = value
    return found


def _differences(program: Program, outcome: Outcome, expect: Expectation) -> Iterator[Difference]:
    person = outcome.members.filter(pc.equal(outcome.members["member_id"], expect.member))
    row = person.to_pylist()[0]
    held = outcome.grants.filter(pc.equal(outcome.grants["member_id"], expect.member)).to_pylist()
    for name, wanted in expect.values.items():
        if name in _GRANTS:
            wrong = _grants(name, wanted, held)
        else:
            wrong = _value(program, name, wanted, row)
        if wrong:
            yield Difference(expect.places[name], wrong)
    if expect.entries is not None:
        yield from _entries(program, outcome, expect)
    if expect.refused is not None:
        yield from _refused(outcome, expect)


def _value(program: Program, name: str, wanted: Any, row: Mapping[str, Any]) -> str:
    """What is wrong with one value of a member, or nothing."""
    found, kind = actual(program, name, row)
    if wanted is None:
        same = found is None
    elif kind.is_number:
        same = found is not None and Fraction(wanted) == found
    elif kind is Type.FLAG:
        same = found == (wanted in TRUE)
    elif kind is Type.TIME:
        expected = datetime.fromisoformat(wanted)
        same = found is not None and expected.replace(tzinfo=None) == found.replace(tzinfo=None)
    elif kind is Type.DATE:
        same = found == date.fromisoformat(wanted)
    else:
        same = found == wanted
    return "" if same else f"{name} is {values.shown(found)}, not {values.shown(wanted)}"


def actual(program: Program, name: str, row: Mapping[str, Any]) -> tuple[Any, Type]:
    """A member's value in units, and its type; `points pending`, `points active` are parts."""
    wallet, _, part = name.partition(" ")
    if wallet in program.wallets:
        whole, pending = row[wallet], row[f"{wallet}_pending"]
        number = {"": whole, "pending": pending, "active": whole - pending}[part]
        return Fraction(number, 10 ** program.wallets[wallet].decimals), Type.DECIMAL
    counted = program.facts.get(name) or program.progress.get(name)
    if counted is not None:
        kind = counted.type
        found = row[name]
        if found is not None and kind.is_number:
            found = Fraction(found) if isinstance(found, Decimal | int) else found
            if kind is Type.MONEY:
                found /= 10**program.money_decimals
        return found, kind
    return row[name], Type.TEXT


def _grants(name: str, wanted: Any, held: list[dict[str, Any]]) -> str:
    """What is wrong with the open grants of a kind, or with the prizes given, or nothing."""
    there = ("open", "given")
    ids = Counter(g["id"] for g in held if g["kind"] == _GRANTS[name] and g["state"] in there)
    if isinstance(wanted, tuple):
        same = ids == Counter(wanted)
    elif isinstance(wanted, Mapping):
        same = all(ids[key] == int(count) for key, count in wanted.items())
    else:
        same = ids.total() == int(wanted)
    shown = ", ".join(f"{key} x{n}" if n > 1 else key for key, n in sorted(ids.items())) or "none"
    return "" if same else f"{name}: there are {shown}"


def _entries(program: Program, outcome: Outcome, expect: Expectation) -> Iterator[Difference]:
    """Expected entries that are not there; rows of one event, kind and rule are one entry."""
    mine = outcome.ledger.filter(pc.equal(outcome.ledger["member_id"], expect.member))
    found: dict[tuple[str, str, str], dict[str, Fraction]] = {}
    for row in mine.to_pylist():
        parts = 10 ** program.wallets[row["wallet"]].decimals
        key = (row["event_id"] or "", row["kind"], row["rule"] or "")
        entry = found.setdefault(key, {})
        entry[row["wallet"]] = entry.get(row["wallet"], Fraction(0)) + Fraction(
            row["amount"], parts
        )
        for name in ("wanted", "missing"):
            if row[name] is not None:
                entry[name] = entry.get(name, Fraction(0)) + Fraction(row[name], parts)
    for wanted in expect.entries or ():
        if not any(_matches(wanted, key, entry) for key, entry in found.items()):
            yield Difference(expect.places["entries"], _lacking(wanted, found))


def _matches(
    wanted: Mapping[str, str], key: tuple[str, str, str], entry: Mapping[str, Fraction]
) -> bool:
    known = dict(zip(("event", "kind", "rule"), key, strict=True))
    return all(
        known[name] == value if name in known else entry.get(name) == Fraction(value)
        for name, value in wanted.items()
    )


def _lacking(
    wanted: Mapping[str, str], found: Mapping[tuple[str, str, str], Mapping[str, Fraction]]
) -> str:
    """Says which entry is missing, and the ones of its rule that there are."""
    told = ", ".join(f"{name}: {value}" for name, value in wanted.items())
    near = [
        ", ".join([key[1], *(f"{name}: {values.decimal_text(v)}" for name, v in entry.items())])
        for key, entry in found.items()
        if key[2] == wanted.get("rule", key[2])
    ]
    there = "; ".join(near[:4]) if near else "nothing of it"
    return f"there is no entry {{{told}}}; there is {there}"


def _refused(outcome: Outcome, expect: Expectation) -> Iterator[Difference]:
    mine = outcome.refused.filter(pc.equal(outcome.refused["member_id"], expect.member))
    found = [
        {"rule": r["rule"], "code": r["code"], "event": r["event_id"]} for r in mine.to_pylist()
    ]
    for wanted in expect.refused or ():
        if not any(all(row[n] == v for n, v in wanted.items()) for row in found):
            told = ", ".join(f"{name}: {value}" for name, value in wanted.items())
            there = "; ".join(f"{r['rule']}: {r['code']}" for r in found) or "nothing"
            said = f"there is no refusal {{{told}}}; refused is {there}"
            yield Difference(expect.places["refused"], said)
