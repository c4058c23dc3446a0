"""One file for each use case: its result as text for a terminal."""
