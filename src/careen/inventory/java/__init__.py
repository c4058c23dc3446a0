"""Finder of Java archives."""
