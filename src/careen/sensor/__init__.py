"""Watch a container from its first exec and return a `Trace`.

bpf/ holds the kernel part in C; the rest starts it, decodes it and counts its losses. It must not
know images or packages: it reports paths as the kernel saw them.
"""
