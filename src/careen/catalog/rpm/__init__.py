"""Roots of Red Hat's packages: sources and keys, dnf and rpm, and what they say when they fail."""
