"""Explore: what to try beyond the tests, and how: HTTP operations, protocol abuse, signals, other
users, other processors, imports.

It knows containers by their port alone: it neither makes them nor watches them, and never talks to
anything but the container that it is given.
"""
