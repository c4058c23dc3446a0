"""Upgrades of Debian packages without apt: careen fetches, verifies and unpacks them."""
