"""Packages of Alpine's apk."""
