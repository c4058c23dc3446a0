"""An assessment for people: Markdown, and tables for a spreadsheet."""
