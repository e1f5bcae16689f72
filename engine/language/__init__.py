"""Turns YAML text into a checked program, with a place for everything that is wrong with it."""
