"""Keep rules: their conditions, and what they keep."""
