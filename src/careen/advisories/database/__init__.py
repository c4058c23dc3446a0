"""The advisory database: schema, import, export, integrity."""
