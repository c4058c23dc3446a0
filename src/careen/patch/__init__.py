"""Upgrades of kept and vulnerable packages with the image's own package managers.

Takes findings, an `Inventory`, a `Rootfs` and a `Sandbox`; returns a `PatchPlan` and applies it. It
knows no engine, writes no layer and tags nothing: other code reads the changes out of the
container. What was fixed is known by reading the versions back.

Each family of package managers has a folder, which `find` lists. Modules beside them are shared.
"""
