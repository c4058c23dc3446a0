"""Upgrade the packages of one image in a sandbox, and test the result."""
