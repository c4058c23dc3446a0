"""Packages in node_modules."""
