"""Emits the steps of exact arithmetic: a number is a register over a constant and a register."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction

from engine.machine import bytecode_steps as step
from engine.machine.bytecode_writer import Writer


@dataclass(frozen=True, slots=True)
class Number:
    """`register / (parts * bottom)`. A bottom is a register above 0, null where the number is.

    `narrow`: the register always fits 64 bits. `fixed`: the value, where it is a constant.
    """

    register: int
    parts: int = 1
    bottom: int | None = None
    narrow: bool = False
    fixed: Fraction | None = None


def constant(writer: Writer, value: Fraction) -> Number:
    """A number that is always `value`."""
    register = writer.constant(value.numerator)
    narrow = -(2**63) <= value.numerator < 2**63
    return Number(register, value.denominator, narrow=narrow, fixed=value)


def null(writer: Writer) -> Number:
    """A number that is always null."""
    return Number(writer.null(), narrow=True)


def scaled(writer: Writer, number: Number, parts: int) -> int:
    """The register over `parts`, a multiple of the number's own."""
    factor = parts // number.parts
    if factor == 1:
        return number.register
    if number.fixed is not None:
        return writer.constant(number.fixed.numerator * factor)
    return writer.emit(step.MULTIPLY, number.register, writer.constant(factor))


def compare(writer: Writer, left: Number, right: Number, holds: int) -> int:
    """A flag register: whether left and right are as `holds` says."""
    if left.fixed is not None and right.fixed is None:
        turned = (holds & step.EQUAL) | (holds & step.LESS) * 4 | (holds & step.MORE) // 4
        return compare(writer, right, left, turned)
    if left.narrow and left.bottom is None and right.fixed is not None:
        beside = right.fixed * left.parts
        if beside.denominator == 1 and -(2**63) <= beside < 2**63:
            fixed = writer.constant(int(beside))
            return writer.emit(step.COMPARE, left.register, fixed, holds)
    a, b, *_ = aligned(writer, left, right)
    same = left.register == a and right.register == b
    narrow = same and left.narrow and right.narrow
    return writer.emit(step.COMPARE if narrow else step.COMPARE_WIDE, a, b, holds)


def aligned(writer: Writer, left: Number, right: Number) -> tuple[int, int, int, int | None]:
    """Both registers over one constant and one bottom, then these two."""
    parts = math.lcm(left.parts, right.parts)
    a, b = scaled(writer, left, parts), scaled(writer, right, parts)
    if right.bottom is not None:
        a = writer.emit(step.MULTIPLY, a, right.bottom)
    if left.bottom is not None:
        b = writer.emit(step.MULTIPLY, b, left.bottom)
    return a, b, parts, _product(writer, left.bottom, right.bottom)


def combined(writer: Writer, operation: int, left: Number, right: Number) -> Number:
    """Sum, difference or remainder."""
    a, b, parts, bottom = aligned(writer, left, right)
    return Number(writer.emit(operation, a, b), parts, bottom)


def times(writer: Writer, left: Number, right: Number) -> Number:
    """The product."""
    register = writer.emit(step.MULTIPLY, left.register, right.register)
    return Number(register, left.parts * right.parts, _product(writer, left.bottom, right.bottom))


def over(writer: Writer, left: Number, right: Number) -> Number:
    """The quotient: exact, null by zero."""
    if right.fixed is not None:
        return _over_constant(writer, left, right.fixed)
    shared = math.gcd(left.parts, right.parts)
    top = scaled(writer, left, left.parts * (right.parts // shared))
    if right.bottom is not None:
        top = writer.emit(step.MULTIPLY, top, right.bottom)
    bottom = right.register
    if left.bottom is not None:
        bottom = writer.emit(step.MULTIPLY, bottom, left.bottom)
    register = ratio(writer, top, bottom)
    return Number(register, left.parts // shared, register + 1)


def ratio(writer: Writer, top: int, bottom: int) -> int:
    """The register of top / bottom with its sign; the one behind it holds the bottom above 0."""
    register = writer.emit(step.RATIO, top, bottom)
    writer.register()
    return register


def sign_changed(writer: Writer, operation: int, number: Number) -> Number:
    """The number without its sign, or with the other one."""
    return Number(writer.emit(operation, number.register), number.parts, number.bottom)


def rounded(writer: Writer, number: Number, places: int, mode: int) -> Number:
    """The number rounded to decimal places; below 0 to tens, hundreds and so on."""
    top_factor, bottom_factor = 10 ** max(places, 0), number.parts * 10 ** max(-places, 0)
    shared = math.gcd(top_factor, bottom_factor)
    top = scaled(writer, replace(number, parts=1), top_factor // shared)
    bottom = writer.constant(bottom_factor // shared)
    if number.bottom is not None:
        bottom = writer.emit(step.MULTIPLY, bottom, number.bottom)
    whole = Number(writer.emit(step.DIVIDE, top, bottom, mode), top_factor)
    if places >= 0:
        return whole
    return Number(writer.emit(step.MULTIPLY, whole.register, writer.constant(10**-places)))


def select(writer: Writer, flag: int, then: Number, other: Number) -> Number:
    """`then` where the flag is true, else `other`."""
    parts = math.lcm(then.parts, other.parts)
    a, b = scaled(writer, then, parts), scaled(writer, other, parts)
    register = writer.emit(step.SELECT, flag, a, b)
    bottom = None
    if then.bottom is not None or other.bottom is not None:
        one = writer.constant(1)
        pair = [one if n.bottom is None else n.bottom for n in (then, other)]
        bottom = writer.emit(step.SELECT, flag, *pair)
    same = (a, b) == (then.register, other.register)
    return Number(register, parts, bottom, narrow=same and then.narrow and other.narrow)


def _product(writer: Writer, left: int | None, right: int | None) -> int | None:
    if left is None or right is None:
        return right if left is None else left
    return writer.emit(step.MULTIPLY, left, right)


def _over_constant(writer: Writer, left: Number, divisor: Fraction) -> Number:
    if divisor == 0:
        return null(writer)
    parts = left.parts * abs(divisor.numerator)
    shared = math.gcd(parts, divisor.denominator)
    factor = divisor.denominator // shared * (1 if divisor > 0 else -1)
    top = left.register
    if factor != 1:
        top = writer.emit(step.MULTIPLY, top, writer.constant(factor))
    return Number(top, parts // shared, left.bottom)
