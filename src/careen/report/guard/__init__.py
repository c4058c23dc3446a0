"""What `careen guard` writes: lines of JSON, lines for people, and metrics."""
