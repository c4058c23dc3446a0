"""Definitions of base images as data, and what builds a root from a distribution's packages.

It knows how a root is made and which paths a variant keeps; it does not write images, open
registries or judge findings.
"""
