"""Verify that a new image behaves as the original did, and repair it if it does not."""
