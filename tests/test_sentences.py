"""Rules as sentences, against a table that was written by hand before the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.language import expression, rules, sentences
from engine.language.expression import Want
from engine.language.expression.tree import Expr, From, Name, Type
from engine.language.expression.words import FUNCTIONS
from engine.language.program import Program
from engine.language.sentences import chinese_clauses, english_clauses
from engine.language.sentences.chinese_words import sentence
from engine.language.sentences.shape import Scene

TABLE = yaml.safe_load((Path(__file__).parent / "sentences.yaml").read_text(encoding="utf-8"))
ROWS = TABLE["rows"]

# One condition for every operator and function that an expression may use.
EXAMPLES = {
    "and or not": "not (photo and vip) or photo",
    "= <> < <= > >=": "amount = 1 or amount <> 2 or amount < 3 or amount <= 4 or amount > 5",
    "dates": "birthday >= '1990-01-01' and at < '2026-01-01 10:30' and birthday <> today",
    "texts": "category >= 'a' and channel < category and channel <= 'b'",
    "flags": "photo = vip or photo <> (amount > 3) or photo = false",
    "+ - * / %": "amount + 1 > quantity - 2 and 3 * amount <= amount * quantity / 4 + quantity % 3",
    "neg": "-amount < -3 or -quantity > amount",
    "in": "category in ('a', 'b', 'c') and channel not in ('d') and quantity not in (1, 2, 3)",
    "between": "amount between 1 and 2 and not birthday between '1990-01-01' and '1999-12-31'",
    "like": "category like 'a%' and category like '%b' and category not like '%c%'",
    "like with a pattern": "category like 'a_b%c' or category ilike 'Abc'",
    "is": "city is null and photo is true and vip is not false and photo is not true",
    "is not": "city is not null and (amount > 3) is false and photo is not null",
    "case": "case when photo then amount when vip then 2 else null end > 5",
    "case of flags": "case when photo then vip else false end",
    "coalesce": "coalesce(amount, quantity, 0) > 3 and coalesce(photo, false)",
    "nullif": "nullif(category, 'none') = 'a'",
    "least": "least(amount, 5) > 3 and least(amount, quantity, 3) > 1",
    "greatest": "greatest(amount, 5) > 3 and greatest(quantity, 3, 2) > 1",
    "abs": "abs(amount - quantity) > 3",
    "floor": "floor(amount / 10) = 3",
    "ceil": "ceil(amount / 10) = 3",
    "round": "round(amount) = 3 or round(amount / 3, 1) = 1.5",
    "lower": "lower(category) = 'a'",
    "upper": "upper(category) = 'A'",
    "length": "length(category) > 3",
    "starts_with": "starts_with(category, 'a') and not starts_with(channel, category)",
    "ends_with": "ends_with(category, 'a') and not ends_with(channel, category)",
    "contains": "contains(category, 'a') and not contains(channel, 'b')",
    "includes": "includes(likes, 'a') and not includes(likes, category)",
    "year": "year(at) = 2026",
    "month": "month(birthday) = month(at) or month(at) > 3",
    "day": "day(at) = 18",
    "weekday": "weekday(at) > 5 or weekday(at) = 1",
    "hour": "hour(at) >= 20",
    "date": "date(at) = '2026-01-01'",
    "days_between": "days_between(birthday, at) > 7 or days_between(birthday, at) between 1 and 3",
    "days_since": "days_since(birthday) > 7 or days_since(birthday) = days_since(today)",
    "age": "age(birthday) >= 18 or age(at) < 3",
    "is_birthday_month": "is_birthday_month(birthday) or not is_birthday_month(at)",
    "has": "has('ships_first') or not has('ships_first')",
    "constants": "true or false or null",
}


def program(row: dict[str, str]) -> Program:
    """The program of a row: its rules by themselves, or beside the base."""
    texts = {"row.yaml": row["rules"]} if row["rules"] else {}
    if not row.get("alone"):
        texts["base.yaml"] = TABLE["base"]
    reading = rules.read_texts(texts)
    assert reading.program is not None, reading.problems
    return reading.program


def scene() -> Scene:
    """An order with a few fields, by a member with a few attributes."""
    return Scene(program({"rules": ""}), ("order",))


def scope() -> expression.Scope:
    """The names of `scene`, whose ids are single words."""
    fields = {"amount": Type.MONEY, "quantity": Type.WHOLE, "category": Type.TEXT}
    fields |= {"channel": Type.TEXT, "photo": Type.FLAG}
    members = {"city": Type.TEXT, "birthday": Type.DATE, "likes": Type.TEXTS, "vip": Type.FLAG}
    names = {name: Name(From.FIELD, name, kind) for name, kind in fields.items()}
    names |= {name: Name(From.ATTRIBUTE, name, kind) for name, kind in members.items()}
    names |= {"at": expression.AT, "today": expression.TODAY}
    return expression.Scope(names, privileges=("ships_first",))


def tree(text: str) -> Expr:
    """The condition of a text."""
    found, faults = expression.read(text, scope(), Want.FLAG)
    assert found is not None, (text, faults)
    return found


def told(condition: Expr) -> tuple[str, str]:
    """The condition in both languages."""
    english = english_clauses.clause(scene(), condition)
    return english, sentence([chinese_clauses.clause(scene(), condition)])


def assert_no_marks(text: str) -> None:
    """Nothing outside quotes looks like SQL."""
    bare = re.sub("“[^”]*”", "“”", text).replace("member's", "member")
    assert not re.search(r"[<>='_*|]|\w\(|\bnull\b|%(?! )", bare), text
    for name in FUNCTIONS:
        assert "_" not in name or name not in bare


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("row", ROWS, ids=[f"{i}-{row['say']}" for i, row in enumerate(ROWS)])
def test_a_rule_reads_as_a_copywriter_would_write_it(
    row: dict[str, str], language: sentences.Language
) -> None:
    said = {s.id: s.text for s in sentences.all(program(row), language)}
    assert said[row["say"]] == row[language]


def test_the_table_has_sixty_rows_or_more_in_two_languages() -> None:
    assert len(ROWS) >= 60
    assert all(row["en"] and row["zh"] for row in ROWS)


def test_one_rule_alone_reads_as_among_all() -> None:
    whole = program({"rules": ""})
    gold, purchase = whole.rules
    assert (
        sentences.rule(whole, purchase, "en") == "Each order earns 1 point and 1 growth per yuan."
    )
    assert sentences.rule(whole, gold, "zh") == "金卡会员享 1.5 倍积分。"
    five_off = whole.rewards["five_off"]
    assert sentences.reward(whole, five_off, "en") == "50 points buy a coupon for 5 yuan off."
    points = whole.wallets["points"]
    assert sentences.wallet(whole, points, "zh") == "积分有效期 12 个月；小数舍去。"
    assert sentences.fact(whole, whole.facts["orders"], "zh") == "会员的订单数。"
    assert whole.tiers is not None
    assert sentences.tiers(whole, whole.tiers, "en").startswith(
        "Tiers go by growth: member from 0,"
    )


@pytest.mark.parametrize("text", EXAMPLES.values(), ids=EXAMPLES)
def test_every_operator_and_function_has_words(text: str) -> None:
    for said in told(tree(text)) + told(Expr("not", Type.FLAG, (tree(text),))):
        assert_no_marks(said)


def test_no_operator_or_function_is_missing_in_the_examples() -> None:
    # In the tree `has('x')` is a name.
    used = {node.op for text in EXAMPLES.values() for node in tree(text).walk()}
    operators = "and or not = <> < <= > >= + - * / % neg in between like ilike is_null is_true case"
    assert used >= set(operators.split()) | {"is_false", "const", "name"} | set(FUNCTIONS) - {"has"}


NUMBERS = st.recursive(
    st.sampled_from(
        ["amount", "quantity", "3", "0.5", "1000", "length(category)", "age(birthday)"]
    ),
    lambda n: st.one_of(
        st.tuples(n, st.sampled_from("+-*"), n).map(lambda p: f"({p[0]} {p[1]} {p[2]})"),
        st.tuples(st.sampled_from(["abs", "floor", "ceil", "round"]), n).map(
            "{0[0]}({0[1]})".format
        ),
        st.tuples(st.sampled_from(["least", "greatest", "coalesce", "nullif"]), n, n).map(
            "{0[0]}({0[1]}, {0[2]})".format
        ),
    ),
    max_leaves=4,
)
CONDITIONS = st.recursive(
    st.one_of(
        st.sampled_from(list(EXAMPLES.values())),
        st.tuples(NUMBERS, st.sampled_from(["=", "<>", "<", "<=", ">", ">="]), NUMBERS).map(
            " ".join
        ),
    ).map("({})".format),
    lambda c: st.one_of(
        st.tuples(c, st.sampled_from(["and", "or"]), c).map(lambda p: f"({' '.join(p)})"),
        c.map("(not {})".format),
        c.map("({} is not true)".format),
    ),
    max_leaves=5,
)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(CONDITIONS)
def test_no_sql_is_left_in_any_sentence(text: str) -> None:
    found, _ = expression.read(text, scope(), Want.FLAG)
    if found is None:  # too deep or too large a number, which has its own message
        return
    assert told(found) == told(found)
    for said in told(found):
        assert_no_marks(said)
