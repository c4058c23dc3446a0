"""Programs that are started by name or by path."""
