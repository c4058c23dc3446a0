"""Contents of an image and owners of its files; one file per ecosystem.

Takes a `Rootfs`, returns an `Inventory`. Unreadable content becomes an `Unknown`, never silence.
"""
