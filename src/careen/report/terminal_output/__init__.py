"""Output on a terminal: progress, tables, widths."""
