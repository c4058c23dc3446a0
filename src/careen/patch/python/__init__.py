"""Patching of Python environments.

uv or pip resolves (`resolver`); careen places the wheels itself (`install`, `place`).
"""
