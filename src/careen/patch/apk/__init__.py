"""Alpine, Wolfi and others that use apk: apk of the image (`patcher`), or of a tooling image
(`shadow`).
"""
