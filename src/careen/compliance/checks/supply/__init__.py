"""Checks of what is known about an image: findings, evidence, provenance."""
