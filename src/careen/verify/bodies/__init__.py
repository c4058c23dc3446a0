"""Comparison of HTTP bodies and headers."""
