"""Decision of what to keep and what to remove, each with its reason.

Takes `Rootfs`, `Inventory` and `RuntimeBom`, returns a `Plan`. Rules are data (rules/*.toml). It
changes nothing.
"""
