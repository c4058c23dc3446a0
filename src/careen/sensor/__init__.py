"""Sensors: watch a container from its first exec and return a `Trace`.

bpf/ holds the kernel part in C; the rest starts it, decodes its output and counts its losses.
Sensors must not know images or packages: they report paths as the kernel saw them.
"""
