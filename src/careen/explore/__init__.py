"""Explore: what to try beyond the user's tests, and how each try is made on a running container: HTTP operations, protocol abuse, signals, other users, imports.

It knows containers by their port alone: it neither makes them nor watches them, and never talks to anything but the container that it is given.
"""
