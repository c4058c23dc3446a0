"""Engines, each by its dotted path."""
