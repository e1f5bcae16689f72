"""Guesses the money and the zone of a shop from what its files show of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from engine.data.guess import words
from engine.data.guess.look import Sheet
from engine.language.currencies import DECIMALS

SIGNS = {"¥": "CNY", "￥": "CNY", "元": "CNY", "$": "USD", "£": "GBP", "€": "EUR"}
HOMES = {
    "united kingdom": ("GBP", "Europe/London"), "uk": ("GBP", "Europe/London"),
    "china": ("CNY", "Asia/Shanghai"), "中国": ("CNY", "Asia/Shanghai"),
    "germany": ("EUR", "Europe/Berlin"), "france": ("EUR", "Europe/Paris"),
    "spain": ("EUR", "Europe/Madrid"), "italy": ("EUR", "Europe/Rome"),
    "netherlands": ("EUR", "Europe/Amsterdam"), "japan": ("JPY", "Asia/Tokyo"),
    "singapore": ("SGD", "Asia/Singapore"), "hong kong": ("HKD", "Asia/Hong_Kong"),
    "canada": ("CAD", "America/Toronto"), "australia": ("AUD", "Australia/Sydney"),
    "united states": ("USD", "America/New_York"), "usa": ("USD", "America/New_York"),
    "us": ("USD", "America/New_York"), "india": ("INR", "Asia/Kolkata"),
}  # fmt: skip
ZONES = {"CNY": "Asia/Shanghai", "GBP": "Europe/London"}


@dataclass(frozen=True, slots=True)
class Setting:
    """A currency and a zone, each with the reason why."""

    money: str
    money_why: str
    zone: str
    zone_why: str


def guess(sheets: Sequence[Sheet]) -> Setting:
    """The money and the zone that the files show; dollars and UTC where they show none."""
    home = _home(sheets)
    money = _money(sheets) or (home and (home[0][0], home[1]))
    money = money or ("USD", "nothing in the files says which")
    if home is not None and (home[0][0] == money[0] or money[0] not in ZONES):
        return Setting(*money, home[0][1], home[1])
    if money[0] in ZONES:
        return Setting(*money, ZONES[money[0]], f"the money is {money[0]}")
    return Setting(*money, "UTC", "nothing in the files says where")


def _money(sheets: Sequence[Sheet]) -> tuple[str, str] | None:
    """A currency that stands in a column, in a sign, or in a language."""
    looks = [look for sheet in sheets for look in sheet.looks]
    for look in looks:
        codes = [e.upper() for e in look.examples]
        if words.score(look.called, "currency") and codes and codes[0] in DECIMALS:
            return codes[0], f"`{look.name}` says so"
    for look in looks:
        said = " ".join((look.called, *(look.examples if look.type == "money" else ())))
        for sign, code in SIGNS.items():
            if sign in said:
                return code, f"`{look.name}` has {sign}"
        for code in ("CNY", "RMB", "USD", "EUR", "GBP"):
            if code.lower() in words.words(look.called):
                return code.replace("RMB", "CNY"), f"`{look.name}` says so"
    chinese = [look.name for look in looks if re.search("[\u4e00-\u9fff]", look.called)]
    if len(chinese) >= 0.3 * len(looks) and chinese:
        return "CNY", "the columns are called in Chinese"
    return None


def _home(sheets: Sequence[Sheet]) -> tuple[tuple[str, str], str] | None:
    """The money and zone of the country in which most of the rows are."""
    for sheet in sheets:
        for look in sheet.looks:
            if not words.says(look.called, "country|nation|国家"):
                continue
            count, value = sheet.ask(
                f"select count(*), cast({look.sql} as varchar) as v from given group by v"
                " order by 1 desc, 2 limit 1"
            )
            home = HOMES.get(str(value).strip().lower())
            if home is not None and count >= 0.5 * sheet.rows:
                return home, f"most rows have {value} in `{look.name}`"
    return None
