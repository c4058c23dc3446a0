"""Checks of the account files."""
