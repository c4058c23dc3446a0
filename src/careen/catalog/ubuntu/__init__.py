"""Ubuntu: apt and dpkg as in Debian, with keys, sources and releases of its own."""
