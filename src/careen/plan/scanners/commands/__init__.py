"""Commands in texts: lines, words, tables, and those of shells and libraries."""
