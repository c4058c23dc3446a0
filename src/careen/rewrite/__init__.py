"""Rewriting of images: filtered layers, package databases, config and history.

Applies a plan to an `Image`, and decides nothing itself. Also writes the layer of a patch.
"""
