"""Runtime policies from an RBOM: decides what a container may do, and writes it for its enforcers.

Takes `RuntimeBom`, `Rootfs`, `Inventory` and the default profile's rules; returns a `Policy` and
texts. It runs nothing, and must not know of engines.
"""
