"""Patching of Java archives, on disk and nested.

`patcher` finds new jars in a Maven repository (`maven`) and writes them in (`write`).
"""
