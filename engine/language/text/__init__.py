"""Turns the bytes of rules files into nodes that know where they stand."""
