"""Finder of machine-learning models."""
