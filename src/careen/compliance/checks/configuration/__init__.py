"""Checks of an image's configuration and history."""
