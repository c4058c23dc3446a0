"""Repair: search for the smallest set of removed paths that explains a failed verification.

Uses attribution first, then delta debugging. It runs nothing itself: the caller supplies what
failed, or a function that tests a set of paths.
"""
