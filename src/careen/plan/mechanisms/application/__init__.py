"""The application's own files, and what they say."""
