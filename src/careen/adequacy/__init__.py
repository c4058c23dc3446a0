"""Adequacy: how far a profile can be trusted, as shares that are measured, a bound on what was not
seen, and one verdict.

It decides nothing about files: what follows from a low share is planning's and the user's business.
"""
