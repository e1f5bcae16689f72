"""The instructions and tables that all expressions of a program become."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.machine.zone import Zone

# Each step is (operation, target, a, b, c); what a, b and c are stands beside it. Registers that
# hold numbers use 128 bits, all others the lower 64. The groups are in this order.
LOAD = 0  # a: slot of the environment

COMPARE = 1  # a, b: registers of 64 bits; c: LESS + EQUAL + MORE, those that hold
COMPARE_WIDE = 2  # the same with 128 bits
AMONG = 3  # a: register; b, c: where its values stand in `pool`, ascending, from and up to

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


class Code(NamedTuple):
    """All expressions of a program. The three register arrays belong to one thread."""

    steps: NDArray[np.int64]  # [n, 5]
    first: NDArray[np.int64]  # where the steps of each expression begin; one more at the end
    base: NDArray[np.int64]  # its first register; one more at the end
    result: NDArray[np.int64]  # the register of its result
    constants: NDArray[np.int64]  # [n, 4]: register, hi, lo, 1 where it is null
    first_constant: NDArray[np.int64]  # as `first`
    pool: NDArray[np.int64]  # the values of all lists
    tables: NDArray[np.int32]  # [n, texts]: what functions of one text give
    starts: NDArray[np.int64]  # where each text begins in `points`; one more at the end
    points: NDArray[np.int32]  # the code points of all texts; empty where none are compared
    zone: Zone
    hi: NDArray[np.int64]  # registers for one row; constants stand in them
    lo: NDArray[np.int64]
    null: NDArray[np.bool_]


def own(code: Code) -> Code:
    """The same code with registers of its own, for another thread."""
    return code._replace(hi=code.hi.copy(), lo=code.lo.copy(), null=code.null.copy())
