"""Finds loops that pay: to buy, to take what is given, and to return."""

from __future__ import annotations

from collections.abc import Iterator

from engine.language.checks.setting import of_rule
from engine.language.checks.sources import Uses, most, warning
from engine.language.expression.tree import From
from engine.language.problem import Problem
from engine.language.program import Program, Rule, Wallet

_ASKS_NOTHING_KEPT = (From.FIELD, From.AT, From.TODAY, From.ATTRIBUTE, From.TIER)


def check(program: Program, uses: Uses) -> Iterator[Problem]:
    """The loops of wallets and of rules."""
    if not uses.reversals:
        return
    for wallet in program.wallets.values():
        yield from _wallet(program, wallet, uses)
    for rule in program.rules:
        yield from _award(rule, uses)
        yield from _on_reversal(program, rule)


def _wallet(program: Program, wallet: Wallet, uses: Uses) -> Iterator[Problem]:
    """What an order gives can be spent at once, and a refund takes back only what is left."""
    event = _given_by(program, wallet, uses)
    if event is None or any(step.count for _, step in wallet.pending.steps):
        return
    reversal = uses.reversals[event][0]
    if wallet.on_refund == "pending only":
        yield warning(
            wallet.place,
            wallet.name,
            "refund-loop",
            f"A `{reversal}` takes nothing back from `{wallet.name}`, which are never pending: "
            f"to buy and to return pays.",
            "Add `pending: 14 days`, or write `on refund: below zero`.",
        )
    elif wallet.on_refund == "clamp" and wallet.name in uses.spenders:
        reward = uses.spenders[wallet.name][0].rule.id
        yield warning(
            wallet.place,
            wallet.name,
            "refund-loop",
            f"To buy, to spend the `{wallet.name}` (`{reward}`) and to return pays: they can be "
            f"spent at once, and a `{reversal}` takes back only what is left.",
            "Add `pending: 14 days`, or write `on refund: below zero`.",
        )


def _given_by(program: Program, wallet: Wallet, uses: Uses) -> str | None:
    """The first event that gives to the wallet and can be reversed."""
    for rule in uses.givers.get(wallet.name, ()):
        setting = of_rule(program, rule, frozenset())
        amounts = [most(setting, give.amount) for give in rule.gives if give.wallet == wallet.name]
        if all(amount is not None and amount <= 0 for amount in amounts):
            continue
        for event in rule.when:
            if event in uses.reversals:
                return event
    return None


def _award(rule: Rule, uses: Uses) -> Iterator[Problem]:
    """A coupon with every order: used before the refund, it is not taken back."""
    kinds = [award for award in rule.awards if award.kind in ("coupon", "voucher")]
    events = [event for event in rule.when if event in uses.reversals]
    if not kinds or not events or rule.progress is not None or _is_bound(rule):
        return
    names = rule.condition.tree.names() if rule.condition else frozenset()
    if any(name.source not in _ASKS_NOTHING_KEPT for name in names):
        return
    yield warning(
        rule.place,
        rule.id,
        "refund-loop",
        f"`{rule.id}` gives `{kinds[0].id}` with every `{events[0]}`: once it is used, a "
        f"`{uses.reversals[events[0]][0]}` does not take it back.",
        "Add a `limit`, or `once: yes`.",
    )


def _on_reversal(program: Program, rule: Rule) -> Iterator[Problem]:
    """What is given for a refund is given for buying and returning."""
    events = [event for event in rule.when if program.events[event].reverses]
    if rule.section == "tiers" or not events or _is_bound(rule):
        return
    setting = of_rule(program, rule, frozenset())
    amounts = [most(setting, give.amount) for give in rule.gives]
    if rule.awards or any(amount is None or amount > 0 for amount in amounts):
        yield warning(
            rule.place,
            rule.id,
            "refund-loop",
            f"`{rule.id}` gives with every `{events[0]}`, so to buy and to return pays.",
            "Add a `limit`, or `once: yes`.",
        )


def _is_bound(rule: Rule) -> bool:
    return bool(rule.limits or rule.once or rule.budget or rule.within)
