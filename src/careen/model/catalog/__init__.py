"""Values of the catalog: entries, locks, builds and contracts."""
