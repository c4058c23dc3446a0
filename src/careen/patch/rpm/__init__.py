"""rpm distributions: dnf, dnf5 or microdnf of the image (`dnf`), or dnf of a tooling image
(`shadow`).
"""
