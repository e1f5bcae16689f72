"""Examples are read strictly: their members, events and what they expect."""

from __future__ import annotations

from datetime import date

import pytest

from engine.language import rules
from engine.language.program import Example

HEAD = """\
program: {name: Shop, timezone: Asia/Shanghai, money: CNY}
events: {order: {amount: money, category: text}, review: {photo: flag, likes: texts, day: date}}
members: {city: text, likes: texts, born: date}
wallets: {points: {}, growth: {decimals: 2}}
facts: {orders: {count: order}, last_order: {last: order}}
tiers: {measure: growth, ladder: {member: 0, gold: 3000}}
privileges: {first: {}}
earn: {buy: {when: order, give: {points: amount, coupon: five}}}
rewards: {five: {coupon: 5.00, cost: {points: 50}}, jam: {item: jam}}
examples:
"""


def example(text: str) -> Example:
    """The example that is read, without a problem."""
    reading = rules.read_texts({"rules.yaml": HEAD + text})
    assert [p.show(HEAD + text) for p in reading.problems] == []
    assert reading.program is not None
    return reading.program.examples[0]


def said(text: str) -> list[str]:
    """What is wrong with an example."""
    return [p.what for p in rules.read_texts({"rules.yaml": HEAD + text}).problems]


ONE = """\
  - name: an order
    member: {tier: gold, points: 500, growth: 0.5, orders: 3, city: 苏州, likes: [crab, jam],
             born: 1990-02-28, last_order: 2026-01-01 10:00, joined_at: 2025-01-01}
    events:
      - {at: 2026-09-03 10:00, order: {amount: 120, category: seafood}}
      - {at: 2026-09-04T10:00:30+08:00, id: r1, review: {photo: yes, likes: crab, day: 2026-01-01}}
      - {at: 2026-09-05, profile: {city: 杭州}}
    until: 2026-09-10
    expect:
      points: 620
      points pending: 0
      points active: 620
      tier: gold
      orders: 4
      city: 杭州
      coupons: {five: 1}
      items: []
      privileges: [first]
      badges: 0
      entries: [{rule: buy, points: 120, kind: earn, event: e1}]
      refused: [{rule: five, code: insufficient_balance}]
"""


def test_one_member_needs_no_name_and_events_may_have_ids() -> None:
    read = example(ONE)
    assert read.members[0].values == {
        "tier": "gold", "points": "500", "growth": "0.5", "orders": "3", "city": "苏州",
        "likes": ("crab", "jam"), "born": "1990-02-28", "last_order": "2026-01-01 10:00",
        "joined_at": "2025-01-01",
    }  # fmt: skip
    assert [(e.id, e.type, e.member) for e in read.events] == [
        ("e1", "order", "member"), ("r1", "review", "member"), ("e3", "profile", "member"),
    ]  # fmt: skip
    assert read.events[1].fields == {"photo": "yes", "likes": ("crab",), "day": "2026-01-01"}


def test_what_is_expected_stays_as_it_was_written() -> None:
    read = example(ONE)
    assert read.until == date(2026, 9, 10)
    expected = read.expects[0]
    assert expected.values == {
        "points": "620", "points pending": "0", "points active": "620", "tier": "gold",
        "orders": "4", "city": "杭州", "coupons": {"five": "1"}, "items": (),
        "privileges": ("first",), "badges": "0",
    }  # fmt: skip
    assert expected.entries == ({"rule": "buy", "points": "120", "kind": "earn", "event": "e1"},)
    assert expected.refused == ({"rule": "five", "code": "insufficient_balance"},)
    assert expected.places["tier"].line == 23


def test_several_members_have_names() -> None:
    read = example(
        """\
  - name: two
    members: {anna: {}, bo: {referrer: anna}}
    events:
      - {at: 2026-09-03, member: anna, order: {amount: 1}}
      - {at: 2026-09-03, member: bo, redeem: {reward: five}}
    expect: {anna: {points: 1}, bo: {refused: insufficient_balance}}
"""
    )
    assert [member.id for member in read.members] == ["anna", "bo"]
    assert [event.member for event in read.events] == ["anna", "bo"]
    assert [expected.member for expected in read.expects] == ["anna", "bo"]
    assert read.expects[1].refused == ({"code": "insufficient_balance"},)


def test_an_example_may_only_move_the_clock() -> None:
    read = example(
        "  - {name: later, member: {points: 5}, until: 2030-01-01, expect: {points: 5}}\n"
    )
    assert read.events == ()


EVENT = "  - name: a\n    events: [{at: 2026-01-01, order: {amount: 1}}]\n"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("    member: {points: many}\n    expect: {}\n", "`many` is not a number."),
        ("    member: {tier: goold}\n    expect: {}\n", "There is no tier `goold`."),
        ("    member: {born: yesterday}\n    expect: {}\n", "`yesterday` is not a day."),
        ("    member: {cty: a}\n    expect: {}\n", "There is no name `cty`."),
        ("    member: {referrer: b}\n    expect: {}\n", "There is no member `b`."),
        (
            "    member: {}\n    members: {a: {}}\n    expect: {}\n",
            "Here stand `member` and `members`.",
        ),
        ("    expect: {coupons: [jam]}\n", "There is no coupon `jam`."),
        ("    expect: {tier: goold}\n", "There is no tier `goold`."),
        ("    expect: {orders: 1.5}\n", "`1.5` is not a whole number."),
        ("    expect: {sends: 1}\n", "`sends` is not built yet."),
        ("    expect: {entries: [{kind: gift}]}\n", "There is no kind of entry `gift`."),
        ("    expect: {entries: [{event: e9}]}\n", "There is no event with the id `e9`."),
        ("    expect: {entries: buy}\n", "Here a mapping was expected."),
        ("    expect: {refused: because}\n", "There is no reason `because`."),
        ("    expect: 5\n", "Here names with values were expected."),
        ("    until: soon\n    expect: {}\n", "`soon` is not a day."),
    ],
)
def test_what_cannot_be_asked_is_said(text: str, what: str) -> None:
    assert said(EVENT + text) == [what]


@pytest.mark.parametrize(
    ("fields", "what"),
    [
        ("order: {amount: 1.234}", "`1.234` has more places than CNY has: 2."),
        ("order: {amount: a lot}", "`a lot` is not a number."),
        ("order: 5", "Here the fields of `order` were expected."),
        ("review: {photo: maybe}", "`maybe` is neither yes nor no."),
        ("review: {day: 2026-02-30}", "`2026-02-30` is not in the calendar."),
        ("redeem: {quantity: 1.5}", "`1.5` is not a whole number."),
        ("subscribe: {membership: vip}", "`subscribe` is not built yet."),
    ],
)
def test_fields_of_events_are_read_by_their_types(fields: str, what: str) -> None:
    text = f"  - name: a\n    events: [{{at: 2026-01-01, {fields}}}]\n    expect: {{}}\n"
    assert said(text) == [what]
