"""Resolves the names of the rules and makes the program of them."""
