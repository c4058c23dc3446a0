"""A finished run for people to read: one self-contained page, or Markdown for a pull request."""

PAGE = "report.html"
"""The page's file name in the report directory."""
TEXT = "report.md"
"""The text's file name there."""
