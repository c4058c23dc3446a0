"""Without apt: packages are fetched, checked and unpacked by careen."""
