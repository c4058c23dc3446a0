"""Finder of Debian packages, from dpkg's databases."""
