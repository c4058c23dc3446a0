"""Exploration: what to try beyond the tests, and how.

It covers HTTP operations, protocol abuse, signals, other users and processors, and imports. It
knows containers only by their port: it does not create or watch them, and talks only to the
container that it is given.
"""
