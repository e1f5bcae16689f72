"""What is said about each thing an expression may not hold, word for word, at its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.language.expression import LENGTH_MAX, Scope, Want, read
from engine.language.expression.tree import Fault, From, Name, Type
from tests.expression_world import SCOPE

NAMES = {
    **SCOPE.names,
    "desc": Name(From.FIELD, "desc", Type.TEXT),
    "event.desc": Name(From.FIELD, "desc", Type.TEXT),
    "event.store": Name(From.FIELD, "store", Type.TEXT),
    "member.store": Name(From.ATTRIBUTE, "store", Type.TEXT),
}
HERE = Scope(
    NAMES,
    ambiguous={"store": ("event.store", "member.store")},
    refused={"referrer.city": ("The referrer is not built yet.", "Leave it out.")},
    privileges=SCOPE.privileges,
)
# An expression, the part that is underlined, and what is said.
CONDITIONS = (Path(__file__).parent / "expression_messages.txt").read_text("utf-8").split("\n\n")
PLACES = "This has more decimal places than can be counted with."
AMOUNTS = [
    (
        "amount / orders",
        "orders",
        "An amount is divided by something that is not a constant. "
        "Divide by a number, or write round(a / b, 2).",
    ),
    (
        "avg_order",
        "avg_order",
        "avg_order is an average, which no fixed number of decimal places holds. "
        "Write round(avg_order, 2).",
    ),
    (
        "amount * 0.000000001",
        "amount * 0.000000001",
        "This amount has more than 9 decimal places. Write round(x, 2) round it or a part of it.",
    ),
    (
        "amount * 0.123456789 * 0.123456789",
        "amount * 0.123456789 * 0.123456789",
        f"{PLACES} Write round(x, 2) round a part of it.",
    ),
    (
        "amount + 999999999999999999 * 999999999999999999 * 99",
        "999999999999999999 * 999999999999999999 * 99",
        "This constant is too large. Write a smaller one.",
    ),
    (
        "city",
        "city",
        "An amount was expected; this is a text. Write a number, such as amount * 0.5.",
    ),
    ("", "", "The expression is empty. Write a number, such as amount * 0.5."),
]


def said(text: str, want: Want) -> list[tuple[str, str]]:
    """The underlined part and the message of each fault."""
    tree, faults = read(text, HERE, want)
    assert (tree is None) == bool(faults)
    return [(text[f.start : f.stop], f"{f.what} {f.expected}") for f in faults]


@pytest.mark.parametrize("block", CONDITIONS)
def test_a_wrong_condition_gets_its_own_message(block: str) -> None:
    text, carets, message = block.strip("\n").split("\n")
    _, faults = read(text, HERE, Want.FLAG)
    shown = [f"{' ' * f.start}{'^' * (f.stop - f.start)}" for f in faults]
    assert [(s, f"{f.what} {f.expected}") for s, f in zip(shown, faults, strict=True)] == [
        (carets, message)
    ]


@pytest.mark.parametrize(("text", "part", "message"), AMOUNTS)
def test_a_wrong_amount_gets_its_own_message(text: str, part: str, message: str) -> None:
    assert said(text, Want.AMOUNT) == [(part, message)]


def test_all_faults_are_said_at_once() -> None:
    text = "amuont == 1_000 and city > 5 or has('vip') and rund(orders) = 1"
    assert [part for part, _ in said(text, Want.FLAG)] == [
        "amuont", "==", "1_000", "5", "'vip'", "rund",
    ]  # fmt: skip


def test_a_stop_at_one_part_leaves_the_others_to_be_read() -> None:
    text = "orders orders and amuont = 1 or city = 5"
    assert [part for part, _ in said(text, Want.FLAG)] == ["orders", "amuont", "5"]


def test_ten_thousand_brackets_are_a_fault_and_no_crash() -> None:
    text = "(" * 5_000 + "1" + ")" * 5_000
    assert said(text, Want.ANY)[0] == (
        text[0], f"This expression is longer than {LENGTH_MAX} characters. Split the rule."
    )  # fmt: skip
    deep = "(" * 4_000 + "1" + ")" * 4_000
    message = "Too many brackets or signs stand one inside the other. Split this in two."
    assert said(deep, Want.ANY) == [("(", message)]


@pytest.mark.parametrize("sign", ["not ", "- ", "photo = 1 + ", "case when "])
def test_a_long_row_of_signs_is_a_fault_and_no_crash(sign: str) -> None:
    assert said(sign * 400 + "photo", Want.ANY)


def test_a_long_sum_is_too_deep_but_a_long_or_is_not() -> None:
    assert said(" + ".join(["1"] * 150), Want.ANY)[0][1].startswith("Too many brackets")
    assert said(" or ".join(["photo"] * 1_000), Want.FLAG) == []


def test_at_most_twenty_faults_are_said() -> None:
    assert len(said(" and ".join(f"x{n} = 1" for n in range(50)), Want.FLAG)) == 20


def test_words_are_kept_apart_by_case_but_words_of_the_language_are_not() -> None:
    assert said("ORDERS = 1", Want.FLAG) == [
        ("ORDERS", "There is no name `ORDERS` here. Did you mean orders?")
    ]
    assert said("Not photo AND orders IS NULL OR Abs(orders) Between 1 aNd 2", Want.FLAG) == []


def test_a_field_of_any_script_is_a_name() -> None:
    scope = Scope({"金额": Name(From.FIELD, "金额", Type.MONEY)})
    tree, faults = read("金额 >= 50", scope, Want.FLAG)
    assert tree is not None
    assert faults == ()


def test_a_fault_is_a_place_and_two_sentences() -> None:
    _, faults = read("orders == 1", HERE, Want.FLAG)
    assert faults == (Fault(7, 9, "Two equals signs are not used here.", "Write one: =."),)
