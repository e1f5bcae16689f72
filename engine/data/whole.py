"""Puts the frames of one source together, for who needs all of its rows at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from engine.data import values
from engine.data.frame import Frame

Masks = dict[str, NDArray[np.bool_]]


def one(frames: Iterable[Frame]) -> Frame:
    """The rows of all frames, at least one, as one frame."""
    parts = list(frames)
    if len(parts) == 1:
        return parts[0]
    names = list(dict.fromkeys(name for p in parts for name in p.columns))
    columns: dict[str, pa.Array] = {}
    numerals = _masks(parts, [p.numerals for p in parts])
    for name in names:
        columns[name], numbers = values.together([_part(p, name) for p in parts])
        if numbers is not None:
            numerals[name] = numerals.get(name, np.zeros(len(numbers), np.bool_)) | numbers
    return replace(
        parts[0],
        rows=np.concatenate([p.rows for p in parts]),
        columns=columns,
        broken=tuple(b for p in parts for b in p.broken),
        numerals=numerals,
        nested=_masks(parts, [p.nested for p in parts]),
        there=tuple(dict.fromkeys(name for p in parts for name in p.there)),
    )


def _part(frame: Frame, name: str) -> pa.Array:
    """A column of a frame; without a value where the frame has none such."""
    column = frame.columns.get(name)
    return pa.nulls(len(frame.rows), pa.large_string()) if column is None else column


def _masks(parts: Sequence[Frame], masks: Sequence[object]) -> Masks:
    """The masks of all columns that have one in some frame."""
    held = [m for m in masks if isinstance(m, dict)]
    names = dict.fromkeys(name for m in held for name in m)
    return {
        name: np.concatenate(
            [
                m[name] if name in m else np.zeros(len(p.rows), np.bool_)
                for p, m in zip(parts, held, strict=True)
            ]
        )
        for name in names
    }
