"""Containers of a docker daemon."""
