"""Debian and Ubuntu: by the image's own apt (`apt`), or by careen without apt (`dpkg`)."""
