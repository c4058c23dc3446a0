"""Layers that stay shared from one version of an image to the next (ADR 0034)."""
