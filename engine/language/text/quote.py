"""How a message quotes what somebody wrote: in one line, not too long, between marks."""

from __future__ import annotations

LONGEST = 60


def quoted(text: str) -> str:
    """`text` between marks that it does not hold itself."""
    line = " ".join(text.split()) if len(text) < 10_000 else text[: LONGEST + 1]
    if len(line) > LONGEST:
        line = f"{line[: LONGEST - 3]}..."
    return f"'{line}'" if "`" in line else f"`{line}`"
