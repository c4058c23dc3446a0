"""A service that reckons for scientists."""
