"""What the checks and the sentences say of random programs, beside what really happens in them."""

from __future__ import annotations

import re

import pytest

from engine.language import checks, sentences
from engine.language.problem import Problem
from tests.random_worlds import audited, world

SEEDS = range(150)
SILENT = ("never-holds", "hidden", "zero")  # who is said to be so gives nothing


def said(seed: int, *codes: str) -> list[Problem]:
    """The warnings of these codes about a random program."""
    return [p for p in checks.warnings(world(seed).program) if p.code in codes]


def named(problem: Problem) -> str:
    """The id that a warning begins with."""
    found = re.match("`([^`]+)`", problem.what)
    assert found is not None, problem
    return found[1]


def test_a_rule_that_is_said_to_give_nothing_gives_nothing() -> None:
    silent = 0
    for seed in SEEDS:
        names = {named(p) for p in said(seed, *SILENT)}
        silent += len(names)
        for row in audited(seed).rows:
            assert row["rule"] not in names or row["kind"] == "adjust", (seed, row)
    assert silent > 5


def test_a_multiplier_that_is_said_to_multiply_nothing_adds_nothing() -> None:
    found = 0
    for seed in SEEDS:
        names = {named(p) for p in said(seed, "multiplies-nothing", "multiplies-by-one")}
        found += len(names)
        rows = [r for r in audited(seed).rows if r["rule"] in names]
        multipliers = [r for r in world(seed).program.rules if r.id in names]
        wallets = {(r.id, give.wallet) for r in multipliers for give in r.multiplies}
        only = {name for name, _ in wallets if sum(n == name for n, _ in wallets) == 1}
        assert all(row["amount"] == 0 for row in rows if row["rule"] in only), seed
    assert found > 5


def test_a_tier_that_is_said_to_be_out_of_reach_is_held_by_nobody_without_a_correction() -> None:
    for seed in SEEDS:
        names = {named(p) for p in said(seed, "tier-unreachable")}
        tiers = world(seed).plain.get("tiers") or {}
        corrected = any(row["kind"] == "adjust" for row in audited(seed).rows)
        if not names or corrected:
            continue
        ladder = list(tiers["ladder"])
        for member in audited(seed).members.values():
            assert ladder[member.rung] not in names, seed


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_random_rule_has_a_sentence_without_sql(language: sentences.Language) -> None:
    for seed in SEEDS:
        program = world(seed).program
        told = sentences.all(program, language)
        assert told == sentences.all(program, language)
        for _, name, text in told:
            bare = re.sub("“[^”]*”", "“”", text)
            assert not re.search(r"[<>=]|[a-z]\(|\bnull\b", bare), (seed, name, text)
            assert text.endswith("." if language == "en" else "。"), text
