"""Roots of Debian's packages: sources, mmdebstrap, and what it says when it fails."""
