"""Views of results: terminal output and the documents of the report directory.

This package takes finished values and computes nothing new.
"""
