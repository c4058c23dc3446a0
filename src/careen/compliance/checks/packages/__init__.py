"""Checks of packages, programs and package managers."""
