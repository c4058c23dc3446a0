"""Checks of files: modes, owners, kinds."""
