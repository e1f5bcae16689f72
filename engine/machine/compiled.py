"""A program as the machine runs it: its tables, its code, and the names behind their positions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.data.columns import Texts
from engine.language.expression.tree import AT, TODAY, Expr, From, Name, Source, Type
from engine.language.program import BUILT_IN, Program, Rule
from engine.machine import (
    compile_hints,
    compile_members,
    compile_ready,
    compile_rules,
    compile_tasks,
    compile_types,
    zone,
)
from engine.machine import tables as t
from engine.machine.bytecode import Assembler, Code, Layout
from engine.machine.compile_book import Book, records
from engine.machine.state import MOST_COUPONS

_SOURCES = {
    From.FIELD: t.N_FIELD, From.ATTRIBUTE: t.N_ATTRIBUTE, From.FACT: t.N_FACT,
    From.WALLET: t.N_WALLET, From.ACTIVE: t.N_ACTIVE, From.PENDING: t.N_PENDING,
    From.TIER: t.N_TIER, From.AT: t.N_AT, From.TODAY: t.N_TODAY, From.PRIVILEGE: t.N_PRIVILEGE,
    From.FRIENDS: t.N_FRIENDS, From.PROGRESS: t.N_PROGRESS, From.START: t.N_START,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Compiled:
    """A program as tables, and what stands behind their positions.

    `rules` are the earn rules, the tiers' multipliers and the frames of rewards and draws, as in
    `Tables.rules`; `columns` the event columns that are read, as in `Feed.fields`; `receivers` the
    fields that name a receiver, as in `Feed.receivers`.
    """

    program: Program
    tables: t.Tables
    assembler: Assembler
    book: Book
    rules: tuple[Rule, ...]
    names: compile_rules.Names
    columns: tuple[tuple[str, Type], ...]
    zone: zone.Zone

    def code(self) -> Code:
        """The expressions' code over the texts there are now."""
        return self.assembler.build()

    @property
    def crosses_members(self) -> bool:
        """Whether what one member gets may depend on another, so that one fold sees them all."""
        return self.program.crosses_members


def compile(program: Program, texts: Texts) -> Compiled:
    """The tables of a checked program; the texts of its conditions are interned in `texts`."""
    written = (*program.rules, *program.frames)
    rules = tuple(part for it in written for part in compile_rules.records_of(it))
    tiers = tuple(rung.name for rung in program.tiers.ladder) if program.tiers else ()
    names = compile_rules.Names(rules, tiers, send=program.sends)
    layout = Layout.of(_names(program, rules))
    where = zone.of(program.zone)
    book = Book(program, Assembler(layout, where, texts))
    columns = _columns(program, layout)
    book.fields = {
        name: columns.index((name.name, name.type)) for name in layout.slots
        if name.source is From.FIELD
    }  # fmt: skip
    tables = _tables(book, rules, names, layout, columns, texts)
    compile_hints.give(tables, len(names.receivers))
    return Compiled(program, tables, book.assembler, book, rules, names, columns, where)


def _columns(program: Program, layout: Layout) -> tuple[tuple[str, Type], ...]:
    """The fields of events that the fold reads: in expressions, as amounts, as attributes."""
    fields = [field for kind in program.events.values() for field in kind.fields.values()]
    read = {(name.name, name.type) for name in layout.slots if name.source is From.FIELD}
    read |= {compile_tasks.begun(name) for name in layout.slots if name.source is From.START}
    read |= {(it.name, it.type) for it in program.attributes.values()}
    every = dict.fromkeys((field.name, field.type) for field in fields)
    return tuple(key for key in every if key in read or key[0] == "amount")


