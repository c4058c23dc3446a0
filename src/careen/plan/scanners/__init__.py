"""Scanners that extract names from the bytes of sources, scripts and compiled programs."""
