"""Containers over runc, without a daemon."""
