"""Which advisories are about which packages."""
