"""The tar format: read, write, check."""
