"""Dockerfiles: their stages, which base each could begin with, and the patch."""
