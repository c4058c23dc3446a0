"""Common parts of all use cases: session, settings, source image, plans, promotion."""
