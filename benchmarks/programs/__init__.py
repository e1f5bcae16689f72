"""The programs that are measured: twelve rules, forty, and two hundred made from the twelve."""

from __future__ import annotations

from pathlib import Path

HERE = Path(__file__).resolve().parent
SIZES = (12, 40, 200)


def text(rules: int) -> str:
    """The YAML of the program with so many rules."""
    if rules == 200:
        return _two_hundred()
    name = {12: "twelve", 40: "forty"}[rules]
    return (HERE / f"{name}.yaml").read_text(encoding="utf-8")


def _two_hundred() -> str:
    """The twelve, and 188 like those that a shop gathers in a few years: most seldom hold."""
    lines = [text(12).rstrip()]
    for n in range(188):
        condition = (
            f"reward = '{('tea', 'cake', 'crab')[n % 3]}' and amount >= {150 + n}",
            f"city = '{('Ningbo', 'Nanjing', 'Hangzhou')[n % 3]}' and day(at) = {1 + n % 28}",
            f"amount between {100 + 3 * n} and {102 + 3 * n}",
            f"orders = {5 + n}",
            f"month(at) = {1 + n % 12} and amount >= {200 + n}",
            f"spend_90d >= {3000 + 50 * n} and weekday(at) = {1 + n % 7}",
            f"tier = 'gold' and hour(at) = {n % 24}",
            f"reward is null and amount >= {300 + n} and orders > {n % 10}",
        )[n % 8]
        lines.append(
            f"  offer_{n}: {{when: order, if: {condition}, give: {{points: {1 + n % 9}}}}}"
        )
    return "\n".join(lines) + "\n"
