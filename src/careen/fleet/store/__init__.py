"""The store of the fleet: one schema in plain SQL, over SQLite or PostgreSQL (docs/fleet.md)."""
