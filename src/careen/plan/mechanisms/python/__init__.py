"""Modules, distributions and the standard library of Python."""
