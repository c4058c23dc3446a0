"""The commands below `careen fleet`."""
