"""The databases of rpm."""
