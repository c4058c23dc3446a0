"""The runtime bill of materials: attribute a trace to the files and packages of an image; merge,
write and read it.

Takes `Trace`, `Rootfs` and `Inventory`, returns a `RuntimeBom`. It must not decide anything.
"""
