"""Apply a plan: filtered layers, package databases kept true, config and history.

Takes an `Image`, its `Rootfs`, `Inventory` and a `Plan`; returns the new image. It decides nothing.
"""
