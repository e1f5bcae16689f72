"""Takes events one by one: a compiled program that is open, and what each event comes to."""

from engine.machine.single.machine import Machine, open
from engine.machine.single.told import Told

__all__ = ["Machine", "Told", "open"]
