"""Upgrade what is kept and vulnerable, with the image's own package managers.

Takes findings, an `Inventory`, a `Rootfs` and a `Bench` (a container of the image to work in);
returns a `PatchPlan` and applies it. It knows no engine, writes no layer and tags nothing: what an
upgrade changed is read out of the container by others, and what was fixed is said by reading the
versions back.

Each family of package managers has a folder, and `find` names them all; what stands beside the
folders is what they share.
"""
