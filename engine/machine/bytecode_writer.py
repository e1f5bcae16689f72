"""Collects the steps, registers and constants of one expression."""

from __future__ import annotations

from engine.machine import bytecode_steps as step

_LARGEST = 2**127 - 1


class Writer:
    """Steps in order. Each register is written once, so constants stay and loads are shared."""

    def __init__(self, base: int) -> None:
        self.base = base
        self.registers = base
        self.steps: list[tuple[int, int, int, int, int]] = []
        self.constants: dict[int | None, int] = {}
        self._loads: dict[int, int] = {}

    def register(self) -> int:
        """A new register."""
        self.registers += 1
        return self.registers - 1

    def emit(self, operation: int, a: int = 0, b: int = 0, c: int = 0) -> int:
        """Adds a step; its target."""
        target = self.register()
        self.steps.append((operation, target, a, b, c))
        return target

    def load(self, slot: int) -> int:
        """The register with a slot of the environment."""
        if slot not in self._loads:
            self._loads[slot] = self.emit(step.LOAD, slot)
        return self._loads[slot]

    def constant(self, value: int) -> int:
        """The register with a whole number; one too large makes every row too large."""
        if abs(value) > _LARGEST:
            half = self.constant(2**100)
            return self.emit(step.MULTIPLY, half, half)
        return self.constants.setdefault(value, self._next(value))

    def null(self) -> int:
        """The register that is always null."""
        return self.constants.setdefault(None, self._next(None))

    def _next(self, value: int | None) -> int:
        return self.constants[value] if value in self.constants else self.register()
