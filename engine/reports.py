"""What came of a replay, as tables and as a calm text that a person reads."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import pandas as pd

from engine.language.program import Program, Wallet
from engine.machine.replay import Outcome, Written

Summary = Mapping[str, Any]
MOVES = ("issued", "spent", "expired", "reversed", "outstanding")


def wallets(program: Program, summary: Summary) -> pd.DataFrame:
    """One row per wallet: what was issued, spent, expired, reversed, is outstanding, and liability.

    Amounts are in units (points, yuan) as `Decimal`; `liability` is money, None without a value.
    """
    rows = []
    for name, sums in summary["wallets"].items():
        places = program.wallets[name].decimals
        liability = sums.get("liability")
        rows.append(
            {"wallet": name}
            | {move: units(sums[move], places) for move in MOVES}
            | {"liability": None if liability is None else units(liability, program.money_decimals)}
        )
    return pd.DataFrame(rows, columns=["wallet", *MOVES, "liability"])


def tiers(summary: Summary) -> pd.DataFrame:
    """One row per tier and how many members hold it at the end, lowest rung first."""
    return pd.DataFrame(list(summary["tiers"].items()), columns=["tier", "members"])


def budgets(program: Program, summary: Summary) -> pd.DataFrame:
    """One row per budget: the rule, what was spent of it in units, and when it ended, if it did."""
    units_of = {name: it.unit for rule in program.rules for name, it in rule.budgets.items()}
    rows = [
        {
            "rule": rule,
            "spent": units(said["spent"], _places(program.wallets.get(units_of.get(rule) or ""))),
            "unit": units_of.get(rule) or "times",
            "ended": said["ended"],
        }
        for rule, said in summary["budgets"].items()
    ]
    return pd.DataFrame(rows, columns=["rule", "spent", "unit", "ended"], dtype=object)


def units(amount: int, places: int) -> Decimal:
    """A whole number of the smallest unit in units: 1999 with two places is 19.99."""
    return Decimal(amount).scaleb(-places)


def replay_text(program: Program, outcome: Outcome | Written, ledger: str) -> str:
    """The whole outcome as text: counts, rows set aside by reason, wallets, tiers, budgets."""
    summary = outcome.summary
    reasons = Counter(outcome.rejected["reason"].to_pylist())
    parts = [
        f"{program.name}, up to {summary['until']}" if summary["until"] else program.name,
        "\n".join(_counts(summary, reasons)),
        aligned(_wallet_rows(program, summary)),
    ]
    if summary["tiers"]:
        parts.append(aligned([("tier", "members"), *_written(summary["tiers"].items())]))
    if summary["budgets"]:
        table = budgets(program, summary)
        rows = [
            (rule, f"{spent:,f} {unit}", f"ended {ended}" if ended else "")
            for rule, spent, unit, ended in table.itertuples(index=False)
        ]
        parts.append(aligned([("budget", "spent", ""), *rows]))
    if "referrals" in summary:
        parts.append("\n".join(_referrals(program, summary["referrals"])))
    parts.append(f"The ledger lies in {ledger}")
    return "\n\n".join(parts)


def aligned(rows: Iterable[Sequence[str]], left: Container[int] = (0,)) -> str:
    """Rows of texts as columns: those at the positions `left` to the left, others to the right."""
    rows = [tuple(row) for row in rows]
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = []
        for position, (cell, wide) in enumerate(zip(row, widths, strict=True)):
            gap = " " * (wide - width(cell))
            cells.append(cell + gap if position in left else gap + cell)
        lines.append(("  " + "   ".join(cells)).rstrip())
    return "\n".join(lines)


def width(text: str) -> int:
    """How many columns of a terminal a text takes: Chinese letters take two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _counts(summary: Summary, reasons: Mapping[str, int]) -> list[str]:
    """What was read and what was not: the count first, its parts below it."""
    left_out, refused = summary["left_out"], summary["refused"]
    groups: list[tuple[int, str, Mapping[str, int]]] = [
        (summary["events"], "events", {}),
        (summary["members"], "members", {}),
        (summary["later"], "events after the last day, left out", {}),
        (sum(left_out.values()), "rows left out by `where`", left_out),
        (summary["duplicates"], "rows that say again what another says", {}),
        (summary["rejected"], "rows set aside, listed in rejected.csv", reasons),
        (sum(refused.values()), "wishes refused, listed in refused.parquet", refused),
    ]
    lines = []
    for count, what, parts in groups[:2] + [group for group in groups[2:] if group[0]]:
        lines.append(f"{count:>12,}  {what}")
        most_first = sorted(parts.items(), key=lambda part: (-part[1], part[0]))
        lines += [f"{part_count:>16,}  {part}" for part, part_count in most_first]
    for file, columns in summary["mixed"].items():
        for column, count in columns.items():
            lines.append(f"{count:>12,}  groups of {file} with several values of {column}")
    return lines


def _referrals(program: Program, told: Summary) -> list[str]:
    """How many were brought, and what a new customer cost."""
    lines = [f"{told['brought']:>12,}  members brought by others"]
    lines.append(f"{told['qualified']:>16,}  for whom a referral rule held")
    refused = sum(told["refused"].values())
    if refused:
        lines.append(f"{refused:>12,}  invitations refused, listed in referrals.parquet")
    if told["cost_per_new_customer"] is not None:
        cost, each = (
            units(told[name], program.money_decimals) for name in ("cost", "cost_per_new_customer")
        )
        lines.append(f"  referrals cost {cost:,f} {program.money}, {each:,f} for each of them")
    return lines


def _written(rows: Iterable[tuple[str, int]]) -> list[tuple[str, str]]:
    return [(name, f"{count:,}") for name, count in rows]


def _wallet_rows(program: Program, summary: Summary) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [("wallet", *MOVES, f"liability {program.money}")]
    for row in wallets(program, summary).itertuples(index=False):
        name, *amounts = row
        rows.append((str(name), *("" if a is None else f"{a:,f}" for a in amounts)))
    return rows


def _places(wallet: Wallet | None) -> int:
    return wallet.decimals if wallet else 0
