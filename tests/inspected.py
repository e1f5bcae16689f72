"""Inspects files of a folder as the command does, and promises that the rules are without fault."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine import cli_inspect, replay
from engine.language import checks, rules
from engine.machine import examples
from tests.shell import write

ORDERS = """\
Order,Customer,Day,Total
A1,Anna,2026-03-02 10:15,120.00
A2,Li Na,2026-03-05 18:40,88.50
A3,Anna,2026-04-11 09:05,60.00
A4,Tom,2026-04-12 12:00,ten
"""
TILL = """\
receipt,card,time,goods,pieces,price
R1,C17,2026-03-02 10:15,Longjing,1,88.00
R1,C17,2026-03-02 10:15,Tea cup,2,19.50
R2,,2026-03-02 11:40,Oolong,1,45.00
R3,C21,2026-03-05 18:05,Longjing,2,88.00
R3,C21,2026-03-05 18:05,Tea cup,-1,19.50
R4,C17,2026-03-09 09:30,Tea cup,1,19.50
"""
CHINESE = """\
订单号,会员手机号,下单时间,商品,渠道,门店,原价,实付金额,订单状态
D1,13800138000,2026/1/5 13:05,大闸蟹,小程序,南京路店,¥200.00,¥188.00,已完成
D2,13800138001,2026/1/6 9:05,月饼,天猫,,¥120.00,¥100.00,已完成
D3,13800138000,2026/1/16 19:45,鲜花饼,小程序,南京路店,"¥1,300.00","¥1,234.50",已完成
D4,13800138002,2026/2/1 8:00,月饼,门店,徐汇店,¥50.00,¥50.00,已取消
D5,,2026/2/3 8:00,月饼,门店,徐汇店,¥50.00,¥45.00,已完成
"""
CHINESE_MEMBERS = """\
手机号,姓名,生日,城市,注册时间,推荐人
13800138000,王丽,1990-05-01,上海,2025-01-01 10:00:00,
13800138001,李雷,1988-12-12,杭州,2025-03-01 10:00:00,13800138000
13800138002,韩梅,,苏州,2025-06-01 10:00:00,
"""
THREE = {
    "orders.csv": "id,customer_id,created_at,total\n1,7,2026-01-01T10:00:00Z,10.00\n"
    "2,7,2026-01-02T10:00:00Z,20.00\n3,8,2026-01-03T10:00:00Z,30.00\n",
    "refunds.csv": "id,order_id,customer_id,refunded_at,amount\n"
    "1,2,7,2026-01-05T10:00:00Z,20.00\n2,3,8,2026-01-06T10:00:00Z,5.00\n",
    "customers.csv": "id,email,city,created_at\n7,a@x.org,Paris,2025-01-01\n"
    "8,b@x.org,Lyon,2025-01-02\n",
}


def inspected(folder: Path, *files: str) -> dict[str, Any]:
    """What `perkbook inspect --json` says of files; its rules are in `folder/rules`."""
    with contextlib.chdir(folder):
        found = cli_inspect.look([*files], Path("rules"))
        assert found.trial is not None, cli_inspect.missing_text(found)
        cli_inspect.write(found, Path("rules"))
    reading = rules.read(folder / "rules")
    assert reading.problems == ()
    assert reading.program is not None
    assert list(checks.warnings(reading.program)) == []
    said: dict[str, Any] = json.loads(json.dumps(cli_inspect.values(found)))
    return said


def guessed(folder: Path, text: str) -> dict[str, Any]:
    """What the command says of one CSV file."""
    return inspected(write(folder, {"file.csv": text}), "file.csv")


def mapping(said: dict[str, Any], number: int = 0) -> dict[str, Any]:
    """One of the mappings of events."""
    events: list[dict[str, Any]] = [one for one in said["data"] if one["target"] == "events"]
    return events[number]


def replayed(folder: Path) -> Mapping[str, Any]:
    """The summary of a replay of what was written, whose examples pass too."""
    program = rules.load(folder / "rules")
    assert all(result.passed for result in examples.run(program))
    return replay.run(program).summary
