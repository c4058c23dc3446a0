"""Verbs of `careen base` that look after a whole catalog."""
