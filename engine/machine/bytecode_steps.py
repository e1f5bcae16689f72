"""The instructions and tables that all expressions of a program become."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

# Each step is (operation, target, a, b, c); what a, b and c are stands beside it. Registers that
# hold numbers use 128 bits, all others the lower 64. The groups are in this order.
LOAD = 0  # a: slot of the environment

COMPARE = 1  # a, b: registers of 64 bits; c: LESS + EQUAL + MORE, those that hold
COMPARE_WIDE = 2  # the same with 128 bits
AMONG = 3  # a: register; b, c: where its values stand in `data`, ascending, from and up to

AND = 4
OR = 5
NOT = 6
IS_NULL = 7
IS_TRUE = 8
IS_FALSE = 9

SELECT = 10  # a: flag; b where it is true, else c
NULL_IF = 11  # a, but null where flag b is true
RATIO = 12  # a / b, b made positive, into target and the register behind it; null where b is 0

ADD = 13
SUBTRACT = 14
MULTIPLY = 15
REMAINDER = 16
NEGATE = 17
ABSOLUTE = 18
DIVIDE = 19  # a / b as a whole number, c: how it is rounded (wide.NEAREST ...)

LOOKUP = 20  # a: register with a text; b: table
PAIR = 21  # a, b: registers with texts; c: CONTAINS ...

DAY = 22  # a: register with an instant
HOUR = 23
PART = 24  # a: register with a day; b: YEAR ...
AGE = 25  # a: register with a birthday; b: with today

LESS, EQUAL, MORE = 1, 2, 4
CONTAINS, STARTS, ENDS, INCLUDES = range(4)
VALUE, GONE, TOO_LARGE = range(3)  # what a result is
YEAR, MONTH, DAY_OF_MONTH, WEEKDAY = range(4)


# Columns of `spans`, one row per expression.
FIRST, STOP = 0, 1  # its steps
BASE, ABOVE = 2, 3  # its registers
RESULT = 4
CONSTANTS, CONSTANTS_STOP = 5, 6  # in `data`, four values each: register, hi, lo, 1 if null
SPAN = 7

# The head of `data`: where its parts begin.
AT_CHANGES, AT_OFFSETS, AT_TEXTS, AT_POINTS, AT_END = range(5)
HEAD = 5


class Code(NamedTuple):
    """All expressions of a program in few arrays, for each one costs time at every call.

    `data` holds, behind its head, the constants, the values of all lists, the transitions of the
    zone, where each text begins (one more at the end), and the code points of all texts.
    """

    steps: NDArray[np.int64]  # [n, 5]
    spans: NDArray[np.int64]  # [expressions, SPAN]
    registers: NDArray[np.int64]  # [3, n]: hi, lo, null of one row; belongs to one thread
    tables: NDArray[np.int32]  # [n, texts]: what functions of one text give
    data: NDArray[np.int64]


def own(code: Code) -> Code:
    """The same code with registers of its own, for another thread."""
    return code._replace(registers=code.registers.copy())
