"""Makes the history of a shop that nobody has: the same seed gives the same bytes everywhere."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.data import sample_events, sample_rows
from engine.data.error import DataError
from engine.data.sample_draws import DAYS, Draws, Longs, day_text, time_text

SEED = 1
COLUMNS = "member_id,joined_at,referrer_id,name,city,birthday,phone,channel,likes"
SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗"
GIVEN = (
    "娜 伟 芳 秀英 敏 静 丽 强 磊 军 洋 勇 艳 杰 娟 涛 明 超 秀兰 霞 平 刚 桂英"
    " 子涵 雨桐 梓萱 浩然 一诺"
)
FIRST = "Anna Ben Carla David Emma Felix Grace Henry Iris Jack Kate Leo Mia Noah Olivia Paul"
LAST = "Smith Brown Taylor Wilson Davies Evans Walker Wright Green Hall Wood Clarke"
CITIES = "上海 上海 上海 杭州 杭州 苏州 苏州 昆明 昆明 南京 北京 广州 深圳 成都 武汉"
CHANNELS = "store wechat wechat app friend douyin"
LIKES = ("", "", "crab", "mooncake", "flower_cake", "fresh", "crab;mooncake", "crab;fresh",
         "flower_cake;fresh", "mooncake;flower_cake")  # fmt: skip
BIRTHS = 20_819  # days from 1950-01-01 to 2006-12-31


def make(members: int, events: int, out: Path | str, seed: int = SEED) -> tuple[Path, Path]:
    """Writes `members.csv` and `events.csv` with so many rows into the folder `out`.

    Eighteen months that end on 2026-06-30, for the starter program. One row in 2,000 is broken,
    one in 3,000 repeats an event and says something else, one in 300 repeats it as it was, one
    in 6,000 is a refund of an order that is not there, one in 100 stands days too late.
    """
    if members < 1 or events < 0:
        what = "A sample needs at least one member and no fewer than no events."
        raise DataError("sample", what, "Expected whole numbers such as 2000 and 60000.")
    joined = _joined(Draws(seed, "joined"), members)
    unknown = Draws(seed, "unknown").below(20, members) == 0  # joined by an event
    rows = sample_events.make(joined, np.flatnonzero(unknown), events, seed)
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    paths = folder / "members.csv", folder / "events.csv"
    _write(paths[0], [COLUMNS, *_members(joined, unknown, seed)])
    _write(paths[1], [sample_rows.HEADER, *rows])
    return paths


def _write(path: Path, lines: Sequence[str]) -> None:
    """The lines as a file, whole or not at all."""
    draft = path.with_name(f".{path.name}.draft")
    draft.write_bytes(("\n".join(lines) + "\n").encode())
    os.replace(draft, path)


def _joined(draws: Draws, count: int) -> Longs:
    """When members joined, ascending, in seconds since the first day: 4 in 10 in its month."""
    early = draws.below(10, count) < 4
    span = np.where(early, 31, DAYS - 14)
    day = draws.below(span, count)
    return np.sort(day * 86_400 + 28_800 + draws.below(50_400, count))


def _members(joined: Longs, unknown: NDArray[np.bool_], seed: int) -> list[str]:
    """The rows of members, in the order in which they joined."""
    draws, count = Draws(seed, "members"), len(joined)
    number = np.arange(count)
    referred = (draws.below(4, count) == 0) & (number > 0)
    referrer = draws.below(np.maximum(number, 1), count)
    birth = draws.below(BIRTHS, count) - 7305
    has_birth = draws.below(5, count) > 0
    columns = [
        [sample_rows.member_id(i) for i in range(count)],
        ["" if u else time_text(t) for t, u in zip(joined.tolist(), unknown, strict=True)],
        [sample_rows.member_id(r) if w else "" for r, w in zip(referrer.tolist(), referred,
                                                              strict=True)],
        _names(draws, count),
        draws.among(CITIES.split(), count),
        [day_text(b) if h else "" for b, h in zip(birth.tolist(), has_birth, strict=True)],
        [f"10{p:09d}" for p in draws.below(10**9, count).tolist()],  # nobody's number
        draws.among(CHANNELS.split(), count),
        draws.among(LIKES, count),
    ]  # fmt: skip
    return [",".join(row) for row in zip(*columns, strict=True)]


def _names(draws: Draws, count: int) -> list[str]:
    """Chinese names, and one in seven English."""
    surnames, given = draws.among(SURNAMES, count), draws.among(GIVEN.split(), count)
    first, last = draws.among(FIRST.split(), count), draws.among(LAST.split(), count)
    english = (draws.below(7, count) == 0).tolist()
    return [
        f"{f} {s}" if e else f"{c}{g}"
        for e, f, s, c, g in zip(english, first, last, surnames, given, strict=True)
    ]
