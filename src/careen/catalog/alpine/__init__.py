"""Roots of Alpine's packages: sources and keys, apk, and what it says when it fails."""
