"""Runtime bill of materials: attribute a trace to files and packages; merge, write and read.

Takes `Trace`, `Rootfs` and `Inventory`, returns a `RuntimeBom`. It decides nothing.
"""
