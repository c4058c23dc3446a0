"""What `careen patch` prints."""
