"""Inspects files of a folder as the command does, and promises that the rules are without fault."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

from engine import cli_inspect
from engine.language import checks, rules


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
