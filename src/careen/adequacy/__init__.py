"""Adequacy: how far the tests of a profile cover the image, as shares, a score and a verdict.

It decides nothing about files; planning and the user act on a low share.
"""
