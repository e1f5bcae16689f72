"""Links what starts a run of a task, and what is fixed with it."""

from __future__ import annotations

from engine.language.expression import Scope, Want
from engine.language.expression.tree import Source
from engine.language.linking.draft import Draft
from engine.language.linking.scopes import Scopes
from engine.language.program import Start, Unit
from engine.language.shapes import terms
from engine.language.shapes.tasks import TaskShape
from engine.language.text.nodes import Scalar
from engine.language.text.quote import quoted


def start(shape: TaskShape, event: str, scopes: Scopes, draft: Draft) -> Start:
    """What is fixed when a run starts."""
    scope = scopes.of_start(event)
    return Start(
        event=event,
        condition=scopes.source(shape.start_if, scope, Want.FLAG),
        goal=scopes.source(shape.reaches, scope, Want.AMOUNT),
        within=_lasts(shape.within, scope, scopes, draft),
    )


def _lasts(
    node: Scalar | None, scope: Scope, scopes: Scopes, draft: Draft
) -> tuple[Source, Unit] | None:
    """`7 days`, or an amount and a unit: `start.days * 24 hours`."""
    if node is None or node.broken:
        return None
    amount, _, word = node.text.rpartition(" ")
    unit = terms.unit(word)
    if unit is None or not amount.strip():
        what = f"{quoted(node.text)} does not say how long."
        expected = "Write `7 days`, `start.days * 24 hours` or the like."
        draft.complaints.add(node, "task", what, expected)
        return None
    inside = node.start + (1 if node.style else 0)
    part = Scalar(amount, node.page, inside, inside + len(amount))
    source = scopes.source(part, scope, Want.AMOUNT)
    return None if source is None else (source, unit)
