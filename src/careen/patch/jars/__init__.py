"""Java archives, on disk and nested: `patcher` finds the new ones in a Maven repository (`maven`)
and writes them in (`write`).
"""
