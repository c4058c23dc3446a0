"""Drift of a running container: known behaviour from RuntimeBom and Plan, News → Deviations."""
