"""Dockerfiles of the shapes that real projects have, built on bases of the catalog with only `FROM`
swapped.
"""
