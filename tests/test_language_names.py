"""Names: what facts hold, what conditions see, and what stays as it was written."""

from __future__ import annotations

import pytest

from engine.language import rules
from engine.language.expression.tree import From, Type
from engine.language.linking.sections import LATER
from engine.language.program import Program

HEAD = """\
program: {name: Shop, timezone: Asia/Shanghai, money: CNY}
events:
  order: {amount: money, category: text, friend: text}
  refund: {reverses: order}
  review: {photo: flag, category: text}
wallets: {points: {}, growth: {}, rebate: {unit: money}}
tiers: {measure: growth, ladder: {member: 0, silver: 1000, gold: 3000}}
"""


def program(text: str) -> Program:
    """The program of one file, which has no problems."""
    reading = rules.read_texts({"rules.yaml": text})
    assert reading.problems == ()
    assert reading.program is not None
    return reading.program


def said(text: str) -> list[str]:
    """What is wrong with one file."""
    return [p.what for p in rules.read_texts({"rules.yaml": text}).problems]


@pytest.mark.parametrize(
    ("fact", "type"),
    [
        ("{count: review, if: photo}", Type.WHOLE),
        ("{last: order.category}", Type.TEXT),
        ("{first: order.category}", Type.TEXT),
        ("{previous: order}", Type.TIME),
        ("{last: order}", Type.TIME),
        ("{sum: order.amount, less: refund.amount}", Type.MONEY),
        ("{sum: order.amount, this: year}", Type.MONEY),
        ("{sum: order.amount, over: 90 days}", Type.MONEY),
        ("{distinct: order.category}", Type.WHOLE),
        ("{count: order, over: 30 days, before: 30 days}", Type.WHOLE),
        ("{most frequent: hour(order.at), of last: 20}", Type.WHOLE),
        ("{average: order.amount}", Type.MONEY),
        ("{min: order.amount}", Type.MONEY),
        ("{max: order.amount}", Type.MONEY),
        ("{median gap: order}", Type.DECIMAL),
        ("{streak: review, by: day}", Type.WHOLE),
        ("{sum: order.amount, since: review}", Type.MONEY),
        ("{count: redeem}", Type.WHOLE),
    ],
)
def test_facts_have_the_types_of_what_they_keep(fact: str, type: Type) -> None:
    assert program(HEAD + f"facts: {{f: {fact}}}\n").facts["f"].type is type


def test_names_of_a_condition_know_where_they_come_from() -> None:
    condition = (
        "amount > 1 and city = 'a' and orders > 1 and points > 1 and points_active > 1"
        " and rebate_pending > 1 and tier = 'gold' and at > '2026-01-01' and today > '2026-01-01'"
    )
    rule = program(
        HEAD
        + "members: {city: text}\nfacts: {orders: {count: order}}\n"
        + f'earn: {{a: {{when: order, if: "{condition}", give: {{points: 1}}}}}}\n'
    ).rules[0]
    assert rule.condition is not None
    names = {(name.source, name.name): name for name in rule.condition.tree.names()}
    assert set(names) == {
        (From.FIELD, "amount"), (From.ATTRIBUTE, "city"), (From.FACT, "orders"),
        (From.WALLET, "points"), (From.ACTIVE, "points"), (From.PENDING, "rebate"),
        (From.TIER, "tier"), (From.AT, "at"), (From.TODAY, "today"),
    }  # fmt: skip
    assert names[From.TIER, "tier"].values == ("member", "silver", "gold")
    assert names[From.PENDING, "rebate"].denominator == 100


def test_a_name_of_a_field_and_of_a_member_needs_its_prefix() -> None:
    text = HEAD + "members: {category: text}\n"
    for condition in ("event.category = 'a'", "member.category = 'a'"):
        program(text + f"earn: {{a: {{when: order, if: {condition}, give: {{points: 1}}}}}}\n")
    wrong = "earn: {a: {when: order, if: category = 'a', give: {points: 1}}}\n"
    assert said(text + wrong) == ["`category` is the name of more than one thing."]


def test_when_lists_share_the_fields_that_all_events_have() -> None:
    text = HEAD + "earn: {a: {when: [order, review], if: category = 'a', give: {points: 1}}}\n"
    assert program(text).rules[0].when == ("order", "review")


def test_to_names_the_field_with_the_receiver() -> None:
    text = HEAD + "earn: {a: {when: order, give: {points: 1}, to: friend}}\n"
    assert program(text).rules[0].to == "friend"


def test_names_may_be_chinese() -> None:
    read = program(
        """\
program: {name: 桂香里, timezone: Asia/Shanghai, money: CNY}
events: {下单: {金额: money, 品类: text}}
members: {城市: text}
wallets: {积分: {}, 成长值: {expires: 365 days without 下单}}
facts: {单数: {count: 下单}, 消费: {sum: 下单.金额}}
tiers: {measure: 消费, ladder: {普卡: 0, 金卡: 1000}, benefits: {金卡: {积分: x1.5}}}
earn:
  买: {when: 下单, if: 品类 = '蟹' and 城市 = '苏州' and 单数 > 1 and 积分 > 0, give: {积分: 金额}}
rewards: {五元券: {coupon: 5.00, cost: {积分: 50}, if: tier = '金卡'}}
"""
    )
    assert [rule.id for rule in read.rules] == ["tiers.金卡", "买"]


@pytest.mark.parametrize("section", LATER)
def test_sections_that_come_later_are_a_problem_at_their_line(section: str) -> None:
    reading = rules.read_texts({"rules.yaml": HEAD + f"{section}: {{}}\n"})
    assert reading.program is None
    problem = reading.problems[0]
    assert (problem.place.line, problem.place.column) == (8, 1)
    assert problem.what == f"`{section}` is not built yet."


def test_what_yaml_guesses_stays_what_was_written() -> None:
    read = program(
        HEAD
        + """
members: {no: text, code: text, ratio: decimal, start: text}
examples:
  - name: 12:30
    member: {no: NO, code: 0123, ratio: 1.10, start: 12:30}
    events: [{at: 2026-01-01, order: {amount: 1_0, category: on}}]
    expect: {points: 0}
""".replace("1_0", "10.10")
    )
    example = read.examples[0]
    assert example.name == "12:30"
    assert example.members[0].values == {
        "no": "NO", "code": "0123", "ratio": "1.10", "start": "12:30",
    }  # fmt: skip
    assert example.events[0].fields == {"amount": "10.10", "category": "on"}


def test_a_field_named_by_a_word_of_sql_is_written_with_its_prefix() -> None:
    text = HEAD.replace("friend: text", "desc: text")
    rule = "earn: {{a: {{when: order, if: {} = 'x', give: {{points: 1}}}}}}\n"
    reading = rules.read_texts({"rules.yaml": text + rule.format("event.desc")})
    assert [p.severity for p in reading.problems] == ["warning"]
    assert reading.program is not None
    assert said(text + rule.format("desc")) == ["`desc` is a word of SQL."] * 2


def test_an_unknown_event_hides_nothing_else_of_its_rule() -> None:
    text = HEAD + "earn: {p: {when: ordr, if: amount >, give: {points: amount, stars: 1}}}\n"
    assert said(text) == [
        "There is no event `ordr`.",
        "A value is missing at the end.",
        "`stars` is no wallet and nothing else to give.",
    ]
