"""A small station."""
