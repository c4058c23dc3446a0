"""What `careen fleet` prints: tables, and CSV."""
