"""Scores for tables."""
