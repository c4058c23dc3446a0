"""Measures of scores, found by their entry points."""
