"""Upgrades on images that continuous integration has not: run by hand, with an image that has the package manager in question."""
