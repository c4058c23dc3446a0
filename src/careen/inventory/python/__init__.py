"""Finder of Python distributions."""
