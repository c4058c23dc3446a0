"""Repair: from a failed verification to the smallest set of removed paths that explains it, by
attribution, else by delta debugging.

It runs nothing: whoever asks it gives it what failed, or a function that says whether a set of
paths is enough.
"""
