"""Links the section `examples`: short histories, and what must come of them."""

from __future__ import annotations

from engine.language.linking.draft import Draft
from engine.language.program import Example
from engine.language.text.nodes import Node


def examples(nodes: list[Node], draft: Draft) -> tuple[Example, ...]:
    return ()
