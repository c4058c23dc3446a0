"""Use cases of careen, one per file, each with its stages in order."""
