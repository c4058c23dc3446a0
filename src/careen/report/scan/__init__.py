"""What `careen scan` prints and writes."""
