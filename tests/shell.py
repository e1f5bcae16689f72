"""Runs the command as a user does: in a folder of his own, without a terminal."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

PERKBOOK = str(Path(sys.executable).parent / "perkbook")

SHOP = """\
program: {name: 小店, timezone: Asia/Shanghai, money: CNY}
events: {order: {amount: money}}
wallets: {points: {value: 0.01}}
earn:
  purchase: {name: 每元一分, when: order, give: {points: amount}}
rewards:
  five_off: {coupon: 5.00, cost: {points: 500}}
"""


Done = subprocess.CompletedProcess[str]


def perkbook(*arguments: str, folder: Path) -> Done:
    """Runs the command in a folder, as from a shell without a terminal."""
    return subprocess.run(
        [PERKBOOK, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        stdin=subprocess.DEVNULL,
        env=os.environ | {"PYTHONUTF8": "1"},
    )


def write(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """Puts files into a folder and returns it."""
    for name, said in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(said if isinstance(said, bytes) else said.encode())
    return folder
