"""`careen harden` of an index: a loop over its platforms, then an index of the results.

It takes a `HardenRequest` and the platforms that the user wants, and returns a `PlatformsResult`.
How one platform is hardened is `pipeline/harden.py`'s, and nothing of it is repeated here.
"""
