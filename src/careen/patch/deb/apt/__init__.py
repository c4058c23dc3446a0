"""Upgrades of Debian packages by the image's own apt."""
