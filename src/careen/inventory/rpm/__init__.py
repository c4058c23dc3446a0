"""Finder of rpm packages, from rpm's databases."""
