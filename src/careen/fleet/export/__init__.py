"""The store as tables in Parquet files, for tools that ask other questions (docs/fleet.md)."""
