"""Finder of packages in node_modules."""
