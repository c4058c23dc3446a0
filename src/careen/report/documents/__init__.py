"""careen's own JSON documents."""
