"""Upgrade the packages of one image in a sandbox, and prove the result."""
