"""Many rules: how the fold's time grows from twelve rules to forty and to two hundred."""

from __future__ import annotations

from benchmarks import measure, ours, workload
from benchmarks.measure import Figure

STAGE = "many rules"
BOUNDS = {200: 5, 40: 3}


def run(files: workload.Files, times: int) -> list[Figure]:
    """The fold alone with each program, over the same events."""
    folds, events = {}, 0
    for count in (12, *BOUNDS):
        program = ours.program(count)
        history = ours.read(program, files.members, files.events)
        folds[str(count)] = ours.prepared(program, history)
        events = len(history.events.at)
    taken = measure.in_turn(folds, times)
    figures = [Figure(STAGE, "12 rules", taken["12"], events)]
    for count, bound in BOUNDS.items():
        over = measure.at_most(taken[str(count)] / taken["12"], bound)
        figures.append(Figure(STAGE, f"{count} rules", taken[str(count)], events, **over))
    return figures
