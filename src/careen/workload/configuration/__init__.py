"""`careen.toml`: one file for each of its tables."""
