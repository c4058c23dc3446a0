"""Exports by dotted path."""