def _tables(
    book: Book, rules: tuple[Rule, ...], names: compile_rules.Names, layout: Layout,
    columns: tuple[tuple[str, Type], ...], texts: Texts,
) -> t.Tables:  # fmt: skip
    program = book.program
    wallets = [compile_members.wallet(book, it) for it in program.wallets.values()]
    facts = [compile_members.fact(book, it) for it in program.facts.values()]
    frames = [compile_rules.rule(book, number, it, names) for number, it in enumerate(rules)]
    rewards = compile_rules.had(book, names)
    coupons = [compile_rules.coupon(book, it) for it in program.rewards.values()]
    rungs, ladder = compile_members.ladder(book, program)
    types = tuple(program.events)
    rules_of, rules_at = _lists([compile_types.rules_of(rules, kind) for kind in types])
    intakes = [compile_members.intakes(book, kind) for kind in types]
    asked = [compile_types.asked(rules, frames, kind) for kind in types]
    jobs = [compile_types.jobs(book, rules, frames, kind) for kind in types]
    type_needs = [_type_needs(book, rules, layout, columns, kind) for kind in types]
    needs = [_needs(book, layout, columns, _names_in(tree)) for tree in book.trees]
    words = max((len(compile_types.rules_of(rules, kind)) + 63) // 64 for kind in types)
    return t.Tables(
        steps=records(t.STEP, book.rows["steps"]),
        terms=records(t.TERM, book.rows["terms"]),
        wallets=records(t.WALLET, wallets),
        facts=records(t.FACT, facts),
        rules=records(t.RULE, frames),
        gives=records(t.GIVE, book.rows["gives"]),
        awards=records(t.AWARD, book.rows["awards"]),
        limits=records(t.LIMIT, book.rows["limits"]),
        budgets=records(t.BUDGET, book.rows["budgets"]),
        rewards=records(t.REWARD, rewards),
        coupons=records(t.COUPON, coupons),
        prizes=records(t.PRIZE, book.rows["prizes"]),
        rungs=records(t.RUNG, rungs),
        needs=records(t.NEED, [need for found in needs for need in found]),
        tests=records(t.TEST, book.rows["tests"]),
        asked=records(t.ASKED_OF, [it for found in asked for it in found]),
        looks=records(t.LOOK, book.rows["looks"]),
        tasks=records(t.TASK, book.rows["tasks"]),
        parts=records(t.PART, book.rows["parts"]),
        needed=_numbers(row[0] for row in book.rows["needed"]),
        starts=records(t.START, book.rows["starts"]),
        start_columns=_numbers(columns.index(compile_tasks.begun(name)) for name in book.begun),
        intakes=records(t.INTAKE, [it for found in intakes for it in found]),
        jobs=records(t.JOB, [job for found in jobs for job in found]),
        of=_numbers(row[0] for row in book.rows["of"]),
        listed=_numbers(row[0] for row in book.rows["listed"]),
        rules_of=rules_of,
        rules_at=rules_at,
        intakes_at=_starts(intakes),
        asked_at=_starts(asked),
        jobs_at=_starts(jobs),
        profile=_profile(program, columns),
        needs_at=_starts(needs),
        type_needs=records(t.NEED, [need for found in type_needs for need in found]),
        type_needs_at=_starts(type_needs),
        reverses=_numbers(
            -1 if it.reverses is None else types.index(it.reverses)
            for it in program.events.values()
        ),
        built_in=_numbers(BUILT_IN.index(kind) if kind in BUILT_IN else -1 for kind in types),
        amount_of=_numbers(_amount(program, columns, kind) for kind in types),
        moves_tier=np.zeros(len(types), np.int64),
        refers=_numbers(_refers(book, rules, kind) for kind in types),
        rung_texts=_numbers(texts.code(name) for name in (*names.tiers, "")),
        rung_privileges=compile_members.rung_privileges(program),
        tiers=ladder,
        options=_options(book, rules, words),
    )


def _numbers(values: Iterable[int]) -> NDArray[np.int64]:
    return np.array(list(values), dtype=np.int64)


def _lists(lists: list[list[int]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Lists one behind the other, and where each begins."""
    return _numbers(value for found in lists for value in found), _starts(lists)


def _starts(lists: Sequence[Sequence[object]]) -> NDArray[np.int64]:
    """Where each list begins when they stand one behind the other, and where the last ends."""
    return _numbers([0, *np.cumsum([len(found) for found in lists])])


def _options(book: Book, rules: tuple[Rule, ...], words: int) -> NDArray[np.int64]:
    """The settings of a program, by the codes O_*."""
    rows, found = book.rows, np.zeros(t.OPTIONS, np.int64)
    found[t.O_STACKING] = ("multiply", "add", "best").index(book.program.stacking)
    found[t.O_COLUMNS], found[t.O_WORDS] = len(book.columns), words
    found[t.O_ROOM] = 64 + 8 * len(rows["gives"]) + len(book.program.facts) + len(rows["limits"])
    found[t.O_ROOM] += sum(award[2] for award in rows["awards"])
    found[t.O_ROOM] += compile_tasks.room(book, rules)
    found[t.O_TASKS] = len(rows["tasks"]) > 0
    found[t.O_STARTS] = compile_tasks.room_of_a_run(rules)
    found[t.O_ROOM] += MOST_COUPONS * len(book.program.facts) if book.program.coupon_events else 0
    return found


def _sources(it: Rule) -> list[Source | None]:
    dated = [source for give in (*it.gives, *it.multiplies) for _, source in give.amount.steps]
    return [compile_rules.condition(it), *compile_tasks.sources(it), *dated]


def _reward_sources(program: Program) -> list[Source | None]:
    """What the conditions and costs of rewards and draws read."""
    costs = [source for it in program.had for give in it.cost for _, source in give.amount.steps]
    on = [it.on for it in program.rewards.values()]
    return [*(it.rule.condition for it in program.had), *on, *costs]


def _fact_sources(program: Program) -> list[Source | None]:
    return [
        source
        for it in program.facts.values()
        for source in (it.value, it.condition, it.less[1] if it.less else None)
    ]


def _names(program: Program, rules: tuple[Rule, ...]) -> list[Name]:
    """Every name that an expression reads, in a stable order."""
    found = {AT, TODAY}
    rule_sources = [source for it in rules for source in _sources(it)]
    for source in (*rule_sources, *_reward_sources(program), *_fact_sources(program)):
        if source is not None:
            found |= source.tree.names()
    return sorted(
        found,
        key=lambda name: (name.source, name.name, name.type, name.scale or 0, name.of_referrer),
    )


def _refers(book: Book, rules: tuple[Rule, ...], kind: str) -> int:
    """1 where who brought an event's member is paid, keeps something of it, or is asked about."""
    own = [rules[number] for number in compile_types.rules_of(rules, kind)]
    facts = [it for it in book.program.facts.values() if it.of_friends]
    sources = [source for it in own for source in _sources(it)]
    if kind == "redeem":
        sources += _reward_sources(book.program)
    asks = any(name.of_referrer for s in sources if s is not None for name in s.tree.names())
    keeps = any(kind in (it.event, it.since, it.less and it.less[0]) for it in facts)
    return int(asks or keeps or any(it.sides for it in own))


def _type_needs(
    book: Book, rules: tuple[Rule, ...], layout: Layout, columns: tuple[tuple[str, Type], ...],
    kind: str,
) -> list[tuple[int, ...]]:  # fmt: skip
    """All that expressions may read at an event of a type, in the order of NEED's fields."""
    program = book.program
    sources = [s for number in compile_types.rules_of(rules, kind) for s in _sources(rules[number])]
    if kind in ("redeem", "draw") or kind in program.coupon_events:
        sources += _reward_sources(program)
    for number, *_ in compile_members.intakes(book, kind):
        it = tuple(program.facts.values())[number]
        sources += [it.value, it.condition, it.less[1] if it.less else None]
    names = {AT, TODAY}.union(*(s.tree.names() for s in sources if s is not None))
    return _needs(book, layout, columns, names)


def _names_in(tree: Expr) -> frozenset[Name]:
    """The names of a tree, and the day where it is read without being named."""
    silent = ("days_since", "age", "is_birthday_month", *compile_ready.OF_A_DAY)
    reads = any(node.op in silent for node in tree.walk())
    return tree.names() | {TODAY} if reads else tree.names()


def _needs(
    book: Book, layout: Layout, columns: tuple[tuple[str, Type], ...], names: Iterable[Name]
) -> list[tuple[int, ...]]:
    """Names with their slots and sources, in the order of NEED's fields."""
    return [
        (layout.slots[name], _SOURCES[name.source], _index(book, columns, name),
         layout.bottoms.get(name, -1), int(name.of_referrer))
        for name in sorted(names, key=layout.slots.__getitem__)
    ]  # fmt: skip


def _index(book: Book, columns: tuple[tuple[str, Type], ...], name: Name) -> int:
    match name.source:
        case From.FIELD:
            return columns.index((name.name, name.type))
        case From.ATTRIBUTE:
            return book.positions["attributes"][name.name]
        case From.START:
            return book.begun.index(name)
        case From.PROGRESS:
            return book.positions["progress"][name.name]
        case From.FACT:
            return book.positions["facts"][name.name]
        case From.WALLET | From.ACTIVE | From.PENDING:
            return book.positions["wallets"][name.name]
        case From.PRIVILEGE:
            return book.positions["privileges"][name.name]
        case _:
            return 0


def _profile(program: Program, columns: tuple[tuple[str, Type], ...]) -> NDArray[np.int64]:
    """The column of a profile event behind each attribute."""
    return _numbers(columns.index((it.name, it.type)) for it in program.attributes.values())


def _amount(program: Program, columns: tuple[tuple[str, Type], ...], kind: str) -> int:
    """The column of a type's own `amount`, the base of shares; -1 where it has none."""
    field = program.events[kind].fields.get("amount")
    if field is None or not field.type.is_number or kind in BUILT_IN:
        return -1
    return columns.index((field.name, field.type))
