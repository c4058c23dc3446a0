"""Debian and Ubuntu: `apt` of the image, or careen itself where the image cannot run apt
(`dpkg_direct`).
"""
