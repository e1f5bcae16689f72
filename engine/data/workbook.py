"""Reads the first sheet of a workbook, each column as what its cells are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
import python_calamine as calamine

from engine.data import values, workbook_guard
from engine.data.error import DataError
from engine.data.frame import Frame, clip

MOST = 200_000  # rows of a frame
FIRST_ROW = "Expected a name for each column in the first row."

Row = Sequence[object]


def read(path: Path, name: str, wanted: Iterable[str] | None, most: int = MOST) -> Iterator[Frame]:
    """The rows of the first sheet, a frame for each `most`, at least one.

    Only the columns `wanted`, or all where it is None. The first row that is not empty has the
    columns' names; empty rows after it are none but count in the rows' numbers. Numbers are
    binary floats, as the file holds them; instants say no zone.
    """
    workbook_guard.check(path, name)
    sheet = _sheet(path, name)
    rows = sheet.iter_rows()
    header = next((row for row in rows if not all(map(_is_empty, row))), None)
    if header is None or sheet.start is None:
        raise DataError(name, "The first sheet is empty.", FIRST_ROW)
    names = [(values.written(cell) or "").strip() for cell in header]
    places = _places(name, names, wanted)
    done = 0
    while batch := list(islice(rows, most)):
        _refuse_nameless(name, names, batch, sheet.start)
        yield _frame(name, names, places, batch, done)
        done += len(batch)
    if not done:
        yield _frame(name, names, places, [], done)


def _sheet(path: Path, name: str) -> calamine.CalamineSheet:
    """The first sheet of cells that is not hidden."""
    sheet, shown = calamine.SheetTypeEnum.WorkSheet, calamine.SheetVisibleEnum.Visible
    try:
        book = calamine.load_workbook(path)
        for place, one in enumerate(book.sheets_metadata):
            if one.typ == sheet and one.visible == shown:
                return book.get_sheet_by_index(place)
        raise DataError(name, "This workbook has no sheet.", workbook_guard.EXPECTED)
    except DataError:
        raise
    except BaseException as failed:
        # A panic of the library is no Exception; who pressed Ctrl-C is not meant.
        if isinstance(failed, KeyboardInterrupt | SystemExit | GeneratorExit):
            raise
        raise DataError(name, workbook_guard.DAMAGED, workbook_guard.EXPECTED) from None


def _places(name: str, names: list[str], wanted: Iterable[str] | None) -> dict[str, int]:
    """Where the columns that are used stand; raises DataError where one stands there twice."""
    chosen = {n: i for i, n in enumerate(names) if n and (wanted is None or n in frozenset(wanted))}
    for column in chosen:
        if names.count(column) > 1:
            what = f"The column `{clip(column, 40)}` is there twice."
            raise DataError(name, what, "Expected each name once in the first row.")
    return chosen


def _refuse_nameless(
    name: str, names: list[str], batch: Sequence[Row], start: tuple[int, int]
) -> None:
    """Raises DataError where a column has cells but no name; the sheet's cells begin at `start`."""
    for place, said in enumerate(names):
        if not said and any(not _is_empty(row[place]) for row in batch):
            cell = f"{_letters(start[1] + place)}{start[0] + 1}"
            what = f"The column of {cell} has no name: the cell is empty, or merged with another."
            raise DataError(name, what, FIRST_ROW)


def _letters(place: int) -> str:
    """The letters of a column, from 0: A, B, AA."""
    letters = ""
    place += 1
    while place:
        place, letter = divmod(place - 1, 26)
        letters = chr(65 + letter) + letters
    return letters


def _frame(
    name: str, names: list[str], places: dict[str, int], batch: Sequence[Row], done: int
) -> Frame:
    """Some rows of the sheet, after `done` others."""
    full = [i for i, row in enumerate(batch) if not all(map(_is_empty, row))]
    columns, numerals = {}, {}
    for column, place in places.items():
        cells = (batch[i][place] for i in full)
        made, numbers = values.column([None if _is_empty(cell) else cell for cell in cells])
        columns[column] = made
        if numbers is not None:
            numerals[column] = numbers
    rows = np.array(full, np.int64) + done + 1
    return Frame(name, rows, columns, numerals=numerals, there=tuple(filter(None, names)))


def _is_empty(cell: object) -> bool:
    """True for a cell without anything in it."""
    return isinstance(cell, str) and not cell
