"""A finished run for people to read: one self-contained page, or Markdown for a pull request."""
