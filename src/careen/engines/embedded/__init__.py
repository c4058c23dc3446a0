"""Containers over runc or crun, without a daemon."""
