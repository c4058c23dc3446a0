"""Readers of docker's and podman's image stores on disk, which avoid the copy that `save` makes.

A store's content is not trusted: it is checked like an archive, by digests. If a check fails, the
caller uses `save`.
"""
