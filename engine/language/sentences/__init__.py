"""Every rule, reward, draw, wallet, fact, ladder as a sentence in English or Chinese."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal, NamedTuple

from engine.language.program import Draw, Fact, Place, Program, Reward, Rule, Tiers, Wallet
from engine.language.sentences import (
    chinese,
    chinese_facts,
    chinese_offers,
    chinese_referral,
    chinese_wallets,
    english,
    english_facts,
    english_offers,
    english_referral,
    english_wallets,
)
from engine.language.sentences.shape import Scene

__all__ = ["Language", "Sentence", "all", "draw", "fact", "reward", "rule", "tiers", "wallet"]

Language = Literal["en", "zh"]

_FACTS = {"en": english_facts.fact, "zh": chinese_facts.fact}
_TELL_RULE = {"en": english.rule, "zh": chinese.rule}
_TELL = {
    "referral": {"en": english_referral.rule, "zh": chinese_referral.rule},
    "chain": {"en": english_referral.chain, "zh": chinese_referral.chain},
}
_TELL_REWARD = {"en": english_offers.reward, "zh": chinese_offers.reward}
_TELL_DRAW = {"en": english_offers.draw, "zh": chinese_offers.draw}
_TELL_WALLET = {"en": english_wallets.wallet, "zh": chinese_wallets.wallet}
_TELL_FACT = {"en": english_wallets.fact, "zh": chinese_wallets.fact}
_TELL_TIERS = {"en": english_wallets.tiers, "zh": chinese_wallets.tiers}


class Sentence(NamedTuple):
    """What is told: where it stands, its id (`earn.purchase`), and the sentence."""

    place: Place
    id: str
    text: str


def all(program: Program, language: Language) -> list[Sentence]:
    """Every wallet, fact, the ladder, every rule, reward and draw, as sentences, in this order."""
    return list(_told(program, language))


def rule(program: Program, told: Rule, language: Language) -> str:
    """A rule of `earn`, `tasks` or `referral`, or a tier's multiplier, as a sentence."""
    return _rule(_scene(program, told.when, language), told, language)


def reward(program: Program, told: Reward, language: Language) -> str:
    """A reward as a sentence."""
    return _TELL_REWARD[language](_scene(program, ("redeem",), language), told)


def draw(program: Program, told: Draw, language: Language) -> str:
    """A draw as a sentence."""
    return _TELL_DRAW[language](_scene(program, ("draw",), language), told)


def wallet(program: Program, told: Wallet, language: Language) -> str:
    """How a wallet's units live, as a sentence."""
    return _TELL_WALLET[language](program, told)


def fact(program: Program, told: Fact, language: Language) -> str:
    """What a fact measures, as a sentence."""
    return _TELL_FACT[language](program, told)


def tiers(program: Program, told: Tiers, language: Language) -> str:
    """How members rise and fall, as a sentence."""
    return _TELL_TIERS[language](_scene(program, (), language), told)


def _told(program: Program, language: Language) -> Iterator[Sentence]:
    scene = _scene(program, (), language)
    for held in program.wallets.values():
        yield Sentence(held.place, f"wallets.{held.name}", wallet(program, held, language))
    for kept in program.facts.values():
        yield Sentence(kept.place, f"facts.{kept.name}", fact(program, kept, language))
    if program.tiers:
        yield Sentence(program.tiers.place, "tiers", _TELL_TIERS[language](scene, program.tiers))
    for one in program.rules:
        text = _rule(replace(scene, events=one.when), one, language)
        named = one.id if one.section in ("tiers", "chain") else f"{one.section}.{one.id}"
        yield Sentence(one.place, named, text)
    for good in program.rewards.values():
        text = _TELL_REWARD[language](replace(scene, events=("redeem",)), good)
        yield Sentence(good.rule.place, f"rewards.{good.rule.id}", text)
    for spun in program.draws.values():
        text = _TELL_DRAW[language](replace(scene, events=("draw",)), spun)
        yield Sentence(spun.rule.place, f"draws.{spun.rule.id}", text)


def _rule(scene: Scene, told: Rule, language: Language) -> str:
    return _TELL.get(told.section, _TELL_RULE)[language](scene, told)


def _scene(program: Program, events: tuple[str, ...], language: Language) -> Scene:
    facts = {name: _FACTS[language](program, told) for name, told in program.facts.items()}
    names = {told.id: told.name for told in program.rules}
    return Scene(program, events, facts=facts, names=names)
