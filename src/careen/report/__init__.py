"""Show results to people: terminal and the report directory.

Takes finished values. It computes nothing that is not in them.
"""
