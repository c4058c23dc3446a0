"""A finished run for people and programs: one self-contained page, Markdown, JSON and PDF."""

PAGE = "report.html"
"""The page's file name in the report directory."""
