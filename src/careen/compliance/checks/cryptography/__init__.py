"""Checks of an image's cryptography: modules, their standing, FIPS mode."""
